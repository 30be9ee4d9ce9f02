"""Which overrides put anybody else on duty than those before them in the file do."""

from __future__ import annotations

from datetime import UTC, datetime

from rotation.model import Override
from rotation.schedule.final import Schedule
from rotation.schedule.instant import overridden
from rotation.schedule.loaded import Loaded


class Effective(Schedule):
    """The final schedule of a role as it is before one of its overrides, and then before another.

    Absences of whom that override takes out do not count in it: it says who has their place, even
    if that is who would stand in for them. Not for a role that is kept apart from others.
    """

    def __init__(self, loaded: Loaded, role: str) -> None:
        super().__init__(loaded.roster, role, loaded.shifts, loaded.away)
        self._numbers = {id(override): n for n, override in enumerate(self._overrides)}
        self._number = 0

    def acts(self, override: Override, start: datetime, end: datetime) -> bool:
        """Whether an override of the roster changes who is on duty in `[start, end)`, in which it
        is in force."""
        self._number = self._numbers[id(override)]
        self._servings.clear()
        at, end = start.astimezone(UTC), end.astimezone(UTC)
        while at < end:
            places = self._overridden(at, self._serving(at).places)[0]
            if places.keys() != overridden(places, override, self._number).keys():
                return True
            at = self._after(at) or end
        return False

    def _in_force(self, at: datetime) -> tuple[int, ...]:
        return tuple(n for n in super()._in_force(at) if n < self._number)

    def _away(self, at: datetime) -> set[str]:
        out = self._overrides[self._number].out
        return {person for person in super()._away(at) if person != out}
