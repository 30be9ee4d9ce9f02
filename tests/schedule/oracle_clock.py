"""The wall clock as the oracle reads it: at instant after instant."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from tests.schedule.oracle_spec import DAY


@dataclass(frozen=True)
class Stretch:
    """Instants from `begin` to `end` at which the wall clock is `offset` ahead of UTC."""

    begin: datetime
    end: datetime
    offset: timedelta


@cache
def stretches(zone: str, begin: datetime, end: datetime) -> tuple[Stretch, ...]:
    """The wall clock from `begin` to `end`, read every six hours and wherever it jumps."""
    info = ZoneInfo(zone)

    def ahead(at: datetime) -> timedelta:
        return at.astimezone(info).replace(tzinfo=None) - at.replace(tzinfo=None)

    found = []
    opened, now, offset = begin, begin, ahead(begin)
    while now < end:
        then = now + timedelta(hours=6)
        if ahead(then) != offset:
            before, after = now, then
            while after - before > timedelta(seconds=1):
                middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
                before, after = (middle, after) if ahead(middle) == offset else (before, middle)
            found.append(Stretch(opened, after, offset))
            opened, offset = after, ahead(after)
        now = then
    return (*found, Stretch(opened, now, offset))


class WallClock:
    """The wall clock of a zone, exact from `begin` to `end` and a day or so off elsewhere."""

    def __init__(self, zone: str, begin: datetime, end: datetime) -> None:
        # whole years, so that tables are found again
        low, high = datetime(begin.year, 1, 1, tzinfo=UTC), datetime(end.year + 1, 1, 1, tzinfo=UTC)
        self.table = stretches(zone, low - 2 * DAY, high + 2 * DAY)
        self.low = datetime.min.replace(tzinfo=UTC)
        self.high = datetime.max.replace(tzinfo=UTC)

    def readings(self, local: datetime) -> list[datetime]:
        """Every instant at which the wall clock shows `local`."""
        found = []
        for index, stretch in enumerate(self.table):
            at = local.replace(tzinfo=UTC) - stretch.offset
            begin = stretch.begin if index else self.low
            end = stretch.end if index < len(self.table) - 1 else self.high
            if begin <= at < end:
                found.append(at)
        return found

    def first(self, local: datetime) -> datetime:
        """The first such instant; from a skipped stretch the time is moved by its length."""
        return min(self._moved(local))

    def last(self, local: datetime) -> datetime:
        """The last such instant."""
        return max(self._moved(local))

    def local(self, at: datetime) -> datetime:
        """What the wall clock shows."""
        index = bisect_right([stretch.begin for stretch in self.table], at) - 1
        return (at + self.table[max(index, 0)].offset).replace(tzinfo=None)

    def skipped(self) -> list[tuple[datetime, datetime]]:
        """The local times between which the wall clock jumps forward."""
        pairs = pairwise(self.table)
        jumps = [
            ((a.end + a.offset).replace(tzinfo=None), (b.begin + b.offset).replace(tzinfo=None))
            for a, b in pairs
        ]
        return [(left, right) for left, right in jumps if left < right]

    def jumps(self) -> list[datetime]:
        """The instants at which the wall clock jumps."""
        return [stretch.begin for stretch in self.table[1:]]

    def _moved(self, local: datetime) -> list[datetime]:
        found = self.readings(local)
        if not found:
            ((left, right),) = [(a, b) for a, b in self.skipped() if a <= local < b]
            found = self.readings(local + (right - left))
        return found
