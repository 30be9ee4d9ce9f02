"""The turns of a stretch of time: those that somebody meets who walks through it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rotation.schedule.turns import Block, blocks
from tests.schedule.timelines import WEEKLY, instant, load

HOUR = timedelta(hours=1)
ROSTERS = {
    every: load(WEEKLY.replace('"1 week"', f'"{every}"'))
    for every in ("1 week", "2 weeks", "3 days", "36 hours", "1 month")
}


def walked(block: Block, start: datetime, end: datetime) -> set[int]:
    """Whose turn it is at the start and after each handoff before the end."""
    numbers: set[int] = set()
    at: datetime | None = start
    while at is not None and at < end:
        numbers.update(block.active(at))
        at = block.after(at)
    return numbers


@pytest.mark.parametrize("every", ROSTERS)
@given(st.integers(-100, 3000), st.integers(-50, 2000))
@example(0, 0)
@example(168, 168)
@example(300, -1)
@example(-10, 10)
def test_they_are_those_that_are_met_on_the_way(every: str, begin: int, hours: int) -> None:
    roster = ROSTERS[every]
    (block,) = blocks(roster.rotations, roster.zone)
    start = instant(roster, "2026-01-05T09:00") + begin * HOUR
    end = start + hours * HOUR
    assert set(block.turns_between(start, end)) == walked(block, start, end)
