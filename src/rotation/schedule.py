"""The final schedule: rotations and dated shifts, then absences, then overrides in file order.

The one truth that every command reads. Source of the rules: "The roster" in README.md. All instants
are aware and compared in UTC.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from rotation.errors import Problem
from rotation.model import DUTY, EVERYBODY, Absence, FixedShift, Override, Reason, Roster, Shift
from rotation.turns import Block, blocks

_TICK = datetime.resolution


@dataclass(frozen=True, slots=True)
class _Source:
    """One claim on the duty at an instant: a turn of a rotation, or a dated shift."""

    people: tuple[str, ...]
    reason: Reason
    turn: tuple[int, int]
    successors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Place:
    """Why one person is on duty, and in which turn (so that turns of the same person differ)."""

    reason: Reason
    turn: tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Serving:
    """Who serves at an instant, and at which priority; None: nobody does, for those reasons."""

    level: int | None
    places: dict[str, _Place]
    nobody: tuple[Reason, ...]


class Schedule:
    """The final schedule of one role of a roster.

    `extra` are shifts from calendars, which somebody else has read.
    """

    def __init__(self, roster: Roster, role: str = DUTY, extra: Iterable[FixedShift] = ()) -> None:
        self.roster = roster
        self.role = role
        # numbered over all roles: a block's number is its identity
        self._blocks = [
            (number, block)
            for number, block in enumerate(blocks(roster.rotations, roster.zone))
            if block.rotation.role == role
        ]
        self._shifts = [s for s in (*roster.shifts, *extra) if s.role == role]
        self._overrides = [o for o in roster.overrides if o.role == role]
        self._levels = sorted(
            {block.rotation.priority for _, block in self._blocks}
            | {shift.priority for shift in self._shifts},
            reverse=True,
        )
        dated: tuple[FixedShift | Override | Absence, ...] = (
            *self._shifts,
            *self._overrides,
            *roster.absences,
        )
        self._latest: tuple[datetime, _Serving] | None = None
        self._bounds = sorted(
            {thing.start.astimezone(UTC) for thing in dated}
            | {thing.end.astimezone(UTC) for thing in dated}
        )

    def at(self, instant: datetime) -> Shift:
        """The shift (or gap) that `instant` lies in, with its whole extent.

        It ends at a handoff even when the same person goes on. `start` or `end` is None when
        nothing comes before or after.
        """
        instant = instant.astimezone(UTC)
        here = self._state(instant)
        start = self._before(instant)
        while start is not None and _continues(self._state(start - _TICK), here):
            start = self._before(start - _TICK)
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

    def _end(self, instant: datetime, here: Shift) -> datetime | None:
        end = self._after(instant)
        while end is not None and _continues(here, self._state(end)):
            end = self._after(end)
        return end

    def _after(self, at: datetime) -> datetime | None:
        index = bisect_right(self._bounds, at)
        found = [b for block in self._deciding(at) if (b := block.after(at)) is not None]
        found.extend(self._bounds[index : index + 1])
        return min(found, default=None)

    def _before(self, at: datetime) -> datetime | None:
        index = bisect_right(self._bounds, at)
        found = [b for block in self._deciding(at) if (b := block.before(at)) is not None]
        found.extend(self._bounds[max(index - 1, 0) : index])
        return max(found, default=None)

    def _deciding(self, at: datetime) -> Iterator[Block]:
        """The blocks that can change who is on duty: those below the priority that serves cannot.

        So a rotation that is hidden for years costs nothing.
        """
        floor = self._serving(at).level
        for _, block in self._blocks:
            if floor is None or block.rotation.priority >= floor:
                yield block

    def _serving(self, at: datetime) -> _Serving:
        """Who serves at one instant before overrides. The last answer is kept: whoever asks for
        the state at an instant asks for the next bound too."""
        if self._latest is not None and self._latest[0] == at:
            return self._latest[1]
        nobody: tuple[Reason, ...] = ()
        away = {a.person for a in self.roster.absences if a.start <= at < a.end}
        found = None
        for level in self._levels:
            sources = self._sources(level, at)
            if places := _present(sources, away):
                found = _Serving(level, places, nobody)
                break
            nobody = nobody or tuple(
                Reason(f"{source.reason.text}: nobody left", source.reason.where)
                for source in sources
            )
        serving = found or _Serving(None, {}, nobody)
        self._latest = at, serving
        return serving

    def _state(self, at: datetime) -> Shift:
        """Who is on duty at one instant; the shift's start and end are not set."""
        serving = self._serving(at)
        places, nobody = serving.places, serving.nobody
        for number, override in enumerate(self._overrides):
            if override.start <= at < override.end:
                before, places = places, _overridden(places, override, number)
                if before and not places:
                    nobody = (_reason(override),)
        reasons = tuple(dict.fromkeys(place.reason for place in places.values())) or nobody
        turns = tuple(dict.fromkeys(place.turn for place in places.values()))
        return Shift(self.role, None, None, tuple(places), reasons, turns)

    def _sources(self, level: int, at: datetime) -> list[_Source]:
        found = []
        for number, block in self._blocks:
            rotation = block.rotation
            if rotation.priority != level:
                continue
            for turn in block.active(at):
                found.append(
                    _Source(
                        block.people(turn),
                        Reason(f"rotation {rotation.name}", rotation.where),
                        (number, turn),
                        _successors(rotation.turns, turn),
                    )
                )
        for number, shift in enumerate(self._shifts):
            if shift.priority == level and shift.start <= at < shift.end:
                reason = Reason(shift.source, shift.where)
                found.append(_Source(shift.people, reason, (-2 - number, 0)))
        return found


@dataclass(frozen=True, slots=True)
class Loaded:
    """A roster with what its calendars say.

    `warnings` are for people. `unsure` names the roles whose calendar could not be read: they
    can be shown, but nobody should act on them.
    """

    roster: Roster
    shifts: tuple[FixedShift, ...] = ()
    warnings: tuple[Problem, ...] = ()
    unsure: frozenset[str] = frozenset()

    def schedule(self, role: str) -> Schedule:
        """The final schedule of a role."""
        return Schedule(self.roster, role, self.shifts)


def _successors(turns: tuple[tuple[str, ...], ...], turn: int) -> tuple[str, ...]:
    """The people to whom a turn passes, in the rotation's order after that turn."""
    here = turn % len(turns)
    order = (*turns[here + 1 :], *turns[: here + 1])
    return tuple(dict.fromkeys(person for people in order for person in people))


def _present(sources: list[_Source], away: set[str]) -> dict[str, _Place]:
    """Who is on duty after absences, and why, in the order of the sources.

    An absent person's place passes to the next in that rotation's order who is neither away nor
    on duty already; with nobody left, the place stays empty.
    """
    taken = {person for source in sources for person in source.people if person not in away}
    places: dict[str, _Place] = {}
    for source in sources:
        for person in source.people:
            if person not in away:
                places.setdefault(person, _Place(source.reason, source.turn))
                continue
            free = (c for c in source.successors if c not in away and c not in taken)
            if (candidate := next(free, None)) is not None:
                reason = Reason(f"{source.reason.text} ({person} away)", source.reason.where)
                places[candidate] = _Place(reason, source.turn)
                taken.add(candidate)
    return places


def _overridden(places: dict[str, _Place], override: Override, number: int) -> dict[str, _Place]:
    """`places` after an override that is in force; the incoming person takes the place left."""
    out, in_ = override.out, override.in_
    leaving = set(places) if out == EVERYBODY else {out}
    if out is not None and out != EVERYBODY and out not in places:
        return places
    arrival = _Place(_reason(override), (-1, number))
    changed: dict[str, _Place] = {}
    for person, place in places.items():
        if person not in leaving:
            changed[person] = place
        elif in_ is not None and in_ not in places:
            changed[in_] = arrival
    if in_ is not None and in_ not in changed:
        changed[in_] = places.get(in_, arrival)
    return changed


def _reason(override: Override) -> Reason:
    return Reason(f"override {override.id}" if override.id else "override", override.where)


def _same(one: Shift, other: Shift) -> bool:
    """Whether two adjoining shifts are one to those who read the schedule."""
    return set(one.people) == set(other.people) and one.why == other.why


def _continues(one: Shift, other: Shift) -> bool:
    """Whether `other` carries on `one`: the same people in the same turns, or still nobody."""
    if not one.people and not other.people:
        return True
    return _same(one, other) and one.turns == other.turns
