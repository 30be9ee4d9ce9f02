"""Asking a web server, against one that does everything wrong."""

from __future__ import annotations

import gzip
import resource
import socket
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from rotation.errors import ApplyError
from rotation.host.files import LIMIT
from rotation.host.web import fetch
from rotation.system.link import Answer, parse_link
from tests.host.asking import SECRET, ask, fault
from tests.host.web_server import DUTY, Site


def test_what_is_asked_and_what_is_answered(web: Site) -> None:
    web.serve("/duty.ics", ETag='"1"', Last_Modified="x", Cache_Control="public, max-age=60")
    answer = fetch(parse_link(web.url()), '"0"', "y")
    assert answer == Answer(DUTY, '"1"', "x", 60)
    ((path, headers),) = web.asked
    assert path == "/duty.ics"
    assert headers["Host"] == f"127.0.0.1:{web.port}"
    assert headers["User-Agent"].startswith("rotation/")
    assert (headers["If-None-Match"], headers["If-Modified-Since"]) == ('"0"', "y")
    assert headers["Authorization"] is None


def test_nothing_has_changed(web: Site) -> None:
    web.serve("/duty.ics", b"", 304, ETag='"1"', Content_Length=None)
    assert fetch(parse_link(web.url()), '"1"', None) == Answer(None, '"1"')
    assert "answers 304" in fault(web.url())


@pytest.mark.parametrize("status", [401, 403, 404, 410, 500, 503])
def test_a_fault_is_not_taken_for_nothing_has_changed(web: Site, status: int) -> None:
    web.serve("/duty.ics", b"", status, ETag='"1"')
    with pytest.raises(ApplyError):
        fetch(parse_link(web.url()), '"1"', "Mon, 23 Nov 2026 09:00:00 GMT")


@pytest.mark.parametrize("parts", [1, 3])
def test_gzip(web: Site, parts: int) -> None:
    step = len(DUTY) // parts + 1
    packed = b"".join(gzip.compress(DUTY[at : at + step]) for at in range(0, len(DUTY), step))
    web.serve("/duty.ics", packed, Content_Encoding="gzip")
    assert ask(web.url()).body == DUTY


def test_pieces_without_a_length(web: Site) -> None:
    def pieces(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Transfer-Encoding", "chunked")
        request.end_headers()
        for at in range(0, len(DUTY), 100):
            part = DUTY[at : at + 100]
            request.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        request.wfile.write(b"0\r\n\r\n")

    web.pages["/pieces"] = pieces
    web.serve("/bare", Content_Length=None)
    assert ask(web.url("/pieces")).body == ask(web.url("/bare")).body == DUTY


@pytest.mark.parametrize(
    ("headers", "body", "what"),
    [
        ({"Content_Length": str(len(DUTY) + 1)}, DUTY, "ended its answer in the middle"),
        ({"Content_Length": "-5"}, DUTY, ""),
        ({"Transfer_Encoding": "chunked"}, b"5\r\nBEGIN", "ended its answer in the middle"),
        ({"Transfer_Encoding": "chunked"}, b"zz\r\n", "ended its answer in the middle"),
        ({"Content_Encoding": "gzip"}, gzip.compress(DUTY)[:-9], "ended its answer in the middle"),
        ({"Content_Encoding": "gzip"}, DUTY, "damaged gzip"),
        ({"Content_Encoding": "br"}, DUTY, "a coding that was not asked for"),
    ],
)
def test_answers_that_are_not_whole(
    web: Site, headers: dict[str, Any], body: bytes, what: str
) -> None:
    web.serve(SECRET, body, **headers)
    if what:
        assert what in fault(web.url(SECRET))
    else:
        assert ask(web.url(SECRET)).body == DUTY


@pytest.mark.parametrize("where", ["head", "body", "nothing"])
def test_a_server_that_drips_is_given_up(web: Site, where: str) -> None:
    def drip(request: BaseHTTPRequestHandler) -> None:
        if where == "head":
            request.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
        elif where == "body":
            request.send_response(200)
            request.end_headers()
        while where != "nothing" and not web.closing.wait(0.05):
            request.wfile.write(b"B")
        web.closing.wait(10)

    web.pages[SECRET] = drip
    assert "did not answer within 1 seconds" in fault(web.url(SECRET), deadline=1.0)


def test_a_name_server_that_is_silent_does_not_hold_the_run() -> None:
    # the address cannot be asked in no time at all, whatever the resolver does
    assert "did not answer" in fault("http://nowhere.invalid/", deadline=0.0001)


def test_two_gigabytes_are_refused_and_fill_no_memory(web: Site) -> None:
    sent: list[int] = []

    def flood(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        block = b"BEGIN:VCALENDAR\r\n" * 4096
        while sum(sent) < 2**31:
            sent.append(request.connection.send(block))

    web.pages["/flood"] = flood
    web.serve("/said", b"", Content_Length=str(2**31))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert f"more than {LIMIT // 2**20} MiB" in fault(web.url("/said"))
    assert f"more than {LIMIT // 2**20} MiB" in fault(web.url("/flood"))
    assert sum(sent) < 2 * LIMIT
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 3 * LIMIT // 1024


def test_a_gzip_bomb_is_not_unpacked(web: Site) -> None:
    bomb = gzip.compress(bytes(LIMIT), 9)
    web.serve("/bomb", bomb * 32, Content_Encoding="gzip")  # 2 GB
    assert f"more than {LIMIT // 2**20} MiB" in fault(web.url("/bomb"))


@pytest.mark.parametrize(
    ("status", "what"),
    [
        (401, "wants a password"),
        (403, "wants a password"),
        (404, "answers 404 Not Found"),
        (500, "answers 500"),
        (503, "answers 503"),
        (204, "answers 204"),
        (206, "answers 206"),
        (299, "answers 299"),
    ],
)
def test_other_answers(web: Site, status: int, what: str) -> None:
    web.serve(SECRET, b"s3cret" if status >= 300 else b"", status)
    assert what in fault(web.url(SECRET))


@pytest.mark.parametrize(
    "reply",
    [
        *(b"", b"s3cret\r\n\r\n", b"HTTP/1.1 s3cret\r\n\r\n", b"\x00" * 100),
        *(b"HTTP/1.1 200 OK\r\n" + b"X: s3cret\r\n" * 5000, b"HTTP/1.1 200 " + b"s3cret" * 20000),
        *(b"220 mail.example.com ESMTP s3cret\r\n", b"\x15\x03\x01\x00\x02\x02\x46"),
    ],
)
def test_what_is_no_web_server(web: Site, reply: bytes) -> None:
    web.pages["/raw"] = lambda request: request.connection.sendall(reply)
    assert fault(web.url("/raw"))


def test_nobody_answers() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        text = fault(f"http://127.0.0.1:{port}/private-s3cret/basic.ics")
        assert "connection refused" in text
        assert f"http://127.0.0.1:{port}/…" in text
    assert "is not found" in fault("http://nowhere.invalid/s3cret")
