"""Whom a request trusts: redirects, passwords, certificates."""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import trustme

from tests.host.asking import SECRET, ask, fault
from tests.host.web_server import DUTY, Site, site


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
        ("http://user:s3cret/", "not an address"),
        ("", "more than 5 times"),
    ],
)
def test_redirects_to_elsewhere_are_not_followed(web: Site, to: str, what: str) -> None:
    web.redirect("/away", to)
    assert what in fault(web.url("/away"))


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
    assert "not a netrc file" in fault(web.url("/no"), logins=tmp_path)
    if os.geteuid() == 0:
        netrc.write_text(good)
        netrc.chmod(0o600)
        os.chown(netrc, 65534, 65534)
        assert "belongs to somebody else" in fault(web.url("/no"), logins=netrc)


def test_certificates_are_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
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
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
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
