"""A roster as somebody has edited it: what differs from the roster as it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from rotation.changes.book import Book, Change
from rotation.changes.log import Dated, dated, note
from rotation.clock.told import day_and_time
from rotation.dataclasses import replace
from rotation.errors import Problem, Where
from rotation.model import EVER, NEVER
from rotation.model.records import Offer, Undone
from rotation.schedule.difference import difference
from rotation.schedule.duties import horizon
from rotation.schedule.loaded import Loaded

_PAST = timedelta(days=60)


def edited(book: Book, after: Loaded, data: bytes, now: datetime) -> Change:
    """The change that gives a roster the text `data`, which reads as `after`.

    What changes hands is looked for from `now` on, as long as it takes to see everybody's turns.
    A note says whether the past would read otherwise, too.
    """
    end = max(horizon(book.roster, now), horizon(after.roster, now))
    notes = []
    if _rewritten(book.loaded, after, now):
        notes.append(
            "who was on duty in the past would read otherwise too: a later block of the same name "
            "leaves it as it was (rotation change)"
        )
    gone = tuple(left_out(book.loaded, after, now))
    return Change("edit", book, after, now, end, data, warnings=gone, notes=tuple(notes))


def left_out(before: Loaded, after: Loaded, now: datetime) -> Iterator[Problem]:
    """What of the overrides file would not count any more, each by name: where a roster names
    another file."""
    old, new = before.roster, after.roster
    if old.overrides_file == new.overrides_file:
        return
    kept = {_named(entry) for entry in (*dated(new).values(), *new.offers)}
    hint = f"copy {old.overrides_file} to {new.overrides_file} first"
    entries = [
        *(entry for entry in dated(old).values() if entry.end > now),
        *(offer for offer in old.offers if offer.start > now),
    ]
    for entry in entries:
        if _named(entry) not in kept:
            words = f"offer {entry.person}" if isinstance(entry, Offer) else note(entry)
            begins = "" if entry.start == EVER else f" from {day_and_time(entry.start, old.zone)}"
            ends = "" if entry.end == NEVER else f" to {day_and_time(entry.end, old.zone)}"
            yield Problem(
                f"this would not count any more: {words}{begins}{ends}",
                entry.where,
                hint,
            )
    undone = [gone for gone in old.undone if _named(gone) not in set(map(_named, new.undone))]
    if undone:
        yield Problem(
            f"`log` would not show any more what was taken back ({len(undone)})",
            Where(str(old.overrides_file)),
            hint,
        )


def _named(entry: Dated | Offer | Undone) -> Dated | Offer | Undone:
    return replace(entry, where=Where(""))


def _rewritten(before: Loaded, after: Loaded, now: datetime) -> bool:
    roles = set(before.roster.roles) & set(after.roster.roles) - before.unknown - after.unknown
    return any(
        difference(before.known_schedule(role), after.known_schedule(role), now - _PAST, now)
        for role in roles
    )
