"""Duties, which people trade: a turn, a dated shift, or what an override adds, whole."""

from __future__ import annotations

from datetime import timedelta

from rotation.model import Roster
from rotation.schedule.difference import without_absences
from rotation.schedule.duties import Duty, duties, horizon, on_duty, upcoming
from rotation.schedule.final import Schedule
from rotation.schedule.loaded import Loaded
from tests.schedule.rules_of_keys import recurring
from tests.schedule.timelines import (
    WEEKLY,
    absence,
    during,
    fixed,
    instant,
    load,
    override,
    rotation,
)

DAY = timedelta(days=1)


def said(roster: Roster, *found: Duty) -> list[str]:
    return [
        f"{duty.person} {_local(roster, duty.start)} {_local(roster, duty.end)} {len(duty.pieces)}"
        for duty in found
    ]


def _local(roster: Roster, at: object) -> str:
    return f"{at.astimezone(roster.zone):%m-%dT%H:%M}"  # type: ignore[attr-defined]


def served(roster: Roster, person: str, begin: str, end: str) -> list[str]:
    span = instant(roster, begin), instant(roster, end)
    return said(roster, *duties(Schedule(roster), person, *span))


def test_a_turn_is_whole_however_little_of_it_is_asked_for() -> None:
    roster = load(WEEKLY)
    assert served(roster, "bob", "2026-01-14T00:00", "2026-01-14T00:01") == [
        "bob 01-12T00:00 01-19T00:00 1"
    ]
    assert served(roster, "bob", "2026-01-05T00:00", "2026-01-12T00:00") == []
    assert served(roster, "bob", "2026-01-18T23:59", "2026-02-02T00:01") == [
        "bob 01-12T00:00 01-19T00:00 1",
        "bob 02-02T00:00 02-09T00:00 1",
    ]
    assert served(roster, "dan", "2026-01-05T00:00", "2027-01-12T00:00") == []


def test_two_turns_of_one_person_that_adjoin_are_two_duties() -> None:
    roster = load(rotation("1 week", "2026-01-05", "ann ann bob"))
    assert served(roster, "ann", "2026-01-05T00:00", "2026-01-19T00:00") == [
        "ann 01-05T00:00 01-12T00:00 1",
        "ann 01-12T00:00 01-19T00:00 1",
    ]


def test_a_turn_with_hours_has_pieces() -> None:
    roster = load(rotation("1 week", "2026-01-05", "ann bob", 'hours = ["mon-wed 09:00-17:00"]'))
    assert served(roster, "bob", "2026-01-13T12:00", "2026-01-13T12:01") == [
        "bob 01-12T09:00 01-14T17:00 3"
    ]


def test_a_part_that_somebody_else_has_is_theirs() -> None:
    roster = load(WEEKLY, during(out="ann", in_="dan"))
    week = ("2026-01-05T00:00", "2026-01-12T00:00")
    assert served(roster, "ann", *week) == ["ann 01-05T00:00 01-12T00:00 2"]
    assert served(roster, "dan", *week) == ["dan 01-06T09:00 01-06T12:00 1"]


def test_a_dated_shift_and_what_an_override_adds_are_duties() -> None:
    added = override("2026-03-01T09:00:00", "2026-03-02T09:00:00", in_="dan")
    roster = load(fixed("2026-02-01", "2026-02-03", "ann dan"), added)
    assert served(roster, "dan", "2026-02-02T00:00", "2026-04-01T00:00") == [
        "dan 02-01T00:00 02-04T00:00 1",
        "dan 03-01T09:00 03-02T09:00 1",
    ]


def test_a_stand_in_serves_the_turn_of_whoever_is_away() -> None:
    roster = load(WEEKLY, absence("ann", "2026-01-06", "2026-01-06"))
    assert served(roster, "bob", "2026-01-05T00:00", "2026-01-20T00:00") == [
        "bob 01-06T00:00 01-07T00:00 1",
        "bob 01-12T00:00 01-19T00:00 1",
    ]


def test_upcoming_begins_after_now() -> None:
    roster = load(WEEKLY)
    schedule = Schedule(roster)
    handoff = instant(roster, "2026-01-12T00:00")
    for now, first in ((handoff, "02-02"), (handoff - timedelta(seconds=1), "01-12")):
        (line,) = said(roster, next(upcoming(schedule, "bob", now)))
        assert line.startswith(f"bob {first}T00:00")


def test_on_duty_joins_what_adjoins() -> None:
    roster = load(rotation("1 week", "2026-01-05", "ann ann bob"))
    span = instant(roster, "2026-01-06T00:00"), instant(roster, "2026-02-10T00:00")
    assert [
        (_local(roster, start), _local(roster, end))
        for start, end in on_duty(Schedule(roster), "ann", *span)
    ] == [("01-06T00:00", "01-19T00:00"), ("01-26T00:00", "02-09T00:00")]


def test_the_horizon_sees_two_turns_of_everybody_and_what_is_written() -> None:
    now = instant(load(""), "2026-01-06T00:00")
    assert horizon(load(WEEKLY), now) == now + 366 * DAY
    far = load(fixed("2028-02-01", "2028-02-03", "ann"))
    assert horizon(far, now) == instant(far, "2028-02-04T00:00")
    added = load("", override("2029-03-01T09:00:00", "2029-03-02T09:00:00", in_="dan"))
    assert horizon(added, now) == instant(added, "2029-03-02T09:00")
    slow = load(rotation("6 months", "2026-01-01", "ann bob cat"))
    # turn 1 comes next, and two rounds of three end with turn 6
    assert horizon(slow, now) == instant(slow, "2029-07-01T00:00")
    ages = load(rotation("1200 months", "2026-01-05", "ann bob"))
    assert horizon(ages, now) == now + 6 * 366 * DAY


def test_without_the_absences_of_one_everybody_else_is_away_still() -> None:
    exceptions = absence("*", "2026-01-06", "2026-01-06") + recurring("ann", "wed")
    loaded = Loaded(load(WEEKLY, exceptions))
    present = without_absences(loaded, "ann")
    schedule = present.known_schedule("duty")
    at = instant(loaded.roster, "2026-01-06T12:00")
    assert schedule.at(at).people == ("ann",)
    assert schedule.at(at + DAY).people == ("ann",)
    assert without_absences(loaded, "bob").known_schedule("duty").at(at).people == ("bob",)
