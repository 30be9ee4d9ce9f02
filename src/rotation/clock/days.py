"""Nights, weekends and public holidays as stretches of time: local days made instants.

A day lasts from its local midnight to the next, 23 or 25 hours when the clock changes.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from rotation.clock.local import DAY, day_begins, midnight, resolve, to_local
from rotation.dataclasses import replace
from rotation.errors import Problem, RosterError
from rotation.model import Roster, Window

NIGHT = Window(frozenset(range(7)), 22 * 60, 6 * 60)
"""From 22:00 to 06:00, unless told otherwise."""

Stretch = tuple[datetime, datetime]
"""A half-open interval of instants (UTC)."""


class NoLibrary(Exception):
    """The library that knows public holidays is not installed."""


def nights(start: datetime, end: datetime, zone: ZoneInfo, night: Window) -> list[Stretch]:
    """The nights that touch `[start, end)`, one for each day on which one begins.

    A begin that the clock repeats is the first, an end the last, as for duty hours.
    """
    listed: list[Stretch] = []
    for day in _days(start, end, zone):
        close = midnight(day + DAY if night.overnight else day, night.end)
        begin, stop = resolve(midnight(day, night.start), zone), resolve(close, zone, last=True)
        if listed:
            begin = max(begin, listed[-1][1])  # an end and the next begin that the clock repeats
        if begin < end and start < stop and begin < stop:
            listed.append((begin, stop))
    return listed


def weekends(start: datetime, end: datetime, zone: ZoneInfo) -> list[Stretch]:
    """The weekends that touch `[start, end)`: from Saturday's midnight to Monday's."""
    saturdays = (day for day in _days(start, end, zone) if day.weekday() == 5)
    listed = ((day_begins(day, zone), day_begins(day + 2 * DAY, zone)) for day in saturdays)
    return [(begin, stop) for begin, stop in listed if begin < end and start < stop]


def whole_days(
    days: Iterable[date], start: datetime, end: datetime, zone: ZoneInfo
) -> list[Stretch]:
    """Those of some days that touch `[start, end)`, in order."""
    listed = ((day_begins(day, zone), day_begins(day + DAY, zone)) for day in sorted(days))
    return [
        (begin, stop) for begin, stop in listed if begin < end and start < stop and begin < stop
    ]


@cache
def _library(country: str) -> Mapping[date, str]:
    """The public holidays of a country or a part of one, worked out year by year when asked for.

    Raises NoLibrary, or RosterError for one that the library does not know.
    """
    try:
        import holidays  # large, and only this needs it
    except ImportError:
        raise NoLibrary from None
    name, _, part = country.partition("-")
    try:
        return holidays.country_holidays(name, subdiv=part or None)
    except NotImplementedError:
        parts = holidays.list_supported_countries().get(name)
        what = f"no public holidays are known for {country!r}"
        hint = 'a country as ISO 3166 writes it: holidays = "GB"'
        if parts:
            hint = f"the parts of {name!r} are {', '.join(parts)}"
        elif parts is not None:
            hint = f"{name!r} has no parts with holidays of their own"
        raise RosterError(Problem(what, None, hint)) from None


def is_holiday(country: str, day: date) -> bool:
    """Whether a local day is a public holiday there. Raises NoLibrary and RosterError."""
    return day in _library(country)


def holidays_near(country: str, day: date) -> list[date]:
    """The two public holidays before a local day, and the two after it, itself left out."""
    known = _library(country)
    for year in (day.year - 1, day.year, day.year + 1):
        _ = date(year, 1, 1) in known  # the library fills itself by the year
    others = sorted(set(known) - {day})
    at = bisect_left(others, day)
    return others[max(0, at - 2) : at + 2]


def public_holidays(roster: Roster, start: datetime, end: datetime) -> frozenset[date] | None:
    """The public holidays of the roster's country on the local days of `[start, end)`.

    None where the roster names no country. Raises RosterError for a country, or a part of one,
    that the library does not know, and NoLibrary where it is not installed.
    """
    if roster.holidays is None:
        return None
    first, last = to_local(start, roster.zone).date(), to_local(end, roster.zone).date()
    try:
        known = _library(roster.holidays)
    except RosterError as error:
        raise RosterError(replace(p, where=roster.holidays_at) for p in error.problems) from None
    for year in range(first.year, last.year + 1):
        _ = date(year, 1, 1) in known
    return frozenset(day for day in known if first <= day <= last)


def _days(start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[date]:
    """The local days of `[start, end)`, and some before: what begins there may last."""
    day, last = to_local(start, zone).date() - 3 * DAY, to_local(end, zone).date()
    while day <= last:
        yield day
        day += DAY


def joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Stretches in order, those that overlap or adjoin made one."""
    merged: list[Stretch] = []
    for start, end in sorted(stretches):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def length(stretches: Iterable[Stretch]) -> timedelta:
    """How long some stretches are together."""
    return sum((end - start for start, end in stretches), timedelta(0))


def common(mine: list[Stretch], theirs: list[Stretch]) -> tuple[timedelta, int]:
    """How long two lists of stretches overlap, and how many of `other` are touched.

    Both are in order, and in neither do two overlap.
    """
    total, touched, here, there = timedelta(0), set[int](), 0, 0
    while here < len(mine) and there < len(theirs):
        start, end = max(mine[here][0], theirs[there][0]), min(mine[here][1], theirs[there][1])
        if start < end:
            total += end - start
            touched.add(there)
        if mine[here][1] <= theirs[there][1]:
            here += 1
        else:
            there += 1
    return total, len(touched)
