"""The calendars that a roster names, opened: from a file or an address, or the last good copy.

A calendar of duties that cannot be had costs its role. One that had duties to come and has none at
all any more is such a fault too: an export that went wrong looks like that, or a calendar that
nobody may read but the free and busy hours of. One of absences costs nobody anything.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path

from rotation.calendars.fetch import STALE, Copies, too_old, words
from rotation.calendars.near import NearNow
from rotation.calendars.read import NotACalendar, PersonNames, Reading, anybody, read
from rotation.calendars.repair import begins, prepared, whole
from rotation.dataclasses import dataclass, replace
from rotation.errors import ApplyError, Problem, Where
from rotation.model import AbsenceCalendar, Roster, Rotation
from rotation.system import Files
from rotation.system.link import BadLink, is_link, parse_link

AHEAD = timedelta(days=400)
"""How far ahead a duty is looked for that is still to come."""
NEAR = timedelta(days=45)
_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Feed:
    """An opened calendar: what is read of it by whom.

    `source` is where it is, in words that can be shown; `odd` what there is to warn of; `near` what
    is remembered of it between runs.
    """

    roster: Roster
    entry: Rotation | AbsenceCalendar
    source: str
    data: bytes
    odd: tuple[Problem, ...] = ()
    near: NearNow | None = None

    def read(self, start: datetime, end: datetime) -> Reading:
        """What it says of `[start, end)`. Raises ApplyError where that cannot be told."""
        away = isinstance(self.entry, AbsenceCalendar)
        try:
            return read(
                self.data,
                zone=self.roster.zone,
                people=_names(self.roster),
                start=start,
                end=end,
                match=self.entry.match or "attendee-or-summary",
                only=self.entry.only,
                ignore=self.entry.ignore,
                away=away,
                person=self.entry.person if isinstance(self.entry, AbsenceCalendar) else None,
                sift=(self.near and self.near.covering(self.data, start, end)) or True,
            )
        except NotACalendar as error:
            raise ApplyError(Problem(str(error), Where(self.source))) from None
        except ValueError as error:
            raise ApplyError(Problem(str(error), self.entry.where)) from None

    def has_duty(self, start: datetime, end: datetime) -> bool:
        """Whether anybody has a duty in `[start, end)`; ApplyError as for `read`."""
        return bool(self.read(start, end).occurrences)

    def anybody(self) -> bool:
        """Whether any event puts anybody on duty, whenever that is; ApplyError as for `read`."""
        try:
            return anybody(
                self.data,
                zone=self.roster.zone,
                people=_names(self.roster),
                match=self.entry.match or "attendee-or-summary",
                only=self.entry.only,
                ignore=self.entry.ignore,
            )
        except NotACalendar as error:
            raise ApplyError(Problem(str(error), Where(self.source))) from None


def _cut(data: bytes) -> str | None:
    """What is wrong with a calendar that does not go to its end; what is none is not told here."""
    try:
        begins(prepared(data))
        whole(data)
    except NotACalendar as error:
        return str(error) if _begins(data) else None
    return None


class Feeds:
    """Opens the calendars of rosters at the instant of `copies`, which has those of addresses."""

    def __init__(self, system: Files, copies: Copies, rosters: Iterable[Roster]) -> None:
        self._system, self._copies = system, copies
        for roster in rosters:
            for rotation in roster.rotations:
                with suppress(BadLink):
                    if is_link(rotation.calendar or ""):
                        link = parse_link(rotation.calendar or "")
                        copies.watch(link, partial(self._changes, roster, rotation))

    def duties(self, roster: Roster, rotation: Rotation) -> Feed:
        """The calendar of a rotation. Raises ApplyError where nothing of it can be believed."""
        calendar, far = self._opened(roster, rotation), is_link(rotation.calendar or "")
        kept, name = self._copies.kept, self._name(roster, rotation)
        cut = None if far else _cut(calendar.data)  # an address that cuts short is a fault already
        # of an address a copy is kept here only while it is of no use (_changes)
        if not far and cut is None and (kept.keeps(name, calendar.data) or self._says(calendar)):
            kept.keep(name, calendar.data)
            return calendar
        useful = kept.useful(name)
        if cut is not None and useful is None:
            hint = "is somebody writing it at this moment, or is a disk full?"
            raise ApplyError(Problem(cut, Where(calendar.source), hint))
        if useful is None:
            return calendar
        if cut is None and not self._lost(roster, rotation, useful.data, calendar.data):
            kept.forget(name)
            return calendar
        what = f"{calendar.source} answers, but n" if far else "n"
        what = cut or f"{what}obody has any duty in it any more"
        limit = STALE if rotation.stale is None else rotation.stale
        where = rotation.where if far else Where(calendar.source)
        if useful.age > limit:
            hint = f"if that is meant, take its rotation out of the roster ({rotation.where})"
            raise ApplyError(Problem(too_old(what, useful.age, limit), where, hint))
        hint = "is it still exported, and shared with its titles, as it was?"
        said = f"{what}; what it said {words(useful.age)} ago is used"
        odd = (*calendar.odd, Problem(said, where, hint))
        return replace(calendar, data=useful.data, odd=odd, near=None)

    def absences(self, roster: Roster, entry: AbsenceCalendar) -> Feed | tuple[Problem, ...]:
        """A calendar of absences, at worst by its last copy, or why there is none.

        One that is empty is believed: somebody may have come back.
        """
        if is_link(entry.calendar):
            try:
                return self._opened(roster, entry)
            except ApplyError as error:
                return _each(error.problems, "; no absence in it counts", entry.where)
        kept, name = self._copies.kept, self._name(roster, entry)
        calendar: Feed | None = None
        try:
            calendar = self._opened(roster, entry)
            whole(calendar.data)
        except (ApplyError, NotACalendar) as error:
            useful = kept.useful(name)
            if useful is None and calendar is not None and _begins(calendar.data):
                return calendar  # cut short, which the reader tells: what is there counts
            path = self._path(roster, entry)
            # no word of what else it is: a group may have named the file
            broken = Problem("it is not a calendar, or only a part of one", Where(path))
            problems = error.problems if isinstance(error, ApplyError) else (broken,)
            if useful is None:
                return _each(problems, "; no absence in it counts", entry.where)
            said = f"; what it said {words(useful.age)} ago counts"
            return Feed(roster, entry, path, useful.data, _each(problems, said, entry.where))
        kept.keep(name, calendar.data)
        return calendar

    def _opened(self, roster: Roster, entry: Rotation | AbsenceCalendar) -> Feed:
        """The calendar itself, or of an address the last good copy; of absences however old."""
        written = entry.calendar or ""
        if is_link(written):
            try:
                link = parse_link(written)
                old = isinstance(entry, AbsenceCalendar)
                data, odd = self._copies.get(link, entry.stale, old=old)
            except BadLink as error:
                raise ApplyError(Problem(error.what, entry.where, error.hint)) from None
            except ApplyError as error:
                raise ApplyError(_each(error.problems, "", entry.where)) from None
            near = self._copies.near(link.name)
            return Feed(roster, entry, str(link), data, _each(odd, "", entry.where), near)
        path = self._path(roster, entry)
        file = self._system.read(Path(path))
        if file is None:
            whose = f"rotation {entry.name!r}" if isinstance(entry, Rotation) else "absences"
            hint = f"it is the calendar of {whose}, at {entry.where}"
            raise ApplyError(Problem("no such calendar", Where(path), hint))
        name = sha256(os.fsencode(file.real)).hexdigest()[:32]
        return Feed(roster, entry, path, file.data, near=self._copies.near(name))

    def _path(self, roster: Roster, entry: Rotation | AbsenceCalendar) -> str:
        return str(roster.path.parent / (entry.calendar or ""))

    def _name(self, roster: Roster, entry: Rotation | AbsenceCalendar) -> str:
        """A name for what is kept of a calendar as this entry reads it: it tells nothing."""
        written = entry.calendar or ""
        if is_link(written):
            place = parse_link(written).name
        else:
            place = str(self._system.real(Path(self._path(roster, entry))))
        parts = (
            str(self._system.real(roster.path)),
            entry.match or "",
            *entry.only,
            "",
            *entry.ignore,
        )
        return sha256("\0".join((place, *parts)).encode()).hexdigest()[:32]

    def _changes(
        self, roster: Roster, rotation: Rotation, before: bytes, after: bytes, checked: datetime
    ) -> None:
        """Keep what an address said until `checked`, if that is lost in what it says now."""
        if self._lost(roster, rotation, before, after):
            self._copies.kept.keep(self._name(roster, rotation), before, checked)

    def _lost(self, roster: Roster, rotation: Rotation, before: bytes, after: bytes) -> bool:
        """Whether a rotation loses all of its duties when its calendar changes so.

        It is a loss only if what is gone was not over.
        """
        now = self._copies.now
        old, new = (Feed(roster, rotation, "", data) for data in (before, after))
        try:
            return not self._says(new) and old.has_duty(now, _later(now, AHEAD))
        except ApplyError:  # told where it is read
            return False

    def _says(self, calendar: Feed) -> bool:
        """Whether anybody has any duty in it; those who do have one about now, as a rule.

        Raises ApplyError where it is no calendar.
        """
        now = self._copies.now
        if calendar.has_duty(_later(now, -NEAR), _later(now, NEAR)):
            return True
        return calendar.anybody()


def _begins(data: bytes) -> bool:
    try:
        begins(prepared(data))
    except NotACalendar:
        return False
    return True


def _names(roster: Roster) -> dict[str, PersonNames]:
    return {key: PersonNames(person.email, person.name) for key, person in roster.people.items()}


def _each(problems: Iterable[Problem], more: str, where: Where) -> tuple[Problem, ...]:
    """Problems, each with more words and, of an address, the line of the roster that holds it."""
    return tuple(
        replace(problem, what=problem.what + more, where=problem.where or where)
        for problem in problems
    )


def _later(now: datetime, by: timedelta) -> datetime:
    try:
        return now + by
    except OverflowError:
        return _LAST if by > timedelta(0) else now
