"""The shifts that a roster's calendars give, from files and from addresses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from rotation.calendars.fetch import Copies
from rotation.calendars.read import NotACalendar, PersonNames, Reading, read
from rotation.errors import ApplyError, Problem, Where
from rotation.model import FixedShift, Roster, Rotation
from rotation.schedule.loaded import Loaded
from rotation.schedule.turns import first_handoff
from rotation.system import Files
from rotation.system.link import BadLink, is_link, parse_link

MARGIN = timedelta(days=400)
"""How far around what is asked for a calendar is read: a duty's whole extent and the next one."""
GLANCES = (timedelta(days=10), timedelta(days=45))
"""How far it is read first for those who ask of one instant: weeks, then months."""
_FIRST, _LAST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)
FEW = 10
"""How many events that do not count are told to those who did not ask for that."""

Read = tuple[tuple[FixedShift, ...], tuple[Problem, ...], frozenset[str]]


def glance(system: Files, copies: Copies, roster: Roster, at: datetime) -> Loaded:
    """A roster with as much of its calendars as says who is on duty at an instant.

    Since when and until when, and when who is next begins, are what they would be if more had
    been read. `copies` has the calendars of addresses.
    """
    for margin in GLANCES:
        low, high = _moved(at, -margin), _moved(at, margin)
        loaded = Loaded(roster, *_read_all(system, copies, roster, low, high, few=True))
        if _settled(loaded, low, at, high):
            return loaded
    low, high = _moved(at, -MARGIN), _moved(at, MARGIN)
    return Loaded(roster, *_read_all(system, copies, roster, low, high, few=True))


def around(system: Files, copies: Copies, roster: Roster, start: datetime, end: datetime) -> Loaded:
    """A roster with what its calendars say from long before `start` until long after `end`."""
    low, high = _moved(start, -MARGIN), _moved(end, MARGIN)
    return Loaded(roster, *_read_all(system, copies, roster, low, high))


def _moved(instant: datetime, by: timedelta) -> datetime:
    try:
        return instant + by
    except OverflowError:
        return _FIRST if by < timedelta(0) else _LAST


def _settled(loaded: Loaded, low: datetime, at: datetime, high: datetime) -> bool:
    """Whether the answers for `at` lie inside of what was read: then nothing outside changes them.

    Who is on duty is known for every instant from `low` to `high`.
    """
    roles = {one.role for one in loaded.roster.rotations if one.calendar is not None}
    for role in roles - loaded.unknown:
        schedule = loaded.known_schedule(role)
        here = schedule.at(at)
        if here.start is None or here.start <= low or here.end is None or here.end >= high:
            return False
        following = schedule.following(here)
        if following is None or following.start is None or following.start >= high:
            return False
    return True


def _read_all(
    system: Files,
    copies: Copies,
    roster: Roster,
    start: datetime,
    end: datetime,
    *,
    few: bool = False,
) -> Read:
    """The shifts of all calendars of a roster that overlap `[start, end)`.

    Also what is odd in them, with `few` no more than the first FEW of each, and the roles of
    which a calendar could not be read at all.
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
        shown = reading.damages[:FEW] if few else reading.damages
        problems.extend(
            Problem(damage.what, Where(source, damage.line), damage.hint) for damage in shown
        )
        if more := len(reading.damages) - len(shown):
            what = f"and {more} more events of this calendar do not count"
            problems.append(Problem(what, Where(source), "rotation check names them all"))
        shifts.extend(_cut(roster, index, source, reading))
    return tuple(shifts), tuple(problems), frozenset(unsure)


def _found(
    system: Files, copies: Copies, roster: Roster, rotation: Rotation
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
            start=start,
            end=end,
            match=rotation.match or "attendee-or-summary",
            only=rotation.only,
            ignore=rotation.ignore,
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
