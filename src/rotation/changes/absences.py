"""Away, and back again: absences appended to the overrides file or taken out of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from shlex import quote

from rotation.changes.book import (
    Book,
    Change,
    Stamp,
    known,
    overrides_file,
    refuse,
    span,
    with_entries,
)  # fmt: skip
from rotation.changes.undo import taken_back
from rotation.clock.local import DAY
from rotation.clock.told import day_and_time
from rotation.clock.typed import as_typed
from rotation.dataclasses import replace
from rotation.errors import Problem, Where
from rotation.model import EVER, EVERYBODY, NEVER, Absence, Roster
from rotation.roster import write
from rotation.schedule.difference import without_absences
from rotation.schedule.duties import Duty, duties, on_duty


def away(
    book: Book, person: str, start: datetime, end: datetime, stamp: Stamp, *, whole: bool = False
) -> Change:
    """`person` is away from `start` to `end` (instants); what has begun already begins now.

    With `whole`, to the handoffs of all duties that this touches. What is left of a duty where it
    is less than a day is named. Raises UsageError for an absence that is over, that ends before it
    begins, or that stands there already.
    """
    roster = book.roster
    known_or_everybody(roster, person)
    if end <= start:
        refuse(
            f"the absence ends before it begins: {span(start, end, roster.zone)}",
            "are the two the wrong way round?",
        )
    if end <= stamp.at:
        refuse(f"{day_and_time(end, roster.zone)} is over: the past is not changed")
    touched = list(_touched(book, person, start, end))
    if whole:
        start = min([start, *(duty.start for duty in touched)])
        end = max([end, *(duty.end for duty in touched)])
    start = max(start, stamp.at)
    for absence in roster.absences:
        if absence.person != person or absence.hours:
            continue
        if absence.start <= start and end <= absence.end:
            refuse(
                f"{person} is away from {span(absence.start, absence.end, roster.zone)} already",
                where=absence.where,
            )
    what = f"away {person}"
    entry = Absence(
        person, start, end, Where(overrides_file(roster)),
        id=book.fresh_id(what, stamp), note=what, by=stamp.by, at=stamp.at,
    )  # fmt: skip
    change = with_entries(book, what, [entry])
    return replace(change, warnings=tuple(_stubs(change, touched, entry)))


def _touched(book: Book, person: str, start: datetime, end: datetime) -> Iterator[Duty]:
    """The duties of somebody in a stretch of time, were they there."""
    people = book.roster.people if person == EVERYBODY else (person,)
    for key in people:
        for schedule in without_absences(book.loaded, key).known_schedules():
            yield from duties(schedule, key, start, end)


def _stubs(change: Change, touched: Iterable[Duty], absence: Absence) -> Iterator[Problem]:
    """What somebody keeps of a duty beside an absence, where that is less than a day."""
    zone = change.after.roster.zone
    for duty in touched:
        schedule = change.after.known_schedule(duty.role)
        for start, end in ((duty.start, absence.start), (absence.end, duty.end)):
            if start < end and end - start < DAY:
                for kept in on_duty(schedule, duty.person, start, end):
                    begin = min(absence.start, duty.start)
                    span_ = f"{as_typed(begin, zone)} {as_typed(max(absence.end, duty.end), zone)}"
                    yield Problem(
                        f"{duty.person} keeps {span(*kept, zone)}",
                        hint="away for the whole duty: --whole, or "
                        f"rotation away {quote(absence.person)} {span_}",
                    )


def cancel(
    book: Book, person: str, stamp: Stamp, start: datetime | None, end: datetime | None
) -> Change:
    """Take back the absence of `person` that is not over, or the one that touches `[start, end)`.

    One under way ends now. Raises UsageError where there is none, or more than one.
    """
    roster = book.roster
    known_or_everybody(roster, person)
    mine = [
        (absence.number, absence)
        for absence in roster.absences
        if absence.number is not None and absence.person == person and absence.end > stamp.at
    ]
    meant = [
        (number, absence)
        for number, absence in mine
        if (start is None or absence.end > start) and (end is None or absence.start < end)
    ]
    listed = "; ".join(_said(a, roster) for _, a in mine)
    if not meant:
        hint = f"absences to come: {listed}" if mine else "rotation log shows what there was"
        refuse(f"{person} has no absence that could be taken back", hint)
    if len(meant) > 1:
        refuse(
            f"{person} has {len(meant)} absences: {listed}",
            f"say which: rotation away {person} FROM TO --cancel",
        )
    number, absence = meant[0]
    return taken_back(book, f"cancel away {person}", {("absence", number): absence}, stamp.at)


def known_or_everybody(roster: Roster, person: str) -> None:
    """Raises UsageError for a name that is nobody's in the roster, and does not mean everybody."""
    if person != EVERYBODY:
        known(roster, person)


def _said(absence: Absence, roster: Roster) -> str:
    """When somebody is away, in the words of messages."""
    dates = "" if absence.start == EVER else f"from {day_and_time(absence.start, roster.zone)}"
    dates += "" if absence.end == NEVER else f" to {day_and_time(absence.end, roster.zone)}"
    if not absence.hours:
        return dates.removeprefix("from ")
    hours = ", ".join(write.window_text(window) for window in absence.hours)
    return " ".join(filter(None, (hours, dates.strip())))
