"""The web address of a calendar: what it means, what of it may be shown, where it may lead on to.

The path of a calendar's address is often all that protects it ("private-…/basic.ics"), and the
address may hold a password: as text, a link is its scheme and host and nothing else.
"""

from __future__ import annotations

import re
from enum import IntEnum
from hashlib import sha256
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import quote, unquote, urljoin, urlsplit

from rotation.dataclasses import dataclass, replace

_PORTS = {"http": 80, "https": 443}
# "webcal" is a note to calendar programs to subscribe; whoever means http can write that
_SCHEMES = {"http": "http", "https": "https", "webcal": "https", "webcals": "https"}
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_SAFE = "/%:@!$&'()*+,;=~-._"
_TRANSLATED = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))


class BadLink(ValueError):
    """An address that is not followed: what is wrong with it, and what to do."""

    def __init__(self, what: str, hint: str | None = None) -> None:
        super().__init__(what)
        self.what, self.hint = what, hint


@dataclass(frozen=True, slots=True, repr=False)
class Link:
    """An address of the web. `target` is its path and query as they are sent.

    `user` and `password` are for this scheme, host and port only. The text of a link (`str`,
    `repr`) holds none of the three.
    """

    scheme: str
    host: str
    port: int
    target: str
    user: str | None = None
    password: str | None = None

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}/{'' if self.target == '/' else '…'}"

    def __repr__(self) -> str:
        return f"Link({str(self)!r})"

    @property
    def name(self) -> str:
        """A name for what is kept of this address: it tells nothing, the password is not in it."""
        parts = (self.scheme, self.host, str(self.port), self.target, self.user or "")
        return sha256("\0".join(parts).encode()).hexdigest()[:32]

    def follow(self, location: str) -> Link:
        """Where a redirect from here leads.

        A user and a password are taken along only to the same scheme, host and port. Raises
        BadLink where it is not to be followed.
        """
        host = f"[{self.host}]" if ":" in self.host else self.host
        base = f"{self.scheme}://{host}:{self.port}{self.target}"
        try:
            there = urljoin(base, location.strip())
        except ValueError:
            raise BadLink("redirects to something that is not an address") from None
        scheme = urlsplit(there).scheme if _SCHEME.match(there) else ""
        if scheme not in _PORTS:
            raise BadLink("redirects to something other than http and https")
        if (self.scheme, scheme) == ("https", "http"):
            raise BadLink("redirects from https to http", "anybody on the way could change it")
        try:
            link = parse_link(there)
        except BadLink:
            raise BadLink("redirects to something that is not an address") from None
        same = (link.scheme, link.host, link.port) == (self.scheme, self.host, self.port)
        user, password = (self.user, self.password) if same else (None, None)
        return replace(link, user=user, password=password)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server says. `body` None: it is what it was when it had `etag` or `modified`.

    `etag`, `modified`: its ETag and Last-Modified, for the next question. `fresh`: for how many
    seconds it need not be asked again (Cache-Control), None where it does not say.
    """

    body: bytes | None
    etag: str | None = None
    modified: str | None = None
    fresh: int | None = None


def is_link(text: str) -> bool:
    """Whether `text`, a calendar as a roster has it, is an address and not a path."""
    return _SCHEME.match(text) is not None


def parse_link(text: str) -> Link:
    """The link that somebody wrote: http, https, or webcal, which is https.

    Raises BadLink, whose words hold nothing of the text but a scheme.
    """
    scheme = text.partition("://")[0].lower()
    if scheme not in _SCHEMES:
        hint = "write the path alone" if scheme == "file" else "http, https or webcal"
        raise BadLink(f"an address of the kind {scheme[:20]}:// is not read", hint)
    hint = "as in https://user:password@host/path; in a password write %2F for /, %40 for @"
    if not text.isprintable():
        raise BadLink("the address holds control characters")
    try:
        parts = urlsplit(text)
        host, port = (parts.hostname or "").lower(), parts.port
        if ":" in host:
            host = str(IPv6Address(host))
        elif not host.isascii():
            host = host.encode("idna").decode()
    except ValueError:  # of which UnicodeError is one; the message holds the address
        raise BadLink("the host or the port of the address cannot be read", hint) from None
    if port == 0 or not (":" in host or (len(host) < 254 and _HOST.fullmatch(host))):
        raise BadLink("the host or the port of the address cannot be read", hint)
    target = quote(parts.path or "/", safe=_SAFE)
    if parts.query:
        target += "?" + quote(parts.query, safe=_SAFE + "?")
    user = None if parts.username is None else unquote(parts.username)
    password = None if parts.password is None else unquote(parts.password)
    known = _SCHEMES[scheme]
    return Link(known, host, port or _PORTS[known], target, user, password)


class Reach(IntEnum):
    """From how far an address of the internet can be reached."""

    NOWHERE = 0
    """It is no single host's: unspecified, multicast, reserved."""
    HERE = 1
    """This host or this cable: loopback and link-local."""
    SITE = 2
    """A private network, shared address space (RFC 6598) and its like."""
    WORLD = 3


def reach(text: str) -> Reach:
    """The reach of an IP address, of what is inside it where it carries another (RFC 6052).

    A redirect may lead from a near network to a farther one, never the other way: otherwise
    any web site could make this host ask its own network's services.
    """
    address = _inner(ip_address(text.partition("%")[0]))
    if address.is_unspecified or address.is_multicast:
        return Reach.NOWHERE
    if address.is_loopback or address.is_link_local:
        return Reach.HERE
    if address.is_global:
        return Reach.WORLD
    return Reach.NOWHERE if address.is_reserved else Reach.SITE


def _inner(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(address, IPv4Address):
        return address
    if any(address in network for network in _TRANSLATED):
        return IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour or address
