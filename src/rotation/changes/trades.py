"""Swap and cover: duties that pass from one person to another, their times unchanged."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import islice

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
from rotation.changes.objections import agreed, engaged
from rotation.clock.days import Stretch
from rotation.clock.told import day_and_time
from rotation.dataclasses import replace
from rotation.errors import Problem, Where
from rotation.model import Override
from rotation.schedule.difference import without_absences
from rotation.schedule.duties import Duty, duties, horizon, on_duty, upcoming
from rotation.schedule.final import Schedule
from rotation.schedule.loaded import Loaded


def swap(
    book: Book,
    person: str,
    other: str,
    stamp: Stamp,
    *,
    role: str | None = None,
    of: Stretch | None = None,
    with_: Stretch | None = None,
    anyway: bool = False,
) -> Change:
    """`person` and `other` trade a whole duty each, of the same role: the next that has not begun.

    `of` and `with_` (a day, or an instant twice) choose the duty of each of them instead. Raises
    UsageError, with the reason and what would work, for what cannot be traded, and unless `anyway`
    for somebody who is away then or whom it would leave too little rest.
    """
    roster = book.roster
    known(roster, person, other)
    if person == other:
        refuse(f"{person} cannot swap with themself", "name two people: rotation swap ALICE BOB")
    # the place of somebody who is away stays theirs to trade
    present = without_absences(book.loaded, person, other)
    schedule, coming = _role_of_both(present, (person, other), role, stamp.at)
    mine = _duty(schedule, person, of, stamp.at, other, coming.get(person))
    theirs = _duty(schedule, other, with_, stamp.at, person, coming.get(other))
    against: list[Problem] = []
    for taker, duty in ((other, mine), (person, theirs)):
        for start, end in duty.pieces:
            for busy in on_duty(schedule, taker, start, end):
                refuse(
                    f"{taker} is already on duty with {duty.person} in "
                    f"{span(*busy, roster.zone)}: both hold that duty",
                    f"choose another with --of or --with, or: rotation cover {taker} --for "
                    f"{duty.person}",
                )
        against += engaged(book.loaded, schedule.role, taker, duty.pieces)
    what = f"swap {person} {other}"
    mark = template(book, what, schedule.role, stamp)
    moves = [(mine.pieces, person, other), (theirs.pieces, other, person)]
    change = with_entries(book, what, _entries(book.loaded, mark, moves))
    return agreed(change, against, anyway=anyway)


def cover(
    book: Book,
    taker: str,
    person: str,
    stamp: Stamp,
    *,
    role: str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    anyway: bool = False,
) -> Change:
    """`taker` serves for `person` from `start` to `end` (instants) wherever `person` is on duty.

    Without them: the rest of the present duty of `person`, or their next one; with one of them,
    the duty at or after `start`, or up to `end`. Raises UsageError for a cover that would change
    nothing or the past, and unless `anyway` as `swap` does.
    """
    roster = book.roster
    known(roster, taker, person)
    if taker == person:
        refuse(f"{taker} cannot cover for themself", "rotation cover BOB --for ALICE")
    begin = max(start or stamp.at, stamp.at)
    if end is not None and end <= (start or stamp.at):
        refuse(
            f"--to is not after --from: {span(start or stamp.at, end, roster.zone)}",
            "are the two the wrong way round?",
        )
    if end is not None and end <= stamp.at:
        refuse(f"{day_and_time(end, roster.zone)} is over: the past is not changed")
    present = without_absences(book.loaded, person)
    schedule = _role_of_one(present, person, role, begin, end)
    if end is not None and start is not None:
        pieces = on_duty(schedule, person, begin, end)
    else:
        pieces = _rest(schedule, person, begin, end)
    if not pieces:
        until = end or horizon(roster, stamp.at)
        refuse(
            f"{person} is not on duty in {span(begin, until, roster.zone)}: "
            "a cover would change nothing",
            _next(schedule, person, stamp.at),
        )
    what = f"cover {taker} for {person}"
    mark = template(book, what, schedule.role, stamp)
    change = with_entries(book, what, _entries(book.loaded, mark, [(pieces, person, taker)]))
    return agreed(change, engaged(book.loaded, schedule.role, taker, pieces), anyway=anyway)


def offered_duty(
    loaded: Loaded, person: str, role: str | None, of: Stretch | None, now: datetime
) -> Duty:
    """The duty that `person` could give away: the next that has not begun, or the one that `of` (a
    day, or an instant twice) means. Raises UsageError where there is none."""
    present = without_absences(loaded, person)
    begin = now if of is None else max(of[0], now)
    schedule = _role_of_one(present, person, role, begin, None)
    return _duty(schedule, person, of, now, "SOMEBODY")


def template(book: Book, what: str, role: str, stamp: Stamp) -> Override:
    """What all overrides of one change have in common."""
    return Override(
        stamp.at, stamp.at, Where(overrides_file(book.roster)), role=role,
        id=book.fresh_id(what, stamp), note=what, by=stamp.by, at=stamp.at,
    )  # fmt: skip


def _rest(
    schedule: Schedule, person: str, begin: datetime, end: datetime | None
) -> tuple[Stretch, ...]:
    """What is left of the duty of `person` at `begin`, or their next one, up to `end`."""
    until = horizon(schedule.roster, begin)
    first = next(duties(schedule, person, begin, until), None)
    pieces = ((max(s, begin), min(e, end or e)) for s, e in (first.pieces if first else ()))
    return tuple((s, e) for s, e in pieces if s < e)


def _duty(
    schedule: Schedule, person: str, day: Stretch | None, now: datetime, other: str,
    coming: Duty | None = None,
) -> Duty:  # fmt: skip
    """The whole duty that is meant, which has not begun: without a `day` the `coming` one, which
    is looked for if it is not known yet. Raises UsageError where there is none."""
    zone = schedule.roster.zone
    if day is None:
        coming = coming or next(upcoming(schedule, person, now), None)
        if coming is None:
            cover_it = f"one-way: rotation cover {person} --for {other}"
            refuse(f"{person} has no duty ahead as {schedule.role!r}", cover_it)
        return coming
    start, end = day
    end = max(end, start + datetime.resolution)
    touched = list(duties(schedule, person, start, end))
    chosen = [duty for duty in touched if start <= duty.start < end] or touched
    if not chosen:
        refuse(
            f"{person} has no duty as {schedule.role!r} on {start.astimezone(zone):%Y-%m-%d}",
            _next(schedule, person, now),
        )
    if len(chosen) > 1:
        listed = ", ".join(day_and_time(duty.start, zone) for duty in chosen)
        refuse(
            f"{person} has {len(chosen)} duties on {start.astimezone(zone):%Y-%m-%d}: "
            f"they begin {listed}",
            f"add the time: {chosen[0].start.astimezone(zone):%Y-%m-%dT%H:%M}",
        )
    duty = chosen[0]
    if duty.end <= now:
        refuse(
            f"{person}'s duty of {span(duty.start, duty.end, zone)} is over: "
            "the past is not changed",
            _next(schedule, person, now),
        )
    if duty.start <= now:
        refuse(
            f"{person}'s duty of {span(duty.start, duty.end, zone)} is under way: "
            "a swap trades whole duties",
            f"for the rest of it: rotation cover {other} --for {person}",
        )
    return duty


def _next(schedule: Schedule, person: str, now: datetime) -> str:
    coming = list(islice(upcoming(schedule, person, now), 3))
    if not coming:
        return f"{person} has no duty ahead as {schedule.role!r}: rotation schedule shows who has"
    listed = ", ".join(day_and_time(duty.start, schedule.roster.zone) for duty in coming)
    return f"{person}'s next duties begin {listed}"


def _role_of_both(
    loaded: Loaded, people: Sequence[str], role: str | None, now: datetime
) -> tuple[Schedule, dict[str, Duty]]:
    """The schedule in which both have a duty to come, and those where they had to be looked for."""
    roster = loaded.roster
    if role is not None or len(roster.roles) == 1:
        return schedule_of(loaded, role or roster.roles[0]), {}
    schedules = loaded.known_schedules()
    coming = {
        s.role: {p: duty for p in people if (duty := next(upcoming(s, p, now), None))}
        for s in schedules
    }
    able = [s for s in schedules if len(coming[s.role]) == len(people)]
    if not able:
        refuse(
            f"{' and '.join(people)} have no duties ahead in the same role{_but(loaded)}",
            "; ".join(_next(s, p, now) for s in schedules for p in people),
        )
    schedule = _only(able, "both have duties ahead as")
    return schedule, coming[schedule.role]


def _role_of_one(
    loaded: Loaded, person: str, role: str | None, begin: datetime, end: datetime | None
) -> Schedule:
    """The schedule in which `person` is on duty first from `begin` on."""
    roster = loaded.roster
    if role is not None or len(roster.roles) == 1:
        return schedule_of(loaded, role or roster.roles[0])
    schedules = loaded.known_schedules() or [loaded.known_schedule(roster.roles[0])]
    if end is not None:
        able = [s for s in schedules if on_duty(s, person, begin, end)]
    else:
        able = [s for s in schedules if person in s.at(begin).people]
        until = horizon(roster, begin)
        able = able or [s for s in schedules if next(duties(s, person, begin, until), None)]
    if not able and loaded.unknown:
        refuse(f"{person} has no such duty in any role that is known{_but(loaded)}")
    return _only(able, f"{person} is on duty as") if able else schedules[0]


def _but(loaded: Loaded) -> str:
    """The roles of which nobody can know whether people are on duty there, for messages."""
    roles = ", ".join(sorted(loaded.unknown))
    return f"; nobody can know who has {roles}, a calendar cannot be read" if roles else ""


def _only(able: Sequence[Schedule], words: str) -> Schedule:
    if len(able) > 1:
        names = [schedule.role for schedule in able]
        refuse(f"{words} {' and as '.join(names)}", f"say which: --role {names[0]}")
    return able[0]


def schedule_of(loaded: Loaded, role: str) -> Schedule:
    """The final schedule of a role. Raises UsageError for one that the roster does not have."""
    known(loaded.roster, role=role)
    return loaded.known_schedule(role)


Moves = Sequence[tuple[tuple[Stretch, ...], str, str]]
"""Pieces of time in which the first person leaves and the second one comes."""


def _entries(loaded: Loaded, mark: Override, moves: Moves) -> list[Override]:
    """The fewest overrides that do exactly this, each dressed as `mark`."""
    roster = loaded.roster
    exact = [
        replace(mark, start=start, end=end, out=out, in_=in_)
        for pieces, out, in_ in moves
        for start, end in pieces
    ]
    # one entry over all of a duty's pieces says the same, unless somebody else's time lies between
    whole = [
        replace(mark, start=pieces[0][0], end=pieces[-1][1], out=out, in_=in_)
        for pieces, out, in_ in moves
    ]
    start, end = min(e.start for e in exact), max(e.end for e in exact)

    def outcome(entries: list[Override]) -> list[tuple[datetime, frozenset[str]]]:
        changed = replace(roster, overrides=(*roster.overrides, *entries))
        schedule = Schedule(changed, mark.role, loaded.shifts, loaded.away)
        turnout: list[tuple[datetime, frozenset[str]]] = []
        for shift in schedule.between(start, end):
            people = frozenset(shift.people)
            if not turnout or turnout[-1][1] != people:
                turnout.append((shift.start or start, people))
        return turnout

    return whole if outcome(whole) == outcome(exact) else exact
