"""What a page shows of a role: who is on duty, the next handoffs, and months by day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import pairwise

from rotation.clock.local import DAY, add_months, resolve
from rotation.export.ledger import RevisedEvent
from rotation.model import Roster
from rotation.schedule.final import Schedule
from rotation.schedule.loaded import Loaded
from rotation.schedule.shift import Shift

HANDOFFS = 8
"""How many handoffs are shown, of all roles; but FEWEST of each."""
FEWEST = 3
AHEAD = 92 * DAY
"""How far ahead handoffs are looked for."""


@dataclass(frozen=True, slots=True)
class Now:
    """One role of a roster at an instant: the shift, and the next one with anybody on duty.

    `instead_of`: for whom somebody came.
    """

    roster: Roster
    role: str
    shift: Shift
    following: Shift | None
    instead_of: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Handoff:
    """The instant at which other people come on duty; no people: nobody is."""

    roster: Roster
    role: str
    at: datetime
    out: tuple[str, ...]
    in_: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DayPart:
    """What of a shift lies in a day. `since` is local, None where it began on a day before."""

    people: tuple[str, ...]
    since: time | None


@dataclass(frozen=True, slots=True)
class Month:
    """A month of one role: `first` is its first day, `days` has the pieces of each."""

    roster: Roster
    role: str
    first: date
    days: tuple[tuple[DayPart, ...], ...]


def now(loaded: Loaded, role: str, entries: Iterable[RevisedEvent], at: datetime) -> Now:
    """Who is on duty for a role at the instant `at`; `entries` are the roster's."""
    schedule = loaded.known_schedule(role)
    shift = schedule.at(at)
    here = [
        entry.event
        for entry in entries
        if entry.event.role == role and entry.event.start <= at < entry.event.end
    ]
    instead_of = here[0].instead_of if here else ()
    return Now(loaded.roster, role, shift, schedule.following(shift), instead_of)


def handoffs(loaded: Loaded, role: str, at: datetime, count: int = HANDOFFS) -> list[Handoff]:
    """The next handoffs of a role, by time, `count` at most."""
    coming: list[Handoff] = []
    for before, after in pairwise(_shifts(loaded.known_schedule(role), at)):
        if after.start is None or after.start >= at + AHEAD or len(coming) == count:
            break
        if set(before.people) != set(after.people):
            coming.append(Handoff(loaded.roster, role, after.start, before.people, after.people))
    return coming


def _shifts(schedule: Schedule, at: datetime) -> Iterator[Shift]:
    """The shifts and gaps from the instant `at` on."""
    shift = schedule.at(at)
    yield shift
    while shift.end is not None:
        shift = schedule.at(shift.end)
        yield shift


def months(loaded: Loaded, role: str, at: datetime, count: int = 2) -> list[Month]:
    """The month of the instant `at`, and those after it, in the roster's zone."""
    today = at.astimezone(loaded.roster.zone).date()
    start = datetime.combine(today.replace(day=1), time())
    return [_month(loaded, role, add_months(start, number).date()) for number in range(count)]


def _month(loaded: Loaded, role: str, first: date) -> Month:
    zone = loaded.roster.zone
    stop = add_months(datetime.combine(first, time()), 1).date()
    days = [first + number * DAY for number in range((stop - first).days)]
    bounds = [resolve(datetime.combine(day, time()), zone) for day in (*days, stop)]
    shifts = _merged(loaded.known_schedule(role).between(bounds[0], bounds[-1]))
    pieces = []
    for begin, end in pairwise(bounds):
        inside = [shift for shift in shifts if shift.start < end and begin < shift.end]
        pieces.append(
            tuple(
                DayPart(
                    shift.people,
                    None if shift.start <= begin else _clock(shift.start.astimezone(zone)),
                )
                for shift in inside
            )
        )
    return Month(loaded.roster, role, first, tuple(pieces))


@dataclass(frozen=True, slots=True)
class _Run:
    start: datetime
    end: datetime
    people: tuple[str, ...]


def _merged(shifts: list[Shift]) -> list[_Run]:
    """Shifts by who is on duty, whatever the reason."""
    runs: list[_Run] = []
    for shift in shifts:
        start, end = shift.start or datetime.min.replace(tzinfo=UTC), shift.end
        if end is None:
            end = datetime.max.replace(tzinfo=UTC)
        if runs and set(runs[-1].people) == set(shift.people):
            runs[-1] = _Run(runs[-1].start, end, runs[-1].people)
        else:
            runs.append(_Run(start, end, shift.people))
    return runs


def _clock(local: datetime) -> time:
    return local.time().replace(second=0, microsecond=0, fold=0)
