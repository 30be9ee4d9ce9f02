"""The final schedule: rotations and dated shifts, then absences, then overrides in file order.

The one truth that every command reads. Source of the rules: "The roster" in README.md. All instants
are aware and compared in UTC.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from rotation.dataclasses import replace
from rotation.model import DUTY, EVERYBODY, Absence, FixedShift, Override, Roster
from rotation.schedule.absent import Absent
from rotation.schedule.dated import Dated
from rotation.schedule.instant import Claim, Place, Serving, overridden, present, reason
from rotation.schedule.settled import Settled
from rotation.schedule.shift import ByOverride, ByShift, DutyId, Places, Reason, Shift, TurnOf
from rotation.schedule.turns import Standings, blocks
from rotation.schedule.written import Written

_TICK = datetime.resolution
_KEPT = 8


class Schedule:
    """The final schedule of one role of a roster.

    `extra` are shifts, and `away` absences, from calendars, which somebody else has read.
    """

    def __init__(
        self,
        roster: Roster,
        role: str = DUTY,
        extra: Iterable[FixedShift] = (),
        away: Iterable[Absence] = (),
    ) -> None:
        extra, away = tuple(extra), tuple(away)
        self.roster, self.role, self._extra = roster, role, extra
        # numbered over all roles: a block's number is its identity; one that replaces another
        # takes its place in the order, by which equals choose who steps in for the absent
        first = {r.name: n for n, r in reversed(list(enumerate(roster.rotations)))}
        self._blocks = [
            (number, block)
            for number, block in enumerate(blocks(roster.rotations, roster.zone))
            if block.rotation.role == role
        ]
        self._blocks.sort(key=lambda numbered: first[numbered[1].rotation.name])
        self._shifts = [s for s in (*roster.shifts, *extra) if s.role == role]
        self._absent = Absent(roster, (*roster.absences, *away))
        self._apart = [Schedule(roster, other, extra, away) for other in roster.limit(role).apart]
        self._overrides = [o for o in roster.overrides if o.role == role]
        self._levels = sorted(
            {block.rotation.priority for _, block in self._blocks}
            | {shift.priority for shift in self._shifts},
            reverse=True,
        )
        self._reasons = {
            number: Reason(f"rotation {block.rotation.name}", block.rotation.where)
            for number, block in self._blocks
        }
        self._servings: dict[datetime, Serving] = {}
        self._written: Written | None = None
        self._standings = [(number, Standings(block)) for number, block in self._blocks]
        self._shifts_by_date = Dated((shift.start, shift.end) for shift in self._shifts)
        self._overrides_by_date = Dated((o.start, o.end) for o in self._overrides)
        dated = (*self._shifts_by_date.bounds, *self._overrides_by_date.bounds)
        self._bounds = sorted({*dated, *self._absent.bounds()})
        self._settled = Settled(roster, extra, self._bounds)
        # whether somebody may come or go at other instants than those
        self._unbound = self._absent.recurs or bool(self._apart)

    def at(self, instant: datetime) -> Shift:
        """The shift (or gap) that `instant` lies in, with its whole extent.

        It ends at a handoff even when the same person goes on. `start` or `end` is None when
        nothing comes before or after.
        """
        instant = instant.astimezone(UTC)
        here = self._state(instant)
        end = self._end(instant, here)
        start = self._began(instant)
        while start is not None and self._state(start - _TICK).continued_by(here):
            start = self._began(start - _TICK)
        return here.lasting(start, end)

    def changes(self, instant: datetime) -> datetime | None:
        """The first instant (UTC) after this one at which who is on duty, or why, may change;
        None where it never does. Up to then `at` gives the same shift."""
        return self._after(instant.astimezone(UTC))

    def following(self, shift: Shift) -> Shift | None:
        """The first shift with anybody on duty that begins at or after the end of `shift`."""
        while shift.end is not None:
            here = self._state(shift.end)
            shift = here.lasting(shift.end, self._end(shift.end, here))
            if shift.people:
                return shift
        return None

    def between(self, start: datetime, end: datetime) -> list[Shift]:
        """The final schedule in `[start, end)`: shifts and gaps that tile it.

        The first is cut at `start` and the last at `end`. Adjoining shifts with the same people
        and the same reason are one.
        """
        shifts: list[Shift] = []
        at, end = start.astimezone(UTC), end.astimezone(UTC)
        while at < end:
            here = self._state(at)
            bound = self._after(at)
            until = end if bound is None else min(bound, end)
            if shifts and shifts[-1].same_as(here):
                shifts[-1] = shifts[-1].lasting(shifts[-1].start, until)
            else:
                shifts.append(here.lasting(at, until))
            at = until
        return shifts

    def places(self, start: datetime, end: datetime) -> Iterator[Places]:
        """Who is on duty in `[start, end)`, in pieces that tile it, each person with the duty that
        they serve then: a turn, a dated shift, or an override that only adds them."""
        at, end = start.astimezone(UTC), end.astimezone(UTC)
        while at < end:
            bound = self._after(at)
            until = end if bound is None else min(bound, end)
            places = self._overridden(at, self._serving(at).places)[0]
            yield Places(at, until, {person: place.duty for person, place in places.items()})
            at = until

    def serving(self) -> frozenset[str]:
        """Everybody whom this schedule can put on duty at any time."""
        everybody = {person for _, block in self._blocks for person in block.rotation.order}
        everybody.update(person for shift in self._shifts for person in shift.people)
        everybody.update(override.in_ for override in self._overrides if override.in_)
        return frozenset(everybody)

    def extent(self, duty: DutyId) -> tuple[datetime, datetime]:
        """An interval (UTC) that holds all of a duty that `places` named."""
        entry: FixedShift | Override
        match duty:
            case TurnOf(block, turn):
                return dict(self._blocks)[block].extent(turn)
            case ByOverride(number):
                entry = self._overrides[number]
            case ByShift(number):
                entry = self._shifts[number]
        return entry.start.astimezone(UTC), entry.end.astimezone(UTC)

    def _end(self, instant: datetime, here: Shift) -> datetime | None:
        end = self._ends(instant)
        while end is not None and here.continued_by(self._state(end)):
            # or weeks of nobody would be asked of until the end of all dates
            end = self._ends(end) if end < self._settled.by(instant) else None
        return end

    def _ends(self, at: datetime) -> datetime | None:
        """The first instant after `at` at which other people can be on duty, or in other duties."""
        return self._overrides_by_date.after(at) if self._swept(at) else self._after(at)

    def _began(self, at: datetime) -> datetime | None:
        """The last instant, not after `at`, at which that can have been so."""
        return self._overrides_by_date.before(at) if self._swept(at) else self._before(at)

    def _swept(self, at: datetime) -> bool:
        """Whether an override takes everybody out and puts nobody in: whose turn it is behind it
        makes no difference then, however long that lasts."""
        acting = [self._overrides[number] for number in self._in_force(at)]
        return any(override.out == EVERYBODY and override.in_ is None for override in acting)

    def _in_force(self, at: datetime) -> tuple[int, ...]:
        """The numbers of the overrides that act at an instant, in file order."""
        return self._overrides_by_date.at(at)

    def _after(self, at: datetime) -> datetime | None:
        bounds = self._bounds[(index := bisect_right(self._bounds, at)) : index + 1]
        for standings in self._deciding(at):
            if (until := standings.at(at).until) is not None:
                bounds.append(until)
        if self._unbound and (watched := self._serving(at).watched):
            bounds.extend(self._absent.after(at, watched))
            bounds.extend(b for other in self._apart if (b := other._after(at)) is not None)
        return min(bounds, default=None)

    def _before(self, at: datetime) -> datetime | None:
        index = bisect_right(self._bounds, at)
        bounds = [b for s in self._deciding(at) if (b := s.block.before(at)) is not None]
        bounds.extend(self._bounds[max(index - 1, 0) : index])
        if self._unbound and (watched := self._serving(at).watched):
            bounds.extend(self._absent.before(at, watched))
            bounds.extend(b for other in self._apart if (b := other._before(at)) is not None)
        return max(bounds, default=None)

    def _deciding(self, at: datetime) -> Iterator[Standings]:
        """The turns that can change who is on duty: those below the priority that serves cannot.

        So a rotation that is hidden for years costs nothing.
        """
        floor = self._serving(at).level
        for _, standings in self._standings:
            if floor is None or standings.block.rotation.priority >= floor:
                yield standings

    def _serving(self, at: datetime) -> Serving:
        """Who serves at one instant before overrides. The last few answers are kept: whoever asks
        for the state at an instant asks for the next bound too, and for the state there."""
        if (known := self._servings.get(at)) is not None:
            return known
        nobody: tuple[Reason, ...] = ()
        away = self._away(at)
        watched: set[str] = set()
        decided = None
        for level in self._levels:
            claims = self._claims(level, at)
            for claim in claims:
                watched.update(claim.people)
                if not away.isdisjoint(claim.people):
                    watched.update(claim.successors)
            if places := present(claims, away, self._tired):
                decided = Serving(level, places, nobody, frozenset(watched))
                break
            nobody = nobody or tuple(
                Reason(
                    f"{claim.reason.text}: {'nobody left' if claim.people else 'a turn of nobody'}",
                    claim.reason.where,
                )
                for claim in claims
            )
        serving = decided or Serving(None, {}, nobody, frozenset(watched))
        if len(self._servings) >= _KEPT:
            self._servings.clear()
        self._servings[at] = serving
        return serving

    def _away(self, at: datetime) -> set[str]:
        """Who is away at one instant, as far as this role is concerned.

        Inside an override that takes somebody out, their absence does not count: what people
        agreed on holds, whichever was written first.
        """
        away = self._absent.at(at)
        for other in self._apart:
            away.update(other._state(at).people)
        return away and away - {self._overrides[n].out for n in self._in_force(at)}

    def _tired(self, claim: Claim, person: str) -> bool:
        """Whether it would be too much for somebody to step in for the whole of a duty."""
        limits = self.roster.limit(self.role)
        if limits.rest is None and limits.weekends is None:
            return False
        if self._written is None:
            bare = replace(self.roster, overrides=(), absences=(), limits={})
            plan = Schedule(bare, self.role, self._extra)
            self._written = Written(plan, limits, self.roster.zone)
        return self._written.tired(claim.duty, person)

    def _state(self, at: datetime) -> Shift:
        """Who is on duty at one instant; the shift's start and end are not set."""
        serving = self._serving(at)
        places, emptied = self._overridden(at, serving.places)
        nobody = serving.nobody if emptied is None else (reason(emptied),)
        reasons: list[Reason] = []
        duties: list[DutyId] = []
        for place in places.values():
            if place.reason not in reasons:  # a hash would have their lines looked for
                reasons.append(place.reason)
            if place.given not in duties:
                duties.append(place.given)
        return Shift(self.role, None, None, tuple(places), tuple(reasons) or nobody, tuple(duties))

    def _overridden(
        self, at: datetime, places: dict[str, Place]
    ) -> tuple[dict[str, Place], Override | None]:
        """`places` after the overrides in force, and the last that left nobody."""
        emptied = None
        for number in self._in_force(at):
            override = self._overrides[number]
            before, places = places, overridden(places, override, number)
            if before and not places:
                emptied = override
        return places, emptied

    def _claims(self, level: int, at: datetime) -> list[Claim]:
        claims = []
        for number, standings in self._standings:
            rotation = standings.block.rotation
            if rotation.priority != level:
                continue
            for turn in standings.at(at).turns:
                people, duty = standings.block.people(turn), TurnOf(number, turn)
                claims.append(Claim(people, self._reasons[number], duty, rotation.turns))
        for number in self._shifts_by_date.at(at):
            shift = self._shifts[number]
            if shift.priority == level:
                text = f"{shift.source} {shift.note}" if shift.note else shift.source
                reason = Reason(text, shift.where)
                claims.append(Claim(shift.people, reason, ByShift(number)))
        return claims
