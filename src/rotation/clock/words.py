"""What people write about time: times of day, weekdays, lengths, duty hours."""

from __future__ import annotations

import re
from datetime import timedelta

from rotation.model import Every, Unit, Window

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
HOLIDAY = "holiday"
"""The day word for a public holiday."""
_EVERY = re.compile(r"\s*(\d{1,5})\s*(hour|day|week|month)s?\s*\Z", re.IGNORECASE | re.ASCII)
_TIME = re.compile(r"(\d{1,2}):(\d{2})\Z", re.ASCII)
_RANGE = re.compile(r"(\d{1,2}:\d{2})\s*-\s*(\d{1,2}:\d{2})\Z", re.ASCII)
# no turn is longer than a century, so that no handoff leaves the calendar
_CENTURY = {Unit.HOUR: 876_600, Unit.DAY: 36_525, Unit.WEEK: 5_217, Unit.MONTH: 1_200}


def parse_minutes(text: str) -> int | None:
    """Minutes after midnight of "9:00" to "24:00", None for anything else."""
    match = _TIME.match(text.strip())
    if match is None:
        return None
    hour, minute = int(match[1]), int(match[2])
    minutes = hour * 60 + minute
    return minutes if minute < 60 and minutes <= 1440 else None


def parse_every(text: str) -> Every | None:
    """The length of a turn from "2 weeks", None for anything else."""
    match = _EVERY.match(text)
    if match is None:
        return None
    count, unit = int(match[1]), Unit(match[2].lower())
    return Every(count, unit) if 0 < count <= _CENTURY[unit] else None


def parse_window(text: str) -> Window | None:
    """Hours from "mon-fri 09:00-17:00", "sat,holiday" or "20:00-08:00", None for anything else.

    Without days every weekday is meant, without times the whole day.
    """
    words = text.strip().lower()
    days, holiday = frozenset(range(7)), False
    times = _RANGE.search(words)
    if times is not None:
        words = words[: times.start()].strip()
    elif not words:
        return None
    if words:
        named = [word.strip() for word in words.split(",")]
        holiday = HOLIDAY in named
        listed = _weekdays([word for word in named if word != HOLIDAY])
        if listed is None:
            return None
        days = listed
    start, end = (parse_minutes(times[1]), parse_minutes(times[2])) if times else (0, 1440)
    if start is None or end is None or start == 1440:
        return None
    return Window(days, start, end or 1440, holiday)


def parse_duration(text: str) -> timedelta | None:
    """A span of time from "3 days" or "12 hours", None for anything else (months have none)."""
    every = parse_every(text)
    hours = {Unit.HOUR: 1, Unit.DAY: 24, Unit.WEEK: 168}
    if every is None or every.unit not in hours:
        return None
    return timedelta(hours=every.count * hours[every.unit])


def weekday(word: str) -> int | None:
    """The number (Monday is 0) of a weekday's English name or its first three letters."""
    word = word.strip().lower()
    for number, (short, long) in enumerate(zip(WEEKDAYS, _NAMES, strict=True)):
        if word in (short, long):
            return number
    return None


def _weekdays(words: list[str]) -> frozenset[int] | None:
    found: set[int] = set()
    for part in words:
        first, dash, last = part.partition("-")
        begin = weekday(first)
        stop = weekday(last) if dash else begin
        if begin is None or stop is None:
            return None
        found.update((begin + n) % 7 for n in range((stop - begin) % 7 + 1))
    return frozenset(found)
