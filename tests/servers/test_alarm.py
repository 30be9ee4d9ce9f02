"""The alarm of `verify` goes another way than the mail that is watched."""

from __future__ import annotations

import pytest

from .rigs import NOTIFICATIONS, Postfix, Rig
from .roster_in_rig import MONDAY, rotation
from .tampered import (
    FORWARD,
    ROSTER_FILE,
    put_text,
    start,
)


def test_the_alarm_goes_another_way(rig: Rig) -> None:
    start(rig)
    alarm = ("verify", "--alarm", "oncall@far.test")
    assert rotation(rig, MONDAY, *alarm).status == 0
    put_text(rig, FORWARD, "mallory@evil.test\n")
    subject = "rotation: root's mail on box.test may not arrive"
    assert rotation(rig, MONDAY, *alarm).status == 1
    rig.wait_for("oncall@far.test", subject)
    # the same alarm once a day
    assert rotation(rig, MONDAY, *alarm).status == 1
    assert rotation(rig, "2026-11-24T12:00:01+00:00", *alarm).status == 1
    rig.write(FORWARD, f"{NOTIFICATIONS}@box.test\n")
    well = "rotation: root's mail on box.test is right again"
    assert rotation(rig, MONDAY, *alarm).status == 0
    rig.wait_for("oncall@far.test", well)
    assert rig.mailbox("oncall@far.test") == [subject, subject, well]
    assert "mallory@evil.test" in rig.read("/var/mail/oncall@far.test").decode()


@pytest.mark.parametrize("to", ["root", NOTIFICATIONS, "|touch${IFS}/x@example.com", "a b@x.test"])
def test_an_alarm_that_would_go_astray_is_refused(postfix: Postfix, to: str) -> None:
    start(postfix)
    done = rotation(postfix, MONDAY, "verify", "--alarm", to)
    assert done.status == 2
    assert "alarm" in done.err or "chain that is watched" in done.err


def test_a_roster_that_cannot_be_read_raises_the_alarm(postfix: Postfix) -> None:
    start(postfix)
    postfix.write(ROSTER_FILE, "nonsense\n")
    done = rotation(postfix, MONDAY, "verify", "--alarm", "oncall@far.test")
    assert done.status == 2
    postfix.wait_for("oncall@far.test", "rotation: root's mail on box.test may not arrive")
