"""What a change of the plan starts from and what it comes to: texts, and the rosters they mean."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cached_property
from typing import NoReturn
from zoneinfo import ZoneInfo

from rotation.clock.told import day_and_time
from rotation.dataclasses import dataclass, replace
from rotation.errors import Problem, UsageError, Where, meant
from rotation.model import EVER, NEVER, Absence, Override, Roster
from rotation.roster import write
from rotation.roster.parse import parse
from rotation.schedule.difference import Handover, difference
from rotation.schedule.duties import horizon
from rotation.schedule.loaded import Loaded

_ID = 4
"""Hexadecimal digits of an id, more where a roster has used up many."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who makes a change, and at which instant; `id` where it is to have a certain one."""

    by: str
    at: datetime
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Book:
    """A roster with the texts it was read from; None: there is no overrides file yet."""

    loaded: Loaded
    roster_text: bytes
    overrides_text: bytes | None

    @property
    def roster(self) -> Roster:
        """The roster as it is."""
        return self.loaded.roster

    def fresh_id(self, what: str, stamp: Stamp) -> str:
        """An id that no entry has; the same change made at the same instant gets the same."""
        if stamp.id is not None:
            return stamp.id
        roster = self.roster
        used = {entry.id for entry in roster.overrides}
        used |= {entry.id for entry in roster.absences}
        used |= {entry.id for entry in roster.rotations}
        used |= {entry.id for entry in (*roster.offers, *roster.undone)}
        seed = f"{what} {stamp.by} {stamp.at.isoformat()} {len(used)}"
        digits = hashlib.sha256(seed.encode("utf-8", "surrogateescape")).hexdigest()
        sizes = range(_ID, len(digits) + 1)
        return next(digits[:size] for size in sizes if digits[:size] not in used)


@dataclass(frozen=True)  # no slots: what is worked out once has to be kept
class Change:
    """A change that has not been written: what it is, and the roster that it makes.

    A text of None stays as it is. What differs is to be looked for from `start` to `end`.
    """

    what: str
    book: Book
    after: Loaded
    start: datetime
    end: datetime
    roster_text: bytes | None = None
    overrides_text: bytes | None = None
    warnings: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    id: str | None = None
    """What `undo` takes it back by; None for what has no id of its own."""

    @cached_property
    def hands(self) -> list[Handover]:
        """Every shift that changes hands, by role and time, of the roles that are known.

        Where that is none, a new order is followed for as long as it takes to see everybody's
        turns: two rounds of short ones may lie between their duty hours.
        """
        hands = self._hands(self.end)
        if hands or self.roster_text is None:
            return hands
        return self._hands(max(self.end, horizon(self.after.roster, self.start)))

    def _hands(self, end: datetime) -> list[Handover]:
        before = self.book.loaded
        roles = dict.fromkeys((*before.roster.roles, *self.after.roster.roles))
        return [
            handed
            for role in roles
            if role not in before.unknown | self.after.unknown
            for handed in difference(
                before.known_schedule(role), self.after.known_schedule(role), self.start, end
            )
        ]


def changed(
    book: Book,
    what: str,
    start: datetime,
    end: datetime,
    *,
    roster: bytes | None = None,
    overrides: bytes | None = None,
    warnings: Iterable[Problem] = (),
    id_: str | None = None,
) -> Change:
    """The change that gives the roster these texts. Raises RosterError for texts that are none."""
    reads = parse(
        book.roster_text if roster is None else roster,
        book.roster.path,
        book.overrides_text if overrides is None else overrides,
    )
    after = replace(book.loaded, roster=reads)
    return Change(what, book, after, start, end, roster, overrides, tuple(warnings), id=id_)


def with_entries(
    book: Book, what: str, entries: Sequence[Override | Absence], warnings: Iterable[Problem] = ()
) -> Change:
    """The change that appends entries to the overrides file."""
    zone = book.roster.zone
    blocks = [
        write.override_text(entry, zone)
        if isinstance(entry, Override)
        else write.absence_text(entry, zone)
        for entry in entries
    ]
    start, end = looked_at(book.roster, entries, min(e.at or e.start for e in entries))
    overrides = write.appended(book.overrides_text or b"", blocks)
    return changed(
        book, what, start, end, overrides=overrides, warnings=warnings, id_=entries[0].id
    )


def looked_at(
    roster: Roster, entries: Iterable[Override | Absence], now: datetime
) -> tuple[datetime, datetime]:
    """From when to when entries can change who serves; what has no end, for as long as it takes to
    see everybody's turns."""
    spans = [(entry.start, entry.end) for entry in entries]
    start, end = min(s for s, _ in spans), max(e for _, e in spans)
    return (now if start == EVER else start), (horizon(roster, now) if end == NEVER else end)


def home(override: Override) -> Override:
    """An override as it was agreed on, wherever it stands in its file or was moved to since."""
    first = override.moved[0] if override.moved else override
    return replace(override, start=first.start, end=first.end, moved=(), where=Where(""))


def overrides_file(roster: Roster) -> str:
    """The name of a roster's overrides file, for messages."""
    return str(roster.overrides_file)


def known(roster: Roster, *people: str, role: str | None = None) -> None:
    """Raises UsageError for every name that is nobody's in the roster, and a role that is not
    there."""
    problems = []
    for key in dict.fromkeys(people):
        if key not in roster.people:
            names = f"known: {', '.join(roster.people)}"
            hint = meant(key, roster.people, always=names)
            problems.append(Problem(f"unknown person {key!r}", Where(str(roster.path)), hint))
    if role is not None and role not in roster.roles:
        problems.append(
            Problem(f"no such role: {role!r}", hint=f"known: {', '.join(roster.roles)}")
        )
    if problems:
        raise UsageError(problems)


def refuse(what: str, hint: str | None = None, where: Where | None = None) -> NoReturn:
    """Say no: a change that cannot be, with what would work. Raises UsageError."""
    raise UsageError(Problem(what, where, hint))


def span(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """From when to when, in the words of messages."""
    return f"{day_and_time(start, zone)} to {day_and_time(end, zone)}"
