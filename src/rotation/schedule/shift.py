"""What a final schedule is made of: shifts, why they are so, and which duty each serves."""

from __future__ import annotations

from datetime import datetime

from rotation.dataclasses import dataclass, field
from rotation.errors import Where


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody is on duty: a short text for tables and JSON, and the line that decides."""

    text: str
    where: Where | None = None


@dataclass(frozen=True, slots=True)
class TurnOf:
    """A duty that is turn number `turn` (0 begins at the first handoff) of block number `block`."""

    block: int
    turn: int


@dataclass(frozen=True, slots=True)
class ByOverride:
    """A duty that override number `number` of its role adds."""

    number: int


@dataclass(frozen=True, slots=True)
class ByShift:
    """A duty that is dated shift number `number` of its role."""

    number: int


DutyId = TurnOf | ByOverride | ByShift
"""Which duty somebody serves, within one schedule."""


@dataclass(frozen=True, slots=True)
class Shift:
    """A piece of the final schedule: who is on duty for `role` from `start` to `end`.

    `start` None means since ever, `end` None means that nothing ends it. No people: a gap.
    `duties` tells two turns of the same people apart; it is no part of what people see.
    """

    role: str
    start: datetime | None
    end: datetime | None
    people: tuple[str, ...]
    reasons: tuple[Reason, ...] = ()
    duties: tuple[DutyId, ...] = field(default=(), compare=False)

    @property
    def why(self) -> str:
        """The reasons in words."""
        return ", ".join(dict.fromkeys(reason.text for reason in self.reasons)) or "gap"

    def lasting(self, start: datetime | None, end: datetime | None) -> Shift:
        """The same people for the same reasons from `start` to `end`."""
        return Shift(self.role, start, end, self.people, self.reasons, self.duties)

    def same_as(self, other: Shift) -> bool:
        """Whether two adjoining shifts are one to those who read the schedule."""
        return set(self.people) == set(other.people) and self.why == other.why

    def continued_by(self, other: Shift) -> bool:
        """Whether `other` carries this on: the same people in the same turns, or still nobody."""
        if not self.people and not other.people:
            return True
        return self.duties == other.duties and self.same_as(other)


@dataclass(frozen=True, slots=True)
class Places:
    """A stretch of time (UTC) in which the same people serve the same duties."""

    start: datetime
    end: datetime
    duties: dict[str, DutyId]
