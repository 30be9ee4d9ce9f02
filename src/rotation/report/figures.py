"""Everybody's figures over a span of the final schedule: pure, exact, in elapsed time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from rotation.clock.days import NIGHT, Stretch, common, joined, length, nights, weekends, whole_days
from rotation.dataclasses import dataclass
from rotation.model import Window
from rotation.report.fairness import Score, fair_times, score
from rotation.schedule.loaded import Loaded
from rotation.schedule.shift import Shift

_ZERO = timedelta(0)


@dataclass(frozen=True, slots=True)
class Part:
    """How much of somebody's duty is of a kind, and how many nights, weekends, days it touches."""

    time: timedelta
    count: int


@dataclass(frozen=True, slots=True)
class Figures:
    """The duty of one person in a span. `holiday` is None where nobody knows the holidays."""

    time: timedelta
    night: Part
    weekend: Part
    holiday: Part | None
    duties: int
    longest: timedelta


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One person's figures; `share` is of all duty, `fair` what it would be if shared evenly."""

    person: str
    figures: Figures
    share: float | None
    fair: float | None


@dataclass(frozen=True, slots=True)
class RoleTable:
    """The figures of a role from `start` to `end` (instants), or of all roles together (None).

    `covered` is how long somebody was on duty.
    """

    role: str | None
    start: datetime
    end: datetime
    covered: timedelta
    lines: tuple[PersonLine, ...]
    score: Score | None


def report(
    loaded: Loaded,
    roles: Iterable[str],
    start: datetime,
    end: datetime,
    *,
    night: Window = NIGHT,
    holidays: Iterable[date] | None = None,
) -> list[RoleTable]:
    """A table for each of the roles, and with several one for all together, overlaps counted once.

    `holidays` are local days. Everybody with duty, or with a fair share of it, has a line.
    """
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    zone = loaded.roster.zone
    kinds = (
        nights(start, end, zone, night),
        weekends(start, end, zone),
        None if holidays is None else whole_days(holidays, start, end, zone),
    )
    tables, everything = [], list[Shift]()
    for role in roles:
        shifts = loaded.known_schedule(role).between(start, end)
        everything += shifts
        fair = fair_times(loaded, role, start, end)
        tables.append(_table(loaded, role, (start, end), shifts, fair, kinds))
    if len(tables) > 1:
        tables.append(_table(loaded, None, (start, end), everything, None, kinds))
    return tables


_Kinds = tuple[list[Stretch], list[Stretch], list[Stretch] | None]


def _table(
    loaded: Loaded,
    role: str | None,
    span: Stretch,
    shifts: list[Shift],
    fair: dict[str, timedelta] | None,
    kinds: _Kinds,
) -> RoleTable:
    served = {key: own for key in loaded.roster.people if (own := stretches(shifts, key))}
    times = {key: length(own) for key, own in served.items()}
    everybody = sum(times.values(), _ZERO)
    due = sum(fair.values(), _ZERO) if fair else _ZERO
    lines = []
    for key in loaded.roster.people:
        part = fair.get(key, _ZERO) if fair else _ZERO
        if key in served or part:
            own = served.get(key, [])
            share = length(own) / everybody if everybody else None
            lines.append(PersonLine(key, _figures(own, kinds), share, part / due if due else None))
    covered = length(_joined((s.start, s.end) for s in shifts if s.people))
    rated = None if fair is None else score(times, fair, covered, span[1] - span[0])
    return RoleTable(role, *span, covered, tuple(lines), rated)


def stretches(shifts: Iterable[Shift], person: str) -> list[Stretch]:
    """The unbroken stretches of somebody's duty in the shifts, in order; overlaps are one."""
    return _joined((shift.start, shift.end) for shift in shifts if person in shift.people)


def _joined(spans: Iterable[tuple[datetime | None, datetime | None]]) -> list[Stretch]:
    return joined((start, end) for start, end in spans if start is not None and end is not None)


def _figures(own: list[Stretch], kinds: _Kinds) -> Figures:
    night, weekend, holiday = kinds
    return Figures(
        time=length(own),
        night=Part(*common(own, night)),
        weekend=Part(*common(own, weekend)),
        holiday=None if holiday is None else Part(*common(own, holiday)),
        duties=len(own),
        longest=max((end - start for start, end in own), default=_ZERO),
    )
