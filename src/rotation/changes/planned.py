"""Orders that are planned already, carried over where somebody joins or leaves before them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from rotation.changes.blocks import TICK, Turns, planned
from rotation.changes.book import Book
from rotation.dataclasses import replace
from rotation.model import Rotation
from rotation.schedule.turns import Block, blocks


def carried(
    book: Book, block: Block, turn: int, entry: Rotation, adapt: Callable[[Turns], Turns]
) -> list[Rotation]:
    """The blocks that take over after `entry`, which follows turn number `turn` of a block.

    An order that only goes on, without some and with others, goes on after `entry`. Another one
    stands as it was planned, but for what `adapt` makes of it.
    """
    listed: list[Rotation] = []
    later = planned(book, block, turn)
    before, now = block, entry
    begin: datetime | None = None
    for number, plan in enumerate(later):
        new = blocks((now,), book.roster.zone)[0]
        had, has = (_from(b, begin or plan.begin) for b in (before, new))
        begin = None
        after = later[number + 1].rotation if number + 1 < len(later) else None
        stays = after is not None and after.start == plan.rotation.start
        stamps = {"id": entry.id, "note": entry.note, "by": entry.by, "at": entry.at}
        if stays and plan.rotation.turns == had[-1:]:
            # until a handoff that moves to later in the day, whoever is on duty stays
            listed.append(replace(plan.rotation, turns=has[-1:], **stamps))  # type: ignore[arg-type]
            begin = plan.begin
            continue
        turns = _goes_on(had, has, plan.rotation.turns) or adapt(plan.rotation.turns)
        now = replace(plan.rotation, turns=turns, **stamps)  # type: ignore[arg-type]
        listed.append(now)
        before = plan
    return listed


def _from(block: Block, begin: datetime) -> Turns:
    """The order of a block as it goes on from an instant on."""
    turn = block.upcoming(begin - TICK)[0]
    turns = block.rotation.turns
    return tuple(turns[(turn + n) % len(turns)] for n in range(len(turns)))


def _goes_on(had: Turns, has: Turns, plan: Turns) -> Turns | None:
    """The order `has` with the same people gone and come as in `plan` of `had`; None where the
    plan is another order."""
    gone = _people(had) - _people(plan)
    come = _people(plan) - _people(had)
    if _without(had, gone) != tuple(turn for turn in plan if not come.intersection(turn)):
        return None
    turns = list(_without(has, gone))
    for number, turn in enumerate(plan):
        if not come.intersection(turn) or come.intersection(turn) <= _people(tuple(turns)):
            continue
        before = plan[number - 1]
        place = turns.index(before) + 1 if number and before in turns else 0
        turns.insert(place if number else 0, turn)
    return tuple(turns) if any(turns) else None


def _people(turns: Turns) -> set[str]:
    return {person for turn in turns for person in turn}


def _without(turns: Turns, gone: set[str]) -> Turns:
    """An order without some people; a turn of nobody was meant so, and stays one."""
    left = ((tuple(p for p in turn if p not in gone), turn) for turn in turns)
    return tuple(staying for staying, turn in left if staying or not turn)
