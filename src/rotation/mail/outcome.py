"""What became of a target, for those who make one true."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from rotation.errors import ApplyError, Problem, Where

Members = tuple[str, ...]


class Done(NamedTuple):
    """What became of a target. `before`: what it held; nothing where it was absent, None where it
    was no plain list."""

    before: Members | None
    changed: bool


def problems_of(error: Exception, place: str) -> tuple[Problem, ...]:
    """What went wrong at one target, whatever it was: it stops no other. `place` is where that
    target is."""
    match error:
        case ApplyError():
            return error.problems
        case OSError():
            where = os.fsdecode(error.filename) if error.filename else place
            what, hint = (error.strerror or str(error)).lower(), "look at the disk"
            return (Problem(what, Where(where), hint),)
        case MemoryError():
            return (Problem("not enough memory", Where(place), "give it more: see `ulimit -v`"),)
        case _:
            what = f"a fault of rotation's own: {type(error).__name__}: {error}"
            return (Problem(what, Where(place), "please report it, with what this target holds"),)


@contextmanager
def taken_back(error: Exception, place: str) -> Iterator[None]:
    """Take a change back because of `error`. Raises ApplyError with both where that fails too."""
    try:
        yield
    except Exception as again:
        failed = problems_of(again, place)
        what = f"{place} may hold the new addresses still: taking them back failed"
        hint = "the next run looks at it again"
        raise ApplyError(
            [*problems_of(error, place), *failed, Problem(what, Where(place), hint)]
        ) from None


def same(before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether two lists of addresses are one: their order means nothing."""
    return sorted(before) == sorted(after)
