"""One instant of the final schedule: who, since when, until when."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rotation.schedule.final import Schedule
from rotation.schedule.shift import Shift
from tests.schedule.timelines import TICK, WEEKLY, extent, instant, load, rotation, who


def test_at_the_handoff_exactly_the_incoming_people_are_on_duty() -> None:
    schedule = Schedule(roster := load(WEEKLY))
    handoff = instant(roster, "2026-01-12T00:00")
    assert schedule.at(handoff - TICK).people == ("ann",)
    assert schedule.at(handoff).people == ("bob",)


def test_a_shift_has_its_whole_extent() -> None:
    roster = load(rotation("1 week", "2026-03-23", rest='handoff = "09:00"'))
    assert extent(roster, "2026-03-25T12:00") == (
        "2026-03-23T09:00:00+00:00",
        "2026-03-30T09:00:00+01:00",
    )


def test_a_handoff_ends_a_shift_even_when_the_same_person_goes_on() -> None:
    roster = load(rotation("1 week", "2026-01-05", "ann"))
    week = ("2026-01-12T00:00:00+00:00", "2026-01-19T00:00:00+00:00")
    assert extent(roster, "2026-01-14T12:00") == week
    assert (
        len(Schedule(roster).between(instant(roster, week[0]), instant(roster, "2026-03-01T00:00")))
        == 1
    )


def test_adjoining_windows_of_one_turn_are_one_shift() -> None:
    roster = load(rotation("1 week", "2026-01-05", rest='hours = ["mon-fri 08:00-08:00"]'))
    assert extent(roster, "2026-01-14T12:00") == (
        "2026-01-12T08:00:00+00:00",
        "2026-01-17T08:00:00+00:00",
    )


def test_before_the_first_and_after_the_last_there_is_no_end() -> None:
    roster = load(rotation("1 day", "2026-01-05", rest="until = 2026-01-06"))
    assert extent(roster, "2025-06-01T00:00") == (None, "2026-01-05T00:00:00+00:00")
    assert extent(roster, "2026-06-01T00:00") == ("2026-01-07T00:00:00+00:00", None)
    schedule = Schedule(roster)
    assert schedule.following(schedule.at(instant(roster, "2026-01-06T12:00"))) is None
    before = schedule.following(schedule.at(instant(roster, "2025-06-01T00:00")))
    assert before is not None
    assert before.people == ("ann",)


def test_a_roster_without_duties_is_one_gap() -> None:
    roster = load("")
    assert roster.roles == ("duty",)
    assert Schedule(roster).at(instant(roster, "2026-01-01T00:00")) == Shift("duty", None, None, ())


@pytest.mark.parametrize("every", ["1 day", "24 hours", "1 week", "1 month"])
@pytest.mark.parametrize("start", ["2026-01-05", "2025-11-03"])
def test_a_gap_between_windows_has_its_whole_extent(every: str, start: str) -> None:
    roster = load(rotation(every, start, "ann", 'hours = ["mon 09:00-10:00"]'))
    for text in ("2026-03-06T12:00", "2026-03-09T08:59", "2026-03-02T10:00"):
        assert extent(roster, text) == ("2026-03-02T10:00:00+00:00", "2026-03-09T09:00:00+00:00")


@pytest.mark.parametrize("every", ["1200 months", "5217 weeks", "36525 days", "99999 hours"])
@pytest.mark.parametrize("start", ["2026-01-05", "8999-01-05"])
def test_a_turn_may_be_a_century_long(every: str, start: str) -> None:
    roster = load(rotation(every, start))
    schedule = Schedule(roster)
    begin = instant(roster, f"{start}T00:00")
    assert schedule.at(begin).people == ("ann",)
    assert schedule.at(begin).start == begin
    (one,) = schedule.between(begin, begin + timedelta(days=9))
    assert one.people == ("ann",)


@pytest.mark.parametrize("every", ["1 hour", "1 day", "2 weeks", "5 months"])
@pytest.mark.parametrize("hours", ["", 'hours = ["mon-fri 09:00-17:00"]'])
def test_the_year_8999_costs_as_much_as_tomorrow(every: str, hours: str) -> None:
    roster = load(rotation(every, "2026-01-05", "ann", hours))
    assert who(roster, "8999-06-04T12:00") == "ann"
    assert who(roster, "8999-06-04T03:00") == ("-" if hours else "ann")
