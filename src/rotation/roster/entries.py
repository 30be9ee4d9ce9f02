"""The dated entries of a roster, and what they share with rotations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import PurePath
from typing import TypedDict
from zoneinfo import ZoneInfo

from rotation.clock.days import NoLibrary, is_holiday
from rotation.clock.words import parse_duration, parse_window
from rotation.errors import RosterError, meant
from rotation.model import (
    DUTY,
    EVER,
    EVERYBODY,
    MATCHES,
    NEVER,
    Absence,
    AbsenceCalendar,
    FixedShift,
    Override,
    Person,
    Window,
)
from rotation.model.records import MovedFrom, Offer, Undone
from rotation.toml.places import Path as Keys
from rotation.toml.table import Document, Table


class _Stamp(TypedDict):
    """What the tool notes on an entry that it appends."""

    id: str | None
    note: str | None
    by: str | None
    at: datetime | None


class Entries:
    """Reads entries of the roster `listed`, where `people` stand, with local times in `zone`.

    `holidays` is the country whose public holidays are meant by the word `holiday`. Each method
    takes one table, notes the problems in the table's document, and gives None for an entry that
    cannot be made.
    """

    def __init__(
        self,
        listed: Document,
        people: Mapping[str, Person],
        zone: ZoneInfo,
        holidays: str | None = None,
    ) -> None:
        self.listed = listed
        self.people = people
        self.zone = zone
        self.holidays = holidays

    def _known(self, document: Document, path: Keys, key: str) -> bool:
        if key in self.people:
            return True
        listed = self.listed.where(("people",)).line
        at = f"people are listed at line {listed}"
        if document is not self.listed:
            at = f"people are listed at {self.listed.where(('people',))}"
        document.report(path, f"unknown person {key!r}", meant(key, self.people, always=at))
        return False

    def _check_link(self, table: Table, text: str) -> None:
        from rotation.system.link import BadLink, parse_link  # most rosters have no address

        try:
            parse_link(text)
        except BadLink as error:
            table.report("calendar", error.what, error.hint)

    def _match(self, table: Table) -> str | None:
        text = table.text("match")
        if text is not None and text not in MATCHES:
            hint = meant(text, MATCHES, f"one of {', '.join(MATCHES)}")
            table.report("match", f"events cannot be matched by {text!r}", hint)
        return text

    def _stale(self, table: Table) -> timedelta | None:
        text = table.text("stale")
        age = parse_duration(text) if text is not None else None
        if text is not None and age is None:
            table.report("stale", f"{text!r} is not a length of time", 'as in stale = "3 days"')
        return age

    def _words(self, table: Table) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """`only` and `ignore`: words of titles and categories."""
        words = []
        for key in ("only", "ignore"):
            written = table.strings(key)
            for path, word in written:
                if not word.strip() or not word.isprintable():
                    what = f"{key!r} must hold words of titles, not {word!r}"
                    table.document.report(path, what, f'as in {key} = ["on-call"]')
            if table.empty(key):
                table.report(key, f"{key!r} is empty", "leave the key out")
            words.append(tuple(dict.fromkeys(word for _, word in written)))
        return words[0], words[1]

    def _hours(self, table: Table, what: str) -> tuple[tuple[Window, ...], str | None]:
        """Windows, and the country whose holidays they name; `what` they are."""
        windows, country = [], None
        for path, text in table.strings("hours"):
            window = parse_window(text)
            if window is None:
                table.document.report(
                    path,
                    f"{text!r} are not {what}",
                    'as in "mon-fri 09:00-17:00", "sat,sun" or "20:00-08:00"',
                )
                continue
            windows.append(window)
            if window.holiday and country is None:
                country = self._country(table, path)
        if table.empty("hours"):
            table.report("hours", f"'hours' is empty: there are no {what}", "leave the key out")
        return tuple(windows), country

    def _country(self, table: Table, path: Keys) -> str | None:
        """The country of `holidays`, which the word `holiday` needs."""
        if self.holidays is None:
            hint = 'say whose public holidays at the top of the roster: holidays = "GB"'
            table.document.report(path, "'holiday' without 'holidays'", hint)
            return None
        try:
            is_holiday(self.holidays, date(2026, 1, 1))
        except NoLibrary:
            hint = "install it: pip install 'rotation[holidays]'"
            table.document.report(path, "'holiday' needs the library of public holidays", hint)
        except RosterError as error:
            for problem in error.problems:
                table.document.report(path, problem.what, problem.hint)
        return self.holidays

    def _people(self, table: Table) -> tuple[str, ...]:
        entries = table.strings("people")
        if not entries and table.good:
            table.report("people", f"{table.label} has nobody on duty", 'people = ["alice"]')
        return tuple(
            dict.fromkeys(key for path, key in entries if self._known(table.document, path, key))
        )

    def _span(self, table: Table, *, open_: bool = False) -> tuple[datetime, datetime] | None:
        """From when to when; with `open_` both may be left out: EVER and NEVER."""
        hint = None if open_ else "as in start = 2026-12-24T09:00:00 and end = 2026-12-27T09:00:00"
        ever = EVER if open_ and "start" not in table else None
        never = NEVER if open_ and "end" not in table else None
        start = table.instant("start", self.zone, required=hint) or ever
        end = table.instant("end", self.zone, end=True, required=hint) or never
        if start is None or end is None:
            return None
        if end <= start:
            table.report("end", "end is not after start", "are the two the wrong way round?")
            return None
        return start, end

    def shift(self, table: Table) -> FixedShift | None:
        """A [[shift]]; None where it has a problem, which is then noted."""
        span = self._span(table)
        people = self._people(table)
        role, priority = table.text("role") or DUTY, table.integer("priority", 0)
        note = table.text("note")
        if span is None or not people:
            return None
        return FixedShift(*span, people, table.where, role, priority, note=note)

    def _one(self, table: Table, key: str) -> str | None:
        person = table.text(key)
        if person is not None and not (key == "out" and person == EVERYBODY):
            self._known(table.document, (*table.path, key), person)
        return person

    def override(self, table: Table) -> Override | None:
        """An [[override]]; None where it has a problem, which is then noted."""
        span = self._span(table)
        out, in_ = self._one(table, "out"), self._one(table, "in")
        role, moved = table.text("role") or DUTY, self._moved(table)
        stamp = self._stamp(table)
        if out is None and in_ is None and table.good:
            table.document.report(
                table.path, "this override names nobody", "give it `out`, `in` or both"
            )
        if out is not None and out == in_:
            table.report("in", f"this override puts {in_!r} in their own place")
        if span is None:
            return None
        return Override(*span, table.where, out, in_, role, moved, **stamp)

    def _moved(self, table: Table) -> tuple[MovedFrom, ...]:
        """Where an override was moved from, each as `ID START END`."""
        places = []
        for path, text in table.strings("moved"):
            by, *bounds = text.rsplit(" ", 2)
            try:
                start, end = map(datetime.fromisoformat, bounds)
                if by and start.tzinfo and end.tzinfo and start < end:
                    places.append(MovedFrom(by, start.astimezone(UTC), end.astimezone(UTC)))
                    continue
            except (ValueError, OverflowError):
                pass
            hint = 'as in moved = ["be9d 2026-12-07T09:00:00Z 2026-12-14T09:00:00Z"]'
            table.document.report(path, f"{text!r} says not from where it was moved", hint)
        return tuple(places)

    def absence(self, table: Table) -> Absence | AbsenceCalendar | None:
        """An [[absence]], of a person or of a calendar; None where it has a problem."""
        if "calendar" in table:
            return self._absence_calendar(table)
        person = table.text("person", required='who is away: person = "carol"')
        if person is not None and person != EVERYBODY:
            self._known(table.document, (*table.path, "person"), person)
        recurring = "hours" in table
        hours, country = self._hours(table, "hours away")
        span = self._span(table, open_=recurring)
        stamp = self._stamp(table)
        if span is None or person is None or (recurring and not hours):
            return None
        number = table.path[-1] if table.document is not self.listed else None
        number = number if isinstance(number, int) else None
        return Absence(
            person, *span, table.where, number=number, hours=hours, holidays=country, **stamp
        )

    def offer(self, table: Table) -> Offer | None:
        """An [[offer]]; None where it has a problem, which is then noted."""
        span = self._span(table)
        person = table.text("person", required='whose duty it is: person = "carol"')
        if person is not None:
            self._known(table.document, (*table.path, "person"), person)
        role, stamp = table.text("role") or DUTY, self._stamp(table)
        if span is None or person is None:
            return None
        return Offer(person, *span, table.where, role, **stamp)

    def undone(self, table: Table) -> Undone | None:
        """An [[undone]]; None where it has a problem, which is then noted."""
        at = table.instant("undone", self.zone, required="as in undone = 2026-12-24T09:00:00Z")
        by = table.text("undone_by", required='who took it back: undone_by = "root"')
        start, end = table.instant("start", self.zone), table.instant("end", self.zone, end=True)
        stamp = self._stamp(table)
        if at is None or by is None:
            return None
        return Undone(at, by, table.where, start, end, **stamp)

    def _absence_calendar(self, table: Table) -> AbsenceCalendar | None:
        before = len(table.document.problems)
        calendar = table.text("calendar")
        person = table.text("person")
        if person is not None and person != EVERYBODY:
            self._known(table.document, (*table.path, "person"), person)
        if calendar is not None and "://" in calendar:
            self._check_link(table, calendar)
        elif calendar is not None and table.document is not self.listed and self._outside(calendar):
            # whoever may write the overrides must not have other files of the host read for them
            hint = "write this [[absence]] into the roster, or an address, or a file beside it"
            table.report("calendar", f"{calendar!r} is not below the roster's folder", hint)
        match, stale = self._match(table), self._stale(table)
        only, ignore = self._words(table)
        for key in ("start", "end", "hours"):
            if table.take(key) is not None:
                table.report(key, f"{key!r} and a calendar do not go together", "leave one out")
        self._stamp(table)
        if calendar is None or len(table.document.problems) > before:
            return None
        return AbsenceCalendar(calendar, table.where, person, match, stale, only, ignore)

    def _outside(self, written: str) -> bool:
        """Whether a path may lead out of the roster's folder."""
        path = PurePath(written)
        below = not path.is_absolute() or path.is_relative_to(PurePath(self.listed.file).parent)
        return not below or ".." in path.parts

    def _stamp(self, table: Table) -> _Stamp:
        return {
            "id": table.text("id"),
            "note": table.text("note"),
            "by": table.text("by"),
            "at": table.instant("at", ZoneInfo("UTC")),
        }
