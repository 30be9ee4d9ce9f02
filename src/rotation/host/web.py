"""One question to a web server (RFC 9110), with an end to everything: time, size, redirects.

http.client and not a library on top of it: none of urllib3, requests and httpx ends after a total
time, or connects to the very address that was checked, without private parts being replaced.
"""

from __future__ import annotations

import base64
import http.client
import re
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

from rotation import __version__
from rotation.dataclasses import replace
from rotation.errors import ApplyError, Problem
from rotation.host.files import LIMIT
from rotation.host.netrc import login
from rotation.host.wire import Gzip, Wire, left
from rotation.system.link import Answer, BadLink, Link, Reach, reach

DEADLINE = 20.0
"""Seconds for one calendar. Cron starts the next run after five minutes."""
REDIRECTS = 5
_CONNECT = 6.0
_CHUNK = 256 * 1024
_MOVED = (301, 302, 303, 307, 308)
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,9})", re.ASCII | re.IGNORECASE)


class _Failed(Exception):
    """Why there is no answer, in words without any secret, and what to do."""

    def __init__(self, what: str, hint: str | None = None) -> None:
        super().__init__(what)
        self.what, self.hint = what, hint


def fetch(
    link: Link,
    etag: str | None,
    modified: str | None,
    *,
    logins: Path | None = None,
    deadline: float = DEADLINE,
) -> Answer:
    """Ask for what is at `link`; see `System.fetch`.

    `logins` is a netrc file. `deadline`: seconds from the question to the last byte of the
    answer, redirects included.
    """
    note = None
    if link.user is None:
        credentials, note = login(logins, link.host)
        if credentials is not None:
            link = replace(link, user=credentials[0], password=credentials[1])
    until, here = time.monotonic() + deadline, link
    near = Reach.NOWHERE
    try:
        for _ in range(REDIRECTS + 1):
            question = _Question(here, until, near)
            try:
                moved = question.ask(etag, modified)
                if moved is None:
                    return question.answer()
                here, near = here.follow(moved), question.reach
            finally:
                question.close()
        raise _Failed(f"redirects more than {REDIRECTS} times")
    except TimeoutError:
        what = f"{link} did not answer within {deadline:.0f} seconds"
        raise ApplyError(Problem(what, None, note)) from None
    except (_Failed, BadLink) as error:
        via = "" if here == link else f" (by way of {here})"
        raise ApplyError(Problem(f"{link} {error.what}{via}", None, note or error.hint)) from None


class _Question:
    """One request, and the connection that it is made on. Nothing in it outlasts `until`."""

    def __init__(self, link: Link, until: float, near: Reach) -> None:
        """Take an instant of time.monotonic(), and the least reach that the host may have."""
        self._link, self._until, self._near = link, until, near
        self._socket: socket.socket | None = None
        self._response: http.client.HTTPResponse | None = None
        self.reach = Reach.NOWHERE

    def close(self) -> None:
        """Let go of the connection."""
        if self._socket is not None:
            self._socket.close()

    def ask(self, etag: str | None, modified: str | None) -> str | None:
        """Ask; the address that a redirect names, None where this is the answer itself."""
        link = self._link
        try:
            self._socket = self._connected()
            connection = http.client.HTTPConnection(link.host, link.port)
            connection.sock = Wire(self._socket, self._until)
            connection.putrequest("GET", link.target, skip_accept_encoding=True)
            for name, value in self._headers(etag, modified):
                connection.putheader(name, value)
            connection.endheaders()
            response = self._response = connection.getresponse()
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise _explained(error) from None
        status = response.status
        if status in _MOVED:
            location = response.getheader("Location")
            if location is None:
                raise _Failed("redirects to nowhere")
            return location
        if status == HTTPStatus.NOT_MODIFIED and (etag or modified):
            return None
        if status != HTTPStatus.OK:
            raise _refused(status, known=link.user is not None)
        return None

    def _headers(self, etag: str | None, modified: str | None) -> Iterator[tuple[str, str]]:
        # some servers answer with a page to those who do not say who they are
        yield "User-Agent", f"rotation/{__version__}"
        yield "Accept", "text/calendar, */*;q=0.1"
        yield "Accept-Encoding", "gzip"
        yield "Connection", "close"
        if etag:
            yield "If-None-Match", etag
        if modified:
            yield "If-Modified-Since", modified
        if self._link.user is not None:
            pair = f"{self._link.user}:{self._link.password or ''}".encode()
            yield "Authorization", f"Basic {base64.b64encode(pair).decode()}"

    def answer(self) -> Answer:
        """The whole answer."""
        response = self._response
        assert response is not None  # noqa: S101
        age = _MAX_AGE.search(response.getheader("Cache-Control") or "")
        return Answer(
            None if response.status == HTTPStatus.NOT_MODIFIED else self._body(response),
            _validator(response.getheader("ETag")),
            _validator(response.getheader("Last-Modified")),
            int(age[1]) if age else None,
        )

    def _body(self, response: http.client.HTTPResponse) -> bytes:
        coding = (response.getheader("Content-Encoding") or "identity").strip().lower()
        if coding not in ("identity", "gzip", "x-gzip"):
            raise _Failed("answers in a coding that was not asked for")
        expected = response.length
        if expected is not None and expected > LIMIT:
            raise _too_large()
        parts: list[bytes] = []
        taken = size = 0
        unpacked = Gzip() if coding != "identity" else None
        try:
            while expected is None or taken < expected:
                chunk = response.read1(_CHUNK)
                if not chunk:
                    break
                taken += len(chunk)
                part = unpacked.feed(chunk, LIMIT + 1 - size) if unpacked else chunk
                size += len(part)
                if size > LIMIT or taken > LIMIT:
                    raise _too_large()
                parts.append(part)
        except (OSError, http.client.HTTPException, ValueError, zlib.error) as error:
            raise _explained(error) from None
        if (expected is not None and taken < expected) or (unpacked and not unpacked.whole):
            raise _Failed("ended its answer in the middle")
        return b"".join(parts)

    def _connected(self) -> socket.socket:
        """A connection to an address of the host that may be asked, with TLS where that is due."""
        fault: OSError | None = None
        refused = False
        for family, kind, protocol, _, place in self._addresses():
            far = reach(str(place[0]))
            if far < self._near:
                refused = True
                continue
            try:
                connection = socket.socket(family, kind, protocol)
            except OSError as error:
                fault = error  # a kernel without IPv6
                continue
            try:
                connection.settimeout(min(left(self._until), _CONNECT))
                connection.connect(place)
                self.reach = far
                return self._secured(connection)
            except OSError as error:
                connection.close()
                if isinstance(error, ssl.SSLError):
                    raise
                fault = error
        if fault is None and refused:
            raise _Failed("redirects from a public network to a private one, or to this host")
        if isinstance(fault, TimeoutError) and left(self._until):
            raise _Failed("cannot be reached: it does not answer")
        raise fault or OSError("no address")

    def _addresses(self) -> list[tuple[Any, ...]]:
        """The addresses of the host, within the time: getaddrinfo(3) knows no deadline."""
        outcome: list[list[tuple[Any, ...]] | OSError | UnicodeError] = []

        def look_up() -> None:
            try:
                listed = socket.getaddrinfo(
                    self._link.host, self._link.port, type=socket.SOCK_STREAM
                )
                outcome.append(list(listed))
            except (OSError, UnicodeError) as error:
                outcome.append(error)

        thread = threading.Thread(target=look_up, daemon=True)
        thread.start()
        thread.join(left(self._until))
        if not outcome:
            raise TimeoutError
        if isinstance(outcome[0], Exception):
            raise outcome[0]
        return outcome[0]

    def _secured(self, connection: socket.socket) -> socket.socket:
        if self._link.scheme == "http":
            return connection
        connection.settimeout(left(self._until))
        name = self._link.host.rstrip(".")
        return ssl.create_default_context().wrap_socket(connection, server_hostname=name)


def _validator(text: str | None) -> str | None:
    """A header's value that can be sent back as it is."""
    good = text is not None and text.isascii() and text.isprintable() and len(text) < 1000
    return text if good else None


def _too_large() -> _Failed:
    return _Failed(f"answers with more than {LIMIT // 2**20} MiB", "is it the right address?")


def _refused(status: int, *, known: bool) -> _Failed:
    try:
        words = f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        words = str(status)
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        hint = (
            "the name or the password is wrong, or belongs to another address"
            if known
            else "it wants a password: in the address, https://user:password@…, or in ~/.netrc"
        )
        return _Failed(f"answers {words}", hint)
    gone = status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
    return _Failed(f"answers {words}", "has the address of the calendar changed?" if gone else None)


def _explained(error: Exception) -> Exception:
    """An error of the network in words; its own would repeat what the server or the roster says.

    That there was no time left stays what it is.
    """
    if isinstance(error, TimeoutError):
        return error
    if isinstance(error, ssl.SSLCertVerificationError):
        hint = "add a certificate authority of your own to the host's store"
        return _Failed(f"has no valid certificate: {error.verify_message}", hint)
    if isinstance(error, ssl.SSLError):
        return _Failed(f"does not speak TLS as it should: {error.reason or 'no reason given'}")
    if isinstance(error, socket.gaierror):
        return _Failed(f"is not found: {(error.strerror or 'no such name').lower()}")
    if isinstance(error, http.client.IncompleteRead | http.client.RemoteDisconnected):
        return _Failed("ended its answer in the middle")
    if isinstance(error, OSError):
        return _Failed(f"cannot be reached: {(error.strerror or 'connection lost').lower()}")
    if isinstance(error, zlib.error):
        return _Failed("answers with damaged gzip")
    return _Failed("does not answer as a web server does")
