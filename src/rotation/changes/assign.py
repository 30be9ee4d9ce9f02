"""Assign: a stretch of duty given to people by hand, whoever's turn it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from rotation.changes.book import Book, Change, Stamp, at, known, refuse, span, with_entries
from rotation.changes.trades import not_away, schedule_of, template
from rotation.model import EVERYBODY, Override
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
) -> Change:
    """`people` and nobody else are on duty from `start` to `end` (instants); what has begun
    already begins now.

    With `beside` they are so in addition to whoever has the duty. Raises UsageError for people who
    are away then, for a change of the past, and for one that would change nothing.
    """
    roster = book.roster
    people = tuple(dict.fromkeys(people))
    known(roster, *people)
    if end <= start:
        refuse(
            f"--to is not after --from: {span(start, end, roster.zone)}",
            "are the two the wrong way round?",
        )
    if end <= stamp.at:
        refuse(f"{at(end, roster.zone)} is over: the past is not changed")
    start = max(start, stamp.at)
    if role is None and len(roster.roles) > 1:
        refuse(
            f"{roster.name} has {len(roster.roles)} roles", f"--role {' or '.join(roster.roles)}"
        )
    schedule = schedule_of(book.loaded, role or roster.roles[0])
    for person in people:
        not_away(book.loaded, person, [(start, end)])
    entries = _beside if beside else _alone
    what = f"assign {' '.join(people)}{' beside' if beside else ''}"
    mark = replace(template(book, what, schedule.role, stamp), start=start, end=end)
    return with_entries(book, what, entries(schedule, people, mark))


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
