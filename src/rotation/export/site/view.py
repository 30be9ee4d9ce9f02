"""What a page shows of a role: who is on duty, the next handoffs, bars over weeks and months."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from rotation.clock.local import DAY, add_months, resolve
from rotation.dataclasses import dataclass, replace
from rotation.export.ledger import RevisedEvent
from rotation.model import Roster
from rotation.schedule.final import Schedule
from rotation.schedule.loaded import Loaded
from rotation.schedule.shift import Shift

Span = tuple[datetime, datetime]

HANDOFFS = 8
"""How many handoffs are shown, of all roles; but FEWEST of each."""
FEWEST = 3
AHEAD = 92 * DAY
"""How far ahead handoffs are looked for."""


@dataclass(frozen=True, slots=True)
class Now:
    """One role of a roster at an instant: the shift, and the next one with anybody on duty.

    `instead_of`, `then_for`: for whom somebody came, now and in the next shift.
    """

    roster: Roster
    role: str
    shift: Shift
    following: Shift | None
    instead_of: tuple[str, ...]
    then_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Handoff:
    """The instant at which other people come on duty; no people: nobody is."""

    roster: Roster
    role: str
    at: datetime
    out: tuple[str, ...]
    in_: tuple[str, ...]
    instead_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stretch:
    """People on duty from `start` to `end`, and for whom they came."""

    start: datetime
    end: datetime
    people: tuple[str, ...]
    instead_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """What so many columns of a row show; no people: nobody is on duty, or, where it is not
    `known`, outside of what was exported."""

    columns: int
    people: tuple[str, ...]
    instead_of: tuple[str, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    known: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """A week by hours, or a month by days, that begins on the local day `first`."""

    first: date
    current: bool
    bars: tuple[Bar, ...]


def now(loaded: Loaded, role: str, entries: Iterable[RevisedEvent], at: datetime) -> Now:
    """Who is on duty for a role at the instant `at`; `entries` are the roster's."""
    schedule = loaded.known_schedule(role)
    shift = schedule.at(at)
    following = schedule.following(shift)
    begin = at if following is None or following.start is None else following.start
    listed = list(entries)
    return Now(
        loaded.roster,
        role,
        shift,
        following,
        instead_of(listed, role, at),
        instead_of(listed, role, begin) if begin > at else (),
    )


def handoffs(
    loaded: Loaded,
    role: str,
    entries: Sequence[RevisedEvent],
    at: datetime,
    count: int = HANDOFFS,
) -> list[Handoff]:
    """The next handoffs of a role, by time, `count` at most; `entries` are the roster's."""
    coming: list[Handoff] = []
    for before, after in pairwise(_shifts(loaded.known_schedule(role), at)):
        if after.start is None or after.start >= at + AHEAD or len(coming) == count:
            break
        if set(before.people) != set(after.people):
            whose = instead_of(entries, role, after.start)
            coming.append(
                Handoff(loaded.roster, role, after.start, before.people, after.people, whose)
            )
    return coming


def _shifts(schedule: Schedule, at: datetime) -> Iterator[Shift]:
    """The shifts and gaps from the instant `at` on."""
    shift = schedule.at(at)
    yield shift
    while shift.end is not None:
        shift = schedule.at(shift.end)
        yield shift


def instead_of(entries: Iterable[RevisedEvent], role: str, at: datetime) -> tuple[str, ...]:
    """For whom those came who are on duty for a role at an instant."""
    for entry in entries:
        event = entry.event
        if event.role == role and event.start <= at < event.end:
            return event.instead_of
    return ()


def stretches(entries: Iterable[RevisedEvent], role: str) -> list[Stretch]:
    """The final schedule of a role, by start."""
    return [
        Stretch(event.start, event.end, event.people, event.instead_of)
        for entry in entries
        if (event := entry.event).role == role
    ]


def lane(loaded: Loaded, role: str, name: str, span: Span) -> list[Stretch]:
    """What one rotation alone would have, without absences, overrides and other rotations."""
    alone = replace(
        loaded.roster,
        rotations=tuple(r for r in loaded.roster.rotations if r.name == name and r.role == role),
        shifts=(),
        overrides=(),
        absences=(),
    )
    shifts = [] if alone.rotations[0].calendar is None else loaded.shifts
    mine = [shift for shift in shifts if shift.role == role and shift.source == f"rotation {name}"]
    return [
        Stretch(shift.start, shift.end, shift.people)
        for shift in Schedule(alone, role, tuple(mine)).between(*span)
        if shift.people and shift.start is not None and shift.end is not None
    ]


def weeks(
    stretches: Sequence[Stretch], span: Span, zone: ZoneInfo, at: datetime, count: int
) -> list[Row]:
    """The week of the instant `at`, and those after it, from Monday, each of 168 columns.

    `stretches` are those of one role by start, and all that there are in `span`.
    """
    today = at.astimezone(zone).date()
    monday = today - timedelta(today.weekday())
    rows = []
    for number in range(count):
        first = monday + timedelta(7 * number)
        samples = [
            sample for day in range(7) for sample in _samples(first + timedelta(day), zone, 24)
        ]
        rows.append(Row(first, number == 0, _bars(stretches, span, samples)))
    return rows


def year(stretches: Sequence[Stretch], span: Span, zone: ZoneInfo, at: datetime) -> list[Row]:
    """The month of the instant `at`, and eleven after it, a column for each day: who has it at
    noon."""
    today = at.astimezone(zone).date()
    rows = []
    for number in range(12):
        first = add_months(datetime.combine(today.replace(day=1), time()), number).date()
        stop = add_months(datetime.combine(first, time()), 1).date()
        days = [first + timedelta(day) for day in range((stop - first).days)]
        samples = [sample for day in days for sample in _samples(day, zone, 1)]
        rows.append(Row(first, number == 0, _bars(stretches, span, samples)))
    return rows


def _samples(day: date, zone: ZoneInfo, columns: int) -> list[datetime]:
    """The middle of each column of a local day, however long the day is."""
    start, stop = (resolve(datetime.combine(d, time()), zone) for d in (day, day + DAY))
    return [start + (stop - start) * ((column + 0.5) / columns) for column in range(columns)]


def _bars(stretches: Sequence[Stretch], span: Span, samples: Sequence[datetime]) -> tuple[Bar, ...]:
    starts = [stretch.start for stretch in stretches]
    bars: list[Bar] = []
    for sample in samples:
        number = bisect_right(starts, sample) - 1
        here = stretches[number] if number >= 0 and sample < stretches[number].end else None
        bar = Bar(1, (), known=span[0] <= sample < span[1])
        if here is not None:
            bar = Bar(1, here.people, here.instead_of, here.start, here.end)
        last = bars[-1] if bars else None
        if last is not None and replace(last, columns=1, start=bar.start, end=bar.end) == bar:
            bars[-1] = replace(last, columns=last.columns + 1, end=bar.end)
        else:
            bars.append(bar)
    return tuple(bars)
