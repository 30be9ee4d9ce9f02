"""From when on a schedule repeats itself: where nobody has been on duty until then, nobody is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from rotation.model import EVER, NEVER, FixedShift, Roster, Unit
from rotation.schedule.turns import blocks

_YEARS = timedelta(days=3 * 366)
"""Public holidays and months are not alike in every year."""


def settled(roster: Roster, extra: Iterable[FixedShift], known: Iterable[datetime]) -> datetime:
    """An instant by which all that is dated is over, with shifts from calendars and `known`
    instants, and by which every turn has met every hour of the week and the year around it.

    From then on the roster says again and again what it has said already. NEVER where that is
    beyond all dates.
    """
    bounds = list(known)
    weeks = 0
    for shift in (*roster.shifts, *extra):
        bounds += (shift.start, shift.end)
    for override in roster.overrides:
        bounds += (override.start, override.end)
    for absence in roster.absences:
        bounds += (absence.start, absence.end)
    for block in blocks(roster.rotations, roster.zone):
        bounds += (block.begin, block.end)
        rotation = block.rotation
        months = rotation.every.unit is Unit.MONTH
        weeks = max(weeks, len(rotation.turns) * rotation.every.count * (5 if months else 1))
    last = max((bound for bound in bounds if EVER < bound < NEVER), default=EVER)
    try:
        return last + timedelta(weeks=weeks) + _YEARS
    except OverflowError:
        return NEVER
