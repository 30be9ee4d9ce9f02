"""Duties, which people trade: a turn of a rotation, or a dated shift, as one person serves it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from rotation.clock.days import Stretch, joined
from rotation.dataclasses import dataclass
from rotation.model import Roster
from rotation.schedule.final import Schedule
from rotation.schedule.shift import DutyId
from rotation.schedule.turns import blocks

_YEAR = timedelta(days=366)
_FARTHEST = 6 * _YEAR
"""How far ahead a duty is looked for at most."""


@dataclass(frozen=True, slots=True)
class Duty:
    """All the time (UTC, half-open pieces in order, at least one) that `person` serves a turn.

    A turn with duty hours, or one of which others took a part, has several pieces.
    """

    person: str
    role: str
    pieces: tuple[Stretch, ...]

    @property
    def start(self) -> datetime:
        """When it begins."""
        return self.pieces[0][0]

    @property
    def end(self) -> datetime:
        """When it is over."""
        return self.pieces[-1][1]


def duties(schedule: Schedule, person: str, start: datetime, end: datetime) -> Iterator[Duty]:
    """The whole duties of `person` that have a part in `[start, end)`, in the order of those parts.

    They can begin before `start` and go on after `end`.
    """
    if person not in schedule.serving():
        return
    seen: set[DutyId] = set()
    for piece in schedule.places(start, end):
        duty = piece.duties.get(person)
        if duty is not None and duty not in seen:
            seen.add(duty)
            # the piece at hand belongs to it, even where it has no other
            yield Duty(person, schedule.role, _pieces(schedule, person, duty))


def upcoming(schedule: Schedule, person: str, now: datetime) -> Iterator[Duty]:
    """The duties of `person` that begin after the instant `now`, in order."""
    served = duties(schedule, person, now, horizon(schedule.roster, now))
    return (duty for duty in served if duty.start > now)


def on_duty(schedule: Schedule, person: str, start: datetime, end: datetime) -> tuple[Stretch, ...]:
    """When in `[start, end)` a person is on duty, whichever duty it is."""
    return tuple(
        joined(
            (piece.start, piece.end)
            for piece in schedule.places(start, end)
            if person in piece.duties
        )
    )


def horizon(roster: Roster, now: datetime) -> datetime:
    """An instant (UTC) before which everybody who is in a rotation has had two turns.

    A year ahead at least, and never more than six years.
    """
    latest = now.astimezone(UTC) + _YEAR
    limit = now.astimezone(UTC) + _FARTHEST
    for block in blocks(roster.rotations, roster.zone):
        begin = max(block.begin, now.astimezone(UTC))
        if begin < min(limit, block.end):
            turn = block.upcoming(begin)[0] + 2 * len(block.rotation.turns)
            latest = max(latest, block.extent(turn)[0])
    ends = [*(s.end for s in roster.shifts), *(o.end for o in roster.overrides)]
    return min(max(latest, *(end.astimezone(UTC) for end in ends)) if ends else latest, limit)


def _pieces(schedule: Schedule, person: str, duty: DutyId) -> tuple[Stretch, ...]:
    return tuple(
        joined(
            (piece.start, piece.end)
            for piece in schedule.places(*schedule.extent(duty))
            if piece.duties.get(person) == duty
        )
    )
