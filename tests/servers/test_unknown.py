"""A calendar that cannot be read must not make a tampered target, or a right one, look well."""

from __future__ import annotations

import json

import pytest

from .rigs import NOTIFICATIONS, Postfix
from .roster_in_rig import MONDAY, rotation, target, write_roster

CALENDAR = "/etc/rotation/duty.ics"
LIST = "/etc/mail/duty"
FORWARD = "/root/.forward"
ALARM = ("verify", "--alarm", "oncall@far.test")
EVENT = """BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:test\r
BEGIN:VEVENT\r
UID:1\r
DTSTAMP:20260101T000000Z\r
DTSTART:20260101T000000Z\r
DTEND:20280101T000000Z\r
SUMMARY:alice\r
END:VEVENT\r
END:VCALENDAR\r
"""
ROSTER = f"""timezone = "UTC"
people.alice = "alice"
people.bob = "bob"
[[rotation]]
name = "team"
calendar = "{CALENDAR}"
[[target]]
include = "{LIST}"
"""


@pytest.fixture
def watched(postfix: Postfix) -> Postfix:
    """A host whose chain is whole: its alias includes a list that says who is on duty."""
    postfix.write(postfix.aliases, f"postmaster: root\n{NOTIFICATIONS}: :include:{LIST}\n")
    postfix.rebuild()
    postfix.make_index_later()
    postfix.write(FORWARD, f"{NOTIFICATIONS}@box.test\n")
    postfix.path("/root").chmod(0o700)
    postfix.write(LIST, "alice\n")
    write_roster(postfix, ROSTER)
    postfix.write(CALENDAR, EVENT)
    postfix.run(["rm", "-rf", "/var/lib/rotation"])
    done = rotation(postfix, MONDAY, *ALARM)
    assert (done.status, done.out, done.err) == (0, "", "")
    return postfix


def test_no_all_clear_over_a_tampered_target_whose_calendar_is_gone(watched: Postfix) -> None:
    watched.path(LIST).write_text("mallory@evil.test\n")
    assert rotation(watched, MONDAY, *ALARM).status == 1
    raised = "rotation: root's mail on box.test may not arrive"
    watched.wait_for("oncall@far.test", raised)
    watched.path(CALENDAR).unlink()
    done = rotation(watched, MONDAY, *ALARM)
    assert done.status == 1
    assert f"{LIST} cannot be checked: nobody can know what it should hold" in done.err
    assert "mallory@evil.test" in done.err
    assert set(watched.mailbox("oncall@far.test")) == {raised}


def test_nobody_is_said_not_to_be_on_duty_where_nobody_can_know(watched: Postfix) -> None:
    watched.path(CALENDAR).unlink()
    done = rotation(watched, MONDAY, "verify")
    assert done.status == 1
    assert f"{LIST} cannot be checked" in done.err
    assert "not on duty" not in done.err
    assert "alice, perhaps on duty as duty: nobody can know" in done.err
    done = rotation(watched, MONDAY, "trace", "root", "--json")
    assert done.status == 1
    (answer,) = json.loads(done.out)
    assert "unsure" in json.dumps(answer)
    assert "not on duty" not in done.out


def test_doctor_vouches_for_no_target_that_it_cannot_check(watched: Postfix) -> None:
    done = rotation(watched, MONDAY, "doctor")
    assert "ok: the target holds what it should" in done.out
    roster = ROSTER + target(watched).replace("[[target]]", '[[target]]\nrole = "backup"')
    backup = '[[rotation]]\nname = "second"\nrole = "backup"\npeople = ["bob"]\n'
    write_roster(watched, roster + backup + 'every = "1 week"\nstart = 2026-11-02\n')
    watched.path(CALENDAR).unlink()
    done = rotation(watched, MONDAY, "doctor")
    assert done.status == 1
    assert "what it should, in text and index" not in done.out
    assert f"{LIST} cannot be checked" in done.out


def test_a_broken_roster_beside_a_good_one_is_no_all_clear(watched: Postfix) -> None:
    watched.write("/etc/rotation/other.toml", 'timezone = "UTC\n')
    done = rotation(watched, MONDAY, *ALARM)
    assert done.status == 2
    watched.wait_for("oncall@far.test", "rotation: root's mail on box.test may not arrive")
    done = rotation(watched, MONDAY, "doctor")
    assert done.status == 2
    assert "other.toml" in done.out
