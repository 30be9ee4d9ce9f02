"""What was changed, and taking it back: exactly the entries of an id, never the past."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum

from rotation.changes.book import Book, Change, at, changed, looked_at, overrides_file, refuse
from rotation.errors import Problem
from rotation.model import EVER, EVERYBODY, Absence, Override, Roster, Rotation
from rotation.roster import write
from rotation.schedule.difference import Overrides
from rotation.schedule.loaded import Loaded
from rotation.schedule.turns import Block, blocks

Dated = Override | Absence
Key = tuple[str, int]
"""Where an entry stands: its kind and its number in its file, as paths of `lines` are."""


class Effect(Enum):
    """Whether something is still in effect."""

    TO_COME = "to come"
    NOW = "in effect"
    OVER = "over"
    REPLACED = "replaced"
    """An order that another one replaced before it began."""
    IDLE = "no effect"
    """An override that is not over and puts nobody else on duty than there would be without it."""


@dataclass(frozen=True, slots=True)
class LogRecord:
    """One change that the files tell of: the entries that share an id, or one without."""

    id: str | None
    what: str
    by: str | None
    at: datetime | None
    start: datetime | None
    end: datetime | None
    state: Effect


def records(loaded: Loaded, now: datetime) -> list[LogRecord]:
    """Every change, the oldest first; those that say no instant come before the others."""
    roster = loaded.roster
    groups: dict[object, list[Override | Absence | Rotation]] = {}
    for key, entry in (*_dated(roster).items(), *_blocks(roster).items()):
        groups.setdefault(entry.id or key, []).append(entry)
    numbered = {b.rotation: b for b in blocks(roster.rotations, roster.zone)}
    overrides = Overrides(loaded)
    numbers = {id(override): number for number, override in enumerate(roster.overrides)}

    def effective(entry: Override | Absence | Rotation) -> bool:
        return not isinstance(entry, Override) or overrides.acts(numbers[id(entry)])

    found = [_record(group, now, numbered, effective) for group in groups.values()]
    return sorted(found, key=lambda record: record.at or datetime.min.replace(tzinfo=UTC))


def undo(book: Book, id_: str, now: datetime) -> Change:
    """Take back the change with this id: what is to come goes, what is under way ends now.

    Raises UsageError for an id that nothing has, and for what is over or has begun for good.
    """
    roster = book.roster
    dated = {key: entry for key, entry in _dated(roster).items() if entry.id == id_}
    joined = {key: entry for key, entry in _blocks(roster).items() if entry.id == id_}
    if not dated and not joined:
        past = (Effect.OVER, Effect.REPLACED)
        recent = [r.id for r in records(book.loaded, now) if r.id and r.state not in past]
        hint = f"known: {', '.join(recent[-8:])}; rotation log shows all" if recent else None
        refuse(f"nothing has the id {id_!r} in {roster.name}", hint or "rotation log shows all")
    what = f"undo {_note(next(iter((*dated.values(), *joined.values()))))}"
    if joined:
        return _left_again(book, what, joined, now)
    return taken_back(book, what, dated, now)


def taken_back(book: Book, what: str, entries: Mapping[Key, Dated], now: datetime) -> Change:
    """The change without these entries of the overrides file; what is past of them stays."""
    zone, file = book.roster.zone, overrides_file(book.roster)
    over = {key: entry for key, entry in entries.items() if entry.end <= now}
    running = {k: e for k, e in entries.items() if e.start < now and k not in over}
    coming = [key for key in entries if key not in over and key not in running]
    if len(over) == len(entries):
        last = max(entry.end for entry in entries.values())
        refuse(
            f"it ended at {at(last, zone)}: the past is not changed",
            where=next(iter(entries.values())).where,
        )
    data = book.overrides_text or b""
    for key in running:
        data = write.ended(data, file, key, now, zone)
    data = write.without(data, file, coming)
    warnings = [
        Problem(f"what was until {at(min(e.end, now), zone)} stays as it was", e.where)
        for e in (*over.values(), *running.values())
    ]
    start, end = looked_at(book.roster, entries.values(), now)
    return changed(book, what, max(now, start), end, overrides=data, warnings=warnings)


def _left_again(book: Book, what: str, joined: Mapping[Key, Rotation], now: datetime) -> Change:
    """The change without blocks that a join, leave or change appended, none of which has begun."""
    roster, first = book.roster, next(iter(joined.values()))
    listed = blocks(roster.rotations, roster.zone)
    affected = [block for block in listed if block.rotation in joined.values()]
    for (_, number), entry in joined.items():
        for later in roster.rotations[number + 1 :]:
            if later.name == entry.name and later.id != entry.id:
                first_id = f"rotation undo {later.id}" if later.id else "take that out of the file"
                refuse(
                    f"{later.name!r} got another order since, which builds on this one",
                    f"{first_id} first, or change it anew: rotation join, leave or change",
                    later.where,
                )
    for block in affected:
        if (begun := takes_over(block, listed)) <= now:
            refuse(
                f"{block.rotation.name!r} has this order since {at(begun, roster.zone)}: "
                "the past is not changed",
                "change it from the next handoff on: rotation join, leave or change",
                block.rotation.where,
            )
    file = str(roster.path)
    newcomers = [("people", p.key) for p in roster.people.values() if p.id == first.id]
    data = write.without(book.roster_text, file, [*joined, *newcomers])
    start = min(takes_over(block, listed) for block in affected)
    end = max(two_rounds(block) for block in affected)
    return changed(book, what, start, end, roster=data)


def takes_over(block: Block, listed: Iterable[Block]) -> datetime:
    """The instant from which on a block, and not those before it of its name, says who serves.

    Where turns are counted in windows in both, the last window of the one before goes on past
    midnight; otherwise that one ends with the day before.
    """
    earlier = [
        b for b in listed if b.rotation.name == block.rotation.name and b.begin < block.begin
    ]
    if earlier and not earlier[-1].rotation.counts_windows:
        return block.begin
    return block.opening


def two_rounds(block: Block) -> datetime:
    """When everybody in a block has had two turns, counted from its begin (UTC)."""
    turn = block.upcoming(block.begin)[0] - 1 + 2 * len(block.rotation.turns)
    return block.extent(max(0, turn))[1]


def _dated(roster: Roster) -> dict[Key, Dated]:
    found: dict[Key, Dated] = {("override", n): o for n, o in enumerate(roster.overrides)}
    found.update({("absence", a.number): a for a in roster.absences if a.number is not None})
    return found


def _blocks(roster: Roster) -> dict[Key, Rotation]:
    """The blocks that a join, leave or change appended."""
    return {("rotation", n): r for n, r in enumerate(roster.rotations) if r.id is not None}


def _record(
    group: list[Override | Absence | Rotation],
    now: datetime,
    numbered: Mapping[Rotation, Block],
    effective: Callable[[Override | Absence | Rotation], bool],
) -> LogRecord:
    """`effective`: whether an entry is no override, or one that does something."""
    first = group[0]
    spans = [
        (e.start, e.end) if not isinstance(e, Rotation) else (numbered[e].opening, numbered[e].end)
        for e in group
        if not isinstance(e, Rotation) or e in numbered
    ]
    start, end = min(s for s, _ in spans), max(e for _, e in spans)
    state = Effect.TO_COME if now < start else Effect.OVER if end <= now else Effect.NOW
    if start >= end:
        state = Effect.REPLACED
    elif state is not Effect.OVER and not any(map(effective, group)):
        state = Effect.IDLE
    endless = end.year >= 9000
    begin = None if start == EVER else start
    return LogRecord(
        first.id, _note(first), first.by, first.at, begin, None if endless else end, state
    )


def _note(entry: Override | Absence | Rotation) -> str:
    if entry.note:
        return entry.note
    if isinstance(entry, Absence):
        return "everybody away" if entry.person == EVERYBODY else f"away {entry.person}"
    if isinstance(entry, Rotation):
        return f"rotation {entry.name}"
    if entry.out is None:
        return f"{entry.in_} in addition"
    out = "everybody" if entry.out == "*" else entry.out
    return f"{out} is off" if entry.in_ is None else f"{entry.in_} for {out}"
