"""Rosters from the host: find the files, read them, report the problems of all at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from rotation.errors import ApplyError, NoRoster, Problem, RosterError, Where
from rotation.model import Roster
from rotation.roster.parse import overrides_path, parse
from rotation.schedule.loaded import Loaded
from rotation.system import Fetch, Files, Found, System

_OVERRIDES = ".overrides.toml"


Span = Callable[[ZoneInfo], tuple[datetime, datetime]]


@dataclass(frozen=True, slots=True)
class Page:
    """A roster, and its two files as they were found; None where there is none."""

    loaded: Loaded
    roster: Found
    overrides: Found | None


@dataclass(frozen=True, slots=True)
class Rosters:
    """The rosters that could be read, and everything wrong with those that could not."""

    pages: tuple[Page, ...]
    problems: tuple[Problem, ...]

    @property
    def loaded(self) -> list[Loaded]:
        """The rosters themselves."""
        return [page.loaded for page in self.pages]

    def whole(self) -> list[Loaded]:
        """All of them. Raises RosterError where one could not be read."""
        if self.problems:
            raise RosterError(self.problems)
        return self.loaded


def load(
    system: System,
    fetch: Fetch,
    path: Path,
    span: Span,
    now: datetime,
    *,
    trusted: bool = False,
    often: bool = False,
    glance: bool = False,
) -> Rosters:
    """The roster file at `path`, or every roster in that folder, sorted by name.

    Every roster stands alone: one that cannot be read costs the others nothing.

    `fetch` asks for calendars at addresses. `span` says for a roster's zone from when to when its
    calendars are needed. With `trusted`, files that strangers can write are refused. `now` tells
    the age of what is kept of addresses; with `often`, for what runs every few minutes, one that
    has just answered is not asked again.
    With `glance`, calendars need say no more than who is on duty when the span begins, since and
    until when, and who is next. Raises NoRoster.
    """
    problems: list[Problem] = []
    texts: list[tuple[Roster, Found, Found | None]] = []
    for file in files(system, path):
        try:
            text, dated = read_files(system, file, trusted=trusted)
            texts.append((parse(text.data, file, dated.data if dated else None), text, dated))
        except NoRoster:
            raise
        except RosterError as error:
            problems.extend(error.problems)
    rosters = [roster for roster, *_ in texts]
    loaded = _with_calendars(system, fetch, rosters, span, now, often=often, glance=glance)
    pages = (Page(one, text, dated) for one, (_, text, dated) in zip(loaded, texts, strict=True))
    return Rosters(tuple(pages), tuple(problems))


def with_calendars(
    system: System, fetch: Fetch, roster: Roster, span: Span, now: datetime
) -> Loaded:
    """A roster with the shifts of its calendars from when to when `span` says."""
    (loaded,) = _with_calendars(system, fetch, [roster], span, now)
    return loaded


def _with_calendars(
    system: System,
    fetch: Fetch,
    rosters: Sequence[Roster],
    span: Span,
    now: datetime,
    *,
    often: bool = False,
    glance: bool = False,
) -> list[Loaded]:
    if not any(rotation.calendar for roster in rosters for rotation in roster.rotations):
        return [Loaded(roster) for roster in rosters]
    from rotation.calendars import shifts  # heavy, and most rosters have no calendar
    from rotation.calendars.fetch import Copies

    copies = Copies(system, fetch, now, often=often)
    spans = [(roster, *span(roster.zone)) for roster in rosters]
    if glance:
        return [shifts.glance(system, copies, roster, start) for roster, start, _ in spans]
    return [shifts.around(system, copies, roster, start, end) for roster, start, end in spans]


def read_files(system: Files, path: Path, *, trusted: bool = False) -> tuple[Found, Found | None]:
    """A roster file, and its overrides file if there is one. Raises RosterError, and NoRoster
    where there is no such file."""
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
        raise NoRoster(
            Problem("no such roster", Where(str(path)), f"make one: rotation init {_starter(path)}")
        )
    return roster, overrides


def files(system: Files, path: Path) -> Iterator[Path]:
    """The roster file at `path`, or each in that folder, by name. Raises NoRoster."""
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
        raise NoRoster(
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
