"""Rosters from the host: find the files, read them, report the problems of all at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from rotation.errors import ApplyError, Problem, RosterError, Where
from rotation.model import Roster
from rotation.roster import overrides_path, parse
from rotation.schedule import Loaded
from rotation.system import System

_OVERRIDES = ".overrides.toml"


Span = Callable[[ZoneInfo], tuple[datetime, datetime]]


def load(
    system: System,
    path: Path,
    span: Span,
    now: datetime,
    *,
    trusted: bool = False,
    often: bool = False,
    glance: bool = False,
) -> list[Loaded]:
    """The roster file at `path`, or every roster in that folder, sorted by name.

    `span` says for a roster's zone from when to when its calendars are needed. With `trusted`,
    files that strangers can write are refused. `now` tells the age of what is kept of addresses;
    with `often`, for what runs every few minutes, one that has just answered is not asked again.
    With `glance`, calendars need say no more than who is on duty when the span begins, since and
    until when, and who is next. Raises RosterError.
    """
    problems: list[Problem] = []
    rosters = []
    for file in _files(system, path):
        try:
            rosters.append(read_roster(system, file, trusted=trusted))
        except RosterError as error:
            problems.extend(error.problems)
    if problems:
        raise RosterError(problems)
    if not any(rotation.calendar for roster in rosters for rotation in roster.rotations):
        return [Loaded(roster) for roster in rosters]
    from rotation.calendars import shifts  # heavy, and most rosters have no calendar
    from rotation.calendars.fetch import Copies

    copies = Copies(system, now, often=often)
    spans = [(roster, *span(roster.zone)) for roster in rosters]
    if glance:
        return [shifts.glance(system, copies, roster, start) for roster, start, _ in spans]
    return [shifts.around(system, copies, roster, start, end) for roster, start, end in spans]


def read_roster(system: System, path: Path, *, trusted: bool = False) -> Roster:
    """One roster file with its overrides file. Raises RosterError."""
    problems: list[Problem] = []
    texts: list[bytes | None] = []
    for file in (path, overrides_path(path)):
        try:
            found = system.read(file, trusted=trusted)
            texts.append(None if found is None else found.data)
        except ApplyError as error:
            problems.extend(error.problems)
    if problems:
        raise RosterError(problems)
    data, overrides = texts
    if data is None:
        raise RosterError(
            Problem("no such roster", Where(str(path)), f"make one: rotation init {_starter(path)}")
        )
    return parse(data, path, overrides)


def _files(system: System, path: Path) -> Iterator[Path]:
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
