"""Checkers, installed, run by a real run-parts, and mailed through a real Postfix to a mailbox."""

from __future__ import annotations

import contextlib
import mailbox
import sys
from collections.abc import Iterator
from email.message import Message

import pytest

from tests.checkers.shells import tool

from .rigs import Postfix
from .rigs.base import wait
from .roster_in_rig import MONDAY, rotation

HOST = "box.test"
WEEKLY = "/etc/cron.weekly"
LISTENING = "must ss -H -l -n -t | awk '{ print $4 }' | sort -u"
CERTIFICATE = """
openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=test -days {days} -keyout /dev/null -out "$0" \
    2>/dev/null
"""


@pytest.fixture
def host(postfix: Postfix) -> Iterator[Postfix]:
    """The rig without checkers, states and mail."""
    folders = f"{WEEKLY} /var/lib/rotation /etc/rotation /srv/backup /etc/ssl/test"
    postfix.must(postfix.run(["sh", "-c", f"rm -rf {folders}; mkdir -p {WEEKLY} /srv/backup"]))
    postfix.must(postfix.run(["sh", "-c", "mkdir /etc/ssl/test; rm -f /var/mail/*"]))
    yield postfix
    postfix.must(postfix.run(["hostname", HOST]))


def install(host: Postfix, *arguments: str) -> None:
    done = rotation(host, MONDAY, "checker", *arguments)
    assert done.status == 0, done.err


def weekly(host: Postfix) -> list[Message]:
    """What cron does every week, and the mails that alice, who is on duty, gets from it.

    run-parts must be silent and content, or cron would send a mail of its own.
    """
    done = host.run(["sh", "-c", f"cd / && {tool('bin/run-parts')} --report {WEEKLY}"])
    assert (done.status, done.out, done.err) == (0, "", "")
    wait(lambda: "queue is empty" in host.run(["postqueue", "-p"]).out, "the queue to be empty")
    path = host.path("/var/mail/alice")
    if not path.exists():
        return []
    with contextlib.closing(mailbox.mbox(path, create=False)) as box:
        found: list[Message] = list(box)
    path.unlink()
    return found


def subjects(mails: list[Message]) -> list[str]:
    return sorted(str(mail["Subject"]) for mail in mails)


def text(mail: Message) -> str:
    data = mail.get_payload(decode=True)
    assert isinstance(data, bytes)
    return data.decode()


def certificate(host: Postfix, name: str, days: int) -> None:
    path = f"/etc/ssl/test/{name}"
    host.must(host.run(["sh", "-euc", CERTIFICATE.format(days=days), path]))


def test_from_the_cron_folder_to_the_person_on_duty(host: Postfix) -> None:
    install(host, "install", "certificates", "--dir", WEEKLY, "--set", "FILES=/etc/ssl/test/*.crt")
    install(host, "install", "backup-age", "--dir", WEEKLY, "--set", "DIRS=/srv/backup")
    install(host, "new", "tcp", "--run", LISTENING, "--signal", "change", "--noun", "port")
    install(host, "install", "dpkg-audit", "--dir", WEEKLY)
    certificate(host, "web.crt", 400)
    host.write("/srv/backup/monday.dump", "data")

    # all is well: one first look at the ports, then nothing
    (first,) = weekly(host)
    assert str(first["Subject"]).startswith(f"[{HOST}] tcp: first look, ")
    assert "127.0.0.1:25" in text(first)
    assert subjects(weekly(host)) == []

    # two tools find something: one mail each, once
    certificate(host, "mail.crt", 3)
    host.must(host.run(["touch", "-d", "2020-01-01", "/srv/backup/monday.dump"]))
    found = weekly(host)
    stale, ending = subjects(found)
    assert stale == f"[{HOST}] backup-age: /srv/backup: no new backup since 2020-01-01 00:00"
    assert ending.startswith(
        f"[{HOST}] certificates: /etc/ssl/test/mail.crt: certificate 1 (CN=test) "
    )
    for mail in found:
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail["To"] == "root@box.test" or mail["To"] == "root"
        assert mail.get_content_charset() == "utf-8"
    (about,) = [mail for mail in found if "certificates" in str(mail["Subject"])]
    assert text(about).startswith("New:\n\n+ /etc/ssl/test/mail.crt: certificate 1 ")
    assert "By hand:\n    openssl x509 -noout -enddate -in FILE\n" in text(about)
    assert f"    {WEEKLY}/rotation-certificates --print\n" in text(about)
    assert subjects(weekly(host)) == []

    # one is mended and one gets worse
    certificate(host, "mail.crt", 400)
    host.must(host.run(["rm", "/srv/backup/monday.dump"]))
    certificate(host, "shop.crt", 5)
    missing, other = subjects(weekly(host))
    assert missing == f"[{HOST}] backup-age: /srv/backup: no backup at all"
    assert other.startswith(
        f"[{HOST}] certificates: /etc/ssl/test/shop.crt: certificate 1 (CN=test) "
    )
    assert other.endswith(" (1 settled)")
    certificate(host, "shop.crt", 400)
    host.write("/srv/backup/tuesday.dump", "data")
    backup, certificates = subjects(weekly(host))
    assert backup == f"[{HOST}] backup-age: cleared: /srv/backup: no backup at all"
    assert certificates.startswith(f"[{HOST}] certificates: cleared: /etc/ssl/test/shop.crt: ")
    assert subjects(weekly(host)) == []
    assert subjects(weekly(host)) == []

    # taken away again
    install(host, "remove", "tcp", "--dir", WEEKLY)
    assert not host.exists(f"{WEEKLY}/rotation-tcp")
    assert not host.exists("/var/lib/rotation/checkers/tcp")


def test_one_line_makes_a_checker(host: Postfix) -> None:
    install(
        host, "new", "motd", "--run", "cat /etc/warnings", "--signal", "output", "--dir", WEEKLY
    )
    host.write("/etc/warnings", "")
    assert subjects(weekly(host)) == []
    host.write("/etc/warnings", "the roof leaks\n")
    assert subjects(weekly(host)) == [f"[{HOST}] motd: the roof leaks"]
    host.must(host.run(["rm", "/etc/warnings"]))
    (mail,) = weekly(host)
    # the tool has failed: that the roof is mended it does not say
    assert mail["Subject"] == f"[{HOST}] motd: cat: /etc/warnings: No such file or directory"
    assert "\n  the roof leaks\n" in text(mail)
    assert "+ cat: /etc/warnings: No such file or directory" in text(mail)


def test_harmful_names_and_output_change_no_header_and_cut_no_mail(host: Postfix) -> None:
    evil = "a\nBcc: bob@box.test\n\n.\n\x1b[2J\u00fc.crt"
    folder = host.path("/etc/ssl/test")
    (folder / evil).write_text("no certificate")
    (folder / "last.crt").write_text("neither")
    install(host, "install", "certificates", "--dir", WEEKLY, "--set", "FILES=/etc/ssl/test/*.crt")
    lines = [b".", b"nul\0nul", b"\xff\xfe broken", b"From bob", b"x" * 5000, b"\x1b[31mred"]
    data = b"\n".join([*lines, *(b"line %d" % n for n in range(100_000))])
    host.write("/etc/warnings", data)
    install(host, "new", "hostile", "--run", "cat /etc/warnings", "--signal", "output")
    bad = r"import socket; socket.sethostname('box\nBcc: bob@box.test\n\n\x1b[1m.test')"
    host.must(host.run([sys.executable, "-c", bad]))
    name = "boxBccbobbox.test1m.test"
    found = weekly(host)
    assert subjects(found) == [
        f"[{name}] certificates: /etc/ssl/test/a (1 of 5 new certificate faults)",
        f"[{name}] hostile: . (1 of 100006 new findings)",
    ]
    assert not host.path("/var/mail/bob").exists()
    for mail in found:
        assert mail["Bcc"] is None
        assert mail["Cc"] is None
        body = text(mail)
        assert body.rstrip().endswith("--print")
        assert all(char.isprintable() or char == "\n" for char in body)
    (about,) = [mail for mail in found if "hostile" in str(mail["Subject"])]
    assert "\n+ .\n+ nulnul\n+ ?? broken\n+ From bob\n" in text(about)
    assert "\n  ... 99806 more lines\n" in text(about)


def test_a_server_that_is_down_loses_nothing(host: Postfix) -> None:
    install(
        host, "new", "motd", "--run", "cat /etc/warnings", "--signal", "output", "--dir", WEEKLY
    )
    host.write("/etc/warnings", "the roof leaks\n")
    host.must(host.run(["mv", "/usr/sbin/sendmail", "/usr/sbin/sendmail.away"]))
    done = host.run(["sh", f"{WEEKLY}/rotation-motd"])
    host.must(host.run(["mv", "/usr/sbin/sendmail.away", "/usr/sbin/sendmail"]))
    assert done.status == 75
    assert "there is no sendmail" in done.err
    assert subjects(weekly(host)) == [f"[{HOST}] motd: the roof leaks"]
    assert subjects(weekly(host)) == []
