"""Too little rest between two duties, and too many weekends in a row."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from rotation.clock.days import Stretch, weekends
from rotation.model import Limits


def short_rests(duties: Iterable[Stretch], rest: timedelta) -> list[Stretch]:
    """The pauses between unbroken duties (in order, none adjoining) shorter than `rest`."""
    pauses = ((before[1], after[0]) for before, after in pairwise(duties))
    return [(start, end) for start, end in pauses if end - start < rest]


def long_runs(duties: list[Stretch], most: int, zone: ZoneInfo) -> list[Stretch]:
    """The runs of more than `most` weekends in a row on which there is duty, each from the start of
    its first weekend to the end of its last one."""
    if not duties:
        return []
    touched: list[list[Stretch]] = [[]]
    for start, end in weekends(duties[0][0], duties[-1][1], zone):
        if any(s < end and start < e for s, e in duties):
            touched[-1].append((start, end))
        elif touched[-1]:
            touched.append([])
    return [(run[0][0], run[-1][1]) for run in touched if len(run) > most]


def strained(
    duties: list[Stretch], more: list[Stretch], limits: Limits, zone: ZoneInfo
) -> tuple[str, Stretch] | None:
    """Why somebody with these unbroken duties should not have others, and when: `more`, with those
    in order, is what they would have then. None: nothing that was not so already."""
    if limits.rest is not None:
        before = short_rests(duties, limits.rest)
        for pause in short_rests(more, limits.rest):
            if pause not in before:
                return f"less than {hours(limits.rest)} of rest", pause
    if limits.weekends is not None:
        had = long_runs(duties, limits.weekends, zone)
        for run in long_runs(more, limits.weekends, zone):
            if run not in had:
                many = "s" * (limits.weekends > 1)
                return f"more than {limits.weekends} weekend{many} in a row", run
    return None


def reach(limits: Limits) -> timedelta:
    """How far around a duty others can be that these limits are about."""
    weeks = timedelta(weeks=2 + (limits.weekends or 0))
    return max(limits.rest or timedelta(0), weeks)


def hours(time: timedelta) -> str:
    """A length of time in hours."""
    number = f"{time / timedelta(hours=1):.1f}".removesuffix(".0")
    return f"{number} hour{'' if number == '1' else 's'}"
