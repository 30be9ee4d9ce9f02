"""A slow second opinion on who is on duty, which shares no code with the engine.

It walks: turns one after another from the first handoff on the naive wall clock, windows day by
day. Local times become instants by reading the wall clock at instant after instant and looking up
which of them show the time, so that skipped and repeated hours are found and not computed.

It has its own plain definitions and writes them out as roster files; only the loader stands
between the two.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from tests.schedule.oracle_clock import WallClock
from tests.schedule.oracle_spec import DAY, UNITS, Away, Hours, Rot, Spec, Stamp

# the wall clock


# who is on duty


@dataclass(frozen=True)
class Claim:
    """A piece of duty: who, and who steps in for them, in order."""

    people: tuple[str, ...]
    stand_ins: tuple[str, ...] = ()


@dataclass(frozen=True)
class Opening:
    """A window that has been walked over."""

    day: date
    begin: datetime
    end: datetime
    turn: int


def opening(clock: WallClock, day: date, hours: Hours) -> tuple[datetime, datetime]:
    """From when to when a window lasts that begins on a day."""
    midnight = datetime.combine(day, time(0))
    over = DAY if hours.end <= hours.start else 0 * DAY
    start = clock.first(midnight + timedelta(minutes=hours.start))
    return start, clock.last(midnight + over + timedelta(minutes=hours.end))


class _Walked:
    """One rotation, walked from its start to the end of the span."""

    def __init__(self, rot: Rot, clock: WallClock, begin: datetime, end: datetime) -> None:
        self.rot = rot
        self.clock = clock
        horizon = clock.local(end) + 2 * DAY
        # what is days before the span needs no instant: of all that, the last turn is on duty
        self.near = clock.local(begin) - 4 * DAY
        walls = [] if rot.by_window else list(grid(rot, horizon))
        passed = max(bisect_right(walls, self.near) - 1, 0)
        self.handoffs = [clock.first(wall) for wall in walls[passed:]]
        # at an instant the turn with the highest number that has been handed over is on duty
        self._instants: list[datetime] = []
        self._newest: list[int] = []
        numbered = enumerate(self.handoffs, passed)
        for number, at in sorted(numbered, key=lambda pair: (pair[1], pair[0])):
            self._instants.append(at)
            self._newest.append(max(number, self._newest[-1] if self._newest else 0))
        self.openings = [
            opening
            for opening in self._windows(horizon.date())
            if opening.begin < opening.end and opening.end > begin
        ]

    def _windows(self, last: date) -> Iterator[Opening]:
        rot = self.rot
        day = rot.start - (0 if rot.by_window else 3) * DAY
        worked = 0
        while rot.hours and day <= last:
            todays = [hours for hours in rot.hours if day.weekday() in hours.days]
            for hours in todays if day >= self.near.date() else ():
                yield Opening(day, *opening(self.clock, day, hours), worked // rot.count)
            worked += bool(todays)
            day += DAY

    def takes_over(self) -> datetime:
        """From when on it replaces earlier blocks of its name; `by_window` no handoff counts."""
        handoff = time(0) if self.rot.by_window else self.rot.handoff
        return self.clock.first(datetime.combine(self.rot.start, handoff))

    def turns(self, at: datetime, stop: date | None) -> list[int]:
        """The numbers of the turns on duty; `stop`: the day from which windows are another's."""
        if self.rot.by_window:
            return sorted(
                {
                    opening.turn
                    for opening in self.openings
                    if opening.begin <= at < opening.end and (stop is None or opening.day < stop)
                }
            )
        if self.rot.hours and not any(o.begin <= at < o.end for o in self.openings):
            return []
        index = bisect_right(self._instants, at)
        return [self._newest[index - 1]] if index else []

    def claim(self, turn: int) -> Claim:
        """The people of a turn, then everybody from the turns after it, once around."""
        here = turn % len(self.rot.turns)
        order = [*self.rot.turns[here + 1 :], *self.rot.turns[: here + 1]]
        return Claim(self.rot.turns[here], tuple(person for turn in order for person in turn))


def grid(rot: Rot, horizon: datetime) -> Iterator[datetime]:
    """The wall clock's times of all handoffs up to `horizon`, one after another."""
    wall = datetime.combine(rot.start, rot.handoff)
    if rot.unit in UNITS:
        while wall <= horizon:
            yield wall
            wall += rot.count * UNITS[rot.unit]
        return
    year, month = rot.start.year, rot.start.month
    while wall <= horizon:
        yield wall
        for _ in range(rot.count):
            year, month = (year, month + 1) if month < 12 else (year + 1, 1)
        day = rot.start.day
        while not _is_day(year, month, day):
            day -= 1
        wall = datetime.combine(date(year, month, day), rot.handoff)


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


class Oracle:
    """Who is on duty for a role of `spec`, from `begin` to `end`."""

    def __init__(self, spec: Spec, role: str, begin: datetime, end: datetime) -> None:
        self.begin, self.end = begin, end
        self.clock = WallClock(spec.zone, begin, end)
        walked = [
            _Walked(rot, WallClock(rot.zone or spec.zone, begin, end), begin, end)
            for rot in spec.rotations
        ]
        self.above = [
            Oracle(spec, other, begin, end) for lower, other in spec.apart if lower == role
        ]
        self.everybody = spec.people
        self.walked: list[tuple[_Walked, datetime, datetime, date | None]] = []
        for index, one in enumerate(walked):
            since, until = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
            stop: date | None = None
            if one.rot.since is not None:
                since = self.instant(one.rot.since, clock=one.clock)
            if one.rot.until is not None:
                until = self.instant(one.rot.until, end=True, clock=one.clock)
            for later in walked[index + 1 :]:
                if later.rot.name != one.rot.name:
                    continue
                alike = one.rot.zone == later.rot.zone
                if one.rot.by_window and later.rot.by_window and alike:
                    stop = min(stop or date.max, later.rot.start)
                else:
                    until = min(until, later.takes_over())
            if one.rot.role == role:
                self.walked.append((one, since, until, stop))
        self.fixed = [
            (self.instant(fixed.start), self.instant(fixed.end, end=True), fixed)
            for fixed in spec.fixed
            if fixed.role == role
        ]
        self.changes = [
            (self.instant(change.start), self.instant(change.end, end=True), change)
            for change in spec.changes
            if change.role == role
        ]
        self.aways = [
            (start, end, away.person) for away in spec.aways for start, end in self._gone(away)
        ]

    def _gone(self, away: Away) -> Iterator[tuple[datetime, datetime]]:
        """When somebody is away: once, or window by window, each day of the span walked over."""
        first = self.begin - 9 * DAY if away.start is None else self.instant(away.start)
        last = self.end + 9 * DAY if away.end is None else self.instant(away.end, end=True)
        if not away.hours:
            yield first, last
            return
        day = self.clock.local(self.begin).date() - 3 * DAY
        while day <= self.clock.local(self.end).date() + DAY:
            for hours in away.hours:
                if day.weekday() in hours.days:
                    start, end = opening(self.clock, day, hours)
                    if max(start, first) < min(end, last):
                        yield max(start, first), min(end, last)
            day += DAY

    def instant(
        self, stamp: Stamp, *, end: bool = False, clock: WallClock | None = None
    ) -> datetime:
        """The instant that a stamp means; a day as an end means the midnight after it."""
        clock = clock or self.clock
        if isinstance(stamp, datetime):
            return stamp.astimezone(UTC) if stamp.tzinfo else clock.first(stamp)
        return clock.first(datetime.combine(stamp + DAY if end else stamp, time(0)))

    def at(self, at: datetime) -> frozenset[str]:
        """Who is on duty at an instant."""
        on: list[str] = []
        levels = {one.rot.priority for one, *_ in self.walked}
        levels |= {fixed.priority for _, _, fixed in self.fixed}
        for level in sorted(levels, reverse=True):
            on = self._present(self._claims(level, at), at)
            if on:
                break
        for start, end, change in self.changes:
            if not start <= at < end:
                continue
            if change.out not in (None, "*") and change.out not in on:
                continue
            on = [person for person in on if change.out not in (person, "*")]
            if change.in_ is not None and change.in_ not in on:
                on.append(change.in_)
        return frozenset(on)

    def _claims(self, level: int, at: datetime) -> list[Claim]:
        claims = []
        for one, since, until, stop in self.walked:
            if one.rot.priority == level and since <= at < until:
                claims += [one.claim(turn) for turn in one.turns(at, stop)]
        for start, end, fixed in self.fixed:
            if fixed.priority == level and start <= at < end:
                claims.append(Claim(fixed.people))
        return claims

    def _present(self, claims: list[Claim], at: datetime) -> list[str]:
        away = {person for start, end, person in self.aways if start <= at < end}
        away |= set(self.everybody) if "*" in away else set()
        for other in self.above:
            away |= other.at(at)
        for start, end, change in self.changes:
            # whose place is given away by name has it to give, away or not
            if start <= at < end:
                away.discard(change.out or "")
        on = [person for claim in claims for person in claim.people if person not in away]
        for claim in claims:
            for person in claim.people:
                if person not in away:
                    continue
                for candidate in claim.stand_ins:
                    if candidate not in away and candidate not in on:
                        on.append(candidate)
                        break
        return on

    def marks(self) -> list[datetime]:
        """Every instant of the span at which something may change, with both its ends."""
        found = {self.begin}
        for one, since, until, _ in self.walked:
            found |= {*one.handoffs, since, until}
            found |= {edge for opening in one.openings for edge in (opening.begin, opening.end)}
        for start, end, _ in (*self.fixed, *self.changes, *self.aways):
            found |= {start, end}
        for other in self.above:
            found |= set(other.marks())
        return [*sorted(at for at in found if self.begin <= at < self.end), self.end]

    def timeline(self) -> list[tuple[datetime, datetime, frozenset[str]]]:
        """The span in pieces in which the same people, or nobody, are on duty."""
        found: list[tuple[datetime, datetime, frozenset[str]]] = []
        marks = self.marks()
        for start, end in pairwise(marks):
            people = self.at(start)
            if found and found[-1][2] == people:
                found[-1] = (found[-1][0], end, people)
            else:
                found.append((start, end, people))
        return found
