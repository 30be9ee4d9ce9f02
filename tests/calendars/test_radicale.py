"""A calendar that a real server (Radicale) keeps, behind a name and a password."""

from __future__ import annotations

import base64
import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.calendars.feeds import calendar
from tests.calendars.places import NOW, Place

COLLECTION = "/alice/private-s3cret/"
MASTER = ["UID:1", "SUMMARY:alice", "DTSTAMP:20260101T000000Z", "DTSTART:20261005T090000Z"]
MASTER += ["DURATION:P7D", "RRULE:FREQ=WEEKLY;INTERVAL=2"]
MOVED = ["UID:1", "SUMMARY:bob", "DTSTAMP:20260101T000000Z", "RECURRENCE-ID:20261116T090000Z"]
MOVED += ["DTSTART:20261116T090000Z", "DURATION:P14D"]


class Radicale:
    """The server on a port of loopback, with its files in a folder."""

    def __init__(self, folder: Path) -> None:
        (folder / "users").write_text("alice:s3cret@x\n")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        options = {
            "server-hosts": f"127.0.0.1:{self.port}",
            "auth-type": "htpasswd",
            "auth-htpasswd-filename": folder / "users",
            "auth-htpasswd-encryption": "plain",
            "storage-filesystem-folder": folder / "kept",
        }
        words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        self._log = (folder / "log").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "radicale", "--config", "", *words],
            stdout=self._log,
            stderr=self._log,
        )

    def put(self, path: str, body: bytes) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        secret = base64.b64encode(b"alice:s3cret@x").decode()
        headers = {"Authorization": f"Basic {secret}", "Content-Type": "text/calendar"}
        connection.request("PUT", path, body, headers)
        status = connection.getresponse().status
        connection.close()
        return status

    def wait(self) -> None:
        until = time.monotonic() + 600
        while self.process.poll() is None and time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=300).close()
            except OSError:
                time.sleep(0.05)  # until it listens; there is no other sign
            else:
                return
        raise AssertionError("Radicale does not start")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()
        self._log.close()


@pytest.fixture
def radicale(tmp_path: Path) -> Iterator[Radicale]:
    pytest.importorskip("radicale")
    made = Radicale(tmp_path)
    try:
        made.wait()
        assert made.put(COLLECTION, calendar(MASTER, MOVED, head=["PRODID:x"])) == 201
        yield made
    finally:
        made.stop()


def test_a_calendar_of_a_real_server(radicale: Radicale, tmp_path: Path) -> None:
    url = f"http://alice:s3cret%40x@127.0.0.1:{radicale.port}{COLLECTION}"
    place = Place(tmp_path, url)
    line = "team duty: bob, since Mon 16 Nov 09:00, until Mon 30 Nov 09:00 UTC; next alice"
    assert place.run("who").stdout == f"{line}\n"
    place.run("apply")
    assert place.held() == "bob@example.com"
    # somebody changes it; the answer is another one, whatever the server makes of conditions
    swapped = calendar(MASTER, [*MOVED[:1], "SUMMARY:alice", *MOVED[2:]], head=["PRODID:x"])
    assert radicale.put(COLLECTION, swapped) == 201
    assert "duty: alice" in place.run("who").stdout
    place.run("apply", now=NOW + timedelta(minutes=5))
    assert place.held() == "alice@example.com"
    # the name and the password from elsewhere, and wrong ones
    place.write(f"http://127.0.0.1:{radicale.port}{COLLECTION}")
    done = place.run("who", status=1)
    assert "answers 401" in done.stderr
    netrc = place.folder / "netrc"
    netrc.write_text("machine 127.0.0.1 login alice password s3cret@x\n")
    netrc.chmod(0o600)
    assert "duty: alice" in place.run("who").stdout
    place.write(url.replace("%40x", ""))
    done = place.run("who")
    assert "the name or the password is wrong" in done.stderr
    assert "duty: alice" in done.stdout
    # the server is gone: the copy stays good for a while
    radicale.stop()
    place.write(url)
    done = place.run("who", now=NOW + timedelta(hours=3))
    assert "duty: alice" in done.stdout
    assert "connection refused" in done.stderr
