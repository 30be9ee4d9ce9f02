"""What the loader makes of good files."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from rotation.model import Every, Unit, Window
from rotation.model.target import Kind, files
from rotation.roster.parse import overrides_path, parse
from tests.roster.example_rosters import (
    HEAD,
    PATH,
    ROTATION,
    WHOLE,
    WHOLE_OVERRIDES,
    load,
    problems,
)


def test_the_documented_roster_is_read_as_written() -> None:
    roster = load(WHOLE, WHOLE_OVERRIDES)
    assert (roster.name, roster.path) == ("sysduty", PATH)
    assert roster.zone == ZoneInfo("Europe/London")
    assert list(roster.people) == ["alice", "bob", "carol"]
    carol = roster.people["carol"]
    assert carol.email == ("carol@example.com", "447700900123@sms.example.net")
    assert carol.name == "Carol Jones"
    assert roster.fallback == ("managers@example.com",)
    assert roster.roles == ("duty", "backup")

    weekly, office, calendar = roster.rotations
    assert weekly.turns == (("alice",), ("bob",), ("carol", "alice"))
    assert weekly.order == ("alice", "bob", "carol", "alice")
    assert weekly.every == Every(1, Unit.WEEK)
    assert (weekly.start, weekly.handoff) == (date(2026, 1, 5), time(9))
    assert (weekly.priority, weekly.role, weekly.hours) == (0, "duty", ())
    assert str(weekly.where) == "rosters/sysduty.toml:9"
    assert office.hours == (Window(frozenset(range(5)), 540, 1020),)
    assert office.counts_windows
    assert (office.priority, office.handoff) == (1, time(0))
    assert (calendar.calendar, calendar.role, calendar.turns) == ("duty.ics", "backup", ())

    (shift,) = roster.shifts
    assert shift.start == datetime(2026, 12, 24, 9, tzinfo=UTC)
    assert shift.end == datetime(2026, 12, 27, 9, tzinfo=UTC)
    assert (shift.people, shift.priority) == (("alice",), 2)

    aliases, include, forward = files(roster.targets)
    assert (aliases.kind, aliases.path, aliases.name) == (
        Kind.ALIASES,
        Path("/etc/aliases"),
        "all-system-notifications",
    )
    assert (include.kind, include.also) == (Kind.INCLUDE, ("archive@example.com",))
    assert (forward.kind, forward.role) == (Kind.FORWARD, "backup")

    (override,) = roster.overrides
    assert (override.out, override.in_, override.id, override.by) == (
        "alice",
        "bob",
        "7f3a",
        "root",
    )
    assert override.at == datetime(2026, 11, 24, 10, 12, tzinfo=UTC)
    assert str(override.where) == "rosters/sysduty.overrides.toml:1"
    (absence,) = roster.absences
    assert absence.end == datetime(2027, 1, 3, tzinfo=UTC)
    assert str(absence.where) == "rosters/sysduty.overrides.toml:12"


def test_the_least_roster() -> None:
    roster = load('timezone = "UTC"\npeople.alice = "alice@example.com"\n')
    assert roster.roles == ("duty",)
    assert (roster.rotations, roster.shifts, roster.targets) == ((), (), ())


def test_people_may_have_tables_of_their_own() -> None:
    roster = load('timezone = "UTC"\n[people.alice]\nemail = "alice@example.com"\n')
    assert roster.people["alice"].email == ("alice@example.com",)


@pytest.mark.parametrize("text", [WHOLE, HEAD + ROTATION])
def test_crlf_and_a_byte_order_mark_change_nothing(text: str) -> None:
    plain = load(text, WHOLE_OVERRIDES if text == WHOLE else None)
    dos = text.replace("\n", "\r\n")
    overrides = WHOLE_OVERRIDES.replace("\n", "\r\n").encode() if text == WHOLE else None
    assert load(dos, overrides) == plain
    marked = b"\xef\xbb\xbf" + (overrides or b"")
    assert load(b"\xef\xbb\xbf" + dos.encode(), marked) == plain
    broken = dos.replace('"bob"', '"bbo"', 1)
    lines = [str(problem.where) for problem in problems(broken, overrides)]
    assert lines == [f"{PATH}:{text[: text.index(chr(34) + 'bob' + chr(34))].count(chr(10)) + 1}"]


def test_relative_paths_are_relative_to_the_roster() -> None:
    text = HEAD + '[[target]]\ninclude = "duty"\n'
    (target,) = files(parse(text.encode(), Path("/etc/rotation/a.toml")).targets)
    assert target.path == Path("/etc/rotation/duty")
    (target,) = files(parse(text.encode(), Path("a.toml"), base=Path("/srv")).targets)
    assert target.path == Path("/srv/duty")


def test_the_overrides_file_stands_beside_the_roster() -> None:
    assert overrides_path(Path("/etc/rotation/x.toml")) == Path("/etc/rotation/x.overrides.toml")


@pytest.mark.parametrize(
    ("text", "count", "unit"),
    [
        ("1 hour", 1, Unit.HOUR),
        ("12 hours", 12, Unit.HOUR),
        ("1day", 1, Unit.DAY),
        (" 2  Days ", 2, Unit.DAY),
        ("1 weeks", 1, Unit.WEEK),
        ("1200 months", 1200, Unit.MONTH),
        ("5217 weeks", 5217, Unit.WEEK),
    ],
)
def test_lengths_of_turns(text: str, count: int, unit: Unit) -> None:
    (rotation,) = load(HEAD + ROTATION.replace("1 week", text)).rotations
    assert rotation.every == Every(count, unit)


ALL = frozenset(range(7))


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("mon-fri 09:00-17:00", Window(frozenset(range(5)), 540, 1020)),
        ("Mon-Fri 9:00 - 17:00", Window(frozenset(range(5)), 540, 1020)),
        ("sat,sun", Window(frozenset({5, 6}), 0, 1440)),
        ("saturday, sunday", Window(frozenset({5, 6}), 0, 1440)),
        ("20:00-08:00", Window(ALL, 1200, 480)),
        ("mon 09:00-24:00", Window(frozenset({0}), 540, 1440)),
        ("mon 20:00-00:00", Window(frozenset({0}), 1200, 1440)),
        ("fri-mon", Window(frozenset({4, 5, 6, 0}), 0, 1440)),
        ("mon,wed-fri 08:00-08:00", Window(frozenset({0, 2, 3, 4}), 480, 480)),
        ("sun-sat", Window(ALL, 0, 1440)),
        ("00:00-24:00", Window(ALL, 0, 1440)),
    ],
)
def test_duty_hours(text: str, window: Window) -> None:
    (rotation,) = load(HEAD + ROTATION + f'hours = ["{text}"]\n').rotations
    assert rotation.hours == (window,)
    (rotation,) = load(HEAD + ROTATION + f'hours = "{text}"\n').rotations
    assert rotation.hours == (window,)


def test_what_a_role_and_reminders_say() -> None:
    text = 'holidays = "GB-SCT"\n' + HEAD + ROTATION
    text += '[role.duty]\ngaps = "expected"\n[notify]\nremind = ["1 day", "1 week"]\n'
    roster = load(text)
    assert (roster.quiet, roster.holidays) == (frozenset({"duty"}), "GB-SCT")
    assert roster.remind == (timedelta(days=7), timedelta(days=1))


@pytest.mark.parametrize("again", [ROTATION, ROTATION.replace("01-05", "01-04")])
def test_a_rotation_that_is_replaced_before_it_begins_is_history(again: str) -> None:
    assert len(load(HEAD + ROTATION + again).rotations) == 2
