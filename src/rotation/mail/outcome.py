"""What became of a target, for those who make one true."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

Members = tuple[str, ...]


class Done(NamedTuple):
    """What became of a target. `before`: what it held; nothing where it was absent, None where it
    was no plain list."""

    before: Members | None
    changed: bool


def same(before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether two lists of addresses are one: their order means nothing."""
    return sorted(before) == sorted(after)
