"""Handoffs on the wall clock's grid: turn by turn from the first one on, in closed form."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from rotation.clock.local import DAY, add_months, resolve, to_local
from rotation.model import Every, Unit

_STEP = {Unit.HOUR: timedelta(hours=1), Unit.DAY: DAY, Unit.WEEK: 7 * DAY}
_KEPT = 1_024
"""Answers are kept: the same few handoffs are asked for again and again, and many rosters have the
same ones."""


class Grid:
    """The handoffs of turns that begin `every` so often in `zone`, the first (turn 0) at `handoff`
    of the local day `start`: the instant `begin`."""

    def __init__(self, start: date, handoff: time, every: Every, zone: ZoneInfo) -> None:
        self._first = datetime.combine(start, handoff)
        self._zone = zone
        self._every = every
        self._step = every.count * _STEP.get(every.unit, DAY)  # months have none
        self.begin = resolve(self._first, zone)
        self.handoff = lru_cache(_KEPT)(self._handoff)
        self.turn_at = lru_cache(_KEPT)(self._turn_at)

    def local(self, turn: int) -> datetime:
        """Where turn number `turn` begins on the wall clock (naive local time)."""
        if self._every.unit is Unit.MONTH:
            return add_months(self._first, turn * self._every.count)
        return self._first + turn * self._step

    def _handoff(self, turn: int) -> datetime:
        """The instant at which turn number `turn` begins.

        Where the zone skips hours, several turns of hours fall into the gap and are moved to
        instants that later turns have too: the earliest of those counts, so that the order of
        turns is never reversed. Such a turn has no length.
        """
        local = self.local(turn)
        instant = resolve(local, self._zone)
        if self._every.unit is Unit.HOUR and to_local(instant, self._zone) != local:
            ahead = 24 // self._every.count + 1
            later = (resolve(self.local(turn + n), self._zone) for n in range(1, ahead + 1))
            instant = min(instant, *later)
        return instant

    def _turn_at(self, at: datetime) -> int:
        """The number of the turn that `at` lies in; at a handoff the incoming one."""
        local = to_local(at, self._zone)
        if self._every.unit is Unit.MONTH:
            months = (local.year - self._first.year) * 12 + local.month - self._first.month
            turn = months // self._every.count
        else:
            turn = (local - self._first) // self._step
        while self.handoff(turn) > at:
            turn -= 1
        while self.handoff(turn + 1) <= at:
            turn += 1
        return turn


grid = lru_cache(_KEPT)(Grid)
"""The grid of these parameters, made once."""
