"""What is written for whom, without absences and overrides, and who is too tired to step in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from rotation.clock.days import joined
from rotation.model import Limits
from rotation.schedule.shift import DutyId, Places
from rotation.schedule.strain import reach, strained

_WEEK = timedelta(weeks=1)
_FIRST = datetime(1, 1, 1, tzinfo=UTC)


class Plan(Protocol):
    """What a schedule tells here."""

    def places(self, start: datetime, end: datetime) -> Iterator[Places]:
        """Who serves which duty in a stretch of time, in pieces that tile it."""

    def extent(self, duty: DutyId) -> tuple[datetime, datetime]:
        """An interval that holds all of a duty."""


class Written:
    """The duties of a role as they are written (`plan`), looked at a week at a time, each once."""

    def __init__(self, plan: Plan, limits: Limits, zone: ZoneInfo) -> None:
        self._plan, self._limits, self._zone = plan, limits, zone
        self._weeks: dict[int, list[Places]] = {}
        self._tired: dict[tuple[DutyId, str], bool] = {}

    def tired(self, duty: DutyId, person: str) -> bool:
        """Whether somebody who steps in for the whole of a duty would have too little rest, or too
        many weekends in a row, beside what is written for them."""
        asked = duty, person
        if asked not in self._tired:
            start, end = self._plan.extent(duty)
            around = self._around(start - reach(self._limits), end + reach(self._limits))
            own = [(p.start, p.end) for p in around if person in p.duties]
            more = [(p.start, p.end) for p in around if duty in p.duties.values()]
            why = strained(joined(own), joined((*own, *more)), self._limits, self._zone)
            self._tired[asked] = why is not None
        return self._tired[asked]

    def _around(self, start: datetime, end: datetime) -> list[Places]:
        first, last = (start - _FIRST) // _WEEK, (end - _FIRST) // _WEEK
        for week in range(first, last + 1):
            if week not in self._weeks:
                begin = _FIRST + week * _WEEK
                self._weeks[week] = list(self._plan.places(begin, begin + _WEEK))
        return [piece for week in range(first, last + 1) for piece in self._weeks[week]]
