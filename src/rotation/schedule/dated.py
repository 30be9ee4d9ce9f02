"""Which of many dated spans an instant lies in, without a look at all of them each time."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from rotation.model import EVER, NEVER

_FAR = 8
"""A step over one bound costs as much as a look at about so many spans."""


class Dated:
    """Numbered spans `[start, end)`. Whoever asks of one instant after the other sweeps over the
    sorted bounds; only a leap looks at every span."""

    def __init__(self, spans: Iterable[tuple[datetime, datetime]]) -> None:
        self._spans = [(_utc(start), _utc(end)) for start, end in spans]
        self.bounds: list[datetime] = []
        """All starts and ends (UTC), sorted, but for what begins ever or ends never."""
        self._edges: list[datetime] = []
        self._changes: list[tuple[Sequence[int], Sequence[int]]] = []
        self._index = 0  # so many edges lie behind the instant of the last answer
        self._numbers: list[int] = []
        self._answer: tuple[int, ...] = ()
        if not self._spans:  # most rosters have nothing dated
            return
        starts: dict[datetime, list[int]] = {}
        ends: dict[datetime, list[int]] = {}
        for number, (start, end) in enumerate(self._spans):
            if start < end:
                starts.setdefault(start, []).append(number)
                ends.setdefault(end, []).append(number)
        self._edges = sorted({*starts, *ends})
        self.bounds = sorted({bound for span in self._spans for bound in span} - {EVER, NEVER})
        self._changes = [(starts.get(at, ()), ends.get(at, ())) for at in self._edges]

    def after(self, at: datetime) -> datetime | None:
        """The first bound after an instant."""
        index = bisect_right(self.bounds, at)
        return self.bounds[index] if index < len(self.bounds) else None

    def before(self, at: datetime) -> datetime | None:
        """The last bound that is not after an instant."""
        index = bisect_right(self.bounds, at)
        return self.bounds[index - 1] if index else None

    def meeting(self, start: datetime, end: datetime) -> list[int]:
        """The numbers of the spans that have a part in `[start, end)`, ascending."""
        first, last = bisect_right(self._edges, start), bisect_left(self._edges, end)
        later = (n for starting, _ in self._changes[first:last] for n in starting)
        return sorted({*self.at(start), *later}) if start < end else []

    def at(self, at: datetime) -> tuple[int, ...]:
        """The numbers of the spans in which an instant lies, ascending."""
        index = bisect_right(self._edges, at) if self._edges else 0
        if index == self._index:
            return self._answer
        if abs(index - self._index) * _FAR > len(self._spans):
            self._numbers = [n for n, (start, end) in enumerate(self._spans) if start <= at < end]
        else:
            self._sweep(index)
        self._index, self._answer = index, tuple(self._numbers)
        return self._answer

    def _sweep(self, index: int) -> None:
        """Over the edges between the last answer and the first `index` ones."""
        forth = index > self._index
        passed = self._changes[self._index : index] if forth else self._changes[index : self._index]
        for starting, ending in passed if forth else reversed(passed):
            for number in ending if forth else starting:
                self._numbers.remove(number)
            for number in starting if forth else ending:
                insort(self._numbers, number)


def _utc(instant: datetime) -> datetime:
    return instant if instant.tzinfo is UTC else instant.astimezone(UTC)
