"""Who serves when in one final schedule and not in another: pure, by their shifts."""

from __future__ import annotations

from datetime import UTC, datetime

from rotation.dataclasses import dataclass, replace
from rotation.model import EVERYBODY, Override
from rotation.schedule.effective import Effective
from rotation.schedule.final import Schedule
from rotation.schedule.loaded import Loaded


@dataclass(frozen=True, slots=True)
class Handover:
    """A duty that changes hands: `role` from `start` to `end` (UTC), people before and after.

    The people are in each schedule's own order, and never the same set; none: a gap.
    """

    role: str
    start: datetime
    end: datetime
    before: tuple[str, ...]
    after: tuple[str, ...]


def difference(before: Schedule, after: Schedule, start: datetime, end: datetime) -> list[Handover]:
    """Every stretch of `[start, end)` in which other people are on duty in `after`, in order.

    The role is that of `after`. Why somebody is on duty makes no difference, nor does the order of
    people. Stretches that adjoin are one where the people on both sides stay the same.
    """
    handovers: list[Handover] = []
    at, end = start.astimezone(UTC), end.astimezone(UTC)
    old, new = iter(before.between(at, end)), iter(after.between(at, end))
    old_shift, new_shift = next(old, None), next(new, None)
    while (
        old_shift is not None
        and new_shift is not None
        and old_shift.end is not None
        and new_shift.end is not None
    ):
        until = min(old_shift.end, new_shift.end)  # both tile the span: one of them ends here
        if set(old_shift.people) != set(new_shift.people):
            handovers = _appended(
                handovers, Handover(after.role, at, until, old_shift.people, new_shift.people)
            )
        at = until
        old_shift = next(old, None) if old_shift.end == until else old_shift
        new_shift = next(new, None) if new_shift.end == until else new_shift
    return handovers


class Overrides:
    """Which overrides of a roster act: each role is looked at once for all of them."""

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded
        self._numbers = {id(o): number for number, o in enumerate(loaded.roster.overrides)}
        self._effective: dict[str, Effective] = {}

    def acts(self, override: Override, span: tuple[datetime, datetime] | None = None) -> bool:
        """Whether an override of the roster puts anybody else on duty than those before it do.

        Looked for in `span` (instants, a part of its time), in all of its time unless given.
        Absences of whom it takes out do not count: it says who has their place, even if that is who
        would stand in for them. Where nobody can know who has the role, it may.
        """
        loaded = self._loaded
        if override.role in loaded.unknown:
            return True
        start, end = span or (override.start, override.end)
        if loaded.roster.limit(override.role).apart:
            return self._acts_apart(override, start, end)
        if override.role not in self._effective:
            self._effective[override.role] = Effective(loaded, override.role)
        return self._effective[override.role].acts(override, start, end)

    def _acts_apart(self, override: Override, start: datetime, end: datetime) -> bool:
        """The same by two schedules: in other roles no override counts either."""
        loaded, earlier = self._loaded, self._loaded.roster.overrides[: self._numbers[id(override)]]
        before = [o for o in earlier if together(o, override)]
        present = without_absences(loaded, override.out) if override.out else loaded
        without, within = (
            replace(present, roster=replace(present.roster, overrides=tuple(some)))
            for some in (before, (*before, override))
        )
        schedules = without.known_schedule(override.role), within.known_schedule(override.role)
        return bool(difference(*schedules, start, end))


def without_absences(loaded: Loaded, *people: str) -> Loaded:
    """A roster as it would be, were these people never away."""
    everybody = loaded.roster.people
    written, read = (
        tuple(
            replace(absence, person=person)
            for absence in absences
            for person in (everybody if absence.person == EVERYBODY else (absence.person,))
            if person not in people
        )
        for absences in (loaded.roster.absences, loaded.away)
    )
    return replace(loaded, roster=replace(loaded.roster, absences=written), away=read)


def together(override: Override, other: Override) -> bool:
    """Whether two overrides are for one role, at one time."""
    return override.role == other.role and override.start < other.end and other.start < override.end


def _appended(handovers: list[Handover], change: Handover) -> list[Handover]:
    last = handovers[-1] if handovers else None
    if last is None or last.end != change.start or _people(last) != _people(change):
        handovers.append(change)
    else:
        handovers[-1] = replace(last, end=change.end)
    return handovers


def _people(change: Handover) -> tuple[frozenset[str], frozenset[str]]:
    return frozenset(change.before), frozenset(change.after)
