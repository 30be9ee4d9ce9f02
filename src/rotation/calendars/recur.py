"""Recurrence rules (RFC 5545 section 3.3.10), read by icalendar and expanded by dateutil.

dateutil steps through a rule from its first instance. Here it is started close to the window
instead, at the beginning of a period that the rule's INTERVAL really visits, so that a series
from 2010 answers for 2090 as fast as for today. All times are naive: a rule runs on the wall
clock of its DTSTART, hours included.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from math import prod
from typing import Any

from rotation.calendars.repair import quoted
from rotation.dataclasses import dataclass

_FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY")
_YEARLY, _MONTHLY, _WEEKLY, _DAILY, _HOURLY, _MINUTELY, _SECONDLY = range(7)
_STEP = {
    _YEARLY: timedelta(days=365),
    _MONTHLY: timedelta(days=28),
    _WEEKLY: timedelta(weeks=1),
    _DAILY: timedelta(days=1),
    _HOURLY: timedelta(hours=1),
    _MINUTELY: timedelta(minutes=1),
    _SECONDLY: timedelta(seconds=1),
}
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_LISTS = frozenset(
    f"BY{part}"
    for part in "SECOND MINUTE HOUR MONTHDAY YEARDAY WEEKNO MONTH SETPOS DAY".split()  # noqa: SIM905
)
_KNOWN = _LISTS | {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "RSCALE", "SKIP"}
_HUGE_COUNT = re.compile(r"(?<![A-Z])COUNT=\d{10,}", re.ASCII)
_CHUNK = 4_000
_CYCLE = timedelta(days=146_097)


class TooMuchWork(ValueError):
    """A rule that would take too long to expand."""


@dataclass(slots=True)
class Budget:
    """How many steps of rules one reading may still take: no calendar can keep cron busy.

    A rule that needs few steps is always followed, so a costly one cannot hide the others.
    """

    left: int = 500_000

    def allowance(self) -> int:
        """How many steps the next rule may take."""
        return min(max(self.left, 5_000), 150_000)

    def charge(self, steps: int) -> None:
        """Take off what a rule took."""
        self.left = max(0, self.left - steps)


@dataclass(frozen=True, slots=True)
class Parts:
    """A rule as written: `lists` holds its BY parts, `until` what UNTIL says, unconverted."""

    freq: int
    interval: int
    count: int | None
    until: date | datetime | None
    week_start: int
    lists: dict[str, list[Any]]


def parse(text: str) -> Parts:
    """The parts of a rule; ValueError where it is wrong or holds what is not understood.

    An extension that changes the meaning (RFC 7529: RSCALE other than GREGORIAN, SKIP other than
    OMIT) is refused. `X-` parts are ignored.
    """
    from icalendar import vRecur

    # icalendar's integers have 32 bits; a COUNT beyond them has no end either
    compact = _HUGE_COUNT.sub("COUNT=999999999", "".join(text.split()).upper())
    names = [part.partition("=")[0] for part in compact.split(";") if part]
    if doubled := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"RRULE says {min(doubled)} twice")
    try:
        parts: dict[str, Any] = dict(vRecur.from_ical(compact))
    except (ValueError, TypeError) as error:
        raise ValueError(f"RRULE {quoted(text)} is not a rule") from error
    for name in parts:
        if name not in _KNOWN and not name.startswith("X-"):
            raise ValueError(f"RRULE part {quoted(name)} is not known")
    first = {name: values[0] for name, values in parts.items() if name not in _LISTS}
    if str(first.get("RSCALE", "GREGORIAN")) != "GREGORIAN" or str(first.get("SKIP", "OMIT")) != (
        "OMIT"
    ):
        raise ValueError("RRULE with RSCALE or SKIP (RFC 7529) is not supported")
    if "FREQ" not in first:
        raise ValueError(f"RRULE {quoted(text)} has no FREQ")
    interval, count = int(first.get("INTERVAL", 1)), first.get("COUNT")
    # a negative COUNT is what some programs write for "no end" (recurring-ical-events #128)
    count = None if count is not None and int(count) < 0 else count
    if interval < 1 or count == 0:
        raise ValueError(f"RRULE {quoted(text)} never recurs")
    lists: dict[str, list[Any]] = {name: parts[name] for name in _LISTS if name in parts}
    try:
        lists = {
            name: [str(value) if name == "BYDAY" else int(str(value)) for value in values]
            for name, values in lists.items()
        }
    except ValueError as error:
        raise ValueError(f"RRULE {quoted(text)} is not a rule") from error
    return Parts(
        _FREQUENCIES.index(str(first["FREQ"])),
        interval,
        None if count is None else int(count),
        first.get("UNTIL"),
        _DAYS.index(str(first.get("WKST", "MO"))),
        lists,
    )


class Recurrence:
    """One rule applied to one start (naive). DTSTART is the first instance and counts as such.

    `until` is the last start allowed, naive. Raises ValueError for a rule that has no instances.
    """

    def __init__(self, parts: Parts, start: datetime, until: datetime | None = None) -> None:
        # what a rule leaves open comes from DTSTART, and must still do so when dateutil is
        # started elsewhere; the same defaults as RFC 5545 section 3.3.10 and dateutil
        from dateutil import rrule

        self._parts, self._start, self._until = parts, start, until
        by: dict[str, Any] = {
            name.lower(): values for name, values in parts.lists.items() if name != "BYDAY"
        }
        if days := parts.lists.get("BYDAY"):
            week = (rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA, rrule.SU)
            by["byweekday"] = [
                week[_DAYS.index(day[-2:])](int(day[:-2]))
                if day[:-2]
                else week[_DAYS.index(day[-2:])]
                for day in days
            ]
        self._plain = not by and parts.freq >= _WEEKLY
        self._sparse = not self._plain and parts.freq >= _WEEKLY and set(by) != {"byweekday"}
        self._unit = _STEP[parts.freq] * parts.interval
        if not by.keys() & {"byweekno", "byyearday", "bymonthday", "byweekday"}:
            if parts.freq == _YEARLY:
                by.setdefault("bymonth", [start.month])
            if parts.freq in (_YEARLY, _MONTHLY):
                by["bymonthday"] = [start.day]
            elif parts.freq == _WEEKLY:
                by["byweekday"] = [start.weekday()]
        elif "byweekno" in by and not by.keys() & {"byyearday", "bymonthday", "byweekday"}:
            by["byweekday"] = [start.weekday()]
        if parts.freq < _HOURLY:
            by.setdefault("byhour", [start.hour])
        if parts.freq < _MINUTELY:
            by.setdefault("byminute", [start.minute])
        if parts.freq < _SECONDLY:
            by.setdefault("bysecond", [start.second])
        self._by = by
        # no period of a day or less holds as many times as the least BYSETPOS asks for
        times = (len(by.get(name, "1")) for name in ("byhour", "byminute", "bysecond"))
        most = prod(times) if parts.freq >= _DAILY else 366 * 86_400
        self._never = min(map(abs, by.get("bysetpos", [1]))) > most

    @property
    def starts(self) -> bool:
        """Whether DTSTART is an instance: not where UNTIL is before it."""
        return self._until is None or self._start <= self._until

    def has_start(self, budget: Budget) -> bool:
        """Whether the rule alone, without the rule that DTSTART counts, has DTSTART in it."""
        return bool(self._slice(self._start, self._start, budget.allowance(), budget)[0])

    def between(self, low: datetime, high: datetime, budget: Budget) -> Iterator[datetime]:
        """The instances from `low` to `high`, both included, in order; all naive.

        Raises TooMuchWork where `budget` does not reach.
        """
        first = self._start
        if self._until is not None:
            high = min(high, self._until)
        if low <= first <= high:
            yield first
        after = first + timedelta(seconds=1)
        count, room = self._parts.count, budget.allowance()
        if count is not None and self._plain and count - 1 <= (high - first) // self._unit:
            high = first + self._unit * (count - 1)
        if count is None or self._plain:
            yield from self._slice(max(low, after), high, room, budget)[0]
            return
        left, begin = count - 1, after
        following: datetime | None
        while left > 0 and begin <= high:
            stretch = (high - begin) // self._unit
            end = high if stretch < _CHUNK else begin + self._unit * _CHUNK
            instances, following = self._slice(begin, end, room, budget)
            room -= _CHUNK
            yield from (instance for instance in instances[:left] if instance >= low)
            left -= len(instances)
            if following is None:
                return
            begin = following

    def _slice(
        self, low: datetime, high: datetime, room: int, budget: Budget
    ) -> tuple[list[datetime], datetime | None]:
        """The instances from `low` (after the start) to `high`, and the one that follows.

        COUNT is left aside. None follows where there is none for centuries. `room` is how many
        steps may be taken.
        """
        from dateutil.rrule import rrule

        if high < low or self._never:
            return [], None
        anchor = self._anchor(low)
        steps = max(0, (high - anchor) // self._unit)
        if steps > room or (budget.left == 0 and self._sparse):
            raise TooMuchWork("it recurs too often to be followed")
        # a rule that never matches is followed by dateutil up to the year 9999. The calendar is
        # the same again after 400 years, so the work is done in the last centuries before that
        shift = _CYCLE * max(0, (9599 - high.year) // 400)
        try:
            rule = rrule(
                self._parts.freq,  # type: ignore[arg-type]
                dtstart=anchor + shift,
                interval=self._parts.interval,
                wkst=self._parts.week_start,
                **self._by,
            )
        except (ValueError, TypeError) as error:
            raise ValueError(f"RRULE cannot be followed: {error}") from error
        instances: list[datetime] = []
        following = None
        for moved in rule:
            instance = moved - shift
            if instance > high:
                following = instance
                break
            if instance >= low:
                instances.append(instance)
                if len(instances) > room:
                    budget.charge(steps + room)
                    raise TooMuchWork("it recurs too often to be followed")
        # days that do not match are passed over whole
        seen = following or datetime.max - shift  # noqa: DTZ901
        budget.charge(steps + len(instances) + (seen - high) // max(self._unit, timedelta(days=1)))
        return instances, following

    def _anchor(self, low: datetime) -> datetime:
        """The beginning of the last period that the rule visits and that begins before `low`."""
        start, freq, interval = self._start, self._parts.freq, self._parts.interval
        if freq == _YEARLY:
            return datetime(start.year + (low.year - start.year) // interval * interval, 1, 1)  # noqa: DTZ001
        if freq == _MONTHLY:
            began = start.year * 12 + start.month - 1
            month = began + (low.year * 12 + low.month - 1 - began) // interval * interval
            return datetime(month // 12, month % 12 + 1, 1)  # noqa: DTZ001
        base = start
        if freq == _WEEKLY:
            base -= timedelta(days=(start.weekday() - self._parts.week_start) % 7)
        if freq <= _DAILY:
            base = base.replace(hour=0)
        if freq <= _HOURLY:
            base = base.replace(minute=0)
        if freq <= _MINUTELY:
            base = base.replace(second=0)
        return base + (low - base) // self._unit * self._unit
