"""Asking a web server, against one that does everything wrong."""

from __future__ import annotations

import gzip
import os
import resource
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from rotation.errors import ApplyError
from rotation.host.files import LIMIT
from rotation.host.web import fetch
from rotation.system.link import Answer, parse_link
from tests.host.web_server import DUTY, Site, site

SECRET = "/private-s3cret/basic.ics?token=s3cret"


@pytest.fixture
def web() -> Iterator[Site]:
    with site() as made:
        yield made


def ask(url: str, *, logins: Path | None = None, deadline: float = 10.0) -> Answer:
    return fetch(parse_link(url), None, None, logins=logins, deadline=deadline)


def fault(url: str, *, logins: Path | None = None, deadline: float = 10.0) -> str:
    """Why there is no answer, which never holds a secret."""
    with pytest.raises(ApplyError) as caught:
        ask(url, logins=logins, deadline=deadline)
    text = str(caught.value)
    assert "s3cret" not in text
    assert "basic.ics" not in text
    return text


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
    begun = time.monotonic()
    assert "did not answer within 1 seconds" in fault(web.url(SECRET), deadline=1.0)
    assert time.monotonic() - begun < 3


def test_a_name_server_that_is_silent_does_not_hold_the_run() -> None:
    # the address cannot be asked in no time at all, whatever the resolver does
    begun = time.monotonic()
    assert "did not answer" in fault("http://nowhere.invalid/", deadline=0.0001)
    assert time.monotonic() - begun < 2


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


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed(web: Site, status: int) -> None:
    web.redirect("/1", "/2", status)
    web.redirect("/2", f"//localhost:{web.port}/duty.ics", status)
    assert ask(web.url("/1")).body == DUTY


def test_redirects_end(web: Site) -> None:
    for number in range(6):
        web.redirect(f"/{number}", f"/{number + 1}" if number < 5 else "/duty.ics")
    assert ask(web.url("/1")).body == DUTY
    assert "redirects more than 5 times" in fault(web.url("/0"))
    web.redirect(SECRET, SECRET)
    assert "redirects more than 5 times" in fault(web.url(SECRET))


@pytest.mark.parametrize(
    ("to", "what"),
    [
        ("file:///etc/passwd", "something other than http"),
        ("ftp://127.0.0.1/s3cret", "something other than http"),
        ("webcal://127.0.0.1/s3cret", "something other than http"),
        ("http://user:s3cret/", "no address"),
        ("", "more than 5 times"),
    ],
)
def test_redirects_to_elsewhere_are_not_followed(web: Site, to: str, what: str) -> None:
    web.redirect("/away", to)
    assert what in fault(web.url("/away"))


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


def test_passwords_go_to_their_own_host_alone(web: Site) -> None:
    with site() as other:
        web.redirect("/other", other.url())
        web.redirect("/same", "/duty.ics")
        web.redirect("/named", other.url(user="mallory:x@"))
        for path in ("/other", "/same", "/named"):
            ask(web.url(path, user="alice:s3cret%40@"))
        assert [headers["Authorization"] for _, headers in other.asked] == [None, None]
        said = {headers["Authorization"] for _, headers in web.asked}
        assert said == {"Basic YWxpY2U6czNjcmV0QA=="}
    web.serve("/no", b"", 401)
    assert "the name or the password is wrong" in fault(web.url("/no", user="alice:s3cret@"))


def test_passwords_from_a_netrc_file(web: Site, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login alice password s3cret@\n")
    netrc.chmod(0o600)
    with site() as other:
        web.redirect("/other", other.url(host="localhost"))
        ask(web.url(), logins=netrc)
        ask(web.url("/other"), logins=netrc)
        assert other.asked[0][1]["Authorization"] is None
    assert web.asked[0][1]["Authorization"] == "Basic YWxpY2U6czNjcmV0QA=="
    ask(web.url(user="bob:x@"), logins=netrc)
    assert web.asked[-1][1]["Authorization"] == "Basic Ym9iOng="
    ask(web.url(host="localhost"), logins=netrc)
    assert web.asked[-1][1]["Authorization"] is None
    ask(web.url(), logins=tmp_path / "none")
    assert web.asked[-1][1]["Authorization"] is None


def test_a_netrc_file_that_is_not_ours_alone_is_not_used(web: Site, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    web.serve("/no", b"", 401)
    good = "machine 127.0.0.1 login alice password s3cret\n"
    for text, mode, what in (
        (good, 0o640, "others may read it"),
        (good, 0o604, "others may read it"),
        ("machine 127.0.0.1 s3cret\n", 0o600, "cannot be read, near line"),
    ):
        netrc.write_text(text)
        netrc.chmod(mode)
        assert ask(web.url(), logins=netrc).body == DUTY
        assert what in fault(web.url("/no"), logins=netrc)
    assert all(headers["Authorization"] is None for _, headers in web.asked)
    assert "no netrc file" in fault(web.url("/no"), logins=tmp_path)
    if os.geteuid() == 0:
        netrc.write_text(good)
        netrc.chmod(0o600)
        os.chown(netrc, 65534, 65534)
        assert "belongs to somebody else" in fault(web.url("/no"), logins=netrc)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    path = tmp_path / "both.pem"
    words = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    words += f" -addext subjectAltName=DNS:localhost -keyout {path} -out {tmp_path}/cert.pem"
    try:
        subprocess.run(words.split(), check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("there is no openssl")
    with path.open("ab") as stream:
        stream.write((tmp_path / "cert.pem").read_bytes())
    return path


def test_certificates_are_verified(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    head = f"HTTP/1.0 200 OK\r\nContent-Length: {len(DUTY)}\r\n\r\n".encode()

    def answer() -> None:
        for _ in range(3):
            plain, _ = listening.accept()
            plain.settimeout(10)
            try:
                with context.wrap_socket(plain, server_side=True) as secured:
                    secured.recv(65536)
                    secured.sendall(head + DUTY)
            except OSError:
                pass

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=answer)
        thread.start()
        port = listening.getsockname()[1]
        # of an authority that nobody knows; then one that is known; then for another name
        assert "no valid certificate" in fault(f"https://localhost:{port}/s3cret")
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.with_name("cert.pem")))
        assert ask(f"webcal://localhost:{port}/s3cret").body == DUTY
        assert "no valid certificate" in fault(f"https://127.0.0.1:{port}/s3cret")
        thread.join()


def test_tls_is_not_spoken_to_a_plain_server(web: Site) -> None:
    assert "TLS" in fault(f"https://127.0.0.1:{web.port}/s3cret")


INSIDE = """
import sys
from rotation.errors import ApplyError
from rotation.host.web import fetch
from rotation.system.link import parse_link
from tests.host.web_server import site
with site("0.0.0.0") as web:
    hosts = ["127.0.0.1", "localhost", "inside.example", "[::ffff:127.0.0.1]", "2130706433",
             "10.0.0.1", "169.254.169.254", "0.0.0.0", "9.9.9.9"]
    for number, host in enumerate(hosts):
        web.redirect(f"/{number}", web.url(host=host))
        for start in ("9.9.9.9", "outside.example", "10.0.0.1"):
            asked = len(web.asked)
            try:
                fetch(parse_link(web.url(f"/{number}", host=start)), None, None)
                said = "followed"
            except ApplyError as error:
                said = "private" if "to a private one" in str(error) else str(error)
            print(start, host, said, len(web.asked) - asked)
    web.redirect("/a", web.url("/b", host="9.9.9.9"))
    web.redirect("/b", web.url("/duty.ics", host="10.0.0.1"))
    try:
        fetch(parse_link(web.url("/a", host="10.0.0.1")), None, None)
    except ApplyError as error:
        print("back", "to a private one" in str(error))
"""


def test_a_redirect_never_leads_from_far_to_near(tmp_path: Path) -> None:
    """In a network of its own, where this host has a public and a private address."""
    hosts = tmp_path / "hosts"
    hosts.write_text("127.0.0.1 localhost inside.example\n9.9.9.9 outside.example\n")
    places = ("9.9.9.9", "10.0.0.1", "169.254.169.254")
    added = " && ".join(f"ip address add {place}/32 dev lo" for place in places)
    shell = f"ip link set lo up && {added} && mount --bind {hosts} /etc/hosts && exec " + '"$@"'
    done = subprocess.run(
        ["unshare", "-rnm", "sh", "-c", shell, "sh", sys.executable, "-c", INSIDE],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": "src:."},
        cwd=Path(__file__).parents[2],
        check=False,
    )
    if done.returncode != 0 and "Traceback" not in done.stderr:
        pytest.skip("no network of its own can be had here")
    assert done.returncode == 0, done.stderr
    found = {tuple(line.split()[:2]): line.split()[2:] for line in done.stdout.splitlines()}
    assert found.pop(("back", "True")) == []
    for (start, host), said in found.items():
        near = host not in ("9.9.9.9", "10.0.0.1") or (host == "10.0.0.1" and start != host)
        assert said == (["private", "1"] if near else ["followed", "2"]), (start, host)
    assert len(found) == 27
