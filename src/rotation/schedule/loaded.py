"""A roster with what its calendars say, and what nobody can know of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from rotation.dataclasses import dataclass, field
from rotation.errors import Problem, RosterError, Where
from rotation.model import NEVER, Absence, FixedShift, Roster
from rotation.schedule.final import Schedule


def with_dependents(roster: Roster, roles: Iterable[str]) -> frozenset[str]:
    """These roles and all that are kept apart from one of them, and so depend on who has it."""
    reached = set(roles)
    while (
        more := {
            role for role, limits in roster.limits.items() if not reached.isdisjoint(limits.apart)
        }
        - reached
    ):
        reached |= more
    return frozenset(reached)


@dataclass(frozen=True, slots=True)
class UnknownSchedule:
    """Nobody can say who has `role`: a calendar that decides it could not be read."""

    role: str
    where: Where

    @property
    def problem(self) -> Problem:
        """That it is not known, for people; why stands among the roster's warnings."""
        what = f"the calendar of the role {self.role!r} cannot be read: nobody can know who has it"
        return Problem(what, self.where, "see the warning above")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A roster with what its calendars say.

    `warnings` are for people. `unknown` names the roles of which a calendar could not be read.
    `away` holds the absences that calendars give. Up to `until` the same calendars say the same of
    whoever is on duty; EVER where that is not known. With `unseen` there is a calendar, of duties
    or of absences, that nobody could look into: what was odd in it may be so still.
    """

    roster: Roster
    shifts: tuple[FixedShift, ...] = ()
    warnings: tuple[Problem, ...] = ()
    unknown: frozenset[str] = frozenset()
    away: tuple[Absence, ...] = ()
    until: datetime = NEVER
    unseen: bool = False
    _schedules: dict[str, Schedule] = field(default_factory=dict, init=False, compare=False)
    """Each is made once."""

    @property
    def absences(self) -> tuple[Absence, ...]:
        """Every absence, those of calendars first."""
        return (*self.away, *self.roster.absences)

    def schedule(self, role: str) -> Schedule | UnknownSchedule:
        """The final schedule of a role, or that nobody can know it."""
        if role in self.unknown:
            return UnknownSchedule(role, Where(str(self.roster.path)))
        if role not in self._schedules:
            self._schedules[role] = Schedule(self.roster, role, self.shifts, self.away)
        return self._schedules[role]

    def known_schedules(self) -> list[Schedule]:
        """The final schedules of all roles but those that nobody can know."""
        schedules = [self.schedule(role) for role in self.roster.roles]
        return [schedule for schedule in schedules if isinstance(schedule, Schedule)]

    def known_schedule(self, role: str) -> Schedule:
        """The final schedule, for what makes no sense without. Raises RosterError."""
        match self.schedule(role):
            case UnknownSchedule() as unknown:
                raise RosterError(unknown.problem)
            case schedule:
                return schedule
