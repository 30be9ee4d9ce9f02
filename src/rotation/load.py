"""Rosters from the host: find the files, read them, report the problems of all at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from rotation.errors import ApplyError, Problem, RosterError, Where
from rotation.model import Roster
from rotation.roster import overrides_path, parse
from rotation.schedule import Loaded
from rotation.system import Found, System

_OVERRIDES = ".overrides.toml"


Span = Callable[[ZoneInfo], tuple[datetime, datetime]]


@dataclass(frozen=True, slots=True)
class Page:
    """A roster, and its two files as they were found; None where there is none."""

    loaded: Loaded
    roster: Found
    overrides: Found | None


def load(system: System, path: Path, span: Span, *, trusted: bool = False) -> list[Loaded]:
    """The roster file at `path`, or every roster in that folder, sorted by name.

    `span` says for a roster's zone from when to when its calendars are needed. With `trusted`,
    files that strangers can write are refused. Raises RosterError.
    """
    return [page.loaded for page in load_pages(system, path, span, trusted=trusted)]


def load_pages(system: System, path: Path, span: Span, *, trusted: bool = False) -> list[Page]:
    """The same with the texts that the rosters were read from."""
    problems: list[Problem] = []
    found: list[tuple[Roster, Found, Found | None]] = []
    for file in files(system, path):
        try:
            text, dated = read_files(system, file, trusted=trusted)
            roster = parse(text.data, file, dated.data if dated else None)
            found.append((roster, text, dated))
        except RosterError as error:
            problems.extend(error.problems)
    if problems:
        raise RosterError(problems)
    return [
        Page(with_calendars(system, roster, span), text, dated) for roster, text, dated in found
    ]


def read_files(system: System, path: Path, *, trusted: bool = False) -> tuple[Found, Found | None]:
    """A roster file, and its overrides file if there is one. Raises RosterError."""
    problems: list[Problem] = []
    found: list[Found | None] = []
    for file in (path, overrides_path(path)):
        try:
            found.append(system.read(file, trusted=trusted))
        except ApplyError as error:
            problems.extend(error.problems)
    if problems:
        raise RosterError(problems)
    roster, overrides = found
    if roster is None:
        raise RosterError(
            Problem("no such roster", Where(str(path)), f"make one: rotation init {_starter(path)}")
        )
    return roster, overrides


def files(system: System, path: Path) -> Iterator[Path]:
    """The roster file at `path`, or each in that folder, by name. Raises RosterError."""
    try:
        names = system.names(path)
    except ApplyError as error:
        raise RosterError(error.problems) from None
    if names is None:
        yield path
        return
    found = [n for n in names if n.endswith(".toml") and not n.endswith(_OVERRIDES)]
    found = [name for name in found if not name.startswith(".")]
    if not found:
        raise RosterError(
            Problem(
                "no roster in this folder",
                Where(str(path)),
                f"make one: rotation init {_starter(path)}",
            )
        )
    for name in found:
        yield path / name


def _starter(path: Path) -> Path:
    return path if path.suffix == ".toml" else path / "duty.toml"


def with_calendars(system: System, roster: Roster, span: Span) -> Loaded:
    """A roster with the shifts of its calendars from when to when `span` says."""
    if all(rotation.calendar is None for rotation in roster.rotations):
        return Loaded(roster)
    from rotation.calendars.shifts import read_calendars  # heavy, and most rosters have none

    return Loaded(roster, *read_calendars(system, roster, *span(roster.zone)))
