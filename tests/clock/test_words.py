"""The words for lengths of time: where they end, and what they mean."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rotation.clock.days import holidays_near
from rotation.clock.words import parse_duration, parse_every
from rotation.model import Every, Unit

CENTURY = timedelta(days=36_525)
LENGTHS = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}


@given(word=st.sampled_from(sorted(LENGTHS)), off=st.integers(-2, 2) | st.integers(-50, 50))
@example(word="day", off=1)
@example(word="week", off=0)
@example(word="week", off=1)
@example(word="hour", off=1)
def test_no_length_is_more_than_a_century(word: str, off: int) -> None:
    count = CENTURY // LENGTHS[word] + off
    long = count * LENGTHS[word]
    assert parse_duration(f"{count} {word}s") == (long if long <= CENTURY else None)
    every = parse_every(f"{count} {word}s")
    assert every == (Every(count, Unit(word)) if long <= CENTURY else None)


@pytest.mark.parametrize(("text", "good"), [("1200 months", True), ("1201 months", False)])
def test_months_of_a_turn_end_with_the_century_too(text: str, good: bool) -> None:
    assert (parse_every(text) is not None) is good


@given(st.dates(date(1990, 1, 1), date(2060, 12, 31)))
@example(date(2026, 1, 1))
@example(date(2026, 12, 31))
def test_the_public_holidays_around_a_day(day: date) -> None:
    holidays = pytest.importorskip("holidays")
    years = range(day.year - 1, day.year + 2)
    known = sorted(holidays.country_holidays("GB", subdiv="SCT", years=years))
    before = [other for other in known if other < day][-2:]
    after = [other for other in known if other > day][:2]
    assert holidays_near("GB-SCT", day) == before + after
