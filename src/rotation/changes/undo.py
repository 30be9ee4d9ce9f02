"""Taking back what was changed: exactly the entries of an id, never the past."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from rotation.changes.book import Book, Change, changed, looked_at, overrides_file, refuse
from rotation.changes.log import Dated, Effect, Key, appended_blocks, dated, note, records
from rotation.changes.moved import in_place, moved_back, moves_said
from rotation.clock.told import day_and_time
from rotation.dataclasses import replace
from rotation.errors import Problem, UsageError
from rotation.model import Absence, Override, Roster, Rotation
from rotation.model.records import Offer
from rotation.roster import write
from rotation.schedule.turns import Block, blocks


def undo(book: Book, id_: str, now: datetime) -> Change:
    """Take back the change with this id: what is to come goes, what is under way ends now.

    Raises UsageError for an id that nothing has, and for what is over or has begun for good.
    """
    roster = book.roster
    entries = {key: entry for key, entry in dated(roster).items() if entry.id == id_}
    joined = {key: entry for key, entry in appended_blocks(roster).items() if entry.id == id_}
    offers = {n: offer for n, offer in enumerate(roster.offers) if offer.id == id_}
    if offers and not entries:
        return _withdrawn(book, offers, now)
    paths = [("offer", number) for number in offers]
    if not entries and not joined:
        past = (Effect.OVER, Effect.REPLACED, Effect.UNDONE)
        recent = [r.id for r in records(book.loaded, now) if r.id and r.state not in past]
        hint = f"known: {', '.join(recent[-8:])}; rotation log shows all" if recent else None
        refuse(f"nothing has the id {id_!r} in {roster.name}", hint or "rotation log shows all")
    what = f"undo {note(next(iter((*entries.values(), *joined.values()))))}"
    if joined:
        return _left_again(book, what, joined, now)
    return taken_back(book, what, entries, now, paths)


def _withdrawn(book: Book, offers: Mapping[int, Offer], now: datetime) -> Change:
    """The change without these offers, which have one id."""
    offer = next(iter(offers.values()))
    if offer.start <= now:
        refuse(
            f"the duty began at {day_and_time(offer.start, book.roster.zone)}: the offer is over",
            where=offer.where,
        )
    paths = [("offer", number) for number in offers]
    data = write.without(book.overrides_text or b"", overrides_file(book.roster), paths)
    return changed(book, f"undo offer {offer.person}", now, now, overrides=data)


def taken_back(
    book: Book, what: str, entries: Mapping[Key, Dated], now: datetime, offers: Iterable[Key] = ()
) -> Change:
    """The change without these entries of the overrides file; what is past of them stays. The
    `offers` that they came from go too."""
    zone, file = book.roster.zone, overrides_file(book.roster)
    over = {key: entry for key, entry in entries.items() if entry.end <= now}
    running = {k: e for k, e in entries.items() if e.start < now and k not in over}
    coming = [key for key in entries if key not in over and key not in running]
    if len(over) == len(entries):
        last = max(entry.end for entry in entries.values())
        refuse(
            f"it ended at {day_and_time(last, zone)}: the past is not changed",
            where=next(iter(entries.values())).where,
        )
    data = book.overrides_text or b""
    for key in running:
        data = write.ended(data, file, key, now, zone)
    data = write.without(data, file, [*coming, *offers])
    warnings = [
        Problem(f"what was until {day_and_time(min(e.end, now), zone)} stays as it was", e.where)
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
                f"{block.rotation.name!r} has this order since {day_and_time(begun, roster.zone)}: "
                "the past is not changed",
                "change it from the next handoff on: rotation join, leave or change",
                block.rotation.where,
            )
    file = str(roster.path)
    newcomers = [("people", p.key) for p in roster.people.values() if p.id == first.id]
    for _, key in newcomers:
        _refuse_to_forget(roster, key, joined.values(), now)
    data = write.without(book.roster_text, file, [*joined, *newcomers])
    start = min(takes_over(block, listed) for block in affected)
    end = max(two_rounds(block) for block in affected)
    back = moved_back(book, first.id or "", now)
    for override in back.values():
        start, end = min(start, override.start), max(end, override.end)
    done = changed(
        book, what, start, end, roster=data, overrides=in_place(book, back) if back else None
    )
    notes = (
        moves_said("moved back", roster.overrides[number], override, roster.zone)
        for number, override in back.items()
    )
    return replace(done, notes=tuple(notes))


def _refuse_to_forget(
    roster: Roster, person: str, joined: Iterable[Rotation], now: datetime
) -> None:
    """Refuse to take somebody out of a roster while something else in it names them.

    Raises UsageError, which names all of it, the last first: what came later builds on the rest.
    """
    naming: list[Override | Absence | Offer | Rotation] = [
        entry
        for entry in dated(roster).values()
        if person in ((entry.out, entry.in_) if isinstance(entry, Override) else (entry.person,))
    ]
    naming += [offer for offer in roster.offers if offer.person == person]
    kept = [rotation for rotation in roster.rotations if rotation not in joined]
    naming += [entry for entry in kept if any(person in turn for turn in entry.turns)]
    problems: dict[object, Problem] = {}
    for entry in reversed(naming):
        past = not isinstance(entry, Rotation) and entry.end <= now
        hint = f"rotation undo {entry.id} first" if entry.id else "take that out of the file first"
        if past:
            hint = f"that is over and stays: rotation leave {person}, in place of undo"
        what = f"{person} would not be in {roster.name} any more, and is named here"
        problems.setdefault(entry.id or entry.where, Problem(what, entry.where, hint))
    if problems:
        raise UsageError(problems.values())


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
