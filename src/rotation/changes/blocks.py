"""A new dated block of a rotation, from a handoff on: the past keeps its order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from rotation.changes.book import Book, Change, Stamp, changed, refuse
from rotation.changes.undo import takes_over, two_rounds
from rotation.clock.local import resolve
from rotation.clock.told import day_and_time
from rotation.dataclasses import replace
from rotation.errors import Problem, RosterError, UsageError, meant
from rotation.model import Rotation, Unit
from rotation.roster import write
from rotation.schedule.turns import Block, blocks

TICK = datetime.resolution

Turns = tuple[tuple[str, ...], ...]


def names(book: Book) -> list[str]:
    """The rotations with an order of their own, as written."""
    listed = book.roster.rotations
    return list(dict.fromkeys(r.name for r in listed if r.calendar is None))


def named(book: Book, rotation: str | None) -> str:
    """The rotation of that name, or the only one where none is named. Raises UsageError."""
    known_names = names(book)
    if rotation in known_names:
        return rotation or known_names[0]
    if rotation is None and len(known_names) == 1:
        return known_names[0]
    listed = ", ".join(map(repr, known_names))
    if rotation is None and known_names:
        refuse(f"{book.roster.name} has {len(known_names)} rotations", f"say --rotation: {listed}")
    if any(r.name == rotation for r in book.roster.rotations):
        refuse(f"{rotation!r} comes from a calendar", "change it there")
    hint = meant(rotation or "", known_names, f"known: {listed}")
    what = f"there is no rotation {rotation!r}" if rotation else "there is no rotation"
    raise UsageError(Problem(what, hint=hint))


def zone_of(book: Book, rotation: str | None) -> ZoneInfo:
    """The zone of a rotation's local times, as its last block has it, of the only one where none
    is named; the roster's otherwise."""
    known_names = names(book)
    name = known_names[0] if rotation is None and len(known_names) == 1 else rotation
    own = [r.zone for r in book.roster.rotations if r.name == name]
    return (own[-1] if own else None) or book.roster.zone


def next_handoff(
    book: Book, name: str, now: datetime, start: datetime | None
) -> tuple[Block, int, datetime]:
    """The block, turn and local time of the handoff from which on a new order counts."""
    zone = book.roster.zone
    if start is not None and start <= now:
        start = None
    after = now if start is None else start - TICK
    handoffs: list[tuple[datetime, Block, int, datetime]] = []
    mine = [block for block in blocks(book.roster.rotations, zone) if block.rotation.name == name]
    for block in mine:
        turn, local = block.upcoming(max(after, block.begin - TICK))
        while not _ordinary(block, local):
            turn, local = block.upcoming(block.extent(turn)[0])
        begin = max(block.extent(turn)[0], block.begin)
        # where turns count windows, a block ends with a day, and its last window after that
        if begin < block.end and local.date() < block.stop:
            handoffs.append((begin, block, turn, local))
    if not handoffs:
        refuse(
            f"{name!r} has no handoff after {day_and_time(after, zone)}",
            where=mine[-1].rotation.where,
        )
    _, block, turn, local = min(handoffs, key=lambda item: item[0])
    return block, turn, local


def planned(book: Book, block: Block, turn: int) -> list[Block]:
    """The orders that are written already and take over after turn number `turn` of a block."""
    begin = max(block.extent(turn)[0], block.begin)
    return [
        later
        for later in blocks(book.roster.rotations, book.roster.zone)
        if later.rotation.name == block.rotation.name
        and later is not block
        and begin < later.begin < later.end
        and later.rotation is not block.rotation
    ]


def refuse_planned(book: Book, block: Block, turn: int) -> None:
    """Raises UsageError where another order takes over later, which would undo this one."""
    zone = book.roster.zone
    for later in planned(book, block, turn):
        refuse(
            f"{block.rotation.name!r} gets another order on {day_and_time(later.begin, zone)}, "
            "which would undo this",
            f"--from {later.begin.astimezone(later.zone):%Y-%m-%d}, or take that back first",
            later.rotation.where,
        )


def _ordinary(block: Block, local: datetime) -> bool:
    """Whether counting can start anew at this handoff without moving those that follow."""
    rotation = block.rotation
    if rotation.every.unit is Unit.MONTH and local.day != rotation.start.day:
        return False  # a month too short for the day: later ones would keep the shorter day
    moved = resolve(local, block.zone).astimezone(block.zone).replace(tzinfo=None)
    return rotation.every.unit is not Unit.HOUR or moved == local


def holder_before(book: Book, block: Block, turn: int) -> tuple[str, ...]:
    """Whose turn ends where turn number `turn` of a block begins; nobody's: none."""
    if turn > 0:
        return block.people(turn - 1)
    listed = blocks(book.roster.rotations, book.roster.zone)
    for earlier in listed:
        if earlier.rotation.name == block.rotation.name and earlier.begin < block.begin:
            coming = earlier.upcoming(block.begin - TICK)[0]
            if earlier.end >= block.begin and coming > 0:
                return earlier.people(coming - 1)
    return ()


def dressed(
    book: Book, block: Block, turns: Turns, local: datetime, what: str, stamp: Stamp
) -> Rotation:
    """A block like that with other turns, from a handoff at a local time of its zone on."""
    rotation = block.rotation
    handoff = rotation.handoff if rotation.counts_windows else local.time()
    begin = resolve(local, block.zone)
    since = rotation.since if rotation.since and rotation.since > begin else None
    return replace(
        rotation, turns=turns, start=local.date(), handoff=handoff, since=since,
        id=book.fresh_id(what, stamp), note=what, by=stamp.by, at=stamp.at,
    )  # fmt: skip


def with_blocks(
    book: Book,
    what: str,
    stamp: Stamp,
    written: Sequence[str],
    holders: Mapping[str, tuple[str, ...]],
    carried: Mapping[str, int] | None = None,
) -> Change:
    """The change that appends blocks to the roster, of the rotations that `holders` names; of each
    so many at the end are `carried` as had been planned."""
    data = write.appended(book.roster_text, written)
    try:
        change = changed(book, what, stamp.at, stamp.at, roster=data)
    except RosterError as error:
        # there is no file yet that a line number could point to
        raise UsageError(
            Problem(p.what, hint=p.hint or "add the lines by hand") for p in error.problems
        ) from None
    after = change.after.roster
    listed = blocks(after.rotations, after.zone)
    fresh = after.rotations[len(book.roster.rotations) :]
    notes, latest = [], {}
    for name, holder in holders.items():
        mine = [b for b in listed if b.rotation in fresh and b.rotation.name == name]
        latest[name] = mine[-1]
        first = len(mine) - 1 - (carried or {}).get(name, 0)
        block = mine[first]
        stays = (
            f"{', '.join(holder)} until {day_and_time(block.opening, after.zone)}, then "
            if holder
            else ""
        )
        notes.append(f"{name}: {stays}in this order: {_order(block)}")
        notes.extend(
            f"{name}: from {day_and_time(later.opening, after.zone)}, as planned: {_order(later)}"
            for later in mine[first + 1 :]
        )
    return replace(
        change,
        start=min(takes_over(block, listed) for block in listed if block.rotation in fresh),
        end=max(two_rounds(latest[name]) for name in holders),
        notes=tuple(notes),
        id=fresh[0].id,
    )


def _order(block: Block) -> str:
    return ", ".join(" with ".join(turn) or "nobody" for turn in block.rotation.turns)
