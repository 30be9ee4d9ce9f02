"""What people may type for an instant."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rotation.clock.typed import parse_span, parse_when
from rotation.errors import Exit, UsageError

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 7, 15, 9, 30, 20, tzinfo=UTC)  # Wednesday, 10:30:20 in London


def when(text: str, now: datetime = NOW) -> str:
    instant = parse_when(text, now, LONDON)
    assert instant.tzinfo is UTC
    return instant.astimezone(LONDON).isoformat()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", "2026-07-15T10:30:20+01:00"),
        ("NOW", "2026-07-15T10:30:20+01:00"),
        ("  now ", "2026-07-15T10:30:20+01:00"),
        # ISO 8601
        ("2026-12-24", "2026-12-24T00:00:00+00:00"),
        ("20261224", "2026-12-24T00:00:00+00:00"),
        ("2026-12-24T09:00", "2026-12-24T09:00:00+00:00"),
        ("2026-12-24 09:00", "2026-12-24T09:00:00+00:00"),
        ("2026-12-24 9:00", "2026-12-24T09:00:00+00:00"),
        ("2026-12-24T9:30+01:00", "2026-12-24T08:30:00+00:00"),
        ("2026-12-24t09:00:30", "2026-12-24T09:00:30+00:00"),
        ("2026-07-24T09:00", "2026-07-24T09:00:00+01:00"),
        ("2026-07-24T09:00Z", "2026-07-24T10:00:00+01:00"),
        ("2026-07-24T09:00z", "2026-07-24T10:00:00+01:00"),
        ("2026-07-24T09:00+05:45", "2026-07-24T04:15:00+01:00"),
        ("2026-10-25T01:30+01:00", "2026-10-25T01:30:00+01:00"),
        ("2026-10-25T01:30+00:00", "2026-10-25T01:30:00+00:00"),
        # days
        ("today", "2026-07-15T00:00:00+01:00"),
        ("today 9:00", "2026-07-15T09:00:00+01:00"),
        ("tomorrow", "2026-07-16T00:00:00+01:00"),
        ("Tomorrow 9:00", "2026-07-16T09:00:00+01:00"),
        ("tomorrow   09:05", "2026-07-16T09:05:00+01:00"),
        ("tomorrow 24:00", "2026-07-17T00:00:00+01:00"),
        ("yesterday 23:59", "2026-07-14T23:59:00+01:00"),
        ("9:00", "2026-07-15T09:00:00+01:00"),
        ("23:00", "2026-07-15T23:00:00+01:00"),
        # weekdays: the next one
        ("friday 09:00", "2026-07-17T09:00:00+01:00"),
        ("Fri 09:00", "2026-07-17T09:00:00+01:00"),
        ("friday", "2026-07-17T00:00:00+01:00"),
        ("tuesday", "2026-07-21T00:00:00+01:00"),
        ("wednesday 11:00", "2026-07-15T11:00:00+01:00"),
        ("wednesday 10:00", "2026-07-22T10:00:00+01:00"),
        ("wed", "2026-07-22T00:00:00+01:00"),
        # steps: days and weeks on the wall clock, hours and minutes exact
        ("+3d", "2026-07-18T10:30:20+01:00"),
        ("-1d", "2026-07-14T10:30:20+01:00"),
        ("+2w", "2026-07-29T10:30:20+01:00"),
        ("+20 w", "2026-12-02T10:30:20+00:00"),
        ("+90min", "2026-07-15T12:00:20+01:00"),
        ("+30m", "2026-07-15T11:00:20+01:00"),
        ("-12h", "2026-07-14T22:30:20+01:00"),
        ("+0h", "2026-07-15T10:30:20+01:00"),
    ],
)
def test_grammar(text: str, expected: str) -> None:
    assert when(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+1d", "2026-03-29T12:00:00+01:00"),
        ("+24h", "2026-03-29T13:00:00+01:00"),
        ("tomorrow", "2026-03-29T00:00:00+00:00"),
        ("tomorrow 2:00", "2026-03-29T02:00:00+01:00"),
    ],
)
def test_a_day_is_not_24_hours(text: str, expected: str) -> None:
    assert when(text, datetime(2026, 3, 28, 12, tzinfo=UTC)) == expected


def test_steps_of_days_land_where_a_handoff_would() -> None:
    assert when("+1d", datetime(2026, 3, 28, 1, 30, tzinfo=UTC)) == "2026-03-29T02:30:00+01:00"
    assert when("+1d", datetime(2026, 10, 24, 0, 30, tzinfo=UTC)) == "2026-10-25T01:30:00+01:00"


def test_a_day_whose_midnight_does_not_exist_begins_after_the_gap() -> None:
    zone, now = ZoneInfo("America/Sao_Paulo"), datetime(2018, 11, 3, 12, tzinfo=UTC)
    begins = datetime(2018, 11, 4, 3, tzinfo=UTC)
    for text in ("2018-11-04", "20181104", "tomorrow", "sunday"):
        assert parse_when(text, now, zone) == begins
    with pytest.raises(UsageError, match="does not exist"):
        parse_when("tomorrow 0:00", now, zone)


@pytest.mark.parametrize(
    ("text", "now", "readings"),
    [
        ("2026-03-29T01:30", NOW, ("2026-03-29T00:30:00+00:00", "2026-03-29T02:30:00+01:00")),
        ("2026-10-25 01:30", NOW, ("2026-10-25T01:30:00+01:00", "2026-10-25T01:30:00+00:00")),
        (
            "tomorrow 1:30",
            datetime(2026, 3, 28, 12, tzinfo=UTC),
            ("2026-03-29T00:30:00+00:00", "2026-03-29T02:30:00+01:00"),
        ),
        (
            "sunday 01:00",
            datetime(2026, 10, 21, 12, tzinfo=UTC),
            ("2026-10-25T01:00:00+01:00", "2026-10-25T01:00:00+00:00"),
        ),
        (
            "1:59",
            datetime(2026, 10, 25, 0, 10, tzinfo=UTC),
            ("2026-10-25T01:59:00+01:00", "2026-10-25T01:59:00+00:00"),
        ),
    ],
)
def test_none_or_two_are_refused_with_both_readings(
    text: str, now: datetime, readings: tuple[str, str]
) -> None:
    with pytest.raises(UsageError) as caught:
        when(text, now)
    (problem,) = caught.value.problems
    assert "write {} or {}".format(*readings) in problem.what
    assert caught.value.status == Exit.USAGE
    for reading in readings:  # and each of them is accepted
        assert when(reading, now) == reading


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "soon",
        "next",
        "next friday",
        "24.12.2026",
        "12/24/2026",
        "2026-13-01",
        "2026-02-30",
        "2026-12-24T25:00",
        "2026-12-24T09:60",
        "25:00",
        "9",
        "9am",
        "tomorrow 9",
        "tomorrow 24:01",
        "tomorrow 9:00 9:00",
        "friday9:00",
        "now 9:00",
        "+3",
        "+d",
        "3d",
        "+3y",
        "+1.5h",
        "++3d",
        "+999999w",
        "-999999d",
        "0001-01-01",
        "9999-12-31",
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00+14:00",
        "tomorrow\x009:00",
        "٢٠٢٦-١٢-٢٤",
        "+٣d",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        when(text)
    (problem,) = caught.value.problems
    assert problem.what == f"{text!r} is not a point in time"
    assert problem.hint


def test_next_friday_means_two_days_to_two_people() -> None:
    with pytest.raises(UsageError, match="write 'friday 09:00' for the next one, or a date"):
        when("next friday 09:00")


@settings(derandomize=True, deadline=None, database=None, max_examples=300)
@given(
    st.one_of(
        st.text(max_size=30),
        st.from_regex(r"[+-]?[0-9a-z:. T+-]{1,24}\Z", fullmatch=True),
        st.from_regex(r"(now|today|mon|friday|2026-0[0-9]-[0-3][0-9])[ T]?[0-9:]{0,5}\Z"),
    )
)
def test_nothing_but_usage_errors(text: str) -> None:
    try:
        instant = parse_when(text, NOW, LONDON)
    except UsageError:
        return
    assert instant.tzinfo is UTC


@settings(derandomize=True, deadline=None, database=None, max_examples=100)
@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)))  # noqa: DTZ001
def test_what_we_print_can_be_typed(naive: datetime) -> None:
    instant = naive.replace(tzinfo=UTC)
    assert parse_when(instant.astimezone(LONDON).isoformat(), NOW, LONDON) == instant


@pytest.mark.parametrize(
    "text",
    [
        *("now", "+3d", "-1w", "+2h", "14:00", "2026-12-24T09:00", "2026-12-24 9:00"),
        *("tomorrow 9:00", "friday 09:00", "2026-12-24T00:00", "2026-12-24T09:00+00:00"),
    ],
)
def test_an_instant_is_no_stretch_of_time(text: str) -> None:
    at = parse_when(text, NOW, LONDON)
    assert parse_span(text, NOW, LONDON) == (at, at)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        *(("2026-12-24", 24), (" 2026-12-24 ", 24), ("today", 15), ("Tomorrow", 16)),
        *(("yesterday", 14), ("friday", 17), ("wed", 22), ("2026-10-25", 25)),
    ],
)
def test_a_day_is_meant_from_midnight_to_midnight(text: str, day: int) -> None:
    """Also the one that the clock makes an hour longer."""
    start, end = (at.astimezone(LONDON) for at in parse_span(text, NOW, LONDON))
    assert (start.day, end.day) == (day, day + 1)
    assert {at.time() for at in (start, end)} == {time()}
