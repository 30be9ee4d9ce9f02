"""From when on a schedule repeats itself: where nobody has been on duty until then, nobody is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from math import gcd, lcm

from rotation.model import EVER, NEVER, FixedShift, Roster, Rotation, Unit
from rotation.schedule.turns import blocks

_YEAR = timedelta(days=366)
_SEASONS = 3
"""Years in which months and leap days have met the days of the week that matter."""
_FEASTS = 20
"""Years in which a movable public holiday has been in each month that it can be in."""
_MOST = timedelta(days=100 * 366)


class Settled:
    """When a roster has said all that it ever will: from then on it says the same again and again.

    `extra` are shifts from calendars, `known` other instants at which something begins or ends.
    """

    def __init__(
        self, roster: Roster, extra: Iterable[FixedShift], known: Iterable[datetime]
    ) -> None:
        self._roster, self._extra, self._known = roster, extra, known
        self._last: tuple[datetime, timedelta] | None = None

    def by(self, at: datetime) -> datetime:
        """An instant by which whoever looks from `at` on has seen all that is dated, and all turns
        together at every hour of the week and the year; NEVER where that is beyond all dates.

        Where turns come together again only after centuries, one is enough.
        """
        if self._last is None:
            self._last = self._worked_out()
        dated, span = self._last
        try:
            return max(at, dated) + span
        except OverflowError:
            return NEVER

    def _worked_out(self) -> tuple[datetime, timedelta]:
        """When all that is dated is over (EVER where nothing is), and how long a round takes."""
        roster = self._roster
        bounds = list(self._known)
        for shift in (*roster.shifts, *self._extra):
            bounds += (shift.start, shift.end)
        for override in roster.overrides:
            bounds += (override.start, override.end)
        for absence in roster.absences:
            bounds += (absence.start, absence.end)
        rounds: list[int] = []
        windows = [window for absence in roster.absences for window in absence.hours]
        for block in blocks(roster.rotations, roster.zone):
            bounds += (block.begin, block.end)
            rounds.append(_weeks(block.rotation))
            windows += block.rotation.hours
        last = max((bound for bound in bounds if EVER < bound < NEVER), default=EVER)
        years = _FEASTS if any(window.holiday for window in windows) else _SEASONS
        whole = min(lcm(*rounds), _MOST // timedelta(weeks=1))
        return last, timedelta(weeks=whole) + years * _YEAR


def _weeks(rotation: Rotation) -> int:
    """After so many weeks the same turn is at the same hours of the week again; of months, so many
    in which it has been."""
    length = len(rotation.turns) * rotation.every.count
    match rotation.every.unit:
        case Unit.HOUR:
            return length // gcd(length, 7 * 24)
        case Unit.DAY:
            return length if rotation.counts_windows else length // gcd(length, 7)
        case Unit.WEEK:
            return length
        case Unit.MONTH:
            return length * 5
