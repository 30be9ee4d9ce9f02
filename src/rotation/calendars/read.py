"""An iCalendar (RFC 5545) to the duties in it: bytes in, values out.

No file, no network, no clock: what is read, when, and in which zone, comes in as arguments.

The text is repaired and split here (repair.py), because the libraries lose line numbers, UTF-8
characters that a fold splits, and with one damaged event all the others. icalendar reads rules
and Windows zone names, dateutil expands rules. recurring-ical-events, which the tests compare
with, does not bound its work, drops what it cannot read, and takes 168 hours for seven days.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from operator import attrgetter
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from rotation.calendars.events import Event, event, labels
from rotation.calendars.people import Absences, Duties, Matcher, PersonNames
from rotation.calendars.recur import Budget
from rotation.calendars.repair import Component, NotACalendar, begins, components, prepared
from rotation.calendars.series import Instance, expand, instance_of
from rotation.calendars.sieve import Piece, Sieve
from rotation.calendars.titles import folded
from rotation.calendars.zones import Unexplained, Zones
from rotation.dataclasses import dataclass, replace

if TYPE_CHECKING:
    from rotation.calendars.near import Near

__all__ = ["Damage", "NotACalendar", "Occurrence", "PersonNames", "Reading", "read"]

_SAYS = attrgetter("start.utc", "finish", "summary", "attendees")


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One duty: from `start` to before `end` (aware, UTC) for `people` (keys, never none).

    `line` is that of the BEGIN:VEVENT which supplied it. `summary` is for people to read: one
    line, without control characters. `transparent` is TRANSP (section 3.8.2.7): the event does
    not take up time in its owner's calendar. Most programs write that for every all-day event,
    so it is told, and not taken for "no duty".
    """

    start: datetime
    end: datetime
    people: tuple[str, ...]
    uid: str
    summary: str
    line: int
    transparent: bool = False


@dataclass(frozen=True, slots=True)
class Damage:
    """An event that does not count, or of which it is doubtful what it means.

    `line` is that of its BEGIN:VEVENT, from 1 in the file as it is. `what` has no line ends.
    """

    line: int
    what: str
    hint: str | None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a calendar says: duties by start, end and people; damages by line."""

    occurrences: tuple[Occurrence, ...]
    damages: tuple[Damage, ...]


def read(
    data: bytes,
    *,
    zone: ZoneInfo,
    people: Mapping[str, PersonNames],
    start: datetime,
    end: datetime,
    match: str = "attendee-or-summary",
    only: Iterable[str] = (),
    ignore: Iterable[str] = (),
    away: bool = False,
    person: str | None = None,
    sift: Near | bool = True,
) -> Reading:
    """The duties, or with `away` the absences, of a calendar that overlap [`start`, `end`), uncut.

    `zone` is the roster's: all-day events are days there, and times without any zone are local
    there unless X-WR-TIMEZONE says otherwise. `start` and `end` are aware. `people` are those
    that may be named, by key. `match` says by what: one of model.MATCHES. Where there are any,
    only events whose title or category holds one of `only` count, and none that holds one of
    `ignore`; the others are left out in silence. With `away`, every event may be `person`'s.

    An event that cannot be read is a damage, unless its dates can and are days away from the
    window: then it is passed over like any other (sieve.py), but where `sift`, which can be what
    was sifted before, is false. One without any length, or that names nobody known, is a damage
    where it would overlap. The rest still counts.

    Raises NotACalendar where `data` is no calendar, and ValueError for a naive time or an unknown
    `match`.
    """
    if start.utcoffset() is None or end.utcoffset() is None:
        raise ValueError("the window needs aware times")
    matcher = Matcher(people, match)
    only, ignore = tuple(map(folded, only)), tuple(map(folded, ignore))
    who = Absences(matcher, person) if away else Duties(matcher, only)
    text = prepared(data)
    begins(text)
    fresh = Sieve(text, start, end) if sift is True else None
    sieve = fresh if isinstance(sift, bool) else sift.sieve(start, end)
    again = True
    while again:
        calendars, fault = components(sieve.pieces() if sieve else [Piece(1, text)])
        reader = _Reader(who, (only, ignore), start.astimezone(UTC), end.astimezone(UTC))
        for calendar in calendars:
            reader.take(calendar, zone)
        again = sieve is not None and sieve.restore(reader.by_uid)
    reader.expand()
    if fault:
        reader.damages[len(data.splitlines()), fault] = "fetch or export it again"
    return Reading(
        tuple(sorted(reader.occurrences, key=attrgetter("start", "end", "people", "line"))),
        tuple(Damage(line, what, hint) for (line, what), hint in sorted(reader.damages.items())),
    )


def anybody(
    data: bytes,
    *,
    zone: ZoneInfo,
    people: Mapping[str, PersonNames],
    match: str = "attendee-or-summary",
    only: Iterable[str] = (),
    ignore: Iterable[str] = (),
) -> bool:
    """Whether any event of a calendar puts anybody on duty, whenever that is; as for `read`."""
    text = prepared(data)
    begins(text)
    only = tuple(map(folded, only))
    who = Duties(Matcher(people, match), only)
    ever = datetime.min.replace(tzinfo=UTC)
    reader = _Reader(who, (only, tuple(map(folded, ignore))), ever, ever)
    for calendar in components([Piece(1, text)])[0]:
        reader.take(calendar, zone)
    return reader.anybody()


class _Reader:
    """Collects what the calendars in one file say about one window."""

    def __init__(
        self,
        who: Duties | Absences,
        words: tuple[tuple[str, ...], tuple[str, ...]],
        start: datetime,
        end: datetime,
    ) -> None:
        self._who, self._start, self._end = who, start, end
        self._only, self._ignore = words
        self._left_out: set[int] = set()
        self._budget = Budget()
        self._names: dict[int, tuple[str, ...]] = {}
        self.by_uid: dict[str, list[Event]] = {}
        self.occurrences: list[Occurrence] = []
        self.damages: dict[tuple[int, str], str | None] = {}

    def take(self, calendar: Component, home: ZoneInfo) -> None:
        """Read the events of one VCALENDAR.

        With METHOD:CANCEL (RFC 5546 section 3.2.5) they are what was called off. A file may hold
        several messages about one UID.
        """
        definitions = [part for part in calendar.children if part.name == "VTIMEZONE"]
        zones = Zones(definitions, home, calendar.value("X-WR-TIMEZONE"))
        called_off = calendar.value("METHOD").upper() == "CANCEL"
        for part in calendar.children:
            if part.name != "VEVENT":
                continue
            if not self._wanted(part):
                self._left_out.add(part.line)
            try:
                parsed = event(part, zones)
            except (ValueError, OverflowError) as error:
                self._damage(part.line, error)
            else:
                if called_off:
                    parsed = replace(parsed, cancelled=True, revision=(*parsed.revision[:2], True))
                if zones.fault and parsed.start.zone is zones.floating and not parsed.start.is_date:
                    self.damages[calendar.line, zones.fault] = "its times are read in the roster's"
                # without a UID, nothing says that two events belong together
                self.by_uid.setdefault(parsed.uid or f"\0{part.line}", []).append(parsed)

    def _wanted(self, part: Component) -> bool:
        if not self._only and not self._ignore:
            return True
        said = list(labels(part))

        def holds(words: tuple[str, ...]) -> bool:
            return any(word in text for word in words for text in said)

        return (not self._only or holds(self._only)) and not holds(self._ignore)

    def expand(self) -> None:
        """Find what the events that were read mean for the window."""
        for group in self.by_uid.values():
            self._expand(group)

    def _expand(self, group: list[Event]) -> None:
        masters = self._current([version for version in group if version.recurrence_id is None])
        latest: dict[tuple[object, bool], Event] = {}
        for version in sorted(group, key=lambda version: version.revision):
            if version.recurrence_id is None:
                continue
            zone = version.recurrence_id.zone
            if not masters:
                named: object = version.recurrence_id
            elif isinstance(zone, Unexplained) and not masters[0].start.is_date:
                self._damage(version.line, ValueError(zone.fault))
                continue
            else:
                named = instance_of(version.recurrence_id, masters[0].start)
            latest[named, version.and_future] = version
        overrides = list(latest.values())
        try:
            instances = list(expand(masters, overrides, self._start, self._end, self._budget))
        except (ValueError, OverflowError) as error:
            # what replaces single occurrences still says something
            self._damage((masters or group)[0].line, error)
            instances = (
                list(expand([], overrides, self._start, self._end, self._budget)) if masters else []
            )
        for occurrence in instances:
            self._keep(occurrence)

    def _current(self, masters: list[Event]) -> list[Event]:
        """Of events with one UID the latest revision (RFC 5546 section 2.1.5).

        Those that are equally new differ by mistake: some programs give several events one UID.
        All of them count, and the same event twice counts once.
        """
        newest = max((version.revision for version in masters), default=(0, "", False))
        starts = {version.start.utc for version in masters if version.revision == newest}
        current: dict[object, Event] = {}
        for version in masters:
            if version.revision == newest:
                current.setdefault((*_SAYS(version), repr(version.rules)), version)
            elif version.revision[0] == newest[0] and version.start.utc not in starts:
                what = "another event with its UID is newer"
                self._damage(version.line, ValueError(what), "give every event a UID of its own")
        return list(current.values())

    def _keep(self, instance: Instance) -> None:
        source = instance.source
        if source.line in self._left_out:
            return
        if instance.end <= instance.start:
            nothing = instance.end == instance.start
            what = "it has no length" if nothing else "it ends before it starts"
            self._damage(source.line, ValueError(what), "give it an end after its start")
            return
        if source.line not in self._names:
            self._names[source.line], remarks = self._who.people(source.attendees, source.summary)
            for what, hint in remarks:
                self.damages[source.line, what] = hint
        people = self._names[source.line]
        if not people:
            return
        self.occurrences.append(
            Occurrence(
                instance.start,
                instance.end,
                people,
                source.uid,
                source.summary,
                source.line,
                source.transparent,
            )
        )

    def anybody(self) -> bool:
        """Whether any event that was read has a length, was not called off, and names anybody."""
        return any(
            bool(self._who.people(version.attendees, version.summary)[0])
            for group in self.by_uid.values()
            for version in group
            if version.finish > version.start.utc
            and not version.cancelled
            and version.line not in self._left_out
        )

    def _damage(self, line: int, error: Exception, hint: str | None = None) -> None:
        if line in self._left_out:
            return
        what = "a time in it is too far away" if isinstance(error, OverflowError) else str(error)
        self.damages.setdefault((line, f"event skipped: {what}"), hint)
