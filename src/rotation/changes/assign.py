"""Assign, and cover for everybody: duty given to people by hand, whoever's turn it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rotation.changes.book import Book, Change, Stamp, known, refuse, span, with_entries
from rotation.changes.objections import agreed, engaged
from rotation.changes.trades import schedule_of, template
from rotation.clock.days import joined
from rotation.clock.told import day_and_time
from rotation.dataclasses import replace
from rotation.model import EVERYBODY, Override
from rotation.schedule.duties import horizon
from rotation.schedule.final import Schedule


def assign(
    book: Book,
    people: Sequence[str],
    start: datetime,
    end: datetime,
    stamp: Stamp,
    *,
    role: str | None = None,
    beside: bool = False,
    anyway: bool = False,
) -> Change:
    """`people` and nobody else are on duty from `start` to `end` (instants); what has begun
    already begins now.

    With `beside` they are so in addition to whoever has the duty. Raises UsageError for a change
    of the past, for one that would change nothing, and unless `anyway` for people who are away
    then or whom it would leave too little rest.
    """
    people = tuple(dict.fromkeys(people))
    known(book.roster, *people)
    _vet(book, start, end, stamp)
    start = max(start, stamp.at)
    schedule = _schedule(book, role)
    against = [
        objection
        for person in people
        for objection in engaged(book.loaded, schedule.role, person, [(start, end)])
    ]
    entries = _beside if beside else _alone
    what = f"assign {' '.join(people)}{' beside' if beside else ''}"
    mark = replace(template(book, what, schedule.role, stamp), start=start, end=end)
    change = with_entries(book, what, entries(schedule, people, mark))
    return agreed(change, against, anyway=anyway)


def cover_all(
    book: Book,
    taker: str,
    stamp: Stamp,
    *,
    role: str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    anyway: bool = False,
) -> Change:
    """`taker` serves from `start` to `end` (instants) for whoever is on duty; gaps stay gaps.

    Without both: the rest of the shift at `start` (now), or the next one, up to `end`. Raises
    UsageError for a cover that would change nothing or the past, and unless `anyway` as `assign`.
    """
    known(book.roster, taker)
    begin = max(start or stamp.at, stamp.at)
    if end is not None:
        _vet(book, start or stamp.at, end, stamp)
    schedule = _schedule(book, role)
    until = end or horizon(book.roster, begin)
    busy = [
        (shift.start, shift.end)
        for shift in schedule.between(begin, until)
        if shift.start and shift.end and not {taker}.issuperset(shift.people)
    ]
    if busy and (start is None or end is None):
        shift = schedule.at(busy[0][0])
        busy = [(busy[0][0], min(shift.end or until, until))]
    pieces = tuple(joined(busy))
    if not pieces:
        refuse(
            f"nobody but {taker} is on duty in {span(begin, until, book.roster.zone)}: "
            "a cover would change nothing",
            f"to put {taker} on duty all the same: rotation assign {taker} --from W --to W",
        )
    what = f"cover {taker} for everybody"
    mark = replace(template(book, what, schedule.role, stamp), out=EVERYBODY, in_=taker)
    change = with_entries(book, what, [replace(mark, start=s, end=e) for s, e in pieces])
    return agreed(change, engaged(book.loaded, schedule.role, taker, pieces), anyway=anyway)


def _vet(book: Book, start: datetime, end: datetime, stamp: Stamp) -> None:
    zone = book.roster.zone
    if end <= start:
        refuse(
            f"--to is not after --from: {span(start, end, zone)}",
            "are the two the wrong way round?",
        )
    if end <= stamp.at:
        refuse(f"{day_and_time(end, zone)} is over: the past is not changed")


def _schedule(book: Book, role: str | None) -> Schedule:
    roles = book.roster.roles
    if role is None and len(roles) > 1:
        refuse(f"{book.roster.name} has {len(roles)} roles", f"--role {' or '.join(roles)}")
    return schedule_of(book.loaded, role or roles[0])


def _alone(schedule: Schedule, people: Sequence[str], mark: Override) -> list[Override]:
    """The overrides after which only `people` serve. Raises UsageError where they do already."""
    teams = {frozenset(shift.people) for shift in schedule.between(mark.start, mark.end)}
    if teams == {frozenset(people)}:
        refuse(f"{_and(people)} {_have(people)} that duty already, and nobody else has")
    # the first entry stands for all who leave: not with somebody for whom nobody leaves
    first, *others = sorted(people, key=lambda person: teams == {frozenset({person})})
    return [
        replace(mark, out=EVERYBODY, in_=first),
        *(replace(mark, in_=person) for person in others),
    ]


def _beside(schedule: Schedule, people: Sequence[str], mark: Override) -> list[Override]:
    """The overrides that add `people`. Raises UsageError for those who serve all the while."""
    shifts = schedule.between(mark.start, mark.end)
    present = [p for p in people if all(p in shift.people for shift in shifts)]
    if present:
        refuse(f"{_and(present)} {_have(present)} that duty already", "name only who is to come")
    return [replace(mark, in_=person) for person in people]


def _and(people: Sequence[str]) -> str:
    return " and ".join(people)


def _have(people: Sequence[str]) -> str:
    return "have" if len(people) > 1 else "has"
