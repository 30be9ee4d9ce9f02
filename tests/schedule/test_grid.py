"""Handoffs that are kept are those that are worked out anew, whatever is asked in which order."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from rotation.model import Every, Unit
from rotation.schedule.grid import Grid, grid

ZONES = st.sampled_from(
    ["UTC", "Europe/London", "America/Chicago", "Australia/Lord_Howe", "Pacific/Apia"]
).map(ZoneInfo)
EVERY = st.builds(Every, st.integers(1, 30), st.sampled_from(Unit))


@given(
    start=st.dates(date(2010, 1, 1), date(2013, 1, 1)),
    handoff=st.times(),
    every=EVERY,
    zone=ZONES,
    asked=st.lists(st.integers(-500, 30_000), min_size=1, max_size=20),
)
def test_what_is_kept_is_what_is_worked_out(
    start: date, handoff: time, every: Every, zone: ZoneInfo, asked: list[int]
) -> None:
    kept = grid(start, handoff.replace(microsecond=0), every, zone)
    for hours in asked:
        at = datetime(2011, 12, 29, tzinfo=UTC) + timedelta(hours=hours)
        anew = Grid(start, handoff.replace(microsecond=0), every, zone)
        turn = anew.turn_at(at)
        assert kept.turn_at(at) == turn
        assert kept.handoff(turn) == anew.handoff(turn) <= at < anew.handoff(turn + 1)


def test_equal_rotations_have_one_grid() -> None:
    zone = ZoneInfo("Europe/London")
    first, second = (grid(date(2026, 1, 5), time(9), Every(1, Unit.WEEK), zone) for _ in range(2))
    assert first is second
    assert first is not grid(date(2026, 1, 5), time(9), Every(1, Unit.WEEK), ZoneInfo("UTC"))
