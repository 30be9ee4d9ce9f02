"""Local times to instants, where clocks jump."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rotation.clock.local import NotATime, add_months, midnight, resolve, resolve_strict, to_local

ZONES = [
    "UTC",
    "Europe/London",
    "America/Chicago",
    "America/Sao_Paulo",
    "America/Havana",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "Pacific/Apia",
]
profile = settings(derandomize=True, deadline=None, database=None, max_examples=300)


@pytest.mark.parametrize(
    ("zone", "local", "first", "last"),
    [
        ("UTC", "2026-01-05T09:00", "2026-01-05T09:00Z", "2026-01-05T09:00Z"),
        ("Asia/Kathmandu", "2026-01-05T05:45", "2026-01-05T00:00Z", "2026-01-05T00:00Z"),
        # does not exist: moved forward by the gap
        ("Europe/London", "2026-03-29T01:00", "2026-03-29T01:00Z", "2026-03-29T01:00Z"),
        ("Europe/London", "2026-03-29T01:30", "2026-03-29T01:30Z", "2026-03-29T01:30Z"),
        ("Europe/London", "2026-03-29T02:00", "2026-03-29T01:00Z", "2026-03-29T01:00Z"),
        ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:45Z", "2026-10-03T15:45Z"),
        ("America/Sao_Paulo", "2018-11-04T00:00", "2018-11-04T03:00Z", "2018-11-04T03:00Z"),
        ("Pacific/Apia", "2011-12-30T09:00", "2011-12-30T19:00Z", "2011-12-30T19:00Z"),
        # exists twice
        ("Europe/London", "2026-10-25T00:59", "2026-10-24T23:59Z", "2026-10-24T23:59Z"),
        ("Europe/London", "2026-10-25T01:00", "2026-10-25T00:00Z", "2026-10-25T01:00Z"),
        ("Europe/London", "2026-10-25T01:59", "2026-10-25T00:59Z", "2026-10-25T01:59Z"),
        ("Europe/London", "2026-10-25T02:00", "2026-10-25T02:00Z", "2026-10-25T02:00Z"),
        ("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45Z", "2026-04-04T15:15Z"),
        ("America/Havana", "2018-11-04T00:30", "2018-11-04T04:30Z", "2018-11-04T05:30Z"),
    ],
)
def test_resolve(zone: str, local: str, first: str, last: str) -> None:
    wall, info = datetime.fromisoformat(local), ZoneInfo(zone)
    assert resolve(wall, info) == datetime.fromisoformat(first)
    assert resolve(wall, info, last=True) == datetime.fromisoformat(last)
    assert resolve(wall, info).tzinfo is UTC


@pytest.mark.parametrize(
    ("zone", "local", "message"),
    [
        (
            "Europe/London",
            "2026-03-29T01:30",
            "2026-03-29 01:30 does not exist (nonexistent local time) in Europe/London: "
            "write 2026-03-29T00:30:00+00:00 or 2026-03-29T02:30:00+01:00",
        ),
        (
            "Europe/London",
            "2026-10-25T01:30",
            "2026-10-25 01:30 exists twice (ambiguous local time) in Europe/London: "
            "write 2026-10-25T01:30:00+01:00 or 2026-10-25T01:30:00+00:00",
        ),
        (
            "Australia/Lord_Howe",
            "2026-10-04T02:15",
            "2026-10-04 02:15 does not exist (nonexistent local time) in Australia/Lord_Howe: "
            "write 2026-10-04T01:45:00+10:30 or 2026-10-04T02:45:00+11:00",
        ),
        (
            "Pacific/Apia",
            "2011-12-30T12:00",
            "2011-12-30 12:00 does not exist (nonexistent local time) in Pacific/Apia: "
            "write 2011-12-29T12:00:00-10:00 or 2011-12-31T12:00:00+14:00",
        ),
    ],
)
def test_a_typed_time_that_is_none_or_two_is_refused(zone: str, local: str, message: str) -> None:
    with pytest.raises(NotATime) as caught:
        resolve_strict(datetime.fromisoformat(local), ZoneInfo(zone))
    assert str(caught.value) == message


@profile
@given(
    st.sampled_from(ZONES),
    st.datetimes(datetime(2005, 1, 1), datetime(2035, 1, 1)),  # noqa: DTZ001
)
def test_every_instant_is_found_again(zone: str, naive: datetime) -> None:
    info, instant = ZoneInfo(zone), naive.replace(tzinfo=UTC)
    local = to_local(instant, info)
    assert local.tzinfo is None
    assert local.fold == 0
    assert instant in (resolve(local, info), resolve(local, info, last=True))
    assert resolve(local, info) <= instant <= resolve(local, info, last=True)


@profile
@given(st.sampled_from(ZONES), st.integers(0, 60 * 24 * 365))
def test_strict_agrees_where_it_answers(zone: str, minutes: int) -> None:
    info, local = ZoneInfo(zone), midnight(date(2026, 1, 1)) + timedelta(minutes=minutes)
    try:
        strict = resolve_strict(local, info)
    except NotATime:
        shown = {to_local(resolve(local, info, last=last), info) for last in (False, True)}
        twice = resolve(local, info) != resolve(local, info, last=True)
        assert twice or shown != {local}
    else:
        assert strict == resolve(local, info) == resolve(local, info, last=True)
        assert to_local(strict, info) == local


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-01-30", 0, "2026-01-30"),
        ("2026-01-30", 1, "2026-02-28"),
        ("2026-01-30", 2, "2026-03-30"),
        ("2027-12-31", 2, "2028-02-29"),
        ("2026-12-31", 1, "2027-01-31"),
        ("2026-01-31", -2, "2025-11-30"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
    ],
)
def test_months_are_clamped(start: str, months: int, end: str) -> None:
    local = datetime.fromisoformat(f"{start}T09:30")
    assert add_months(local, months) == datetime.fromisoformat(f"{end}T09:30")


def test_midnight() -> None:
    assert midnight(date(2026, 1, 31)).isoformat() == "2026-01-31T00:00:00"
    assert midnight(date(2026, 1, 31), 570).isoformat() == "2026-01-31T09:30:00"
    assert midnight(date(2026, 1, 31), 1440).isoformat() == "2026-02-01T00:00:00"
