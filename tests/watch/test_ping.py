"""Looking for a ping: Maildir, mbox, and an IMAP server that this test is."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import trustme
from typer.testing import CliRunner

from rotation.cli.context import Call
from rotation.cli.main import app
from rotation.errors import ApplyError
from rotation.host.network import search
from rotation.host.real import Host
from rotation.route.model import End, Step, Stop, Trace
from rotation.system import Login
from rotation.watch.ping import Box, boxes_of, wait
from tests.watch.scratch_tree import scratch_tree

MARK = "00ff00ff00ff00ff"
MAIL = f"From: root\nSubject: rotation ping {MARK}\n\nx\n"
NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def test_a_maildir(tmp_path: Path) -> None:
    host = Host(tmp_path / "state")
    for part in ("new", "cur"):
        (tmp_path / part).mkdir()
    box = Box(tmp_path)
    assert wait(host, [box], MARK, 0, time.sleep, time.monotonic) == {}
    (tmp_path / "new" / "1.x").write_text(MAIL.replace(MARK, "1" * 16))
    assert not box.has(host, MARK)
    (tmp_path / "cur" / "2.x:2,S").write_text(MAIL)
    assert wait(host, [box], MARK, 0, time.sleep, lambda: 5.0) == {box: 0}


@pytest.mark.parametrize("config", ["/etc/smtpd.conf", "/etc/mail/smtpd.conf"])
def test_where_opensmtpd_puts_mail_wherever_its_configuration_is(
    tmp_path: Path, config: str
) -> None:
    system = scratch_tree(tmp_path, {config: 'action "local" maildir "~/Mail"\n'})
    step = Step("root", end=End(Stop.MAILBOX, "root"))
    (box,) = boxes_of(system, Trace("root", step, "opensmtpd"))
    assert box == Box(Path("/root/Mail"))


def test_an_mbox(tmp_path: Path) -> None:
    host = Host(tmp_path / "state")
    box = Box(tmp_path / "mbox")
    assert not box.has(host, MARK)
    (tmp_path / "mbox").write_text(f"From root Tue Nov 24 10:00:00 2026\n{MAIL}\n")
    assert box.has(host, MARK)
    assert not box.has(host, MARK[::-1])


class Imap:
    """As much of an IMAP server as a look for a subject needs."""

    def __init__(self, folder: Path) -> None:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(folder / "authority.pem"))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(context)
        self._listener = context.wrap_socket(
            socket.create_server(("127.0.0.1", 0)), server_side=True
        )
        self.port = self._listener.getsockname()[1]
        self.said: list[str] = []
        self.subjects: list[str] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self._listener.accept()
            except ssl.SSLError:
                continue
            except OSError:
                return
            # whoever looked has heard enough, and went without a word
            with suppress(OSError), closing(peer), peer.makefile("rwb") as stream:
                self._session(stream)

    def _session(self, stream: Any) -> None:
        def answer(text: str) -> None:
            stream.write(f"{text}\r\n".encode())
            stream.flush()

        answer("* OK ready")
        for raw in stream:
            line = raw.decode().strip()
            self.said.append(line)
            tag, verb, *rest = line.split(" ", 2)
            match verb.upper():
                case "CAPABILITY":
                    answer("* CAPABILITY IMAP4rev1")
                case "LOGIN" if rest != ['alice "s3cret word"']:
                    answer(f"{tag} NO [AUTHENTICATIONFAILED] no such password s3cret")
                    continue
                case "EXAMINE" if rest != ["INBOX"]:
                    answer(f"{tag} NO no such folder")
                    continue
                case "EXAMINE":
                    answer("* 2 EXISTS")
                case "SEARCH":
                    wanted = rest[0].split('"')[1]
                    hits = [str(n) for n, s in enumerate(self.subjects, 1) if wanted in s]
                    answer(" ".join(["* SEARCH", *hits]))
                case "LOGOUT":
                    answer("* BYE")
                case _:
                    pass
            answer(f"{tag} OK done")


@pytest.fixture
def imap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Imap]:
    with closing(Imap(tmp_path)) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
        yield server


def test_imap(imap: Imap) -> None:
    login = Login("localhost", "alice", "s3cret word", imap.port)
    assert "s3cret" not in repr(login)
    assert not search(login, f"rotation ping {MARK}")
    imap.subjects = ["hello", f"rotation ping {MARK}"]
    assert search(login, f"rotation ping {MARK}")
    assert not any(line.split()[1] in ("SELECT", "STORE", "FETCH") for line in imap.said)


def test_imap_that_refuses(imap: Imap) -> None:
    with pytest.raises(ApplyError) as caught:
        search(Login("localhost", "alice", "wrong", imap.port), "x")
    assert "AUTHENTICATIONFAILED" in str(caught.value)
    with pytest.raises(ApplyError, match=r"(?i)certificate|hostname"):
        search(Login("127.0.0.1", "alice", "s3cret word", imap.port), "x")
    with pytest.raises(ApplyError, match="refused"):
        search(Login("localhost", "alice", "s3cret word", 1), "x")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--imap", "localhost"], "needs --user"),
        (["--user", "alice"], "go with --imap"),
        (["--wait", "soon"], "not a time to wait"),
        (["--wait", "-1"], "not a time to wait"),
        (["--wait", "100m"], "not a time to wait"),
        (["--maildir", "x", "--mbox", "y"], "one mailbox at a time"),
        (["--imap", "h", "--user", "u", "--password-file", "{}/none"], "no such file"),
        (["--imap", "h", "--user", "u", "--password-file", "{}/open"], "others can read"),
    ],
)
def test_what_is_refused(tmp_path: Path, arguments: list[str], said: str) -> None:
    (tmp_path / "open").write_text("s3cret\n")
    (tmp_path / "open").chmod(0o644)
    call = Call(tmp_path, NOW, Host(tmp_path / "state"))
    words = [word.format(tmp_path) for word in arguments]
    done = CliRunner().invoke(app, ["ping", *words], obj=call)
    assert done.exit_code == 2
    assert said in done.output
