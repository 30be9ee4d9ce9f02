"""`rotation ping` on the real mail servers."""

from __future__ import annotations

import re

import pytest

from .conftest import NewRig
from .rigs import NOTIFICATIONS, Postfix, Rig
from .roster_in_rig import MONDAY, rotation, write_roster


def test_a_ping_arrives_or_does_not(rig: Rig) -> None:
    write_roster(rig)
    done = rotation(rig, MONDAY, "ping", "--wait", "20s")
    assert done.status == 0, done
    said = re.fullmatch(
        r"sent to root: subject `(rotation ping [0-9a-f]{16})`\n"
        r"arrived: /var/mail/alice, after \d+\.\d s\n",
        done.out,
    )
    assert said is not None, done.out
    assert said[1] in rig.mailbox("alice")
    # a mailbox that somebody else has to look into
    done = rotation(rig, MONDAY, "ping", "x@elsewhere.test")
    assert done.status == 0
    assert "nothing here can prove that it arrives" in done.err
    # where it does not go
    done = rotation(rig, MONDAY, "ping", NOTIFICATIONS, "--mbox", "/var/mail/carol", "--wait", "1")
    assert done.status == 1
    assert "error: not in /var/mail/carol after 1 s" in done.err
    assert f"rotation trace {NOTIFICATIONS}" in done.err


def test_a_maildir(rig: Rig) -> None:
    write_roster(rig)
    rig.run(["mkdir", "-p", "/srv/box/new", "/srv/box/cur", "/srv/box/tmp"])
    done = rotation(rig, MONDAY, "ping", "--maildir", "/srv/box", "--wait", "0")
    assert done.status == 1
    mark = re.search(r"rotation ping [0-9a-f]{16}", done.out)
    assert mark is not None
    rig.wait_for("alice", mark[0])
    assert rotation(rig, MONDAY, "ping", "--maildir", "/srv").status == 2
    assert rotation(rig, MONDAY, "ping", "--mbox", "/srv/box").status == 2
    for wrong in ("|x@example.com", "a b", "-f@example.com"):
        done = rotation(rig, MONDAY, "ping", "--", wrong)
        assert done.status == 2, done
        assert "Traceback" not in done.err


def test_what_would_be_refused_is_not_sent(rig: Rig) -> None:
    write_roster(rig)
    before = rig.log(10_000)
    done = rotation(rig, MONDAY, "ping", "nosuchuser")
    assert done.status == 1, done
    assert "error: mail for nosuchuser ends at nosuchuser" in done.err
    assert "note: nothing was sent" in done.err
    assert done.out == ""
    assert "rotation ping" not in rig.log(10_000)[len(before) :]


def test_a_mailbox_that_cannot_be_looked_into(rig: Rig) -> None:
    """The login is tried before anything is sent."""
    write_roster(rig)
    rig.write("/root/password", "wrong\n", 0o600)
    account = ["--imap", "127.0.0.1:1", "--user", "alice", "--password-file", "/root/password"]
    done = rotation(rig, MONDAY, "ping", *account)
    assert done.status == 3, done
    assert "IMAP: alice at 127.0.0.1" in done.err
    assert "sent to" not in done.out


HOME_MAILBOX = {"Maildir/": "/home/alice/Maildir/", "Mailbox": "/home/alice/Mailbox"}


@pytest.mark.parametrize("value", HOME_MAILBOX)
def test_a_mailbox_in_the_home(new_rig: NewRig, value: str) -> None:
    rig = new_rig(Postfix)
    rig.must(rig.run(["postconf", "-e", f"home_mailbox={value}"]))
    rig.must(rig.run(["postfix", "reload"]))
    done = rotation(rig, MONDAY, "ping", "--wait", "30s")
    assert done.status == 0, done
    assert f"arrived: {HOME_MAILBOX[value].rstrip('/')}, after" in done.out
    rig.must(rig.run(["postconf", "-e", "mailbox_command=/bin/cat"]))
    rig.must(rig.run(["postfix", "reload"]))
    done = rotation(rig, MONDAY, "ping")
    assert done.status == 0, done
    assert "nothing here can prove that it arrives" in done.err
