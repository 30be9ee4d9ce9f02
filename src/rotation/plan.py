"""What every target should hold at an instant: pure, from the final schedule.

Carrying it out is `rotation.mail.apply`'s part.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rotation.errors import Problem, RosterError
from rotation.model import Roster, Target
from rotation.schedule.final import Loaded
from rotation.schedule.shift import Shift


@dataclass(frozen=True, slots=True)
class Wish:
    """One target and the addresses that it should hold, never none, and why."""

    roster: Roster
    target: Target
    shift: Shift
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a wish. `before` is None where something else than a plain list was there."""

    wish: Wish
    before: tuple[str, ...] | None
    changed: bool
    problems: tuple[Problem, ...] = ()
    """Why it could not be made true; then everything about it is as it was."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Every wish, and the targets that must stay as they are, each with the reason.

    `left`: nobody could get the mail. `unsure`: it is not known who should.
    """

    wishes: tuple[Wish, ...]
    left: tuple[Problem, ...]
    unsure: tuple[Problem, ...] = ()


def plan(rosters: Iterable[tuple[Loaded, datetime]]) -> Plan:
    """What the targets of all rosters should hold, each roster at its instant.

    Nobody on duty: the fallback. No fallback, or a calendar that could not be read: the target
    is left.
    """
    wishes: list[Wish] = []
    left: list[Problem] = []
    unsure: list[Problem] = []
    for loaded, at in rosters:
        shifts: dict[str, Shift] = {}
        for target in loaded.roster.targets:
            if target.role in loaded.unsure:
                what = f"the calendar of the role {target.role!r} cannot be read: "
                what += f"{_label(target)} is left"
                unsure.append(Problem(what, target.where, "see the warning above"))
                continue
            if target.role not in shifts:
                shifts[target.role] = loaded.schedule(target.role).at(at)
            made = _wish(loaded, target, shifts[target.role])
            if isinstance(made, Wish):
                wishes.append(made)
            else:
                left.append(made)
    return Plan(tuple(wishes), tuple(left), tuple(unsure))


def _wish(loaded: Loaded, target: Target, shift: Shift) -> Wish | Problem:
    roster = loaded.roster
    addresses = roster.addresses(shift.people) or roster.fallback_addresses
    if not addresses:
        return Problem(
            f"nobody has the role {target.role!r}, no fallback: {_label(target)} is left",
            target.where,
            'say who gets the mail then: fallback = ["managers@example.com"]',
        )
    addresses = tuple(dict.fromkeys((*addresses, *target.also)))
    name = target.name or ""
    if name.lower() in (address.lower() for address in addresses):
        return Problem(
            f"{_label(target)} would lead to itself: it is left",
            target.where,
            f"give the full address of {name!r}, not its bare name",
        )
    return Wish(roster, target, shift, addresses)


def _label(target: Target) -> str:
    return f"the alias {target.name!r}" if target.name else str(target.path)


def by_file(wishes: Sequence[Wish], real: Mapping[Path, Path]) -> list[list[int]]:
    """The numbers of the wishes, grouped by the file that they change.

    `real` gives for each target's path the one behind symbolic links. Raises RosterError when two
    targets want different things of one place, or treat one file differently.
    """
    groups: dict[Path, list[int]] = {}
    for number, wish in enumerate(wishes):
        groups.setdefault(real[wish.target.path], []).append(number)
    problems = [
        problem
        for numbers in groups.values()
        for at, number in enumerate(numbers)
        for other in numbers[:at]
        if (problem := _collision(wishes[number], wishes[other])) is not None
    ]
    if problems:
        raise RosterError(problems)
    return list(groups.values())


def _collision(wish: Wish, other: Wish) -> Problem | None:
    """What is wrong with two wishes for one file."""
    one, two = wish.target, other.target
    hint = f"the other stands at {two.where}: take one of them out"
    if _handling(one) != _handling(two):
        what = f"two targets treat {one.path} differently: kind, server, config or rebuild"
    elif (one.name or "").lower() == (two.name or "").lower() and (
        set(wish.addresses) != set(other.addresses)
    ):
        what = (
            f"two targets want {_label(one)} to hold different people: "
            f"{', '.join(other.addresses)} and {', '.join(wish.addresses)}"
        )
    else:
        return None
    return Problem(what, one.where, hint)


def _handling(target: Target) -> tuple[object, ...]:
    return (target.kind, target.server, target.config, target.rebuild)
