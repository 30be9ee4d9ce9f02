"""A calendar that cannot be read: who is on duty is unknown, and no command takes that for an
answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.sample import NOW, call

ROSTER = """timezone = "UTC"
fallback = ["managers@example.com"]
people.alice = "alice@example.com"
people.bob = "bob@example.com"
[role.duty]
load = "expected"
[[rotation]]
name = "team"
calendar = "duty.ics"
[[rotation]]
name = "second"
role = "backup"
people = ["bob"]
every = "1 week"
start = 2026-11-02
[[target]]
include = "list"
[[target]]
include = "list-backup"
role = "backup"
"""
CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:test
BEGIN:VEVENT
UID:1
DTSTAMP:20260101T000000Z
DTSTART:20260101T000000Z
DTEND:20280101T000000Z
SUMMARY:alice
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    path = tmp_path / "team.toml"
    path.write_text(ROSTER)
    (tmp_path / "duty.ics").write_text(CALENDAR.replace("\n", "\r\n"))
    (tmp_path / "list").write_text("alice@example.com\n")
    (tmp_path / "list-backup").write_text("bob@example.com\n")
    assert call(path, "apply").exit_code == 0
    return path


@pytest.fixture
def lost(roster: Path) -> Path:
    """The same roster, and its calendar is gone."""
    (roster.parent / "duty.ics").unlink()
    return roster


def test_who_says_that_it_is_unknown(lost: Path) -> None:
    done = call(lost, "who")
    assert done.exit_code == 1
    assert done.stdout.splitlines()[0] == (
        "team duty: unknown, its calendar cannot be read (apply leaves the targets)"
    )
    assert done.stdout.splitlines()[1].startswith("team backup: bob, ")
    assert "no such calendar" in done.stderr
    assert call(lost, "who", "--role", "backup").exit_code == 0


def test_who_for_programs_is_neither_somebody_nor_nobody(lost: Path) -> None:
    unknown, known = json.loads(call(lost, "who", "--json").stdout)
    assert unknown == {
        "roster": "team",
        "role": "duty",
        "at": NOW.isoformat(),
        "people": [],
        "start": None,
        "end": None,
        "fallback": False,
        "next": None,
        "why": "unknown",
        "recipients": [],
        "known": False,
    }
    assert (known["known"], known["people"][0]["key"]) == (True, "bob")


def test_schedule_has_an_entry_that_says_so(lost: Path) -> None:
    done = call(lost, "schedule", "--from", "2026-12-01", "--to", "2026-12-08", "--json")
    assert done.exit_code == 1
    unknown, *known = json.loads(done.stdout)
    assert (unknown["start"], unknown["end"]) == (
        "2026-12-01T00:00:00+00:00",
        "2026-12-08T00:00:00+00:00",
    )
    assert (unknown["people"], unknown["why"], unknown["known"]) == ([], "unknown", False)
    assert all(entry["known"] and entry["people"] for entry in known)
    assert "** unknown **" in call(lost, "schedule").stdout
    assert "** nobody **" not in call(lost, "schedule").stdout


def test_apply_leaves_the_target_and_does_the_other(lost: Path) -> None:
    (lost.parent / "list").write_text("mallory@example.com\n")
    (lost.parent / "list-backup").write_text("old@example.com\n")
    done = call(lost, "apply", "--json")
    assert done.exit_code == 3
    unknown, known = json.loads(done.stdout)
    assert (unknown["known"], unknown["changed"], unknown["after"]) == (False, False, [])
    assert (known["known"], known["changed"]) == (True, True)
    assert (lost.parent / "list").read_text() == "mallory@example.com\n"
    assert (lost.parent / "list-backup").read_text() == "bob@example.com\n"


def test_report_counts_only_what_is_known(lost: Path) -> None:
    done = call(lost, "report", "--json")
    assert done.exit_code == 1
    unknown, table = json.loads(done.stdout)
    assert unknown == {
        "roster": "team",
        "role": "duty",
        "from": None,
        "to": None,
        "covered_hours": None,
        "score": None,
        "people": [],
        "known": False,
    }
    assert (table["role"], table["known"], unknown.keys()) == ("backup", True, table.keys())
    assert "duty" in done.stderr
    assert call(lost, "report", "--role", "backup").exit_code == 0


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["export"], 3),
        (["report", "--suggest", "now", "--role", "duty"], 2),
        (["notify"], 3),
        (["swap", "alice", "bob", "--role", "duty", "--yes"], 2),
        (["cover", "bob", "--for", "alice", "--role", "duty", "--yes"], 2),
    ],
)
def test_what_needs_to_know_refuses(lost: Path, words: list[str], status: int) -> None:
    done = call(lost, *words)
    assert done.exit_code == status, done.stderr
    assert done.stdout == ""
    assert not (lost.parent / "team.overrides.toml").exists()


def test_a_cover_needs_to_know_the_role_that_it_is_of(lost: Path) -> None:
    done = call(lost, "cover", "alice", "--for", "bob", "--yes")
    assert done.exit_code == 0, done.stderr
    assert 'role  = "backup"' in (lost.parent / "team.overrides.toml").read_text()


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["cover", "bob", "--for", "alice"], "alice has no such duty in any role that is known"),
        (["offer", "alice"], "alice has no such duty in any role that is known"),
        (["swap", "alice", "bob"], "alice and bob have no duties ahead in the same role"),
    ],
)
def test_nobody_is_said_to_have_no_duty_in_what_is_unknown(
    lost: Path, words: list[str], what: str
) -> None:
    done = call(lost, *words, "--yes")
    assert done.exit_code == 2
    because = "nobody can know who has duty, a calendar cannot be read"
    assert f"error: {what}; {because}\n" in done.stderr


def test_check_says_it(lost: Path) -> None:
    done = call(lost, "check")
    assert done.exit_code == 1
    assert "no such calendar" in done.stdout
    assert "nobody on duty" not in done.stdout


def test_a_suggestion_says_which_other_role_is_unknown(lost: Path) -> None:
    done = call(lost, "report", "--suggest", "+7d", "--role", "backup")
    assert "'duty' then is not known" in done.stderr


def test_a_calendar_that_is_cut_short_is_not_believed(roster: Path) -> None:
    file = roster.parent / "duty.ics"
    whole = file.read_bytes()
    file.write_bytes(whole[:-40])
    done = call(roster, "apply")
    assert done.exit_code == 0  # the last good copy counts
    assert "cut short" in done.stderr
    assert (roster.parent / "list").read_text() == "alice@example.com\n"
    for copy in (roster.parent / "state").glob("*.useful"):
        copy.unlink()
    assert call(roster, "apply").exit_code == 3
    assert json.loads(call(roster, "who", "--json").stdout)[0]["known"] is False
    assert (roster.parent / "list").read_text() == "alice@example.com\n"


def test_an_absence_claims_nothing_of_what_is_unknown(lost: Path) -> None:
    done = call(lost, "away", "alice", "2026-11-27", "2026-11-27", "--yes")
    assert done.exit_code == 0, done.stderr
    assert "nobody can know who has duty, a calendar cannot be read" in done.stdout
