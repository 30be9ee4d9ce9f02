"""To whom a turn passes: the others in order, from the next turn on."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rotation.schedule.instant import successors

TURNS = st.lists(
    st.lists(st.sampled_from("abcde"), max_size=3, unique=True).map(tuple), min_size=1, max_size=6
).map(tuple)


@given(TURNS, st.integers(-20, 20))
def test_they_are_those_that_are_met_on_a_round(
    turns: tuple[tuple[str, ...], ...], turn: int
) -> None:
    met: list[str] = []
    for step in range(1, len(turns) + 1):
        met += [key for key in turns[(turn + step) % len(turns)] if key not in met]
    assert list(successors(turns, turn)) == met
