"""Who should take a shift: the one whose own duties are farthest from it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from math import inf

from rotation.clock.days import Stretch, joined, length
from rotation.dataclasses import dataclass
from rotation.model import EVERYBODY
from rotation.report.figures import stretches
from rotation.schedule.absent import spells
from rotation.schedule.loaded import Loaded
from rotation.schedule.shares import meant
from rotation.schedule.strain import strained
from rotation.schedule.turns import blocks

NEAR = timedelta(days=366)
"""How far before and after the shift own duties are looked for."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who is free, and how far the duties before and after are: from start to start.

    None: there is no such duty. `load` is their duty within `NEAR` on both sides, for each share
    that is meant for them.
    """

    person: str
    before: timedelta | None
    after: timedelta | None
    load: timedelta = timedelta(0)

    @property
    def distance(self) -> timedelta | None:
        """The smaller of the two distances, None if there is no duty on either side."""
        return min((d for d in (self.before, self.after) if d is not None), default=None)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Who could take the role from `start` to `end`, the best first, and why others cannot."""

    role: str
    start: datetime
    end: datetime
    now: tuple[str, ...]
    ranking: tuple[Candidate, ...]
    busy: tuple[tuple[str, str], ...]


def rank(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Candidates, the one with the largest distance first; no duty on a side is farthest of all.

    Of two with the same distance the one comes first whose other duty is farther away, then the
    one with less duty, then the one who was named first. Source: LinkedIn Oncall's
    `roster_suggest`.
    """

    def order(candidate: Candidate) -> tuple[float, float, timedelta]:
        sides = (_far(candidate.before), _far(candidate.after))
        return -min(sides), -max(sides), candidate.load

    return tuple(sorted(candidates, key=order))


def _far(distance: timedelta | None) -> float:
    return inf if distance is None else distance.total_seconds()


def suggest(loaded: Loaded, role: str, start: datetime, end: datetime) -> Suggestion:
    """Who should have a role from `start` to `end`, of those who share it.

    Never somebody who is away or on duty in any part of it, for this or for another role that is
    known, nor somebody to whom it would do what the role's limits of rest forbid. Raises
    RosterError where this one is not known.
    """
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    around = loaded.known_schedule(role).between(start - NEAR, end + NEAR)
    present = [s for s in around if s.start is not None and s.start < end]
    present = [s for s in present if s.end is not None and s.end > start]
    now = tuple(dict.fromkeys(key for shift in present for key in shift.people))
    reasons: dict[str, str] = dict.fromkeys(now, "on duty then")
    for absence in loaded.absences:
        if spells(absence, loaded.roster, start, end):
            people = loaded.roster.people if absence.person == EVERYBODY else (absence.person,)
            for key in people:
                reasons.setdefault(key, "away")
    for other in loaded.known_schedules():
        if other.role != role:
            for shift in other.between(start, end):
                for key in shift.people:
                    reasons.setdefault(key, f"has the role {other.role!r} then")
    members = _members(loaded, role, start, end)
    weights = _weights(loaded, role)
    free = []
    for key in members:
        if key not in reasons:
            own = stretches(around, key)
            more = joined((*own, (start, end)))
            if why := strained(own, more, loaded.roster.limit(role), loaded.roster.zone):
                reasons[key] = why[0]
                continue
            free.append(
                Candidate(key, *_distances(own, start, end), length(own) / weights.get(key, 1))
            )
    busy = tuple((key, why) for key, why in reasons.items() if key in members)
    return Suggestion(role, start, end, now, rank(free), busy)


def _weights(loaded: Loaded, role: str) -> dict[str, float]:
    """How much of the role is meant for those in its rotations, against one another."""
    weights: dict[str, float] = {}
    for rotation in loaded.roster.rotations:
        if rotation.role == role:
            for key, weight in meant(rotation, loaded.roster.people).items():
                weights[key] = max(weight, weights.get(key, weight))
    return weights


def _distances(
    own: list[Stretch], start: datetime, end: datetime
) -> tuple[timedelta | None, timedelta | None]:
    before = max((begin for begin, _ in own if begin < start), default=None)
    after = min((begin for begin, _ in own if begin >= end), default=None)
    return (
        None if before is None else start - before,
        None if after is None else after - start,
    )


def _members(loaded: Loaded, role: str, start: datetime, end: datetime) -> tuple[str, ...]:
    """Everybody who shares a role at the time: in its rotations' orders, shifts and calendars."""
    blocks_of_role = [
        b for b in blocks(loaded.roster.rotations, loaded.roster.zone) if b.rotation.role == role
    ]
    live = [block for block in blocks_of_role if block.turns_between(start, end)] or blocks_of_role
    keys = [key for block in live for key in block.rotation.order]
    for shift in (*loaded.roster.shifts, *loaded.shifts):
        if shift.role == role and shift.start < end + NEAR and start - NEAR < shift.end:
            keys += shift.people
    return tuple(dict.fromkeys(keys)) or tuple(loaded.roster.people)
