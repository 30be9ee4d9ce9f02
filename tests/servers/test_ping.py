"""`rotation ping` on the real mail servers."""

from __future__ import annotations

import re

from .rigs import NOTIFICATIONS, Rig
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
    assert "nothing here can prove it" in done.err
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
