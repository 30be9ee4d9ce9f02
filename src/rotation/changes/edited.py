"""A roster as somebody has edited it: what differs from the roster as it is."""

from __future__ import annotations

from datetime import datetime, timedelta

from rotation.changes.book import Book, Change
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
    return Change("edit", book, after, now, end, data, notes=tuple(notes))


def _rewritten(before: Loaded, after: Loaded, now: datetime) -> bool:
    roles = set(before.roster.roles) & set(after.roster.roles) - before.unknown - after.unknown
    return any(
        difference(before.known_schedule(role), after.known_schedule(role), now - _PAST, now)
        for role in roles
    )
