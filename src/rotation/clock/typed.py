"""WHEN: the instants that people type on a command line."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from rotation.clock.local import DAY, NotATime, resolve, resolve_strict, to_local
from rotation.clock.words import parse_length, parse_minutes, weekday
from rotation.errors import Problem, UsageError

GRAMMAR = "now, 2026-12-24, 2026-12-24T09:00, tomorrow 9:00, friday 09:00, +3d"
_EXACT = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1)}
_WALL = {"d": DAY, "w": 7 * DAY}
_DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}
_YEARS = range(1900, 9000)
_ONE_DIGIT = re.compile(r"(?<=\d[t ])(?=\d:)")  # of the hour, as "tomorrow 9:00" has it


def parse_when(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """The instant (UTC) that `text` means at the instant `now`, in `zone` where it says no offset.

    Grammar: see `GRAMMAR`; a weekday is the next one, `+3d` keeps the time of day and `+3h` is
    exact. Raises UsageError for anything else, and for a local time that does not exist or
    exists twice, showing both readings.
    """
    try:
        return _parse(" ".join(text.split()).lower(), now, zone)
    except NotATime as error:
        raise UsageError(Problem(str(error))) from None
    except (ValueError, OverflowError):
        hint = f"one of: {GRAMMAR}"
        words = text.lower().split()
        if len(words) > 1 and words[0] in ("next", "this") and weekday(words[1]) is not None:
            hint = f"write {' '.join(words[1:])!r} for the next one, or a date"
        raise UsageError(Problem(f"{text!r} is not a point in time", hint=hint)) from None


def parse_span(text: str, now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """What `text` means as a stretch of time `[start, end)`: a day where it names only a day.

    For an instant the two are the same. Raises UsageError as `parse_when` does.
    """
    start = parse_when(text, now, zone)
    word = text.strip().lower()
    dated = word[:4].isdecimal() and _is_date(word)
    if not (dated or word in _DAYS or weekday(word) is not None):
        return start, start
    day = to_local(start, zone).date()
    return start, resolve(datetime.combine(day + DAY, time()), zone)


def as_typed(instant: datetime, zone: ZoneInfo) -> str:
    """An instant as commands take it: local in `zone`, with an offset where that says two."""
    local = to_local(instant, zone)
    twice = resolve(local, zone) != resolve(local, zone, last=True)
    exact = instant.astimezone(zone) if twice else local
    return exact.isoformat(timespec="minutes")


def _parse(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    if text == "now":
        return now.astimezone(UTC)
    if text[:1] in ("+", "-") and (length := parse_length(text[1:])) is not None:
        count, unit = length if text[0] == "+" else (-length[0], length[1])
        if unit in _EXACT:
            return _checked(now.astimezone(UTC) + count * _EXACT[unit])
        if unit in _WALL:
            return resolve(_checked(to_local(now, zone) + count * _WALL[unit]), zone)
    word, _, rest = text.partition(" ")
    if word in _DAYS or weekday(word) is not None:
        return _named(word, rest, now, zone)
    if (minutes := parse_minutes(text)) is not None:
        return _on(to_local(now, zone), minutes, zone)
    if not text[:4].isdecimal():
        raise ValueError(text)
    written = datetime.fromisoformat(_ONE_DIGIT.sub("0", text, count=1).upper())
    _checked(written)
    if written.tzinfo is not None:
        return written.astimezone(UTC)
    # a bare date is a day, not a time that somebody typed: its midnight moves if it must
    return resolve(written, zone) if _is_date(text) else resolve_strict(written, zone)


def _is_date(text: str) -> bool:
    return ":" not in text and "t" not in text and " " not in text


def _checked(at: datetime) -> datetime:
    if at.year not in _YEARS:
        raise ValueError(at)
    return at


def _named(word: str, rest: str, now: datetime, zone: ZoneInfo) -> datetime:
    minutes = parse_minutes(rest) if rest else 0
    if minutes is None:
        raise ValueError(rest)
    today = to_local(now, zone)
    if word in _DAYS:
        return _on(today + _DAYS[word] * DAY, minutes, zone, typed=bool(rest))
    ahead = ((weekday(word) or 0) - today.weekday()) % 7
    at = _on(today + ahead * DAY, minutes, zone, typed=bool(rest))
    return at if at > now else _on(today + (ahead + 7) * DAY, minutes, zone, typed=bool(rest))


def _on(day: datetime, minutes: int, zone: ZoneInfo, *, typed: bool = True) -> datetime:
    local = datetime.combine(day.date(), time()) + timedelta(minutes=minutes)
    return resolve_strict(local, zone) if typed else resolve(local, zone)
