"""Rosters from the host: find the files, read them, report the problems of all at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from rotation.dataclasses import dataclass, replace
from rotation.errors import ApplyError, NoRoster, Problem, RosterError, Where
from rotation.model import PlanCopy, Roster
from rotation.roster.parse import overrides_path, parse
from rotation.schedule.loaded import Loaded
from rotation.system.values import File, Trust

if TYPE_CHECKING:
    from rotation.system import Fetch, Files, System

_OVERRIDES = ".overrides.toml"


Span = Callable[[ZoneInfo], tuple[datetime, datetime]]


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms rosters are read.

    `trusted`: as in `read_files`. `often`: by what runs every few minutes, so an address that has
    just answered is not asked again. `glance`: calendars need say no more than who is on duty when
    the span begins, since and until when, and who is next. `exact`: they need say no more than the
    schedule of the span.
    """

    trusted: bool = False
    often: bool = False
    glance: bool = False
    exact: bool = False


ASKED = Terms()
"""By hand, and nothing is decided by them."""


@dataclass(frozen=True, slots=True)
class Page:
    """A roster, and its two files as they were found; None where there is none."""

    loaded: Loaded
    roster: File
    overrides: File | None


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
    terms: Terms = ASKED,
) -> Rosters:
    """The roster file at `path`, or every roster in that folder, sorted by name.

    Every roster stands alone: one that cannot be read costs the others nothing.

    `fetch` asks for calendars at addresses. `span` says for a roster's zone from when to when its
    calendars are needed. `now` tells the age of what is kept of addresses. Raises NoRoster.
    """
    problems: list[Problem] = []
    texts: list[tuple[Roster, File, File | None]] = []
    for file in files(system, path):
        try:
            text, dated = read_files(system, file, trusted=terms.trusted)
            overrides = dated.data if dated else None
            roster = parse(text.data, file, overrides, copy=_copy(text, dated))
            texts.append((roster, text, dated))
        except RosterError as error:
            if isinstance(error, NoRoster) and file == path:
                raise
            problems.extend(error.problems)
    rosters = [roster for roster, *_ in texts]
    loaded = _with_calendars(system, fetch, rosters, span, now, terms)
    pages = (
        Page(loaded_roster, text, dated)
        for loaded_roster, (_, text, dated) in zip(loaded, texts, strict=True)
    )
    return Rosters(tuple(pages), tuple(problems))


def _copy(roster: File, overrides: File | None) -> PlanCopy:
    """Which copy of the plan two files are."""
    both = [roster, *([overrides] if overrides else [])]
    changed = max(file.attributes.st_mtime for file in both)
    return PlanCopy(datetime.fromtimestamp(changed, UTC), tuple(file.data for file in both))


def with_calendars(
    system: System, fetch: Fetch, roster: Roster, span: Span, now: datetime
) -> Loaded:
    """A roster with the shifts of its calendars from when to when `span` says."""
    (loaded,) = _with_calendars(system, fetch, [roster], span, now, ASKED)
    return loaded


def _with_calendars(
    system: System,
    fetch: Fetch,
    rosters: Sequence[Roster],
    span: Span,
    now: datetime,
    terms: Terms,
) -> list[Loaded]:
    if not any(
        roster.absence_calendars or any(rotation.calendar for rotation in roster.rotations)
        for roster in rosters
    ):
        return [Loaded(roster) for roster in rosters]
    from rotation.calendars import shifts  # heavy, and most rosters have no calendar
    from rotation.calendars.feeds import Feeds
    from rotation.calendars.fetch import Copies

    copies = Copies(system, fetch, now, often=terms.often)
    feeds = Feeds(system, copies, rosters)
    spans = [(roster, *span(roster.zone)) for roster in rosters]
    if terms.glance:
        glances = [shifts.glance(feeds, roster, start) for roster, start, _ in spans]
        return [replace(loaded, until=min(loaded.until, copies.due)) for loaded in glances]
    if terms.exact:
        return [shifts.within(feeds, roster, start, end) for roster, start, end in spans]
    return [shifts.around(feeds, roster, start, end) for roster, start, end in spans]


def read_files(system: Files, path: Path, *, trusted: bool = False) -> tuple[File, File | None]:
    """A roster file, and its overrides file if there is one.

    With `trusted`, a roster that anybody but root and whoever runs this could change is refused,
    and overrides that strangers could. Raises RosterError, and
    NoRoster where there is no such file.
    """
    problems: list[Problem] = []
    if not path.name.isprintable():
        what = "the name of this roster holds characters that are not text"
        raise RosterError(Problem(what, Where(str(path)), "rename it: letters, digits, - and _"))

    def read(file: Path, trust: Trust) -> File | None:
        try:
            return system.read(file, trust=trust if trusted else Trust.ANYBODY)
        except ApplyError as error:
            problems.extend(error.problems)
            return None

    roster = read(path, Trust.ALONE)
    beside = overrides_path(path, roster.data if roster else b"")
    overrides = read(beside, Trust.GROUP)
    if roster is not None and overrides is None and beside.parent != path.parent:
        problems.extend(_no_folder(system, beside))
    if problems:
        raise RosterError(problems)
    if roster is None:
        raise NoRoster(
            Problem("no such roster", Where(str(path)), f"make one: rotation init {_starter(path)}")
        )
    return roster, overrides


def _no_folder(system: Files, overrides: Path) -> Iterator[Problem]:
    """An overrides file may be missing until the first swap, but not the folder that it is in."""
    try:
        missing = system.names(overrides.parent) is None
    except ApplyError:
        missing = False  # it is there, and may not be listed
    if missing:
        what = "the folder of the overrides is not there: nobody can know what was agreed on"
        yield Problem(what, Where(str(overrides)), "mount or make it, or correct `overrides`")


def folders(system: Files, path: Path) -> list[Path]:
    """The folders in which the rosters at `path` and their overrides really lie. Raises
    NoRoster."""
    where: dict[Path, None] = {}
    for file in files(system, path):
        try:
            roster, _ = read_files(system, file)
        except RosterError as error:
            if isinstance(error, NoRoster) and file == path:
                raise
            continue  # whoever loads it says what is wrong
        for part in (file, overrides_path(file, roster.data)):
            where[system.real(part).parent] = None
    return list(where)


def overrides_nobody_reads(system: System, path: Path) -> list[Path]:
    """The overrides files that are where the rosters at `path` would look for them, and that none
    of them reads: that of a roster which has another name now, or whose key `overrides` names
    another file, or one beside the file that a link to a roster leads to. Raises NoRoster."""
    rosters = list(files(system, path))
    read: set[Path] = set()
    places: dict[Path, None] = {}
    for file in rosters:
        roster = None
        with suppress(ApplyError):  # that it cannot be read is another's to say
            roster = system.read(file)
        with suppress(ApplyError):
            read.add(system.real(overrides_path(file, roster.data if roster else b"")))
            places.update(dict.fromkeys(map(overrides_path, (file, system.real(file)))))
    if rosters != [path]:
        names = [name for name in system.names(path) or () if not name.startswith(".")]
        places.update(dict.fromkeys(path / n for n in sorted(names) if n.endswith(_OVERRIDES)))
    unread: dict[Path, Path] = {}
    for place in places:
        with suppress(ApplyError):
            if system.status(place) is not None and (real := system.real(place)) not in read:
                unread.setdefault(real, place)
    return list(unread.values())


def files(system: Files, path: Path) -> Iterator[Path]:
    """The roster file at `path`, or each in that folder, by name. Raises NoRoster."""
    try:
        names = system.names(path)
    except ApplyError as error:
        raise RosterError(error.problems) from None
    if names is None:
        yield path
        return
    rosters = [n for n in names if n.endswith(".toml") and not n.endswith(_OVERRIDES)]
    rosters = [name for name in rosters if not name.startswith(".")]
    if not rosters:
        raise NoRoster(
            Problem(
                "no roster in this folder",
                Where(str(path)),
                f"make one: rotation init {_starter(path)}",
            )
        )
    for name in rosters:
        yield path / name


def _starter(path: Path) -> Path:
    return path if path.suffix == ".toml" else path / "duty.toml"
