"""Swaps and covers that move with the turns they are about, where a new order moves those."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from rotation.changes.book import Book, Change, changed, overrides_file, refuse, span
from rotation.clock.days import Stretch
from rotation.dataclasses import dataclass, replace
from rotation.model import Override
from rotation.model.records import MovedFrom
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
    if change.id is None or change.book.roster.rotations == change.after.roster.rotations:
        return []
    listed = (_moved(change, tuple(numbers), now) for numbers in groups.values())
    return [moved for moved in listed if moved is not None]


def moved(change: Change, now: datetime) -> Change:
    """The same change, with what can be moved in its new place, under its id."""
    moves = movable(change, now)
    if not moves:
        return change
    book, zone = change.book, change.after.roster.zone
    data = in_place(
        book, {n: o for move in moves for n, o in zip(move.numbers, move.after, strict=True)}
    )
    complete = changed(
        book, change.what, change.start, change.end, roster=change.roster_text, overrides=data,
        warnings=change.warnings, id_=change.id,
    )  # fmt: skip
    notes = [
        moves_said("moved", old, new, zone)
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
        replace(entry, start=place[0], end=place[1], moved=(*entry.moved, _here(change, entry)))
        for entry, place in zip(before, places, strict=True)
        if place is not None
    ]
    if len(fresh) < len(before) or places == [(entry.start, entry.end) for entry in before]:
        return None
    stands = (
        entry.out and (entry.start, entry.end) in _duties(new, entry.out, begins[1])
        for entry, (_, new) in zip(before, pairs, strict=True)
    )
    if all(stands) or not _act(after, fresh):
        return None  # as it was agreed; or whoever comes has that duty then anyway
    return Moved(numbers, before, tuple(fresh))


def _here(change: Change, entry: Override) -> MovedFrom:
    return MovedFrom(change.id or "", entry.start, entry.end)


def moved_back(book: Book, id_: str, now: datetime) -> dict[int, Override]:
    """The overrides that the change with this id moved, by their numbers, where they stood before.

    Raises UsageError where one has been moved again since, or one of its places is no more to come.
    """
    zone, back = book.roster.zone, {}
    for number, override in enumerate(book.roster.overrides):
        ids = [place.by for place in override.moved]
        if id_ not in ids:
            continue
        said = override.note or override.id or "an override"
        if ids[-1] != id_:
            refuse(
                f"{said}, which this moved, was moved again since",
                f"rotation undo {ids[-1]} first",
                override.where,
            )
        place = override.moved[-1]
        if min(place.start, override.start) <= now:
            refuse(
                f"{said}, which this moved, cannot go back to "
                f"{span(place.start, place.end, zone)}: the past is not changed",
                f"take that back first: rotation undo {override.id}" if override.id else None,
                override.where,
            )
        back[number] = replace(
            override, start=place.start, end=place.end, moved=override.moved[:-1]
        )
    return back


def in_place(book: Book, overrides: Mapping[int, Override]) -> bytes:
    """The text of the overrides file with others at these places: their order may decide."""
    texts: dict[tuple[str | int, ...], str] = {
        ("override", number): write.override_text(override, book.roster.zone)
        for number, override in overrides.items()
    }
    return write.replaced(book.overrides_text or b"", overrides_file(book.roster), texts)


def moves_said(word: str, old: Override, new: Override, zone: ZoneInfo) -> str:
    """That an override has another place, in the words of a note."""
    return (
        f"{word}: {old.note or old.id}: {span(old.start, old.end, zone)} "
        f"is now {span(new.start, new.end, zone)}"
    )


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
