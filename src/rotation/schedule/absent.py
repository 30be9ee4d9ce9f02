"""Who is away when: absences by date, and those that recur in windows of the roster's zone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from rotation.clock.days import Stretch, joined
from rotation.clock.hours import NEAR, Hours
from rotation.clock.local import DAY, to_local
from rotation.model import EVER, EVERYBODY, NEVER, Absence, Roster
from rotation.schedule.dated import Dated


def spells(absence: Absence, roster: Roster, start: datetime, end: datetime) -> list[Stretch]:
    """When in `[start, end)` (instants) an absence lasts: once, or each time that it recurs."""
    first, last = max(start, absence.start), min(end, absence.end)
    if first >= last:
        return []
    if not absence.hours:
        return [(first, last)]
    hours = Hours(absence.hours, roster.zone, absence.holidays)
    day, stop = to_local(first, roster.zone).date() - NEAR * DAY, to_local(last, roster.zone).date()
    days = (day + n * DAY for n in range((stop - day).days + 1))
    cut = ((max(s, first), min(e, last)) for _, s, e in hours.openings(days))
    return joined((s, e) for s, e in cut if s < e)


def concerns(absence: Absence, person: str) -> bool:
    """Whether an absence is that of a person, or everybody's."""
    return absence.person in (person, EVERYBODY)


class Absent:
    """Who of a roster is away at an instant, and when that may change. Nothing is enumerated."""

    def __init__(self, roster: Roster, absences: Iterable[Absence]) -> None:
        self._people = roster.people
        self._dated: list[Absence] = []
        self._recurring: list[tuple[Absence, Hours]] = []
        for absence in absences:
            if absence.hours:
                hours = Hours(absence.hours, roster.zone, absence.holidays)
                self._recurring.append((absence, hours))
            else:
                self._dated.append(absence)
        self._by_date = Dated((absence.start, absence.end) for absence in self._dated)
        self.recurs = bool(self._recurring)
        """Whether anybody comes and goes beside the `bounds`."""

    def bounds(self) -> Iterator[datetime]:
        """The starts and ends that are written (UTC)."""
        for absence in (*self._dated, *(recurring for recurring, _ in self._recurring)):
            for bound in (absence.start, absence.end):
                if bound not in (EVER, NEVER):
                    yield bound.astimezone(UTC)

    def at(self, at: datetime) -> set[str]:
        """Everybody who is away at an instant."""
        if not self._dated and not self._recurring:
            return set()
        away = {self._dated[number].person for number in self._by_date.at(at)}
        for absence, hours in self._recurring:
            if absence.start <= at < absence.end and hours.open(at):
                away.add(absence.person)
        return away.union(self._people) if EVERYBODY in away else away

    def after(self, at: datetime, people: frozenset[str]) -> Iterator[datetime]:
        """When after an instant an absence of these people begins or ends that recurs then."""
        return (hours.after(at) for hours in self._running(at, people))

    def before(self, at: datetime, people: frozenset[str]) -> Iterator[datetime]:
        """When before an instant, or at it, such an absence began or ended."""
        return (hours.before(at) for hours in self._running(at, people))

    def _running(self, at: datetime, people: frozenset[str]) -> Iterator[Hours]:
        for absence, hours in self._recurring:
            if absence.start <= at < absence.end and (
                absence.person in people or (people and absence.person == EVERYBODY)
            ):
                yield hours
