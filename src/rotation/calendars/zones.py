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
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Protocol
from zoneinfo import ZoneInfo

from rotation.calendars.recur import Budget, Parts, Recurrence, parse
from rotation.calendars.repair import Component, quoted, unescaped
from rotation.calendars.zone_names import any_case, displayed, iana, prefixed, windows
from rotation.dataclasses import dataclass

_LOCAL = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(Z?)", re.ASCII | re.IGNORECASE)
_OFFSET = re.compile(r"([+-])(\d\d)(\d\d)(\d\d)?", re.ASCII)
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
class Unexplained:
    """A zone of which nothing says what it means: whatever it is asked, it raises ValueError."""

    fault: str

    def to_utc(self, local: datetime) -> datetime:
        """See Zone."""
        raise ValueError(self.fault)

    def to_local(self, instant: datetime) -> datetime:
        """See Zone."""
        raise ValueError(self.fault)


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
    for line in component.properties(_WANTED):
        values.setdefault(line.name, []).append(line.value)
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
    match = _LOCAL.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"VTIMEZONE: {quoted(text)} is not a local time")
    onset = datetime(*map(int, match.groups()[:6]))  # type: ignore[arg-type]  # noqa: DTZ001
    return onset + before if match[7] else onset


def _offset(text: str) -> timedelta:
    match = _OFFSET.fullmatch(text)
    if match is None or int(match[2]) > 23 or int(match[3]) > 59:
        raise ValueError(f"VTIMEZONE: {quoted(text)} is not an offset from UTC")
    length = timedelta(hours=int(match[2]), minutes=int(match[3]), seconds=int(match[4] or 0))
    return -length if match[1] == "-" else length


class Zones:
    """The zones of one calendar. `floating` is the zone of times that name none."""

    def __init__(self, definitions: Iterable[Component], home: ZoneInfo, default: str) -> None:
        """Take the VTIMEZONEs, the roster's zone, and X-WR-TIMEZONE (or "").

        X-WR-TIMEZONE gives floating times a zone, as Google and Apple mean it, and nothing else:
        UTC times stay UTC, all-day events are days of the roster. `fault` says that nothing
        explains it, None where that is not so: such times are then in the roster's zone.
        """
        self._definitions: dict[str, Component] = {}
        for definition in definitions:
            self._definitions.setdefault(unescaped(definition.value("TZID")), definition)
        self._known: dict[str, Zone] = {}
        self.home: Zone = Region(home)
        self.floating: Zone = self.home
        self.fault: str | None = None
        if default:
            zone = self.find(unescaped(default))
            if isinstance(zone, Unexplained):
                self.fault = f"X-WR-TIMEZONE {quoted(default)} is no time zone that is known"
            else:
                self.floating = zone

    def find(self, tzid: str) -> Zone:
        """The zone of a TZID as a parameter has it; `Unexplained` where nothing says what it means.

        Names that differ in case are two, as the value of any property is; a parameter's commas
        are not escaped (section 3.2), but some write them so.
        """
        if tzid not in self._known:
            try:
                self._known[tzid] = self._find(tzid)
            except ValueError as error:
                self._known[tzid] = Unexplained(str(error))
        return self._known[tzid]

    def _find(self, tzid: str) -> Zone:
        if not tzid:
            raise ValueError("a TZID in it is empty")
        if ("/" in tzid or tzid.upper() == "UTC") and (zone := iana(tzid)):
            return Region(zone)
        definition = self._definitions.get(tzid) or self._definitions.get(unescaped(tzid))
        fault: ValueError | None = None
        if definition is not None:
            try:
                return Custom(definition)
            except (ValueError, OverflowError) as error:
                fault = ValueError(f"{error} (line {definition.line})")
        for understood in (iana, prefixed, windows, any_case):
            if zone := understood(tzid):
                return Region(zone)
        if fault is None and (zone := displayed(unescaped(tzid))):
            return Region(zone)
        raise fault or ValueError(
            f"TZID {quoted(tzid)} is neither defined in the calendar nor a known time zone"
        )


def day(value: date) -> datetime:
    """Midnight of a date, naive."""
    return datetime(value.year, value.month, value.day)  # noqa: DTZ001
