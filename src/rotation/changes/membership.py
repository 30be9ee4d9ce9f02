"""Join and leave: a new dated block of a rotation, from a handoff on. The past keeps its order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from rotation import address
from rotation.changes.book import Book, Change, Stamp, at, changed, known, refuse
from rotation.changes.undo import two_rounds
from rotation.clock.local import resolve
from rotation.errors import Problem, RosterError, UsageError, closest
from rotation.model import Rotation, Unit
from rotation.roster import write
from rotation.schedule.turns import Block, blocks

_TICK = datetime.resolution

Turns = tuple[tuple[str, ...], ...]


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
    _vet(book, person, emails)
    name = _named(book, rotation)
    block, turn, local = _handoff(book, name, stamp.at, start)
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
    holder = _holder(book, block, turn)
    made = _joined(turns, turn, place, person, holder)
    what = f"join {person}"
    entry = _dressed(book, block, made, local, what, stamp)
    written = [write.person_text(person, emails, entry.id or "")] if new else []
    written.append(write.rotation_text(entry, roster.zone))
    return _appended(book, what, stamp, written, {name: holder})


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
    names = [_named(book, rotation)] if rotation is not None else _names(book)
    written: list[str] = []
    left: dict[str, tuple[str, ...]] = {}
    what = f"leave {person}"
    for name in names:
        block, turn, local = _handoff(book, name, stamp.at, start)
        if person not in block.rotation.order:
            continue
        turns = block.rotation.turns
        order = [turns[(turn + n) % len(turns)] for n in range(len(turns))]
        rest = tuple((tuple(p for p in members if p != person), members) for members in order)
        # a turn of nobody was meant so, and stays one
        turns = tuple(staying for staying, members in rest if staying or not members)
        if not any(turns):
            refuse(
                f"nobody would be left in {name!r}",
                "let somebody join first, or end the rotation in the roster with `until`",
                block.rotation.where,
            )
        entry = _dressed(book, block, turns, local, what, stamp)
        written.append(write.rotation_text(entry, roster.zone))
        left[name] = _holder(book, block, turn)
    if not left:
        where = f"in {rotation!r}" if rotation is not None else "in no rotation"
        refuse(f"{person} is {'not ' if rotation is not None else ''}{where}")
    return _appended(book, what, stamp, written, left)


def _vet(book: Book, person: str, emails: Sequence[str]) -> None:
    roster, problems = book.roster, []
    for email in emails:
        if fault := address.fault(email):
            problems.append(Problem(f"address {email!r} {fault[0]}", hint=fault[1]))
    if problems:
        raise UsageError(problems)
    if person not in roster.people:
        if not emails:
            guess = closest(person, roster.people)
            example = f"somebody new needs an address: --email {person}@example.com"
            hint = f"did you mean {guess!r}? {example}" if guess else example
            refuse(f"{person!r} is not in [people]", hint)
    elif emails and tuple(emails) != roster.people[person].email:
        refuse(
            f"{person} has another address in the roster: {', '.join(roster.people[person].email)}",
            "leave --email out, or change it there",
        )


def _names(book: Book) -> list[str]:
    """The rotations with an order of their own, as written."""
    listed = book.roster.rotations
    return list(dict.fromkeys(r.name for r in listed if r.calendar is None))


def _named(book: Book, rotation: str | None) -> str:
    names = _names(book)
    if rotation in names:
        return rotation or names[0]
    if rotation is None and len(names) == 1:
        return names[0]
    listed = ", ".join(map(repr, names))
    if rotation is None and names:
        refuse(f"{book.roster.name} has {len(names)} rotations", f"say --rotation: {listed}")
    if any(r.name == rotation for r in book.roster.rotations):
        refuse(f"{rotation!r} comes from a calendar", "change it there")
    guess = closest(rotation or "", names)
    hint = f"did you mean {guess!r}?" if guess else f"known: {listed}"
    what = f"there is no rotation {rotation!r}" if rotation else "there is no rotation"
    raise UsageError(Problem(what, hint=hint))


def _handoff(
    book: Book, name: str, now: datetime, start: datetime | None
) -> tuple[Block, int, datetime]:
    """The block, turn and local time of the handoff from which on a new order counts."""
    zone = book.roster.zone
    if start is not None and start <= now:
        start = None
    after = now if start is None else start - _TICK
    found: list[tuple[datetime, Block, int, datetime]] = []
    mine = [block for block in blocks(book.roster.rotations, zone) if block.rotation.name == name]
    for block in mine:
        turn, local = block.upcoming(max(after, block.begin - _TICK))
        while not _ordinary(block, local):
            turn, local = block.upcoming(block.extent(turn)[0])
        begin = max(block.extent(turn)[0], block.begin)
        # where turns count windows, a block ends with a day, and its last window after that
        if begin < block.end and local.date() < block.stop:
            found.append((begin, block, turn, local))
    if not found:
        refuse(f"{name!r} has no handoff after {at(after, zone)}", where=mine[-1].rotation.where)
    begin, block, turn, local = min(found, key=lambda item: item[0])
    for later in mine:
        if begin < later.begin < later.end and later is not block:
            refuse(
                f"{name!r} gets another order on {at(later.begin, zone)}, which would undo this",
                f"--from {later.begin.astimezone(zone):%Y-%m-%d}, or take that back first",
                later.rotation.where,
            )
    return block, turn, local


def _ordinary(block: Block, local: datetime) -> bool:
    """Whether counting can start anew at this handoff without moving those that follow."""
    rotation = block.rotation
    if rotation.every.unit is Unit.MONTH and local.day != rotation.start.day:
        return False  # a month too short for the day: later ones would keep the shorter day
    moved = resolve(local, block.zone).astimezone(block.zone).replace(tzinfo=None)
    return rotation.every.unit is not Unit.HOUR or moved == local


def _holder(book: Book, block: Block, turn: int) -> tuple[str, ...]:
    """Whose turn ends where turn number `turn` of a block begins; nobody's: none."""
    if turn > 0:
        return block.people(turn - 1)
    listed = blocks(book.roster.rotations, book.roster.zone)
    for earlier in listed:
        if earlier.rotation.name == block.rotation.name and earlier.begin < block.begin:
            coming = earlier.upcoming(block.begin - _TICK)[0]
            if earlier.end >= block.begin and coming > 0:
                return earlier.people(coming - 1)
    return ()


def _joined(turns: Turns, turn: int, place: int, person: str, holder: tuple[str, ...]) -> Turns:
    """The order from turn number `turn` on, with somebody new after the turn written at `place`."""
    order = [turns[(turn + n) % len(turns)] for n in range(len(turns))]
    ahead = (place - turn) % len(turns) + 1
    if ahead == len(turns) and order[-1] == holder:
        ahead = 0  # after those whose turn ends there: the next is theirs
    return (*order[:ahead], (person,), *order[ahead:])


def _dressed(
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


def _appended(
    book: Book,
    what: str,
    stamp: Stamp,
    written: Sequence[str],
    holders: Mapping[str, tuple[str, ...]],
) -> Change:
    """The change that appends blocks to the roster, one for each rotation that `holders` names."""
    data = write.appended(book.roster_text, written)
    try:
        change = changed(book, what, stamp.at, stamp.at, roster=data)
    except RosterError as error:
        # there is no file yet that a line number could point to
        raise UsageError(
            Problem(p.what, hint=p.hint or "add the lines by hand") for p in error.problems
        ) from None
    after = change.after.roster
    made = {block.rotation.name: block for block in blocks(after.rotations, after.zone)}
    notes = []
    for name, holder in holders.items():
        block = made[name]
        stays = (
            f"{', '.join(holder)} until {at(block.opening, after.zone)}, then " if holder else ""
        )
        order = ", ".join(" with ".join(turn) or "nobody" for turn in block.rotation.turns)
        notes.append(f"{name}: {stays}in this order: {order}")
    ours = [made[name] for name in holders]
    return replace(
        change,
        start=min(block.opening for block in ours),
        end=max(two_rounds(block) for block in ours),
        notes=tuple(notes),
    )
