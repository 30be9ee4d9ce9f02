"""A roster file and its overrides file to a `Roster`, with every problem of both at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from rotation import address
from rotation.errors import Problem, RosterError, by_place, meant
from rotation.model import Absence, AbsenceCalendar, Person, PlanCopy, Roster, Rotation
from rotation.model.target import Target
from rotation.roster.dated import OVERRIDES
from rotation.roster.keys import PERSON, PLAIN_TOP, ROTATION, SHIFT, TARGET, TOP
from rotation.roster.monitor import read_monitor
from rotation.roster.notices import read_notices
from rotation.roster.roles import read_roles
from rotation.roster.rotations import Rotations
from rotation.roster.targets import read_target
from rotation.roster.zone import read_zone
from rotation.schedule.turns import blocks
from rotation.toml.document import read_document
from rotation.toml.places import Path as Keys
from rotation.toml.table import Document, Table

_T = TypeVar("_T")
_SEPARATORS = frozenset(" ,*@:")
_COUNTRY = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?\Z", re.ASCII)


_ENDING = ".overrides.toml"


def overrides_path(path: Path, data: bytes = b"", base: Path | None = None) -> Path:
    """The overrides file that belongs to the roster file at `path` with the text `data`.

    It is what its key `overrides` says, or else `NAME.overrides.toml` beside it; `base` as in
    `parse`. A text that cannot be read says nothing.
    """
    if b"overrides" in data:
        _, values = read_document(data, str(path))
        if (
            isinstance(written := values.get("overrides"), str)
            and written.isprintable()
            and written
        ):
            return Path(base or path.parent, written)
    return path.with_name(f"{path.stem}{_ENDING}")


def parse(
    data: bytes,
    path: Path,
    overrides: bytes | None = None,
    *,
    base: Path | None = None,
    copy: PlanCopy | None = None,
) -> Roster:
    """The roster in `data`, read from `path`, with the text of its overrides file if there is one.

    `path` is used in messages as it is; relative paths in the roster are relative to `base`, the
    folder of `path` unless given; `copy` is which copy of the plan the two texts are. Raises
    RosterError with every problem of both files.
    """
    document, values = read_document(data, str(path))
    document.top = PLAIN_TOP
    beside = str(overrides_path(path, data, base)) if overrides else ""
    exceptions, dated = read_document(overrides or b"", beside)
    if document.problems or exceptions.problems:
        raise RosterError((*document.problems, *exceptions.problems))
    loader = _Loader(document, values, path.stem, base or path.parent)
    roster = loader.load(exceptions, dated, path, copy)
    problems = (*document.problems, *exceptions.problems)
    if problems or roster is None:
        raise RosterError(sorted(problems, key=by_place))
    return roster


_BLOCKS = {keys.head.strip("[]"): keys for keys in (*OVERRIDES, ROTATION, SHIFT, TARGET)}


class _Loader:
    def __init__(
        self, document: Document, values: dict[str, object], name: str, base: Path
    ) -> None:
        self.document = document
        self.top = Table(document, (), values, "the roster", TOP)
        self.name = name
        self.base = base
        self.zone = ZoneInfo("UTC")
        self.people: dict[str, Person] = {}

    def load(
        self,
        exceptions: Document,
        dated: dict[str, object],
        path: Path,
        copy: PlanCopy | None,
    ) -> Roster | None:
        """The roster; None where there are problems, which are then in the documents."""
        top = self.top
        self._read_zone()
        overrides_at = self._read_overrides(path)
        self._read_people()
        fallback = self._read_fallback()
        holidays = self._read_holidays()
        notices = read_notices(self.document, top.take("notify"))
        ping, alarm = read_monitor(self.document, top.take("monitor"))
        entries = Rotations(self.document, self.people, self.zone, holidays)
        rotations = self._each(top, "rotation", entries.rotation)
        shifts = self._each(top, "shift", entries.shift)
        target = partial(read_target, base=self.base, people=self.people)
        targets: tuple[Target, ...] = self._each(top, "target", target)
        away = self._each(top, "absence", entries.absence)
        dated_roles = {shift.role for shift in shifts}
        known = {rotation.role for rotation in rotations} | dated_roles
        roles = read_roles(self.document, top.take("role"), known)
        top.finish()
        extra = Table(exceptions, (), dated, "the overrides file")
        overrides = self._each(extra, "override", entries.override)
        away += self._each(extra, "absence", entries.absence)
        offers = self._each(extra, "offer", entries.offer)
        undone = self._each(extra, "undone", entries.undone)
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
            ping=ping,
            alarm=alarm,
            rotations=rotations,
            shifts=shifts,
            overrides=overrides,
            absences=tuple(entry for entry in away if isinstance(entry, Absence)),
            absence_calendars=tuple(c for c in away if isinstance(c, AbsenceCalendar)),
            targets=targets,
            quiet=roles.expected["gaps"],
            heavy=roles.expected["load"],
            doubled=roles.expected["overlap"],
            holidays=holidays,
            holidays_at=self.document.where(("holidays",)) if holidays else None,
            remind=notices.remind,
            handoffs=notices.handoffs,
            senders=notices.senders,
            weekly=notices.weekly,
            program=notices.program,
            limits=roles.limits,
            copy=copy,
            offers=offers,
            undone=undone,
            overrides_at=overrides_at,
        )

    def _each(self, parent: Table, key: str, read: Callable[[Table], _T | None]) -> tuple[_T, ...]:
        value = parent.take(key)
        if value is None:
            return ()
        if not isinstance(value, list):
            parent.report(key, f"{key!r} must be written [[{key}]]", "two brackets on each side")
            return ()
        entries = []
        for index, item in enumerate(value):
            path = (*parent.path, key, index)
            table = Table(parent.document, path, item, f"this {key}", _BLOCKS[key])
            entry = read(table)
            table.finish()
            if entry is not None:
                entries.append(entry)
        return tuple(entries)

    def _read_zone(self) -> None:
        example = 'begin the file with timezone = "Europe/London"'
        self.zone = read_zone(self.top, required=example) or self.zone

    def _read_overrides(self, path: Path) -> Path | None:
        written = self.top.text("overrides")
        if written is None:
            return None
        # not resolve(): who may lead a link elsewhere is looked at when it is read
        overrides = Path(self.base, written)
        if overrides.parent == path.parent and not written.endswith(_ENDING):
            hint = f'end its name so, as in overrides = "{self.name}{_ENDING}"'
            what = "any other name in this folder is taken for a roster"
            self.top.report("overrides", what, hint)
        return overrides

    def _read_people(self) -> None:
        value = self.top.take("people")
        if value is None:
            self.top.report(
                "people",
                "there is no [people]",
                'add [people] and lines like alice = "alice@example.com"',
            )
            return
        table = Table(self.document, ("people",), value, "[people]")
        for key, entry in value.items() if isinstance(value, dict) else ():
            if person := self._person(table, key, entry):
                self.people[key] = person
        if isinstance(value, dict) and not value:
            self.top.report(
                "people", "[people] is empty", 'add a line: alice = "alice@example.com"'
            )

    def _person(self, people: Table, key: str, value: object) -> Person | None:
        path, before = (*people.path, key), len(self.document.problems)
        if not key.strip() or not key.isprintable() or not _SEPARATORS.isdisjoint(key):
            people.report(key, f"{key!r} cannot be a person's key", "use a short word: alice")
            return None
        if key in PLAIN_TOP:
            hint = "it belongs above the first [table]: below [people] it would be a person"
            people.report(key, f"{key!r} stands in [people]", hint)
        if isinstance(value, (str, list)):
            entries, name, mark, zone, share = people.strings(key), None, None, None, 1.0
        else:
            table = Table(self.document, path, value, f"the person {key!r}", PERSON)
            entries = table.strings("email")
            name, mark = table.text("name"), table.text("id")
            zone, share = read_zone(table), self._share(table)
            table.finish()
        email = self._vetted(entries)
        if not email and len(self.document.problems) == before:
            self.document.report(
                path, f"{key!r} has no mail address", f'{key} = "{key}@example.com"'
            )
        return Person(key, email, name, mark, self.document.where(path), zone, share)

    def _share(self, table: Table) -> float:
        value = table.take("share")
        number = 1.0 if value is None else value
        if isinstance(number, bool) or not isinstance(number, int | float) or not 0 < number < 1000:
            hint = "1 is a whole share, the default: half a share is share = 0.5"
            table.report("share", "'share' must be a number above 0", hint)
            return 1.0
        return float(number)

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
                hint = meant(entry, self.people, f"for a local user: {entry}@localhost")
                self.document.report(path, f"unknown person {entry!r}", hint)
        return tuple(dict.fromkeys(good))

    def _read_holidays(self) -> str | None:
        country = self.top.text("holidays")
        if country is not None and not _COUNTRY.match(country):
            self.top.report(
                "holidays",
                f"{country!r} is not a country",
                'ISO 3166, as in holidays = "GB", or "GB-SCT" for a part of one',
            )
        return country

    def _never_on_duty(self, rotations: tuple[Rotation, ...]) -> None:
        if all(rotation.until is None for rotation in rotations):
            return
        for block in blocks(rotations, self.zone):
            rotation = block.rotation
            if rotation.until is not None and rotation.until <= block.begin:
                hint = "it ends before its first handoff: look at start, since and until"
                self.document.problems.append(
                    Problem(
                        f"rotation {rotation.name!r} can never be on duty", rotation.where, hint
                    )
                )
