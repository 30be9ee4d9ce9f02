"""Swaps and covers that move with the turns they are about, where a new order moves those."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from rotation.changes.book import Change, changed, overrides_file, span
from rotation.clock.days import Stretch
from rotation.model import Override
from rotation.roster import write
from rotation.schedule.difference import Overrides
from rotation.schedule.duties import duties, horizon
from rotation.schedule.final import Schedule
from rotation.schedule.loaded import Loaded
from rotation.schedule.turns import first_handoff

MOVE = "--move"
"""The option with which they are moved."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What people agreed on under one id: where it stands, and what it would be."""

    numbers: tuple[int, ...]
    before: tuple[Override, ...]
    after: tuple[Override, ...]


def movable(change: Change, now: datetime) -> list[Moved]:
    """What a new order takes from its turns and could move with them: whole duties that have not
    begun, each counted from the change on."""
    groups: dict[str, list[int]] = {}
    for number, override in enumerate(change.book.roster.overrides):
        if override.id:
            groups.setdefault(override.id, []).append(number)
    if change.book.roster.rotations == change.after.roster.rotations:
        return []
    listed = (_moved(change, tuple(numbers), now) for numbers in groups.values())
    return [moved for moved in listed if moved is not None]


def moved(change: Change, now: datetime) -> Change:
    """The same change, with what can be moved in its new place, under its id."""
    moves = movable(change, now)
    if not moves:
        return change
    book, zone = change.book, change.after.roster.zone
    paths = [("override", number) for move in moves for number in move.numbers]
    data = write.without(book.overrides_text or b"", overrides_file(book.roster), paths)
    texts = [write.override_text(entry, zone) for move in moves for entry in move.after]
    complete = changed(
        book, change.what, change.start, change.end,
        roster=change.roster_text, overrides=write.appended(data, texts), warnings=change.warnings,
    )  # fmt: skip
    notes = [
        f"moved: {old.note or old.id}: {span(old.start, old.end, zone)} "
        f"is now {span(new.start, new.end, zone)}"
        for move in moves
        for old, new in zip(move.before, move.after, strict=True)
    ]
    return replace(complete, notes=(*change.notes, *notes))


def _moved(change: Change, numbers: tuple[int, ...], now: datetime) -> Moved | None:
    book, after = change.book.loaded, change.after
    before = tuple(book.roster.overrides[number] for number in numbers)
    if any(entry.start <= now or entry.role in book.unknown | after.unknown for entry in before):
        return None
    begins = change.start, _order_begins(change)
    pairs = [(_bare(book, entry.role), _bare(after, entry.role)) for entry in before]
    places = [
        _place(old, new, entry, *begins) for entry, (old, new) in zip(before, pairs, strict=True)
    ]
    fresh = [
        replace(entry, start=place[0], end=place[1])
        for entry, place in zip(before, places, strict=True)
        if place is not None
    ]
    if len(fresh) < len(before) or list(before) == fresh:
        return None
    stands = (
        entry.out and (entry.start, entry.end) in _duties(new, entry.out, begins[1])
        for entry, (_, new) in zip(before, pairs, strict=True)
    )
    if all(stands) or not _act(after, fresh):
        return None  # as it was agreed; or whoever comes has that duty then anyway
    return Moved(numbers, before, tuple(fresh))


def _bare(loaded: Loaded, role: str) -> Schedule:
    """The turns as they are written."""
    roster = replace(loaded.roster, overrides=(), absences=(), limits={})
    return replace(loaded, roster=roster, away=()).known_schedule(role)


def _order_begins(change: Change) -> datetime:
    """When the turns of a new order begin to count.

    Where the handoff moves to later in the day, whoever is on duty stays until it by a block of
    its own, which is no turn.
    """
    before, after = change.book.roster, change.after.roster
    fresh = after.rotations[len(before.rotations) :]
    if len(fresh) > 1 and (fresh[0].name, fresh[0].start) == (fresh[1].name, fresh[1].start):
        return first_handoff(fresh[1], after.zone)
    return change.start


def _place(
    old: Schedule, new: Schedule, entry: Override, begin: datetime, later: datetime
) -> Stretch | None:
    """When the duty is that an override takes from somebody, in another order; None where it is
    not a whole duty, or there is none. Duties are counted from `begin`, there from `later`."""
    if entry.out is None or entry.in_ is None:
        return None
    number = None
    for count, duty in enumerate(_duties(old, entry.out, begin)):
        if (duty[0], duty[1]) == (entry.start, entry.end):
            number = count
        if duty[0] >= entry.start:
            break
    if number is None:
        return None
    coming = _duties(new, entry.out, later)
    return next((duty for count, duty in enumerate(coming) if count == number), None)


def _duties(schedule: Schedule, person: str, begin: datetime) -> Iterator[Stretch]:
    """The whole duties of somebody that begin at or after an instant."""
    until = horizon(schedule.roster, begin)
    for duty in duties(schedule, person, begin, until):
        if duty.start >= begin:
            yield duty.start, duty.end


def _act(after: Loaded, fresh: list[Override]) -> bool:
    """Whether overrides would each do something in the roster that the change makes."""
    roster = replace(after.roster, overrides=tuple(fresh))
    return all(map(Overrides(replace(after, roster=roster)).acts, fresh))


def hint(moves: list[Moved], override: Override) -> str:
    """What to add to a hint about an override that could be moved."""
    ids = {move.before[0].id for move in moves}
    return f"; to move it with their turns: {MOVE}" if override.id in ids else ""
