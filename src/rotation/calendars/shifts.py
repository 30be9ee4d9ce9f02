"""The shifts that a roster's calendars give, read from the host."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from rotation.calendars.read import NotACalendar, PersonNames, Reading, read
from rotation.errors import ApplyError, Problem, Where
from rotation.model import FixedShift, Roster, Rotation
from rotation.system import System
from rotation.turns import first_handoff

MARGIN = timedelta(days=400)
"""How far around what is asked for a calendar is read: a duty's whole extent and the next one."""

Read = tuple[tuple[FixedShift, ...], tuple[Problem, ...], frozenset[str]]


def read_calendars(system: System, roster: Roster, start: datetime, end: datetime) -> Read:
    """The shifts of all calendars of a roster around `[start, end)`.

    Also what is odd in them, and the roles of which a calendar could not be read at all.
    """
    shifts: list[FixedShift] = []
    problems: list[Problem] = []
    unsure: set[str] = set()
    for index, rotation in enumerate(roster.rotations):
        if rotation.calendar is None:
            continue
        try:
            file, reading = _read(system, roster, rotation, start, end)
        except ApplyError as error:
            unsure.add(rotation.role)
            problems.extend(error.problems)
            continue
        problems.extend(
            Problem(damage.what, Where(str(file), damage.line), damage.hint)
            for damage in reading.damages
        )
        shifts.extend(_cut(roster, index, file, reading))
    return tuple(shifts), tuple(problems), frozenset(unsure)


def _read(
    system: System, roster: Roster, rotation: Rotation, start: datetime, end: datetime
) -> tuple[Path, Reading]:
    written = rotation.calendar or ""
    if "://" in written:
        raise ApplyError(
            Problem(
                f"the calendar of rotation {rotation.name!r} is an address, which is not read yet",
                rotation.where,
                'save it to a file from cron, and name that: calendar = "duty.ics"',
            )
        )
    file = roster.path.parent / written
    found = system.read(file)
    if found is None:
        hint = f"it is the calendar of rotation {rotation.name!r}, at {rotation.where}"
        raise ApplyError(Problem("no such calendar", Where(str(file)), hint))
    people = {key: PersonNames(person.email, person.name) for key, person in roster.people.items()}
    try:
        match = rotation.match or "attendee-or-summary"
        reading = read(
            found.data,
            zone=roster.zone,
            people=people,
            start=start - MARGIN,
            end=end + MARGIN,
            match=match,
        )
    except NotACalendar as error:
        raise ApplyError(Problem(str(error), Where(str(file)))) from None
    except ValueError as error:
        raise ApplyError(Problem(str(error), rotation.where)) from None
    return file, reading


def _cut(roster: Roster, index: int, file: Path, reading: Reading) -> list[FixedShift]:
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
                    Where(str(file), one.line),
                    rotation.role,
                    rotation.priority,
                    f"rotation {rotation.name}",
                )
            )
    return shifts
