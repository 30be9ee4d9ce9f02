"""What a TZID means, and local times to instants.

The order: a name of the IANA database with an area (`Europe/Berlin`) is that zone, with the
host's own data, which knows the whole past and the latest laws where a calendar's copy seldom
does. Any other name is what the calendar's VTIMEZONE says (RFC 5545 sections 3.2.19 and 3.6.5),
however well known it looks. Without one it may be a prefixed IANA name or one of Windows, short
or as it shows them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from rotation.calendars.recur import Budget, Parts, Recurrence, parse
from rotation.calendars.repair import Component, quoted

_LOCAL = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(Z?)", re.ASCII | re.IGNORECASE)
_OFFSET = re.compile(r"([+-])(\d\d)(\d\d)(\d\d)?", re.ASCII)
# files in a zoneinfo folder that are not zones, or count leap seconds
_NOT_ZONES = re.compile(r"posix|right/|localtime|factory", re.IGNORECASE)
_DISPLAYED = re.compile(
    r"\((?:UTC|GMT)(?:([+-])(\d\d):?(\d\d))?\)\s*(.{1,200})", re.ASCII | re.IGNORECASE
)
_WANTED = frozenset({"DTSTART", "RRULE", "RDATE", "TZOFFSETFROM", "TZOFFSETTO"})


class Zone(Protocol):
    """What local times mean somewhere. Local times are naive, instants aware."""

    def to_utc(self, local: datetime) -> datetime:
        """The instant (UTC) of a local time.

        One that does not exist is moved forward by the gap; of two the first (section 3.3.5).
        """

    def to_local(self, instant: datetime) -> datetime:
        """The local time of an instant."""


@dataclass(frozen=True, slots=True)
class Region:
    """A zone that Python knows."""

    tz: tzinfo

    def to_utc(self, local: datetime) -> datetime:
        """See Zone."""
        return local.replace(tzinfo=self.tz, fold=0).astimezone(UTC)

    def to_local(self, instant: datetime) -> datetime:
        """See Zone."""
        return instant.astimezone(self.tz).replace(tzinfo=None, fold=0)


UTC_ZONE = Region(UTC)


@dataclass(frozen=True, slots=True)
class _Observance:
    """STANDARD or DAYLIGHT: the onsets are local times by the offset `before` them."""

    start: datetime
    others: tuple[datetime, ...]
    parts: Parts | None
    before: timedelta
    after: timedelta

    def onsets(self, low: datetime, high: datetime) -> set[datetime]:
        """Those from `low` to `high`, and the last one before `low`."""
        every = {self.start, *self.others}
        if self.parts is not None:
            until = self.parts.until
            if isinstance(until, datetime):
                until = until.replace(tzinfo=None) + (self.before if until.tzinfo else timedelta(0))
            elif until is not None:
                until = datetime(until.year, until.month, until.day, 23, 59, 59)  # noqa: DTZ001
            rule = Recurrence(self.parts, self.start, until)
            # the last one before: it lies within a few years, or at the end of what is over
            around = min(low, until) if until is not None else low
            since = max(self.start.year, around.year - max(10, self.parts.interval))
            every.update(rule.between(datetime(since, 1, 1), high, Budget()))  # noqa: DTZ001
        earlier = max((onset for onset in every if onset < low), default=None)
        return {onset for onset in every if low <= onset <= high} | (
            set() if earlier is None else {earlier}
        )


class Custom:
    """A zone as a VTIMEZONE defines it, without a horizon. Raises ValueError if it is damaged."""

    def __init__(self, component: Component) -> None:
        self._observances = [
            _observance(child)
            for child in component.children
            if child.name in ("STANDARD", "DAYLIGHT")
        ]
        if component.fault or not self._observances:
            raise ValueError(component.fault or "VTIMEZONE has neither STANDARD nor DAYLIGHT")
        self._changes: dict[int, list[tuple[datetime, timedelta, timedelta]]] = {}

    def _around(self, year: int) -> list[tuple[datetime, timedelta, timedelta]]:
        """The changes (UTC, naive; offset before; offset after) that matter for a year."""
        if year not in self._changes:
            low = datetime(max(year - 1, 1), 1, 1)  # noqa: DTZ001
            high = datetime(min(year + 1, 9999), 12, 31)  # noqa: DTZ001
            onsets = [(part, on) for part in self._observances for on in part.onsets(low, high)]
            if not onsets:
                # before anything is defined: the offset that the first onset ends
                onsets = [(part, part.start) for part in self._observances]
            self._changes[year] = sorted(
                (onset - part.before, part.before, part.after) for part, onset in onsets
            )
        return self._changes[year]

    def to_utc(self, local: datetime) -> datetime:
        """See Zone."""
        changes = self._around(local.year)
        # as PEP 495 has it for fold=0, a change counts from the later of its two local times on
        at = bisect_right(changes, local, key=lambda change: change[0] + max(change[1:]))
        return (local - (changes[at - 1][2] if at else changes[0][1])).replace(tzinfo=UTC)

    def to_local(self, instant: datetime) -> datetime:
        """See Zone."""
        moment = instant.astimezone(UTC).replace(tzinfo=None)
        changes = self._around(moment.year)
        at = bisect_right(changes, moment, key=lambda change: change[0])
        return moment + (changes[at - 1][2] if at else changes[0][1])


def _observance(component: Component) -> _Observance:
    values: dict[str, list[str]] = {}
    for found in component.properties(_WANTED):
        values.setdefault(found.name, []).append(found.value)
    if missing := {"DTSTART", "TZOFFSETFROM", "TZOFFSETTO"} - values.keys():
        raise ValueError(f"VTIMEZONE: {component.name} has no {min(missing)}")
    before, after = (_offset(values[name][0]) for name in ("TZOFFSETFROM", "TZOFFSETTO"))
    rules = values.get("RRULE", [])
    if len(rules) > 1:
        raise ValueError(f"VTIMEZONE: {component.name} has more than one RRULE")
    dates = [text for value in values.get("RDATE", []) for text in value.split(",")]
    return _Observance(
        _onset(values["DTSTART"][0], before),
        tuple(_onset(text.partition("/")[0], before) for text in dates),
        parse(rules[0]) if rules else None,
        before,
        after,
    )


def _onset(text: str, before: timedelta) -> datetime:
    found = _LOCAL.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"VTIMEZONE: {quoted(text)} is not a local time")
    onset = datetime(*map(int, found.groups()[:6]))  # type: ignore[arg-type]  # noqa: DTZ001
    return onset + before if found[7] else onset


def _offset(text: str) -> timedelta:
    found = _OFFSET.fullmatch(text)
    if found is None or int(found[2]) > 23 or int(found[3]) > 59:
        raise ValueError(f"VTIMEZONE: {quoted(text)} is not an offset from UTC")
    length = timedelta(hours=int(found[2]), minutes=int(found[3]), seconds=int(found[4] or 0))
    return -length if found[1] == "-" else length


class Zones:
    """The zones of one calendar. `floating` is the zone of times that name none."""

    def __init__(self, definitions: Iterable[Component], home: ZoneInfo, default: str) -> None:
        """Take the VTIMEZONEs, the roster's zone, and X-WR-TIMEZONE (or "").

        X-WR-TIMEZONE gives floating times a zone, as Google and Apple mean it, and nothing else:
        UTC times stay UTC, all-day events are days of the roster.
        """
        self._definitions: dict[str, Component] = {}
        for definition in definitions:
            self._definitions.setdefault(definition.value("TZID").casefold(), definition)
        self._known: dict[str, Zone | ValueError] = {}
        self.home: Zone = Region(home)
        self.floating: Zone = self.home
        if default:
            try:
                self.floating = self.find(default)
            except ValueError:
                self.floating = self.home

    def find(self, tzid: str) -> Zone:
        """The zone of a TZID. Raises ValueError where nothing says what it means."""
        if tzid not in self._known:
            try:
                self._known[tzid] = self._find(tzid)
            except ValueError as error:
                self._known[tzid] = error
        zone = self._known[tzid]
        if isinstance(zone, ValueError):
            raise ValueError(str(zone))
        return zone

    def _find(self, tzid: str) -> Zone:
        if ("/" in tzid or tzid.upper() == "UTC") and (zone := _iana(tzid)):
            return Region(zone)
        fault: ValueError | None = None
        if definition := self._definitions.get(tzid.casefold()):
            try:
                return Custom(definition)
            except (ValueError, OverflowError) as error:
                fault = ValueError(f"{error} (line {definition.line})")
        for understood in (_iana, _prefixed, _windows, _any_case, _displayed):
            if zone := understood(tzid):
                return Region(zone)
        raise fault or ValueError(
            f"TZID {quoted(tzid)} is neither defined in the calendar nor a known time zone"
        )


def _iana(name: str) -> ZoneInfo | None:
    if _NOT_ZONES.match(name):
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _prefixed(name: str) -> ZoneInfo | None:
    """`/mozilla.org/20050126_1/Europe/Berlin` and its like: the globally unique form of 3.2.19."""
    parts = name.split("/")
    if not name.startswith("/"):
        return None
    tails = ("/".join(parts[-length:]) for length in (3, 2, 1) if length < len(parts))
    return next((zone for tail in tails if (zone := _iana(tail))), None)


def _windows(name: str) -> ZoneInfo | None:
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    wanted = name.casefold()
    names = (iana for known, iana in WINDOWS_TO_OLSON.items() if known.casefold() == wanted)
    return next((zone for iana in names if (zone := _iana(iana))), None)


def _any_case(name: str) -> ZoneInfo | None:
    found = _iana_names().get(name.casefold())
    return _iana(found) if found else None


def _displayed(name: str) -> ZoneInfo | None:
    """`(UTC+01:00) Amsterdam, Berlin, Bern` and its like: zones as Windows shows them to people.

    Microsoft lists no such names beside the short ones, and they change. What they say is taken
    at its word: a Windows name without "Standard Time", or a city that the IANA database has, and
    it must have the offset that is written.
    """
    found = _DISPLAYED.fullmatch(name)
    if found is None:
        return None
    offset = timedelta(hours=int(found[2] or 0), minutes=int(found[3] or 0))
    if found[1] == "-":
        offset = -offset
    words = found[4].strip()
    if words.casefold() == "coordinated universal time" and not offset:
        return _iana("UTC")
    bare = re.sub(r"\s*\([^)]*\)", "", words).removesuffix(" Time")
    candidates = [_windows(f"{bare} Standard Time")]
    for city in words.split(","):
        wanted = city.strip().replace(" ", "_").casefold()
        ends = (known for end, known in sorted(_iana_names().items()) if end.endswith(f"/{wanted}"))
        candidates.extend(_iana(known) for known in ends)
    return next((zone for zone in candidates if zone and _standard(zone) == offset), None)


def _standard(zone: ZoneInfo) -> timedelta | None:
    """The lesser of a zone's offsets in winter and in summer, as its own data has them now."""
    offsets = (datetime(2026, month, 1, tzinfo=zone).utcoffset() for month in (1, 7))
    return min(offset for offset in offsets if offset is not None)


@cache
def _iana_names() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}


def day(value: date) -> datetime:
    """Midnight of a date, naive."""
    return datetime(value.year, value.month, value.day)  # noqa: DTZ001
