"""The shifts that a roster's calendars give, from files and from addresses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from rotation.calendars.fetch import Copies
from rotation.calendars.read import NotACalendar, PersonNames, Reading, read
from rotation.errors import ApplyError, Problem, Where
from rotation.links import BadLink, is_link, parse_link
from rotation.model import FixedShift, Roster, Rotation
from rotation.system import System
from rotation.turns import first_handoff

MARGIN = timedelta(days=400)
"""How far around what is asked for a calendar is read: a duty's whole extent and the next one."""

Read = tuple[tuple[FixedShift, ...], tuple[Problem, ...], frozenset[str]]


def read_calendars(
    system: System, copies: Copies, roster: Roster, start: datetime, end: datetime
) -> Read:
    """The shifts of all calendars of a roster around `[start, end)`.

    `copies` has those of addresses. Also what is odd in them, and the roles of which a calendar
    could not be read at all.
    """
    shifts: list[FixedShift] = []
    problems: list[Problem] = []
    unsure: set[str] = set()
    for index, rotation in enumerate(roster.rotations):
        if rotation.calendar is None:
            continue
        try:
            source, data, odd = _found(system, copies, roster, rotation)
            problems.extend(odd)
            reading = _read(roster, rotation, source, data, start, end)
        except ApplyError as error:
            unsure.add(rotation.role)
            problems.extend(error.problems)
            continue
        problems.extend(
            Problem(damage.what, Where(source, damage.line), damage.hint)
            for damage in reading.damages
        )
        shifts.extend(_cut(roster, index, source, reading))
    return tuple(shifts), tuple(problems), frozenset(unsure)


def _found(
    system: System, copies: Copies, roster: Roster, rotation: Rotation
) -> tuple[str, bytes, tuple[Problem, ...]]:
    """Where a rotation's calendar is, in words that can be shown, its bytes, and warnings."""
    written = rotation.calendar or ""
    if is_link(written):
        try:
            link = parse_link(written)
            data, odd = copies.get(link, rotation.stale)
        except BadLink as error:
            raise ApplyError(Problem(error.what, rotation.where, error.hint)) from None
        except ApplyError as error:
            raise ApplyError(_of(rotation, error.problems)) from None
        return str(link), data, _of(rotation, odd)
    file = roster.path.parent / written
    found = system.read(file)
    if found is None:
        hint = f"it is the calendar of rotation {rotation.name!r}, at {rotation.where}"
        raise ApplyError(Problem("no such calendar", Where(str(file)), hint))
    return str(file), found.data, ()


def _of(rotation: Rotation, problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Problems with an address, each with the line of the roster that holds it."""
    return tuple(replace(one, where=one.where or rotation.where) for one in problems)


def _read(
    roster: Roster, rotation: Rotation, source: str, data: bytes, start: datetime, end: datetime
) -> Reading:
    people = {key: PersonNames(person.email, person.name) for key, person in roster.people.items()}
    try:
        return read(
            data,
            zone=roster.zone,
            people=people,
            start=start - MARGIN,
            end=end + MARGIN,
            match=rotation.match or "attendee-or-summary",
        )
    except NotACalendar as error:
        raise ApplyError(Problem(str(error), Where(source))) from None
    except ValueError as error:
        raise ApplyError(Problem(str(error), rotation.where)) from None


def _cut(roster: Roster, index: int, source: str, reading: Reading) -> list[FixedShift]:
    """The occurrences within `since`, `until` and the start of a later block of the same name."""
    rotation = roster.rotations[index]
    ends = [
        first_handoff(later, roster.zone)
        for later in roster.rotations[index + 1 :]
        if later.name == rotation.name and later.calendar is None
    ]
    if rotation.until is not None:
        ends.append(rotation.until)
    shifts = []
    for one in reading.occurrences:
        start = one.start if rotation.since is None else max(one.start, rotation.since)
        end = min((one.end, *ends))
        if start < end:
            shifts.append(
                FixedShift(
                    start,
                    end,
                    one.people,
                    Where(source, one.line),
                    rotation.role,
                    rotation.priority,
                    f"rotation {rotation.name}",
                )
            )
    return shifts
