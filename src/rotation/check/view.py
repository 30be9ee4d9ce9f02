"""What every check looks at: a roster from an instant on, each final schedule worked out once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from shlex import quote

from rotation.clock.local import minute
from rotation.clock.told import day_and_time
from rotation.clock.typed import as_typed
from rotation.dataclasses import dataclass, replace
from rotation.errors import Problem, Severity, Where
from rotation.model import DUTY, FixedShift, Roster
from rotation.schedule.final import Schedule
from rotation.schedule.loaded import Loaded
from rotation.schedule.shift import Reason, Shift
from rotation.schedule.turns import Block, blocks

HORIZON = timedelta(days=366)
"""How far ahead is looked."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `check`."""

    severity: Severity
    problem: Problem


def warning(what: str, where: Where, hint: str | None = None) -> Finding:
    """Something that somebody should mend, or say that it is meant."""
    return Finding(Severity.WARNING, Problem(what, where, hint))


def note(what: str, where: Where, hint: str | None = None) -> Finding:
    """Something that does no harm."""
    return Finding(Severity.NOTE, Problem(what, where, hint))


@dataclass(frozen=True, slots=True)
class BoundedShift:
    """A piece of a final schedule, with both ends (instants)."""

    start: datetime
    end: datetime
    people: tuple[str, ...]
    reasons: tuple[Reason, ...]


class View:
    """A roster from the minute of `now` to `end` (instants); `within` is how early to warn of what
    runs out.

    `known` are all roles that a rotation or shift has, `roles` those that are not over.
    """

    def __init__(self, loaded: Loaded, now: datetime, within: timedelta) -> None:
        self.loaded = loaded
        self.roster: Roster = loaded.roster
        self.now = minute(now.astimezone(UTC))
        self.end = self.now + HORIZON
        self.within = within
        self.zone = self.roster.zone
        self.blocks = blocks(self.roster.rotations, self.zone)
        self.fixed: tuple[FixedShift, ...] = (*self.roster.shifts, *loaded.shifts)
        # only what puts somebody on duty makes a role: an override may have a typing mistake
        known = [rotation.role for rotation in self.roster.rotations]
        known += [shift.role for shift in self.fixed]
        self.known = tuple(dict.fromkeys(known))
        self.roles = tuple(role for role in self.known if not self._over(role))
        self.roles = self.roles or self.known or (DUTY,)
        self._pieces: dict[str, list[BoundedShift]] = {}

    def _over(self, role: str) -> bool:
        """Whether a role has nothing ahead, and nothing waits for it."""
        ahead: list[object] = [*self.live(role), *self.coming(role)]
        ahead += [r for r in self.roster.rotations if r.role == role and r.calendar]
        ahead += [target for target in self.roster.targets if target.role == role]
        return not ahead

    @property
    def sure(self) -> tuple[str, ...]:
        """The roles of which every calendar could be read."""
        return tuple(role for role in self.roles if role not in self.loaded.unknown)

    def pieces(self, role: str) -> list[BoundedShift]:
        """The final schedule of a role from `now` to `end`."""
        if role not in self._pieces:
            shifts = self.loaded.known_schedule(role).between(self.now, self.end)
            self._pieces[role] = list(_whole(shifts))
        return self._pieces[role]

    def planned(
        self, role: str, start: datetime | None = None, end: datetime | None = None
    ) -> list[BoundedShift]:
        """The same, or a part of it, without overrides and absences: what rotations and dated
        shifts alone say."""
        bare = replace(self.roster, overrides=(), absences=(), limits={})
        schedule = replace(self.loaded, roster=bare, away=()).known_schedule(role)
        return list(_whole(schedule.between(start or self.now, end or self.end)))

    def schedule(self, roster: Roster, role: str) -> Schedule:
        """The final schedule of a role of the roster with other entries."""
        return replace(self.loaded, roster=roster).known_schedule(role)

    def live(self, role: str) -> Iterator[Block]:
        """The blocks of a role that can have a part in what is looked at, in file order."""
        for block in self.blocks:
            if block.rotation.role == role and block.turns_between(self.now, self.end):
                yield block

    def coming(self, role: str) -> Iterator[FixedShift]:
        """The dated shifts of a role that are not over."""
        for shift in self.fixed:
            if shift.role == role and shift.end > self.now and shift.start < self.end:
                yield shift

    def members(self, role: str) -> tuple[str, ...]:
        """Everybody who has turns or dated shifts of a role ahead."""
        keys = dict.fromkeys(key for block in self.live(role) for key in block.rotation.order)
        keys.update(dict.fromkeys(key for shift in self.coming(role) for key in shift.people))
        return tuple(keys)

    def place(self, role: str) -> Where:
        """The line of the first thing of a role that is not over, else of the first one."""
        written = [rotation for rotation in self.roster.rotations if rotation.role == role]
        places = [block.rotation.where for block in self.live(role)]
        places += [rotation.where for rotation in written if rotation.calendar]
        places += [shift.where for shift in self.coming(role)]
        places += [rotation.where for rotation in written]
        places += [shift.where for shift in self.fixed if shift.role == role]
        return places[0] if places else Where(str(self.roster.path), 1)

    def span(self, start: datetime, end: datetime) -> tuple[datetime, datetime]:
        """The part of a dated entry that is looked at, its past included, a year to each side."""
        return max(start, self.now - HORIZON), min(end, self.end)

    def ahead(self, start: datetime, end: datetime) -> bool:
        """Whether something from `start` to `end` is under way or comes within the span."""
        return end > self.now and start < self.end

    def cover(self, person: str, role: str, start: datetime, end: datetime) -> str:
        """The command that finds somebody else for a stretch of a person's duty, to be pasted."""
        return f"rotation cover SOMEBODY --for {quote(person)}{self._stretch(role, start, end)}"

    def assign(self, role: str, start: datetime, end: datetime) -> str:
        """The command that puts somebody on duty for a stretch, to be pasted."""
        return f"rotation assign SOMEBODY{self._stretch(role, start, end)}"

    def _stretch(self, role: str, start: datetime, end: datetime) -> str:
        named = "" if len(self.roster.roles) == 1 else f" --role {quote(role)}"
        return f"{named} --from {as_typed(start, self.zone)} --to {as_typed(end, self.zone)}"

    def said(self, instant: datetime) -> str:
        """An instant in a finding: local, with the zone's short name."""
        return day_and_time(instant, self.zone, weekday=False, named=True)


def _whole(shifts: Iterable[Shift]) -> Iterator[BoundedShift]:
    for shift in shifts:
        if shift.start is not None and shift.end is not None:  # those of `between` have both
            yield BoundedShift(shift.start, shift.end, shift.people, shift.reasons)
