"""Join and leave: who takes turns from a handoff on, by a new dated block of a rotation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NoReturn

from rotation import address
from rotation.changes.blocks import (
    Turns,
    dressed,
    holder_before,
    named,
    names,
    next_handoff,
    planned,
    with_blocks,
)  # fmt: skip
from rotation.changes.book import Book, Change, Stamp, known, refuse
from rotation.changes.planned import carried
from rotation.errors import Problem, UsageError, meant
from rotation.roster import write
from rotation.schedule.turns import Block


def join(
    book: Book,
    person: str,
    stamp: Stamp,
    *,
    emails: Sequence[str] = (),
    after: str | None = None,
    rotation: str | None = None,
    start: datetime | None = None,
) -> Change:
    """`person` takes turns in a rotation, after the turn of `after` or else the last one written.

    From the first handoff after now, or the first not before `start` (an instant); whoever is on
    duty stays until then, and the order goes on after them. Somebody new needs `emails`. Raises
    UsageError for what cannot be.
    """
    roster = book.roster
    new = person not in roster.people
    vet(book, person, emails)
    name = named(book, rotation)
    block, turn, local = next_handoff(book, name, stamp.at, start)
    turns = block.rotation.turns
    if person in block.rotation.order:
        refuse(f"{person} is in {name!r} already", where=block.rotation.where)
    place = len(turns) - 1
    if after is not None:
        known(roster, after)
        holders = [number for number, members in enumerate(turns) if after in members]
        if not holders:
            refuse(f"{after} is not in {name!r}", f"in it: {', '.join(block.rotation.order)}")
        place = holders[0]
    holder = holder_before(book, block, turn)
    order = _joined(turns, turn, place, person, holder)
    what = f"join {person}"
    entry = dressed(book, block, order, local, what, stamp)
    later = carried(book, block, turn, entry, lambda plan: _among(plan, turns[place], person))
    written = [write.person_text(person, emails, entry.id or "")] if new else []
    written += [write.rotation_text(r, roster.zone) for r in (entry, *later)]
    return with_blocks(book, what, stamp, written, {name: holder}, {name: len(later)})


def leave(
    book: Book,
    person: str,
    stamp: Stamp,
    *,
    rotation: str | None = None,
    start: datetime | None = None,
) -> Change:
    """`person` takes no more turns in a rotation, or in any, from a handoff on, as `join` has it.

    They stay in `[people]`, since the past names them. Raises UsageError for what cannot be.
    """
    roster = book.roster
    known(roster, person)
    affected = [named(book, rotation)] if rotation is not None else names(book)
    written: list[str] = []
    left: dict[str, tuple[str, ...]] = {}
    carried_on: dict[str, int] = {}
    what = f"leave {person}"
    for name in affected:
        block, turn, local = next_handoff(book, name, stamp.at, start)
        if person not in block.rotation.order:
            plans = [p for p in planned(book, block, turn) if person in p.rotation.order]
            if not plans:
                continue
            block, turn, local = next_handoff(book, name, stamp.at, plans[0].begin)

        def without(order: Turns, block: Block = block, name: str = name) -> Turns:
            return _left(order, person) or _nobody_left(name, block)

        turns = block.rotation.turns
        order = tuple(turns[(turn + n) % len(turns)] for n in range(len(turns)))
        entry = dressed(book, block, without(order), local, what, stamp)
        later = carried(book, block, turn, entry, without)
        written += [write.rotation_text(r, roster.zone) for r in (entry, *later)]
        left[name] = holder_before(book, block, turn)
        carried_on[name] = len(later)
    if not left:
        where = f"in {rotation!r}" if rotation is not None else "in no rotation"
        refuse(f"{person} is {'not ' if rotation is not None else ''}{where}")
    return with_blocks(book, what, stamp, written, left, carried_on)


def _left(order: Turns, person: str) -> Turns | None:
    """An order without somebody; None where nobody would be left."""
    rest = ((tuple(p for p in members if p != person), members) for members in order)
    # a turn of nobody was meant so, and stays one
    turns = tuple(staying for staying, members in rest if staying or not members)
    return turns if any(turns) else None


def _nobody_left(name: str, block: Block) -> NoReturn:
    refuse(
        f"nobody would be left in {name!r}",
        "let somebody join first, or end the rotation in the roster with `until`",
        block.rotation.where,
    )


def _among(plan: Turns, before: tuple[str, ...], person: str) -> Turns:
    """A planned order with somebody new: after those whom they follow now, or else at its end."""
    if any(person in members for members in plan):
        return plan
    place = plan.index(before) + 1 if before in plan else len(plan)
    return (*plan[:place], (person,), *plan[place:])


def vet(book: Book, person: str, emails: Sequence[str]) -> None:
    """Raises UsageError for addresses that cannot be, somebody new without one, and somebody known
    with others."""
    roster, problems = book.roster, []
    for email in emails:
        if fault := address.fault(email):
            problems.append(Problem(f"address {email!r} {fault[0]}", hint=fault[1]))
    if problems:
        raise UsageError(problems)
    if person not in roster.people:
        if not emails:
            example = f"somebody new needs an address: --email {person}@example.com"
            hint = meant(person, roster.people, always=example)
            refuse(f"{person!r} is not in [people]", hint)
    elif emails and tuple(emails) != roster.people[person].email:
        refuse(
            f"{person} has another address in the roster: {', '.join(roster.people[person].email)}",
            "leave --email out, or change it there",
        )


def _joined(turns: Turns, turn: int, place: int, person: str, holder: tuple[str, ...]) -> Turns:
    """The order from turn number `turn` on, with somebody new after the turn written at `place`."""
    order = [turns[(turn + n) % len(turns)] for n in range(len(turns))]
    ahead = (place - turn) % len(turns) + 1
    if ahead == len(turns) and order[-1] == holder:
        ahead = 0  # after those whose turn ends there: the next is theirs
    return (*order[:ahead], (person,), *order[ahead:])
