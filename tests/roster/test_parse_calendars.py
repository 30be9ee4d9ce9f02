"""The keys of calendars: of rotations, and of absences in either file."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from rotation.errors import RosterError
from rotation.model import AbsenceCalendar, Roster
from rotation.roster.parse import parse

HEAD = 'timezone = "UTC"\npeople = { alice = "alice@example.com", bob = "bob@example.com" }\n'
AWAY = "[[absence]]\nperson = 'bob'\nstart = 2026-12-24\nend = 2026-12-26\n"


def load(roster: str, overrides: str = "") -> Roster:
    return parse((HEAD + roster).encode(), Path("/etc/rotation/team.toml"), overrides.encode())


def told(roster: str, overrides: str = "") -> str:
    with pytest.raises(RosterError) as error:
        load(roster, overrides)
    return str(error.value)


def test_which_events_of_a_rotation_count() -> None:
    text = '[[rotation]]\nname = "a"\ncalendar = "a.ics"\n'
    (rotation,) = load(f'{text}only = ["on-call", "duty", "duty"]\nignore = "PTO"\n').rotations
    assert (rotation.only, rotation.ignore) == (("on-call", "duty"), ("PTO",))
    assert load(text).rotations[0].only == ()
    assert "team.toml:6" in told(f"{text}only = []\n")
    assert "words of titles" in told(f'{text}ignore = [" "]\n')
    without = '[[rotation]]\nname = "a"\npeople = ["alice"]\nevery = "1 day"\nstart = 2026-01-05\n'
    assert "unknown key 'only'" in told(f'{without}only = ["duty"]\n')


def test_absences_of_calendars_stand_in_either_file() -> None:
    first = '[[absence]]\ncalendar = "https://example.com/v.ics"\nstale = "5 days"\n'
    second = "[[absence]]\ncalendar = 'bob.ics'\nperson = 'bob'\nonly = 'PTO'\nmatch = 'summary'\n"
    roster = load(first + AWAY, second + AWAY)
    one, other = roster.absence_calendars
    assert one == AbsenceCalendar("https://example.com/v.ics", one.where, stale=timedelta(days=5))
    assert (other.person, other.only, other.match) == ("bob", ("PTO",), "summary")
    assert str(one.where) == "/etc/rotation/team.toml:3"
    assert str(other.where) == "/etc/rotation/team.overrides.toml:1"
    # only what stands in the overrides file can be taken out of it, by its place there
    assert [(a.person, a.number) for a in roster.absences] == [("bob", None), ("bob", 1)]
    everybody = "[[absence]]\ncalendar = 'closed.ics'\nperson = '*'\n"
    assert load(everybody).absence_calendars[0].person == "*"


def test_what_is_wrong_with_a_calendar_of_absences() -> None:
    text = "[[absence]]\ncalendar = 'a.ics'\n"
    assert "unknown person 'carl'" in told(f"{text}person = 'carl'\n")
    assert "do not go together" in told(f"{text}start = 2026-12-24\n")
    assert "the kind ftp:// is not read" in told("[[absence]]\ncalendar = 'ftp://example.com/'\n")
    assert "do not go together" in told(f'{text}hours = ["sat"]\n')


@pytest.mark.parametrize("path", ["/etc/shadow", "../team.toml", "a/../../b"])
def test_the_overrides_file_names_no_file_outside_the_rosters_folder(path: str) -> None:
    # a group may write it, and what a reader says of a file tells what is in it
    entry = f"[[absence]]\ncalendar = '{path}'\n"
    assert path in load(entry).absence_calendars[0].calendar
    assert "is not below the roster's folder" in told("", entry)
    assert load("", "[[absence]]\ncalendar = '/etc/rotation/a.ics'\n").absence_calendars
