"""The shifts and the absences that a roster's calendars give, from files and from addresses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from rotation.calendars.feeds import Feed, Feeds
from rotation.calendars.read import Reading
from rotation.dataclasses import replace
from rotation.errors import ApplyError, Problem, Where
from rotation.model import EVER, Absence, FixedShift, Roster
from rotation.schedule.loaded import Loaded, with_dependents
from rotation.schedule.turns import first_handoff

HOUR = timedelta(hours=1)
MARGIN = timedelta(days=400)
"""How far around what is asked for a calendar is read: a duty's whole extent and the next one."""
GLANCES = (timedelta(days=10), timedelta(days=45))
"""How far it is read first for those who ask of one instant: weeks, then months."""
_FIRST, _LAST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)
FEW = 10
"""How many events are told of to those who did not ask for that."""


def glance(feeds: Feeds, roster: Roster, at: datetime) -> Loaded:
    """A roster with as much of its calendars as says who is on duty at an instant.

    Since when and until when, and when who is next begins, are what they would be if more had
    been read. `feeds` opens the calendars.
    """
    calendars = _Calendars(feeds, roster)
    margins = (MARGIN,) if _limited(roster) else (*GLANCES, MARGIN)
    # what is read is the same for a whole hour, so that the answer can be told to last
    hour = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    for margin in margins:
        low, high = _moved(hour, -margin), _moved(hour, margin)
        loaded = calendars.read(low, high, few=True)
        if margin is MARGIN or _settled(loaded, low, at, high):
            break
    return replace(loaded, until=_moved(hour, HOUR))


def within(feeds: Feeds, roster: Roster, start: datetime, end: datetime) -> Loaded:
    """A roster with what its calendars say of `[start, end)`, for those who ask of that alone."""
    if _limited(roster):
        return around(feeds, roster, start, end)
    return _Calendars(feeds, roster).read(start, end)


def around(feeds: Feeds, roster: Roster, start: datetime, end: datetime) -> Loaded:
    """A roster with what its calendars say from long before `start` until long after `end`."""
    calendars = _Calendars(feeds, roster)
    return calendars.read(_moved(start, -MARGIN), _moved(end, MARGIN))


def _limited(roster: Roster) -> bool:
    """Whether rest or weekends count: then what lies around an instant decides who steps in."""
    return any(limits.rest or limits.weekends for limits in roster.limits.values())


def _moved(instant: datetime, by: timedelta) -> datetime:
    try:
        return instant + by
    except OverflowError:
        return _FIRST if by < timedelta(0) else _LAST


def _settled(loaded: Loaded, low: datetime, at: datetime, high: datetime) -> bool:
    """Whether the answers for `at` lie inside of what was read: then nothing outside changes them.

    Who is on duty is known for every instant from `low` to `high`.
    """
    roster = loaded.roster
    roles = {rotation.role for rotation in roster.rotations if rotation.calendar is not None}
    if roster.absence_calendars:
        roles.update(roster.roles)
    for role in with_dependents(roster, roles) - loaded.unknown:
        schedule = loaded.known_schedule(role)
        here = schedule.at(at)
        if here.start is None or here.start <= low or here.end is None or here.end >= high:
            return False
        following = schedule.following(here)
        if following is None or following.start is None or following.start >= high:
            return False
    return True


class _Calendars:
    """The calendars of a roster, each opened once."""

    def __init__(self, feeds: Feeds, roster: Roster) -> None:
        self._roster = roster
        self._duties: dict[int, Feed] = {}
        self._absences: list[Feed] = []
        self._problems: list[Problem] = []
        self._unknown: set[str] = set()
        self._unseen = False
        for index, rotation in enumerate(roster.rotations):
            if rotation.calendar is None:
                continue
            try:
                self._duties[index] = feeds.duties(roster, rotation)
            except ApplyError as error:
                self._unknown.add(rotation.role)
                self._problems.extend(error.problems)
        for entry in roster.absence_calendars:
            opened = feeds.absences(roster, entry)
            if isinstance(opened, Feed):
                self._absences.append(opened)
            else:
                self._unseen = True
                self._problems.extend(opened)

    def read(self, start: datetime, end: datetime, *, few: bool = False) -> Loaded:
        """The roster with what its calendars say of `[start, end)`.

        Of what is odd in each no more than the first FEW with `few`. A calendar of duties that
        cannot be read costs its role, one of absences nothing.
        """
        shifts: list[FixedShift] = []
        away: list[Absence] = []
        problems = list(self._problems)
        unknown = set(self._unknown)
        for index, feed in self._duties.items():
            try:
                reading = feed.read(start, end)
            except ApplyError as error:
                unknown.add(self._roster.rotations[index].role)
                problems.extend(error.problems)
                continue
            problems.extend(_odd(feed, reading, few=few))
            shifts.extend(_cut(self._roster, index, feed.source, reading))
        for feed in self._absences:
            reading = feed.read(start, end)
            problems.extend(_odd(feed, reading, few=few))
            away.extend(
                Absence(
                    person, occurrence.start, occurrence.end, Where(feed.source, occurrence.line)
                )
                for occurrence in reading.occurrences
                for person in occurrence.people
            )
        return Loaded(
            self._roster,
            tuple(shifts),
            tuple(problems),
            with_dependents(self._roster, unknown),
            tuple(away),
            EVER,
            self._unseen or bool(unknown),
        )


def _odd(feed: Feed, reading: Reading, *, few: bool) -> Iterator[Problem]:
    """What there is to warn of in a calendar."""
    yield from feed.odd
    shown = reading.damages[:FEW] if few else reading.damages
    for damage in shown:
        yield Problem(damage.what, Where(feed.source, damage.line), damage.hint)
    if more := len(reading.damages) - len(shown):
        what = f"and {more} more warnings of events in this calendar"
        yield Problem(what, Where(feed.source), "rotation check names them all")


def _cut(roster: Roster, index: int, source: str, reading: Reading) -> Iterator[FixedShift]:
    """The occurrences within `since`, `until` and the start of a later block of the same name."""
    rotation = roster.rotations[index]
    ends = [
        first_handoff(later, roster.zone)
        for later in roster.rotations[index + 1 :]
        if later.name == rotation.name and later.calendar is None
    ]
    if rotation.until is not None:
        ends.append(rotation.until)
    for occurrence in reading.occurrences:
        start = (
            occurrence.start if rotation.since is None else max(occurrence.start, rotation.since)
        )
        end = min((occurrence.end, *ends))
        if start < end:
            yield FixedShift(
                start,
                end,
                occurrence.people,
                Where(source, occurrence.line),
                rotation.role,
                rotation.priority,
                f"rotation {rotation.name}",
            )
