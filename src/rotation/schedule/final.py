"""The final schedule: rotations and dated shifts, then absences, then overrides in file order.

The one truth that every command reads. Source of the rules: "The roster" in README.md. All instants
are aware and compared in UTC.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

from rotation.model import DUTY, EVERYBODY, Absence, FixedShift, Override, Roster
from rotation.schedule.absent import Absent
from rotation.schedule.dated import Dated
from rotation.schedule.instant import Claim, Place, Serving, overridden, present, reason, successors
from rotation.schedule.shift import ByOverride, ByShift, DutyId, Places, Reason, Shift, TurnOf
from rotation.schedule.turns import Block, Standing, blocks

_TICK = datetime.resolution


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
        extra = tuple(extra)
        self.roster = roster
        self.role = role
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
        away = tuple(away)
        self._absent = Absent(roster, (*roster.absences, *away))
        self._apart = [Schedule(roster, other, extra, away) for other in roster.limit(role).apart]
        self._overrides = [o for o in roster.overrides if o.role == role]
        self._levels = sorted(
            {block.rotation.priority for _, block in self._blocks}
            | {shift.priority for shift in self._shifts},
            reverse=True,
        )
        self._latest: tuple[datetime, Serving] | None = None
        self._standings: dict[int, Standing] = {}
        self._shifts_by_date = Dated((shift.start, shift.end) for shift in self._shifts)
        self._overrides_by_date = Dated((o.start, o.end) for o in self._overrides)
        self._override_bounds = self._overrides_by_date.bounds
        self._bounds = sorted(
            {*self._shifts_by_date.bounds, *self._override_bounds, *self._absent.bounds()}
        )

    def at(self, instant: datetime) -> Shift:
        """The shift (or gap) that `instant` lies in, with its whole extent.

        It ends at a handoff even when the same person goes on. `start` or `end` is None when
        nothing comes before or after.
        """
        instant = instant.astimezone(UTC)
        here = self._state(instant)
        start = self._began(instant)
        while start is not None and _continues(self._state(start - _TICK), here):
            start = self._began(start - _TICK)
        return replace(here, start=start, end=self._end(instant, here))

    def following(self, shift: Shift) -> Shift | None:
        """The first shift with anybody on duty that begins at or after the end of `shift`."""
        while shift.end is not None:
            here = self._state(shift.end)
            shift = replace(here, start=shift.end, end=self._end(shift.end, here))
            if shift.people:
                return shift
        return None

    def between(self, start: datetime, end: datetime) -> list[Shift]:
        """The final schedule in `[start, end)`: shifts and gaps that tile it.

        The first is cut at `start` and the last at `end`. Adjoining shifts with the same people
        and the same reason are one.
        """
        found: list[Shift] = []
        at, end = start.astimezone(UTC), end.astimezone(UTC)
        while at < end:
            here = self._state(at)
            bound = self._after(at)
            until = end if bound is None else min(bound, end)
            if found and _same(found[-1], here):
                found[-1] = replace(found[-1], end=until)
            else:
                found.append(replace(here, start=at, end=until))
            at = until
        return found

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
        found = {person for _, block in self._blocks for person in block.rotation.order}
        found.update(person for shift in self._shifts for person in shift.people)
        found.update(override.in_ for override in self._overrides if override.in_)
        return frozenset(found)

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
        while end is not None and _continues(here, self._state(end)):
            end = self._ends(end)
        return end

    def _ends(self, at: datetime) -> datetime | None:
        """The first instant after `at` at which other people can be on duty, or in other duties."""
        if not self._swept(at):
            return self._after(at)
        index = bisect_right(self._override_bounds, at)
        return self._override_bounds[index]  # the end of that override, or one before it

    def _began(self, at: datetime) -> datetime | None:
        """The last instant, not after `at`, at which that can have been so."""
        if not self._swept(at):
            return self._before(at)
        return self._override_bounds[bisect_right(self._override_bounds, at) - 1]

    def _swept(self, at: datetime) -> bool:
        """Whether an override takes everybody out and puts nobody in: whose turn it is behind it
        makes no difference then, however long that lasts."""
        return any(
            self._overrides[number].out == EVERYBODY and self._overrides[number].in_ is None
            for number in self._in_force(at)
        )

    def _in_force(self, at: datetime) -> tuple[int, ...]:
        """The numbers of the overrides that act at an instant, in file order."""
        return self._overrides_by_date.at(at)

    def _after(self, at: datetime) -> datetime | None:
        index = bisect_right(self._bounds, at)
        untils = (self._standing(*numbered, at).until for numbered in self._deciding(at))
        found = [until for until in untils if until is not None]
        found.extend(self._bounds[index : index + 1])
        if watched := self._serving(at).watched:
            found.extend(self._absent.after(at, watched))
            found.extend(b for other in self._apart if (b := other._after(at)) is not None)
        return min(found, default=None)

    def _before(self, at: datetime) -> datetime | None:
        index = bisect_right(self._bounds, at)
        found = [b for _, block in self._deciding(at) if (b := block.before(at)) is not None]
        found.extend(self._bounds[max(index - 1, 0) : index])
        if watched := self._serving(at).watched:
            found.extend(self._absent.before(at, watched))
            found.extend(b for other in self._apart if (b := other._before(at)) is not None)
        return max(found, default=None)

    def _deciding(self, at: datetime) -> Iterator[tuple[int, Block]]:
        """The blocks that can change who is on duty: those below the priority that serves cannot.

        So a rotation that is hidden for years costs nothing.
        """
        floor = self._serving(at).level
        for number, block in self._blocks:
            if floor is None or block.rotation.priority >= floor:
                yield number, block

    def _standing(self, number: int, block: Block, at: datetime) -> Standing:
        """The turns of a block; kept until they change, so that what lies in between is free."""
        known = self._standings.get(number)
        if known is None or not known.holds(at):
            known = self._standings[number] = Standing(at, block.after(at), block.active(at))
        return known

    def _serving(self, at: datetime) -> Serving:
        """Who serves at one instant before overrides. The last answer is kept: whoever asks for
        the state at an instant asks for the next bound too."""
        if self._latest is not None and self._latest[0] == at:
            return self._latest[1]
        nobody: tuple[Reason, ...] = ()
        away = self._away(at)
        watched: set[str] = set()
        found = None
        for level in self._levels:
            claims = self._claims(level, at)
            for claim in claims:
                watched.update(claim.people)
                if not away.isdisjoint(claim.people):
                    watched.update(claim.successors)
            if places := present(claims, away):
                found = Serving(level, places, nobody, frozenset(watched))
                break
            nobody = nobody or tuple(
                Reason(
                    f"{claim.reason.text}: {'nobody left' if claim.people else 'a turn of nobody'}",
                    claim.reason.where,
                )
                for claim in claims
            )
        serving = found or Serving(None, {}, nobody, frozenset(watched))
        self._latest = at, serving
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

    def _state(self, at: datetime) -> Shift:
        """Who is on duty at one instant; the shift's start and end are not set."""
        serving = self._serving(at)
        places, emptied = self._overridden(at, serving.places)
        nobody = serving.nobody if emptied is None else (reason(emptied),)
        reasons = tuple(dict.fromkeys(place.reason for place in places.values())) or nobody
        duties = tuple(dict.fromkeys(place.given for place in places.values()))
        return Shift(self.role, None, None, tuple(places), reasons, duties)

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
        found = []
        for number, block in self._blocks:
            rotation = block.rotation
            if rotation.priority != level:
                continue
            for turn in self._standing(number, block, at).turns:
                found.append(
                    Claim(
                        block.people(turn),
                        Reason(f"rotation {rotation.name}", rotation.where),
                        TurnOf(number, turn),
                        successors(rotation.turns, turn),
                    )
                )
        for number in self._shifts_by_date.at(at):
            shift = self._shifts[number]
            if shift.priority == level:
                text = f"{shift.source} {shift.note}" if shift.note else shift.source
                reason = Reason(text, shift.where)
                found.append(Claim(shift.people, reason, ByShift(number)))
        return found


def _same(one: Shift, other: Shift) -> bool:
    """Whether two adjoining shifts are one to those who read the schedule."""
    return set(one.people) == set(other.people) and one.why == other.why


def _continues(one: Shift, other: Shift) -> bool:
    """Whether `other` carries on `one`: the same people in the same turns, or still nobody."""
    if not one.people and not other.people:
        return True
    return _same(one, other) and one.duties == other.duties
