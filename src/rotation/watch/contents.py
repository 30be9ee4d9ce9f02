"""What people have changed in a roster and its overrides since all was well.

What our own commands write has an id, a name and an instant, and stands in `rotation log`: it is
named. Everything else is told until somebody accepts it.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from rotation.clock.told import day_and_time
from rotation.dataclasses import dataclass
from rotation.errors import Problem, RosterError, Where
from rotation.model import EVERYBODY, Absence, Override, Roster, Rotation
from rotation.roster.parse import parse

_PARTS = {
    "zone": "the time zone",
    "fallback": "who gets the mail when nobody is on duty",
    "shifts": "the dated shifts",
    "targets": "the targets",
    "senders": "in whose name people are mailed",
    "program": "the program that hears of handoffs",
    "overrides_at": "where its overrides stand",
}
_PLACES = ("where", "number", "holidays_at")
_APART = ("name", "path", "people", "rotations", "overrides", "absences", "offers", "undone")
"""Not compared with the rest: looked at by themselves, or putting nobody on duty."""

Entry = Override | Absence | Rotation


@dataclass(frozen=True, slots=True)
class Texts:
    """A roster and its overrides as text; None where there are none."""

    roster: str
    overrides: str | None = None

    def parsed(self, path: Path) -> Roster:
        """The roster. Raises RosterError."""
        dated = None if self.overrides is None else _bytes(self.overrides)
        return parse(_bytes(self.roster), path, dated)


@dataclass(frozen=True, slots=True)
class Edits:
    """What was changed: `told` by whoever could write the files, `ours` by our own commands."""

    told: tuple[Problem, ...] = ()
    ours: tuple[str, ...] = ()


def text_of(data: bytes) -> str:
    """A file's bytes as text from which they can be had back."""
    return data.decode("utf-8", "surrogateescape")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def edits(path: Path, old: Texts, new: Texts) -> Edits:
    """What has changed from one pair of texts to another; comments and order of keys are nothing.

    `path` is the roster's, for messages.
    """
    if old == new:
        return Edits()
    try:
        before, after = old.parsed(path), new.parsed(path)
    except RosterError:
        return Edits((Problem("has other contents now", Where(str(path))),))
    told = [*_people(before, after), *_rest(before, after)]
    ours: list[str] = []
    for had, has in (
        (before.rotations, after.rotations),
        (before.overrides, after.overrides),
        (before.absences, after.absences),
    ):
        gone, come = _difference(had, has)
        for entry in gone:
            if _logged(entry):
                ours.append(f"{after.name}: {_what(entry, after.zone)} was taken back")
            else:
                what = f"{_what(entry, after.zone)} is not there any more"
                told.append(Problem(what, Where(entry.where.file)))
        for entry in come:
            what = f"{_what(entry, after.zone)}{_signature(entry, after.zone)}"
            if _logged(entry):
                ours.append(f"{after.name}: {what}")
            else:
                told.append(Problem(f"{what}: written by hand", entry.where))
        if not gone and not come and _keys(had) != _keys(has):
            told.append(Problem("the entries stand in another order now", Where(has[0].where.file)))
    return Edits(tuple(told), tuple(ours))


def _people(before: Roster, after: Roster) -> Iterator[Problem]:
    for key, person in after.people.items():
        old = before.people.get(key)
        place = person.where or Where(str(after.path))
        if old is None:
            if not any(_logged(r) and key in _those(r) for r in after.rotations):
                yield Problem(f"{key} is a new person: {', '.join(person.email)}", place)
        elif old.email != person.email:
            now, was = ", ".join(person.email), ", ".join(old.email)
            yield Problem(f"the address of {key} is {now} now, and was {was}", place)
        elif _key(old) != _key(person):
            yield Problem(f"the entry of {key} says something else now", place)
    for key in before.people:
        if key not in after.people:
            yield Problem(f"{key} is not a person of the roster any more", Where(str(after.path)))


def _those(rotation: Rotation) -> set[str]:
    return set(rotation.order)


def _rest(before: Roster, after: Roster) -> Iterator[Problem]:
    for field in dataclasses.fields(Roster):
        name = field.name
        if name in _APART or name in _PLACES:
            continue
        if _key(getattr(before, name)) != _key(getattr(after, name)):
            what = _PARTS.get(name, "another of its settings")
            yield Problem(f"says something else now: {what}", Where(str(after.path)))


def _difference(had: Sequence[Entry], has: Sequence[Entry]) -> tuple[list[Entry], list[Entry]]:
    """Entries that are gone, and those that are new, each in its order."""
    old, new = Counter(_keys(had)), Counter(_keys(has))
    gone, come = old - new, new - old
    return ([entry for entry in had if _key(entry) in gone],
            [entry for entry in has if _key(entry) in come])  # fmt: skip


def _logged(entry: Entry) -> bool:
    """Whether it is written as our own commands write."""
    return entry.id is not None and entry.by is not None and entry.at is not None


def _signature(entry: Entry, zone: ZoneInfo) -> str:
    by = f", by {entry.by}" if entry.by else ""
    return by if entry.at is None else f"{by} at {day_and_time(entry.at, zone)}"


def _what(entry: Entry, zone: ZoneInfo) -> str:
    if isinstance(entry, Rotation):
        return f"the block of the rotation {entry.name!r}"
    span = f"from {day_and_time(entry.start, zone)} to {day_and_time(entry.end, zone)}"
    if isinstance(entry, Absence):
        return f"absence of {_who(entry.person)} {span}"
    if entry.in_ is None:
        return f"override: {_who(entry.out)} is off duty {span}"
    instead = "" if entry.out is None else f" for {_who(entry.out)}"
    return f"override: {entry.in_}{instead} {span}"


def _who(key: str | None) -> str:
    return "everybody" if key == EVERYBODY else str(key)


def _keys(entries: Sequence[Entry]) -> list[str]:
    return [_key(entry) for entry in entries]


def _key(value: object) -> str:
    """A value without the places at which it is written, to be compared."""
    return repr(_plain(value))


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [
            (field.name, _plain(getattr(value, field.name)))
            for field in dataclasses.fields(value)
            if field.name not in _PLACES
        ]
    if isinstance(value, Mapping):
        return [(key, _plain(item)) for key, item in value.items()]
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted(map(repr, value))
    return value
