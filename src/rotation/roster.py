"""A roster file and its overrides file to a `Roster`, with every problem of both at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from typing import TypedDict, TypeVar
from zoneinfo import ZoneInfo

from rotation import address
from rotation.documents import by_place, read_document
from rotation.errors import Problem, RosterError
from rotation.fields import (
    Document,
    Table,
    closest,
    describe,
    parse_every,
    parse_window,
)
from rotation.lines import Path as Keys
from rotation.model import (
    DUTY,
    EVERYBODY,
    Absence,
    Every,
    FixedShift,
    Override,
    Person,
    Roster,
    Rotation,
    Unit,
    Window,
)
from rotation.targets import read_target
from rotation.turns import blocks

_T = TypeVar("_T")


def overrides_path(path: Path) -> Path:
    """The overrides file that belongs to a roster file: `NAME.overrides.toml` beside it."""
    return path.with_name(f"{path.stem}.overrides.toml")


def parse(
    data: bytes,
    path: Path,
    overrides: bytes | None = None,
    *,
    base: Path | None = None,
) -> Roster:
    """The roster in `data`, read from `path`, with the text of its overrides file if there is one.

    `path` is used in messages as it is; relative paths in the roster are relative to `base`, the
    folder of `path` unless given. Raises RosterError with every problem of both files.
    """
    document, values = read_document(data, str(path))
    exceptions, dated = read_document(overrides or b"", str(overrides_path(path)))
    if document.problems or exceptions.problems:
        raise RosterError((*document.problems, *exceptions.problems))
    roster = _Loader(document, values, path.stem, base or path.parent).load(exceptions, dated, path)
    problems = (*document.problems, *exceptions.problems)
    if problems or roster is None:
        raise RosterError(sorted(problems, key=by_place))
    return roster


class _Stamp(TypedDict):
    """What the tool notes on an entry that it appends."""

    id: str | None
    note: str | None
    by: str | None
    at: datetime | None


class _Loader:
    def __init__(
        self, document: Document, values: dict[str, object], name: str, base: Path
    ) -> None:
        self.document = document
        self.top = Table(document, (), values, "the roster")
        self.name = name
        self.base = base
        self.zone = ZoneInfo("UTC")
        self.people: dict[str, Person] = {}

    def load(self, exceptions: Document, dated: dict[str, object], path: Path) -> Roster | None:
        top = self.top
        self._read_zone()
        self._read_people()
        fallback = self._read_fallback()
        rotations = self._each(top, "rotation", self._rotation)
        shifts = self._each(top, "shift", self._shift)
        targets = self._each(
            top, "target", lambda table: read_target(table, self.base, self.people)
        )
        top.finish()
        extra = Table(exceptions, (), dated, "the overrides file")
        overrides = self._each(extra, "override", self._override)
        absences = self._each(extra, "absence", self._absence)
        extra.finish()
        self._never_on_duty(rotations)
        if self.document.problems or exceptions.problems:
            return None
        return Roster(
            name=self.name,
            path=path,
            zone=self.zone,
            people=self.people,
            fallback=fallback,
            rotations=rotations,
            shifts=shifts,
            overrides=overrides,
            absences=absences,
            targets=targets,
        )

    def _each(self, parent: Table, key: str, read: Callable[[Table], _T | None]) -> tuple[_T, ...]:
        value = parent.take(key)
        if value is None:
            return ()
        if not isinstance(value, list):
            parent.report(key, f"{key!r} must be written [[{key}]]", "two brackets on each side")
            return ()
        found = []
        for index, item in enumerate(value):
            table = Table(parent.document, (*parent.path, key, index), item, f"this {key}")
            made = read(table)
            table.finish()
            if made is not None:
                found.append(made)
        return tuple(found)

    def _read_zone(self) -> None:
        example = 'timezone = "Europe/London"'
        name = self.top.text("timezone", required=f"begin the file with {example}")
        if name is None:
            return
        try:
            self.zone = ZoneInfo(name)
        except (ValueError, OSError, KeyError):  # unknown, a folder, or no relative path
            from zoneinfo import available_timezones

            guess = closest(name, available_timezones())
            hint = f"did you mean {guess!r}?" if guess else f"an IANA name, as in {example}"
            self.top.report("timezone", f"unknown time zone {name!r}", hint)

    def _read_people(self) -> None:
        value = self.top.take("people")
        if value is None:
            self.top.report(
                "people", "no [people]", 'add [people] and lines like alice = "alice@example.com"'
            )
            return
        table = Table(self.document, ("people",), value, "[people]")
        for key in value if isinstance(value, dict) else ():
            if person := self._person(table, key):
                self.people[key] = person
        if isinstance(value, dict) and not value:
            self.top.report(
                "people", "[people] is empty", 'add a line: alice = "alice@example.com"'
            )

    def _person(self, people: Table, key: str) -> Person | None:
        path, before = (*people.path, key), len(self.document.problems)
        if not key.strip() or not key.isprintable() or set(key) & set(" ,*@:"):
            people.report(key, f"{key!r} cannot be a person's key", "use a short word: alice")
            return None
        value = people.take(key)
        if isinstance(value, (str, list)):
            table = Table(self.document, people.path, {key: value}, "[people]")
            entries, name = table.strings(key), None
        else:
            table = Table(self.document, path, value, f"the person {key!r}")
            entries, name = table.strings("email"), table.text("name")
            table.finish()
        email = self._vetted(entries)
        if not email and len(self.document.problems) == before:
            self.document.report(
                path, f"{key!r} has no mail address", f'{key} = "{key}@example.com"'
            )
        return Person(key, email, name)

    def _vetted(self, entries: tuple[tuple[Keys, str], ...]) -> tuple[str, ...]:
        good = []
        for path, entry in entries:
            if fault := address.fault(entry):
                self.document.report(path, f"address {entry!r} {fault[0]}", fault[1])
            else:
                good.append(entry)
        return tuple(dict.fromkeys(good))

    def _read_fallback(self) -> tuple[str, ...]:
        good = []
        for path, entry in self.top.strings("fallback"):
            if entry in self.people:
                good.append(entry)
            elif "@" in entry or not entry.isidentifier():
                good.extend(self._vetted(((path, entry),)))
            else:
                guess = closest(entry, self.people)
                hint = f"did you mean {guess!r}?" if guess else f"a local user: {entry}@localhost"
                self.document.report(path, f"unknown person {entry!r}", hint)
        return tuple(dict.fromkeys(good))

    def _known(self, document: Document, path: Keys, key: str) -> bool:
        if key in self.people:
            return True
        guess = closest(key, self.people)
        listed = self.document.where(("people",)).line
        at = f"people are listed at line {listed}"
        if document is not self.document:
            at = f"people are listed at {self.document.where(('people',))}"
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

    def _rotation(self, table: Table) -> Rotation | None:
        before = len(self.document.problems)
        name = table.text("name", required='give each rotation a name: name = "weekly"') or "?"
        role = table.text("role") or DUTY
        priority = table.integer("priority", 0)
        since = table.instant("since", self.zone)
        until = table.instant("until", self.zone, end=True)
        calendar = table.text("calendar")
        match = table.text("match") if calendar is not None else None
        if since and until and since >= until:
            table.report(
                "until", f"rotation {name!r} ends before it begins: until is not after since"
            )
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
        if len(self.document.problems) > before:
            return None
        return Rotation(
            name, table.where, role, priority, turns, every, start, handoff, hours,
            since, until, calendar, match,
        )  # fmt: skip

    def _every(self, table: Table) -> Every:
        example = 'every = "1 week" (N hours, days, weeks or months)'
        text = table.text("every", required=example)
        every = parse_every(text) if text is not None else Every(1, Unit.WEEK)
        if every is None:
            table.report("every", f"{text!r} is no length of a turn", example)
        return every or Every(1, Unit.WEEK)

    def _hours(self, table: Table) -> tuple[Window, ...]:
        found = []
        written = table.strings("hours")
        for path, text in written:
            window = parse_window(text)
            if window is None:
                table.document.report(
                    path,
                    f"{text!r} are no duty hours",
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

    def _shift(self, table: Table) -> FixedShift | None:
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

    def _override(self, table: Table) -> Override | None:
        span = self._span(table)
        out, in_ = self._one(table, "out"), self._one(table, "in")
        role = table.text("role") or DUTY
        stamp = self._stamp(table)
        if out is None and in_ is None and table.good:
            table.document.report(
                table.path, "this override changes nobody", "give it out, in, or both"
            )
        if out is not None and out == in_:
            table.report("in", f"this override puts {in_!r} in their own place")
        if span is None:
            return None
        return Override(*span, table.where, out, in_, role, **stamp)

    def _absence(self, table: Table) -> Absence | None:
        person = table.text("person", required='who is away: person = "carol"')
        if person is not None:
            self._known(table.document, (*table.path, "person"), person)
        span = self._span(table)
        stamp = self._stamp(table)
        if span is None or person is None:
            return None
        return Absence(person, *span, table.where, **stamp)

    def _stamp(self, table: Table) -> _Stamp:
        return {
            "id": table.text("id"),
            "note": table.text("note"),
            "by": table.text("by"),
            "at": table.instant("at", ZoneInfo("UTC")),
        }

    def _never_on_duty(self, rotations: tuple[Rotation, ...]) -> None:
        for block in blocks(rotations, self.zone):
            rotation = block.rotation
            if block.begin < block.end and (
                not rotation.counts_windows or rotation.start < block.stop
            ):
                continue
            hint = "a later rotation of the same name begins no later: remove this one"
            if rotation.until is not None and rotation.until <= block.begin:
                hint = "it ends before its first handoff: look at start, since and until"
            self.document.problems.append(
                Problem(f"rotation {rotation.name!r} can never be on duty", rotation.where, hint)
            )
