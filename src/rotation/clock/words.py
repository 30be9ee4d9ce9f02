"""What people write about time: times of day, weekdays, lengths, duty hours."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import lru_cache

from rotation.model import Every, Unit, Window

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
HOLIDAY = "holiday"
"""The day word for a public holiday."""
_LENGTH = re.compile(
    r"(\d{1,7})\s*(s|sec|second|m|min|minute|h|hour|d|day|w|week|month)s?\Z", re.I | re.A
)
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_TURNS = {"h": Unit.HOUR, "d": Unit.DAY, "w": Unit.WEEK, "month": Unit.MONTH}
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


def parse_length(text: str) -> tuple[int, str] | None:
    """A length of time as a count and a unit, from "60s", "5 min", "1h", "3 days", "2 weeks" or "1
    month", None for anything else. The unit is s, m, h, d, w or month."""
    match = _LENGTH.match(text.strip())
    if match is None:
        return None
    word = match[2].lower()
    return int(match[1]), word if word == "month" else word[0]


@lru_cache(256)  # many rosters have the same
def parse_every(text: str) -> Every | None:
    """The length of a turn from "2 weeks", None for anything else."""
    count, word = parse_length(text) or (0, "")
    unit = _TURNS.get(word)
    return Every(count, unit) if unit is not None and 0 < count <= _CENTURY[unit] else None


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
    """A span of time from "3 days", "12 hours" or "60s", a century at most, None for anything else:
    a month has no length."""
    count, unit = parse_length(text) or (0, "month")
    seconds = count * _SECONDS.get(unit, 0)
    return timedelta(seconds=seconds) if 0 < seconds <= 36_525 * 86_400 else None


def weekday(word: str) -> int | None:
    """The number (Monday is 0) of a weekday's English name or its first three letters."""
    word = word.strip().lower()
    for number, (short, long) in enumerate(zip(WEEKDAYS, _NAMES, strict=True)):
        if word in (short, long):
            return number
    return None


def _weekdays(words: list[str]) -> frozenset[int] | None:
    days: set[int] = set()
    for part in words:
        first, dash, last = part.partition("-")
        begin = weekday(first)
        stop = weekday(last) if dash else begin
        if begin is None or stop is None:
            return None
        days.update((begin + n) % 7 for n in range((stop - begin) % 7 + 1))
    return frozenset(days)
