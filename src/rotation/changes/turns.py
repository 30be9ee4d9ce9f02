"""Change: another order, handoff or length of turns, from a handoff of a rotation on."""

from __future__ import annotations

from datetime import datetime, time

from rotation.changes.blocks import (
    TICK,
    Turns,
    dressed,
    holder_before,
    named,
    next_handoff,
    refuse_planned,
    with_blocks,
)
from rotation.changes.book import Book, Change, Stamp, known, refuse
from rotation.clock.local import DAY, day_begins
from rotation.dataclasses import replace
from rotation.model import Every, Rotation, Unit
from rotation.roster import write
from rotation.schedule.turns import Block, first_handoff


def change(
    book: Book,
    rotation: str,
    stamp: Stamp,
    *,
    start: datetime | None = None,
    turns: Turns | None = None,
    handoff: time | None = None,
    every: Every | None = None,
) -> Change:
    """A rotation with other `turns`, another `handoff` (local in its zone) or length of a turn.

    From the first handoff after now, or the first not before `start` (an instant). What is not
    given stays as it is, and so does the order, which goes on; `turns` begin with the first. Where
    the handoff is later in the day than it was, whoever is on duty stays until then. Raises
    UsageError for what cannot be, or would change nothing.
    """
    name = named(book, rotation)
    if turns is None and handoff is None and every is None:
        refuse("change what?", "say --people, --handoff or --every")
    if turns is not None:
        known(book.roster, *(person for members in turns for person in members))
        if not any(turns):
            refuse(f"nobody would be left in {name!r}", "name somebody with --people")
    block, turn, local = _first(book, name, stamp, start, handoff, every)
    present = block.rotation
    order = _from(present.turns, turn)
    what = f"change {name}"
    alike = dressed(book, block, order, local, what, stamp)
    entry = replace(
        alike,
        turns=turns or order,
        every=every or alike.every,
        handoff=alike.handoff if handoff is None else handoff,
    )
    if entry.counts_windows and handoff is not None:
        refuse(
            f"{name!r} counts days with hours: a turn begins where its first hours do",
            "change its hours in the roster: rotation edit",
            present.where,
        )
    same_time = handoff is None or handoff == block.handoff(turn)[0].time()
    if same_time and (entry.turns, entry.every) == (order, present.every):
        refuse(f"{name!r} is so already: nothing would change", where=present.where)
    holder = holder_before(book, block, turn)
    written = [entry]
    if entry.handoff > alike.handoff and not entry.counts_windows | present.counts_windows:
        written.insert(0, replace(alike, turns=(holder,) if holder else ((), *order)))
    texts = [write.rotation_text(rotation, book.roster.zone) for rotation in written]
    return with_blocks(book, what, stamp, texts, {name: holder})


def _first(
    book: Book,
    name: str,
    stamp: Stamp,
    start: datetime | None,
    handoff: time | None,
    every: Every | None,
) -> tuple[Block, int, datetime]:
    """The block that is in force, the turn that a new block begins with, and where that turn
    begins in the block in force on the wall clock.

    The new block begins in the future: where its handoff is earlier in the day, today's may be
    past.
    """
    now = stamp.at
    while True:
        block, turn, local = next_handoff(book, name, now, start)
        refuse_planned(book, block, turn)
        rotation = block.rotation
        if rotation.every.unit is Unit.HOUR and handoff is not None:
            day = local.date() if handoff >= local.time() else local.date() + DAY
            begin = first_handoff(replace(rotation, start=day, handoff=handoff), block.zone)
            turn = block.upcoming(begin - TICK)[0]
            return block, turn, datetime.combine(day, handoff)
        draft = replace(rotation, start=local.date(), every=every or rotation.every)
        if not rotation.counts_windows:
            draft = replace(draft, handoff=local.time())
        if handoff is not None:
            draft = replace(draft, handoff=handoff)
        if (rotation.counts_windows and draft.counts_windows) or _begin(draft, block) > stamp.at:
            return block, turn, local
        now, start = max(now, block.extent(turn)[0], block.begin), None


def _begin(rotation: Rotation, block: Block) -> datetime:
    """The instant at which a new block takes over."""
    if rotation.counts_windows:
        return day_begins(rotation.start, block.zone)
    return first_handoff(rotation, block.zone)


def _from(turns: Turns, turn: int) -> Turns:
    """An order as it goes on from turn number `turn` on."""
    return tuple(turns[(turn + n) % len(turns)] for n in range(len(turns)))
