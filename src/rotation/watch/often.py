"""How far apart the runs of a cron job or a timer can be: pure. Sources: crontab(5),
systemd.time(7), systemd.timer(5)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

_SPECIAL = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIRST, _LAST = date(2024, 1, 1), date(2033, 1, 1)
"""Two 29 Februaries and every day of the week on each date of the year but that one."""
_DAY = timedelta(days=1)

_CALENDAR = {
    "minutely": timedelta(minutes=1),
    "hourly": timedelta(hours=1),
    "daily": _DAY,
    "weekly": 7 * _DAY,
    "monthly": 31 * _DAY,
    "quarterly": 92 * _DAY,
    "semiannually": 184 * _DAY,
    "yearly": 366 * _DAY,
    "annually": 366 * _DAY,
}
_EVERY_MINUTES = re.compile(r"(?:\*-\*-\*\s+)?\*:(?:\*|0{1,2}|0{0,1}0?/(\d+))(?::0{1,2})?")
_SPAN = re.compile(r"(\d+)\s*([a-z]*)")
_SPANS = re.compile(rf"(?:{_SPAN.pattern}\s*)+")
_UNITS = {
    **dict.fromkeys(("us", "usec", "ms", "msec"), 0),
    **dict.fromkeys(("", "s", "sec", "second", "seconds"), 1),
    **dict.fromkeys(("m", "min", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "hr", "hour", "hours"), 3600),
    **dict.fromkeys(("d", "day", "days"), 86400),
    **dict.fromkeys(("w", "week", "weeks"), 7 * 86400),
}


def cron(words: Sequence[str]) -> timedelta | None:
    """The longest time between two runs of a job with these fields, by the clock on the wall; None
    where it never runs, or at boot only.

    The fields are such as cron takes. A day matches by its date or by its weekday where neither
    field begins with `*`, by both otherwise (crontab(5)).
    """
    if words[0].startswith("@"):
        if words[0] not in _SPECIAL:
            return None
        words = _SPECIAL[words[0]].split()
    minutes, hours = _values(words[0], 0, 59), _values(words[1], 0, 23)
    dates, months = _values(words[2], 1, 31), _values(words[3], 1, 12, _MONTHS, 1)
    weekdays = {number % 7 for number in _values(words[4], 0, 7, _DAYS)}
    both = words[2].startswith("*") or words[4].startswith("*")
    days = []
    for number in range(_FIRST.toordinal(), _LAST.toordinal()):
        day = date.fromordinal(number)
        of_date, of_week = day.day in dates, day.isoweekday() % 7 in weekdays
        if day.month in months and (of_date and of_week if both else of_date or of_week):
            days.append(number)
    times = sorted(60 * hour + minute for hour in hours for minute in minutes)
    if len(days) < 2 or not times:
        return None
    apart = max(after - before for before, after in pairwise(days))
    overnight = apart * 24 * 60 - times[-1] + times[0]
    within = max((b - a for a, b in pairwise(times)), default=0)
    return timedelta(minutes=max(overnight, within))


def _values(field: str, low: int, high: int, names: Sequence[str] = (), first: int = 0) -> set[int]:
    """The numbers that a field stands for."""

    def number(word: str) -> int:
        return names.index(word.lower()) + first if word.lower() in names else int(word)

    numbers: set[int] = set()
    for element in field.split(","):
        span, _, step = element.partition("/")
        if span.startswith("*"):
            begin, end = low, high
        else:
            left, _, right = span.replace("~", "-").partition("-")
            begin = number(left)
            end = number(right) if right else high if step else begin
            if "~" in span:
                end = begin  # one of them, drawn once (crontab(5) of cronie)
        numbers.update(range(begin, end + 1, int(step or 1)))
    return numbers


def timer(text: str) -> timedelta | None:
    """The longest time between two runs of a systemd timer unit; None where it cannot be told."""
    periods: list[timedelta] = []
    late: dict[str, timedelta | None] = {}
    begins = False  # the time since the last run alone never makes a first one
    for line in text.splitlines():
        key, _, value = line.strip().partition("=")
        key, value = key.strip(), value.strip().lower()
        if key.startswith("On") and not value:
            periods, begins = [], False
        elif key == "OnCalendar":
            begins = True
            if (period := _calendar(value)) is not None:
                periods.append(period)
        elif key in ("OnBootSec", "OnStartupSec", "OnActiveSec"):
            begins = True
        elif key in ("OnUnitActiveSec", "OnUnitInactiveSec"):
            if (period := _span(value)) is not None:
                periods.append(period)
        elif key in ("AccuracySec", "RandomizedDelaySec"):
            late[key] = _span(value) if value else timedelta(0)
    delays = [delay for delay in late.values() if delay is not None]
    if not begins or not periods or len(delays) < len(late):
        return None
    return min(periods) + sum(delays, timedelta(0))  # each of them starts it


def _span(value: str) -> timedelta | None:
    parts = _SPAN.findall(value)
    if not _SPANS.fullmatch(value) or any(unit not in _UNITS for _, unit in parts):
        return None
    return timedelta(seconds=sum(int(number) * _UNITS[unit] for number, unit in parts))


def _calendar(value: str) -> timedelta | None:
    if value in _CALENDAR:
        return _CALENDAR[value]
    match = _EVERY_MINUTES.fullmatch(value)
    if match is None:
        return None
    if match[1] is None:
        return timedelta(minutes=1) if "*:*" in value else timedelta(hours=1)
    step = int(match[1])
    return timedelta(minutes=max(step, 60 - (59 // step) * step)) if step else None
