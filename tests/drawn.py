"""What hypothesis draws, without a strategy for every choice: to make them takes longer."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


@cache
def whole(least: int, most: int) -> st.SearchStrategy[int]:
    """The numbers from one to another."""
    return st.integers(least, most)


def number(draw: st.DrawFn, least: int, most: int) -> int:
    """One of the numbers from one to another."""
    return draw(whole(least, most))


def pick(draw: st.DrawFn, listed: Sequence[T]) -> T:
    """One of what is listed; what is listed twice comes twice as often."""
    return listed[draw(whole(0, len(listed) - 1))]


def few(draw: st.DrawFn, listed: Sequence[T], least: int, most: int) -> tuple[T, ...]:
    """Some of what is listed, each once."""
    rest = list(listed)
    return tuple(rest.pop(number(draw, 0, len(rest) - 1)) for _ in range(number(draw, least, most)))
