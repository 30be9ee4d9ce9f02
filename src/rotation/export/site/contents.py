"""What the pages of a site show, as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rotation.dataclasses import dataclass
from rotation.export.site.view import Handoff, Now, Row
from rotation.model import Roster


@dataclass(frozen=True, slots=True)
class Download:
    """A file that the page offers. `shown` is its address on the web, where that is known."""

    file: str
    label: str
    shown: str | None = None


@dataclass(frozen=True, slots=True)
class Lane:
    """One role of a roster: its weeks and its months; and weeks of each of its rotations, by name,
    where there are several."""

    roster: Roster
    role: str
    weeks: Sequence[Row]
    year: Sequence[Row]
    rotations: Mapping[str, Sequence[Row]]


@dataclass(frozen=True, slots=True)
class PersonalShift:
    """A duty of the one person that a page is about."""

    role: str
    start: datetime
    end: datetime
    people: tuple[str, ...]
    instead_of: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SitePage:
    """All that a page shows.

    `file` is its own name, `at` the instant that it is made for, `every` how often it is made
    anew, `zone` that of its times (None: each roster's). With `person`, it is about their duties.
    """

    file: str
    title: str
    at: datetime
    every: timedelta
    zone: ZoneInfo | None
    now: Sequence[Now]
    handoffs: Sequence[Handoff]
    lanes: Sequence[Lane] = ()
    feeds: Sequence[Download] = ()
    data: Sequence[Download] = ()
    parts: Sequence[Download] = ()
    people: Sequence[Download] = ()
    zones: Sequence[Download] = ()
    person: str | None = None
    duties: Sequence[PersonalShift] = ()

    def zone_of(self, roster: Roster) -> ZoneInfo:
        """The zone of its times."""
        return self.zone or roster.zone

    @property
    def until(self) -> datetime | None:
        """The next instant at which other people come on duty, if nothing is changed before."""
        ends = [now.shift.end for now in self.now if now.shift.end is not None]
        return min(ends, default=None)
