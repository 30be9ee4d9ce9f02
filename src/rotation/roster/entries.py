"""The dated and the repeated entries of a roster: rotations, shifts, overrides, absences."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from pathlib import PurePath
from typing import TypedDict
from zoneinfo import ZoneInfo

from rotation.clock.words import parse_duration, parse_every, parse_window
from rotation.errors import closest
from rotation.model import (
    DUTY,
    EVERYBODY,
    MATCHES,
    Absence,
    AbsenceCalendar,
    Every,
    FixedShift,
    Override,
    Person,
    Rotation,
    Unit,
    Window,
)
from rotation.toml.places import Path as Keys
from rotation.toml.table import Document, Table, describe


class _Stamp(TypedDict):
    """What the tool notes on an entry that it appends."""

    id: str | None
    note: str | None
    by: str | None
    at: datetime | None


class Entries:
    """Reads entries of the roster `listed`, where `people` stand, with local times in `zone`.

    Each method takes one table, notes the problems in the table's document, and gives None for
    an entry that cannot be made.
    """

    def __init__(self, listed: Document, people: Mapping[str, Person], zone: ZoneInfo) -> None:
        self.listed = listed
        self.people = people
        self.zone = zone

    def _known(self, document: Document, path: Keys, key: str) -> bool:
        if key in self.people:
            return True
        guess = closest(key, self.people)
        listed = self.listed.where(("people",)).line
        at = f"people are listed at line {listed}"
        if document is not self.listed:
            at = f"people are listed at {self.listed.where(('people',))}"
        hint = f"did you mean {guess!r}? {at}" if guess else at
        document.report(path, f"unknown person {key!r}", hint)
        return False

    def _turns(self, table: Table) -> tuple[tuple[str, ...], ...]:
        value = table.take("people")
        path = (*table.path, "people")
        example = (
            'people = ["alice", "bob"], and ["carol", "dan"] inside it for a turn held together'
        )
        if value is None:
            if table.good:
                table.document.report(table.path, f"{table.label} has no 'people'", example)
        elif not isinstance(value, list):
            table.report("people", f"'people' must be a list, not {describe(value)}", example)
        elif not value:
            table.report("people", "'people' is empty: nobody can be on duty", example)
        turns = []
        for index, turn in enumerate(value if isinstance(value, list) else ()):
            members = turn if isinstance(turn, list) else [turn]
            if not members:
                table.document.report(
                    (*path, index), "a turn without people", "leave it out; 'hours' makes gaps"
                )
            for number, key in enumerate(members):
                at = (*path, index, number) if isinstance(turn, list) else (*path, index)
                if isinstance(key, str):
                    self._known(table.document, at, key)
                else:
                    table.document.report(
                        at, f"'people' must hold keys of people, not {describe(key)}", example
                    )
            turns.append(tuple(dict.fromkeys(key for key in members if isinstance(key, str))))
        return tuple(turns)

    def rotation(self, table: Table) -> Rotation | None:
        """A [[rotation]] block; None where it has a problem, which is then noted."""
        before = len(self.listed.problems)
        name = table.text("name", required='give each rotation a name: name = "weekly"') or "?"
        role = table.text("role") or DUTY
        priority = table.integer("priority", 0)
        since = table.instant("since", self.zone)
        until = table.instant("until", self.zone, end=True)
        calendar = table.text("calendar")
        if calendar is not None and "://" in calendar:
            self._check_link(table, calendar)
        match = self._match(table) if calendar is not None else None
        stale = self._stale(table) if calendar is not None else None
        only, ignore = self._words(table) if calendar is not None else ((), ())
        if since and until and since >= until:
            table.report(
                "until", f"rotation {name!r} ends before it begins: until is not after since"
            )
        stamp = self._stamp(table)
        turns: tuple[tuple[str, ...], ...] = ()
        every, start, handoff = Every(1, Unit.WEEK), date.min, time(0)
        hours: tuple[Window, ...] = ()
        if calendar is None:
            turns = self._turns(table)
            every = self._every(table)
            start = (
                table.day("start", required="the date of the first handoff: start = 2026-01-05")
                or start
            )
            handoff = table.clock("handoff", handoff)
            hours = self._hours(table)
        if len(self.listed.problems) > before:
            return None
        return Rotation(
            name, table.where, role, priority, turns, every, start, handoff, hours,
            since, until, calendar, match, stale, only, ignore, **stamp,
        )  # fmt: skip

    def _check_link(self, table: Table, text: str) -> None:
        from rotation.system.link import BadLink, parse_link  # most rosters have no address

        try:
            parse_link(text)
        except BadLink as error:
            table.report("calendar", error.what, error.hint)

    def _match(self, table: Table) -> str | None:
        text = table.text("match")
        if text is not None and text not in MATCHES:
            guess = closest(text, MATCHES)
            hint = f"did you mean {guess!r}?" if guess else f"one of {', '.join(MATCHES)}"
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
        found = []
        for key in ("only", "ignore"):
            written = table.strings(key)
            for path, word in written:
                if not word.strip() or not word.isprintable():
                    what = f"{key!r} must hold words of titles, not {word!r}"
                    table.document.report(path, what, f'as in {key} = ["on-call"]')
            if table.empty(key):
                table.report(key, f"{key!r} is empty", "leave the key out")
            found.append(tuple(dict.fromkeys(word for _, word in written)))
        return found[0], found[1]

    def _every(self, table: Table) -> Every:
        example = 'every = "1 week" (N hours, days, weeks or months)'
        text = table.text("every", required=example)
        every = parse_every(text) if text is not None else Every(1, Unit.WEEK)
        if every is None:
            table.report("every", f"{text!r} is not a length of a turn", example)
        return every or Every(1, Unit.WEEK)

    def _hours(self, table: Table) -> tuple[Window, ...]:
        found = []
        written = table.strings("hours")
        for path, text in written:
            window = parse_window(text)
            if window is None:
                table.document.report(
                    path,
                    f"{text!r} are not duty hours",
                    'as in "mon-fri 09:00-17:00", "sat,sun" or "20:00-08:00"',
                )
            else:
                found.append(window)
        if table.empty("hours"):
            table.report("hours", "'hours' is empty: nobody can be on duty", "leave the key out")
        return tuple(found)

    def _people(self, table: Table) -> tuple[str, ...]:
        entries = table.strings("people")
        if not entries and table.good:
            table.report("people", f"{table.label} has nobody on duty", 'people = ["alice"]')
        return tuple(
            dict.fromkeys(key for path, key in entries if self._known(table.document, path, key))
        )

    def _span(self, table: Table) -> tuple[datetime, datetime] | None:
        hint = "as in start = 2026-12-24T09:00:00 and end = 2026-12-27T09:00:00"
        start = table.instant("start", self.zone, required=hint)
        end = table.instant("end", self.zone, end=True, required=hint)
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
        if span is None or not people:
            return None
        return FixedShift(*span, people, table.where, role, priority)

    def _one(self, table: Table, key: str) -> str | None:
        person = table.text(key)
        if person is not None and not (key == "out" and person == EVERYBODY):
            self._known(table.document, (*table.path, key), person)
        return person

    def override(self, table: Table) -> Override | None:
        """An [[override]]; None where it has a problem, which is then noted."""
        span = self._span(table)
        out, in_ = self._one(table, "out"), self._one(table, "in")
        role = table.text("role") or DUTY
        stamp = self._stamp(table)
        if out is None and in_ is None and table.good:
            table.document.report(
                table.path, "this override names nobody", "give it `out`, `in` or both"
            )
        if out is not None and out == in_:
            table.report("in", f"this override puts {in_!r} in their own place")
        if span is None:
            return None
        return Override(*span, table.where, out, in_, role, **stamp)

    def absence(self, table: Table) -> Absence | AbsenceCalendar | None:
        """An [[absence]], of a person or of a calendar; None where it has a problem."""
        if "calendar" in table:
            return self._absence_calendar(table)
        person = table.text("person", required='who is away: person = "carol"')
        if person is not None:
            self._known(table.document, (*table.path, "person"), person)
        span = self._span(table)
        stamp = self._stamp(table)
        if span is None or person is None:
            return None
        number = table.path[-1] if table.document is not self.listed else None
        number = number if isinstance(number, int) else None
        return Absence(person, *span, table.where, number=number, **stamp)

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
        for key in ("start", "end"):
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
