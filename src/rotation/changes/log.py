"""What was changed, as the files tell of it: when, by whom, and what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum

from rotation.changes.book import Change, Stamp, home
from rotation.dataclasses import dataclass, replace
from rotation.errors import Where
from rotation.model import EVER, EVERYBODY, Absence, Override, Roster, Rotation
from rotation.model.records import Offer, Undone
from rotation.roster import write
from rotation.roster.parse import parse
from rotation.schedule.difference import Overrides
from rotation.schedule.loaded import Loaded
from rotation.schedule.offered import void
from rotation.schedule.turns import Block, blocks

Dated = Override | Absence
Entry = Override | Absence | Rotation
Key = tuple[str, int]
"""Where an entry stands: its kind and its number in its file, as paths of `lines` are."""


class Effect(Enum):
    """Whether something is still in effect."""

    TO_COME = "to come"
    NOW = "in effect"
    OVER = "over"
    UNDONE = "undone"
    OPEN = "open"
    """An offer that nobody has taken, of a duty that has not begun."""
    REPLACED = "replaced"
    """An order that another one replaced before it began."""
    IDLE = "no effect"
    """An override that is not over and puts nobody else on duty than there would be without it, or
    an offer of a duty that is not what was offered any more."""


@dataclass(frozen=True, slots=True)
class LogRecord:
    """One change that the files tell of: the entries that share an id, or one without.

    `undone` and `undone_by` are when and by whom it was taken back, or the part of it that was not
    over.
    """

    id: str | None
    what: str
    by: str | None
    at: datetime | None
    start: datetime | None
    end: datetime | None
    state: Effect
    undone: datetime | None = None
    undone_by: str | None = None


def records(loaded: Loaded, now: datetime) -> list[LogRecord]:
    """Every change, the oldest first; those that say no instant come before the others."""
    roster = loaded.roster
    groups: dict[object, list[Override | Absence | Rotation]] = {}
    for key, entry in (*dated(roster).items(), *appended_blocks(roster).items()):
        groups.setdefault(entry.id or key, []).append(entry)
    numbered = {b.rotation: b for b in blocks(roster.rotations, roster.zone)}
    overrides = Overrides(loaded)
    listed = [_record(overrides, group, now, numbered) for group in groups.values()]
    listed = [_offered(record, roster) for record in listed]
    taken = {record.id for record in listed}
    listed += [_asked(loaded, offer, now) for offer in roster.offers if offer.id not in taken]
    gone = {entry.id: entry for entry in roster.undone if entry.id}
    # of what was under way the part that is over still stands there
    listed = [
        replace(r, undone=gone[r.id].undone, undone_by=gone[r.id].undone_by) if r.id in gone else r
        for r in listed
    ]
    standing = {record.id for record in listed}
    listed += [_gone(entry) for entry in roster.undone if entry.id not in standing or not entry.id]
    return sorted(listed, key=lambda record: record.at or datetime.min.replace(tzinfo=UTC))


def remembered(change: Change, stamp: Stamp) -> Change:
    """The same change with records of all that it takes back, for `records`."""
    book = change.book
    gone = _entries(book.roster) - _entries(change.after.roster)
    groups: dict[object, list[Entry]] = {}
    for entry in (*dated(book.roster).values(), *appended_blocks(book.roster).values()):
        groups.setdefault(entry.id or _bare(entry), []).append(entry)
    numbered = {b.rotation: b for b in blocks(book.roster.rotations, book.roster.zone)}
    overrides_before = Overrides(book.loaded)
    taken = [
        _record(overrides_before, group, stamp.at, numbered)
        for group in groups.values()
        if any(_bare(entry) in gone for entry in group)
    ]
    offers = [offer for offer in book.roster.offers if _bare(offer) in gone]
    taken = [_offered(record, book.roster) for record in taken]
    ids = {record.id for record in taken}
    taken += [_asked(book.loaded, offer, stamp.at) for offer in offers if offer.id not in ids]
    texts = [
        write.undone_text(
            Undone(
                stamp.at, stamp.by, Where(""), record.start, record.end,
                id=record.id, note=record.what, by=record.by, at=record.at,
            ),
            book.roster.zone,
        )
        for record in taken
    ]  # fmt: skip
    before = book.overrides_text if change.overrides_text is None else change.overrides_text
    overrides = write.appended(before or b"", texts)
    roster = book.roster_text if change.roster_text is None else change.roster_text
    after = replace(change.after, roster=parse(roster, book.roster.path, overrides))
    return replace(change, after=after, overrides_text=overrides)


def _entries(roster: Roster) -> Counter[Entry | Offer]:
    listed = (*dated(roster).values(), *appended_blocks(roster).values(), *roster.offers)
    return Counter(_bare(entry) for entry in listed)


def _bare(entry: Entry | Offer) -> Entry | Offer:
    """An entry wherever it stands."""
    if isinstance(entry, Override):
        return home(entry)
    return replace(entry, where=Where(""))


def dated(roster: Roster) -> dict[Key, Dated]:
    """The overrides and absences of the overrides file, each with where it stands."""
    entries: dict[Key, Dated] = {("override", n): o for n, o in enumerate(roster.overrides)}
    entries.update({("absence", a.number): a for a in roster.absences if a.number is not None})
    return entries


def appended_blocks(roster: Roster) -> dict[Key, Rotation]:
    """The blocks that a join, leave or change appended."""
    return {("rotation", n): r for n, r in enumerate(roster.rotations) if r.id is not None}


def _record(
    overrides: Overrides,
    group: list[Override | Absence | Rotation],
    now: datetime,
    numbered: Mapping[Rotation, Block],
) -> LogRecord:
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
    elif state is not Effect.OVER and not _effective(overrides, group):
        state = Effect.IDLE
    endless = end.year >= 9000
    begin = None if start == EVER else start
    return LogRecord(
        first.id, note(first), first.by, first.at, begin, None if endless else end, state
    )


def _offered(record: LogRecord, roster: Roster) -> LogRecord:
    """The record, with the offer that it came from, if it did."""
    for offer in roster.offers:
        if offer.id and offer.id == record.id:
            return replace(record, what=f"{record.what}, offered by {offer.by or offer.person}")
    return record


def _asked(loaded: Loaded, offer: Offer, now: datetime) -> LogRecord:
    state = Effect.OPEN if now < offer.start else Effect.OVER
    if state is Effect.OPEN and void(loaded, offer):
        state = Effect.IDLE
    what = offer.note or f"offer {offer.person}"
    return LogRecord(offer.id, what, offer.by, offer.at, offer.start, offer.end, state)


def _gone(entry: Undone) -> LogRecord:
    return LogRecord(
        entry.id, entry.note or "a change", entry.by, entry.at, entry.start, entry.end,
        Effect.UNDONE, entry.undone, entry.undone_by,
    )  # fmt: skip


def _effective(overrides: Overrides, group: list[Override | Absence | Rotation]) -> bool:
    """Whether anything but an override is among these, or an override that does something."""
    return any(not isinstance(entry, Override) or overrides.acts(entry) for entry in group)


def note(entry: Override | Absence | Rotation) -> str:
    """What an entry is, in a few words."""
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
