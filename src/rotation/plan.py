"""What every target should hold at an instant: pure, from the final schedule.

Carrying it out is `rotation.mail.apply`'s part.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from rotation.dataclasses import dataclass, replace
from rotation.errors import Problem
from rotation.model import Roster
from rotation.model.target import (
    FileTarget,
    Kind,
    LdapTarget,
    RunTarget,
    SqlTarget,
    TableRow,
    Target,
)
from rotation.schedule.final import Schedule
from rotation.schedule.loaded import Loaded, UnknownSchedule
from rotation.schedule.shift import Shift


@dataclass(frozen=True, slots=True)
class Hold:
    """A target should hold these addresses, never none, because of that shift.

    `lost` are those of them that mail does not get to, for which the people of the role `bounced`
    of the target are among them. `owner` tells the alias of who gets what bounces.
    """

    roster: Roster
    target: Target
    shift: Shift
    addresses: tuple[str, ...]
    lost: tuple[str, ...] = ()
    owner: bool = False
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Leave:
    """Nobody could get the mail of a target, which therefore must stay as it is."""

    roster: Roster
    target: Target
    problem: Problem


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody can say what a target should hold: it must stay as it is, and cannot be checked."""

    roster: Roster
    target: Target
    problem: Problem


Wish = Hold | Leave | Unknown
"""What is wanted of one target. Whoever reads a plan has to tell the three apart."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a wish. `before` is None where something other than a plain list was there,
    and where nobody looked."""

    wish: Wish
    before: tuple[str, ...] | None
    changed: bool
    problems: tuple[Problem, ...] = ()
    """Why it could not be made true; then everything about it is as it was."""


def plan(rosters: Iterable[tuple[Loaded, datetime]], failing: Collection[str] = ()) -> list[Wish]:
    """A wish for every target of all rosters, each roster at its instant, in their order; behind
    that of one that has an `owner` another for its alias.

    Nobody on duty: the fallback. No fallback: the target is left. `failing` are the addresses, in
    lower case, that mail does not get to.
    """
    wishes: list[Wish] = []
    for loaded, at in rosters:
        shifts: dict[str, Shift | UnknownSchedule] = {}  # a role is asked once for all its targets
        for target in loaded.roster.targets:
            for role in (target.role, target.bounced if failing else None):
                if role is not None and role not in shifts:
                    shifts[role] = _shift(loaded.schedule(role), at)
            wish = _wish(loaded.roster, target, shifts[target.role], at)
            if isinstance(wish, Hold) and failing and target.bounced is not None:
                wish = _with_stand_in(wish, shifts[target.bounced], failing)
            wishes.append(wish)
            if isinstance(wish, Hold) and isinstance(target, FileTarget) and target.owner:
                who = (target.owner,)
                wishes.append(Hold(wish.roster, owner_alias(target), wish.shift, who, owner=True))
    return wishes


def _with_stand_in(hold: Hold, shift: Shift | UnknownSchedule, failing: Collection[str]) -> Hold:
    """What a target should hold while mail for whoever is on duty does not arrive."""
    due = recipients(hold.roster, hold.shift)
    lost = tuple(address for address in due if address.lower() in failing)
    others = () if isinstance(shift, UnknownSchedule) else recipients(hold.roster, shift)
    if not lost or set(others) <= set(hold.addresses):
        return hold
    addresses = tuple(dict.fromkeys((*due, *others, *hold.target.also)))
    return replace(hold, addresses=addresses, lost=lost)


def owner_alias(target: FileTarget) -> FileTarget:
    """The alias by which mail servers know who answers for another (aliases(5), "owner-")."""
    return replace(target, name=f"owner-{target.name}", also=(), owner=None, bounced=None)


def _shift(schedule: Schedule | UnknownSchedule, at: datetime) -> Shift | UnknownSchedule:
    return schedule if isinstance(schedule, UnknownSchedule) else schedule.at(at)


def recipients(roster: Roster, shift: Shift) -> tuple[str, ...]:
    """Who gets the mail of a role during a shift: the people on duty, or else the fallback."""
    return roster.addresses(shift.people) or roster.fallback_addresses


def _wish(roster: Roster, target: Target, shift: Shift | UnknownSchedule, at: datetime) -> Wish:
    if isinstance(shift, UnknownSchedule):
        what = f"the calendar of the role {target.role!r} cannot be read: "
        what += f"{label(target)} is left as it is"
        return Unknown(roster, target, Problem(what, target.where, "see the warning above"))
    addresses = recipients(roster, shift)
    if not addresses:
        problem = Problem(
            f"nobody has the role {target.role!r}, and there is no fallback: "
            f"{label(target)} is left as it is",
            target.where,
            'say who gets the mail then: fallback = ["managers@example.com"]',
        )
        return Leave(roster, target, problem)
    addresses = tuple(dict.fromkeys((*addresses, *target.also)))
    return Hold(roster, target, shift, addresses, at=at)


def label(target: Target) -> str:
    """A target in the words of messages."""
    match target:
        case FileTarget(kind=Kind.ALIASES):
            return f"the alias {target.name!r}"
        case FileTarget(kind=Kind.VIRTUAL):
            return f"the virtual address {target.name!r}"
        case SqlTarget():
            return f"{target.name!r} in {target.place}"
        case FileTarget() | LdapTarget() | RunTarget():
            return target.place


@dataclass(frozen=True, slots=True)
class HoldGroup:
    """The holds of one file, or of one place elsewhere, by their numbers, and those that
    contradict another one."""

    numbers: tuple[int, ...]
    contradicted: Mapping[int, Problem]


def spot(target: Target, real: Mapping[Path, Path]) -> tuple[object, object]:
    """The file of a target, or what it is in elsewhere, and which part of that it is.

    `real` gives for the path of each file the one behind symbolic links.
    """
    name = (target.name or "").lower()
    match target:
        case FileTarget(path=path):
            return real[path], name
        case SqlTarget(database=database, row=row):
            server = (database.engine, database.host, database.port, database.socket)
            rows = (row.table, row.key, row.value) if isinstance(row, TableRow) else row
            return (*server, database.name, rows), name
        case LdapTarget(directory=directory):
            return (directory.url, target.entry.lower()), target.attribute.lower()
        case RunTarget(argv=argv):
            return argv, name


def by_place(holds: Mapping[int, Hold], real: Mapping[Path, Path]) -> Iterator[HoldGroup]:
    """The numbered holds, grouped by the file or the place elsewhere that they change.

    `real` as in `spot`. Two that want different
    things of one place cost that place alone; two that treat one file differently, the file.
    """
    groups: dict[object, list[tuple[int, Hold]]] = {}
    for number, hold in holds.items():
        groups.setdefault(spot(hold.target, real)[0], []).append((number, hold))
    for group in groups.values():
        contradicted = _contradicted(group, _treatment, _differently)
        places: dict[object, list[tuple[int, Hold]]] = {}
        for number, hold in group:
            places.setdefault(spot(hold.target, real)[1], []).append((number, hold))
        for place in places.values():
            for number, problem in _contradicted(place, _people, _other_people).items():
                contradicted.setdefault(number, problem)
        numbers = tuple(number for number, _ in group if number not in contradicted)
        yield HoldGroup(numbers, contradicted)


def _contradicted(
    holds: Sequence[tuple[int, Hold]],
    wanted: Callable[[Hold], object],
    words: Callable[[Hold, Hold], str],
) -> dict[int, Problem]:
    """The problem of each hold where not all want the same: it names the first that does not."""
    first = holds[0][1]
    stranger = next((hold for _, hold in holds if wanted(hold) != wanted(first)), None)
    if stranger is None:
        return {}
    problems: dict[int, Problem] = {}
    for number, hold in holds:
        other = stranger if wanted(hold) == wanted(first) else first
        hint = f"the other stands at {other.target.where}: take one of them out"
        problems[number] = Problem(words(hold, other), hold.target.where, hint)
    return problems


def treatment(target: Target) -> tuple[object, ...]:
    """How the file of a target is written and its index made; all targets of a file must agree."""
    if not isinstance(target, FileTarget):
        return ()
    return (target.kind, target.server, target.config, target.rebuild)


def differently(target: Target) -> str:
    """That another target of the same file has another `treatment`."""
    return f"two targets treat {target.place} differently: kind, server, config or rebuild"


def _treatment(hold: Hold) -> object:
    return treatment(hold.target)


def _people(hold: Hold) -> object:
    return frozenset(hold.addresses)


def _differently(hold: Hold, other: Hold) -> str:
    return differently(hold.target)


def _other_people(hold: Hold, other: Hold) -> str:
    return (
        f"two targets want {label(hold.target)} to hold different people: "
        f"{', '.join(other.addresses)} and {', '.join(hold.addresses)}"
    )
