"""Stretches of time: joined, measured, and what two lists of them have in common."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from rotation.clock.days import Stretch, common, joined, length

FIRST = datetime(2026, 3, 28, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)
STRETCHES = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 12)).map(
        lambda drawn: (FIRST + drawn[0] * HOUR, FIRST + (drawn[0] + drawn[1]) * HOUR)
    ),
    max_size=8,
)


def covered(stretches: list[Stretch]) -> set[int]:
    """The hours that some stretch holds."""
    return {
        hour
        for start, end in stretches
        for hour in range((start - FIRST) // HOUR, (end - FIRST) // HOUR)
    }


@given(STRETCHES)
def test_joined_stretches_hold_the_same_and_keep_apart(stretches: list[Stretch]) -> None:
    merged = joined(stretches)
    assert covered(merged) == covered(stretches)
    assert all(before[1] < after[0] for before, after in pairwise(merged))
    assert length(merged) == len(covered(stretches)) * HOUR


@given(STRETCHES, STRETCHES)
def test_what_two_lists_have_in_common(left: list[Stretch], right: list[Stretch]) -> None:
    mine, theirs = joined(left), joined(right)
    shared = covered(mine) & covered(theirs)
    touched = sum(bool(shared & covered([stretch])) for stretch in theirs)
    assert common(mine, theirs) == (len(shared) * HOUR, touched)
