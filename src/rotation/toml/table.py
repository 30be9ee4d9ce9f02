"""Reading one TOML table key by key: every problem is noted with its line, none stops the rest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from typing import Any
from zoneinfo import ZoneInfo

from rotation.clock.local import DAY, NotATime, midnight, resolve, resolve_strict
from rotation.errors import Problem, Where
from rotation.model import Every, Unit, Window
from rotation.toml.places import Path

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_EVERY = re.compile(r"\s*(\d{1,5})\s*(hour|day|week|month)s?\s*\Z", re.IGNORECASE | re.ASCII)
_TIME = re.compile(r"(\d{1,2}):(\d{2})\Z", re.ASCII)
_RANGE = re.compile(r"(\d{1,2}:\d{2})\s*-\s*(\d{1,2}:\d{2})\Z", re.ASCII)
# no turn is longer than a century, so that no handoff leaves the calendar
_CENTURY = {Unit.HOUR: 876_600, Unit.DAY: 36_525, Unit.WEEK: 5_217, Unit.MONTH: 1_200}
_YEARS = range(1900, 9000)  # far enough for anybody, and arithmetic on them cannot overflow


@dataclass
class Document:
    """A parsed file: where its parts stand, and what is wrong with it so far."""

    file: str
    lines: Mapping[Path, int]
    problems: list[Problem] = field(default_factory=list)

    def where(self, path: Path) -> Where:
        """The place of `path`, or of the nearest thing around it that has a line."""
        while path and path not in self.lines:
            path = path[:-1]
        return Where(self.file, self.lines.get(path, 1))

    def report(self, path: Path, what: str, hint: str | None = None) -> None:
        """Note a problem at `path`."""
        self.problems.append(Problem(what, self.where(path), hint))


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` may be a misspelling of."""
    by_fold = {k.casefold(): k for k in known}
    found = get_close_matches(word.casefold(), by_fold, n=1, cutoff=0.6)
    return by_fold[found[0]] if found else None


class Table:
    """One table of a document. Each getter takes its key; `finish` reports those left over."""

    def __init__(self, document: Document, path: Path, values: object, label: str) -> None:
        self.document = document
        self.path = path
        self.label = label
        self.good = isinstance(values, dict)
        self._values: dict[str, Any] = dict(values) if isinstance(values, dict) else {}
        self._known: list[str] = []
        self._empty = {key for key, value in self._values.items() if value == []}
        if not self.good:
            document.report(path, f"{label} must be a table, not {describe(values)}")

    @property
    def where(self) -> Where:
        """Where the table begins."""
        return self.document.where(self.path)

    def report(self, key: str, what: str, hint: str | None = None) -> None:
        """Note a problem with the value of `key`, or with the table if it has no such key."""
        self.document.report((*self.path, key), what, hint)

    def __contains__(self, key: str) -> bool:
        """Whether `key` is there and was not taken yet."""
        return key in self._values

    def empty(self, key: str) -> bool:
        """Whether `key` was written as an empty list; ask before or after taking it."""
        return key in self._empty

    def take(self, key: str) -> object:
        """The raw value of `key`, None when it is not there."""
        self._known.append(key)
        return self._values.pop(key, None)

    def text(self, key: str, *, required: str | None = None) -> str | None:
        """A non-empty printable string; `required` is the hint given when it is missing."""
        value = self.take(key)
        if value is None:
            if required is not None and self.good:
                self.document.report(self.path, f"{self.label} has no {key!r}", required)
            return None
        if not isinstance(value, str):
            self.report(key, f"{key!r} must be text in quotes, not {describe(value)}")
        elif not value.strip() or not value.isprintable():
            self.report(key, f"{key!r} must be one line of text, and not be empty")
        else:
            return value
        return None

    def integer(self, key: str, default: int) -> int:
        """A whole number."""
        value = self.take(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int):
            self.report(key, f"{key!r} must be a whole number, not {describe(value)}")
            return default
        return value

    def flag(self, key: str, *, default: bool = False) -> bool:
        """True or false."""
        value = self.take(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.report(key, f"{key!r} must be true or false, not {describe(value)}")
            return default
        return value

    def strings(self, key: str) -> tuple[tuple[Path, str], ...]:
        """A list of strings (one string will do), each with its path."""
        value = self.take(key)
        path = (*self.path, key)
        if value is None:
            return ()
        if isinstance(value, str):
            return ((path, value),)
        if not isinstance(value, list):
            self.report(key, f"{key!r} must be a list of texts, not {describe(value)}")
            return ()
        found = []
        for index, item in enumerate(value):
            if isinstance(item, str):
                found.append(((*path, index), item))
            else:
                self.document.report(
                    (*path, index), f"{key!r} must hold texts in quotes, not {describe(item)}"
                )
        return tuple(found)

    def day(self, key: str, *, required: str | None = None) -> date | None:
        """A local date."""
        value = self.take(key)
        if value is None:
            if required is not None and self.good:
                self.document.report(self.path, f"{self.label} has no {key!r}", required)
        elif isinstance(value, datetime):
            self.report(
                key,
                f"{key!r} must be a date, without a time",
                f'write {key} = {value:%Y-%m-%d} and handoff = "{value:%H:%M}"',
            )
        elif not isinstance(value, date):
            self.report(key, f"{key!r} must be a date, not {describe(value)}", "2026-01-05, bare")
        elif value.year not in _YEARS:
            self.report(key, f"{key!r} is in the year {value.year}", "is it a typing mistake?")
        else:
            return value
        return None

    def clock(self, key: str, default: time) -> time:
        """A local time of day like "09:00"."""
        value = self.take(key)
        if value is None:
            return default
        if isinstance(value, time):
            return value.replace(tzinfo=None)
        minutes = parse_minutes(value) if isinstance(value, str) else None
        if minutes is None or minutes == 1440:
            self.report(key, f"{key!r} must be a time of day", f'{key} = "09:00", up to "23:59"')
            return default
        return time(minutes // 60, minutes % 60)

    def instant(
        self, key: str, zone: ZoneInfo, *, end: bool = False, required: str | None = None
    ) -> datetime | None:
        """An instant (UTC) from a date-time, local or with an offset, or from a bare date.

        A bare date is its local midnight, and as an `end` it is inclusive: the midnight after it.
        A local time that does not exist or exists twice is a problem: somebody typed it.
        """
        value = self.take(key)
        if value is None:
            if required is not None and self.good:
                self.document.report(self.path, f"{self.label} has no {key!r}", required)
            return None
        if not isinstance(value, date):
            self.report(
                key,
                f"{key!r} must be a date or a date with a time, not {describe(value)}",
                f"write it without quotes: {key} = 2026-12-24T09:00:00",
            )
            return None
        if value.year not in _YEARS:
            self.report(key, f"{key!r} is in the year {value.year}", "is it a typing mistake?")
            return None
        if not isinstance(value, datetime):
            return resolve(midnight(value + DAY if end else value), zone)
        if value.tzinfo is not None:
            return value.astimezone(UTC)
        try:
            return resolve_strict(value, zone)
        except NotATime as error:
            self.report(key, str(error))
            return None

    def finish(self) -> None:
        """Report every key that nobody asked for."""
        for key in self._values:
            guess = closest(key, self._known)
            hint = f"did you mean {guess!r}?" if guess else f"known here: {', '.join(self._known)}"
            self.report(key, f"unknown key {key!r} in {self.label}", hint)


def describe(value: object) -> str:
    """What kind of TOML value this is, in words."""
    kinds: tuple[tuple[type, str], ...] = (
        (bool, "true or false"),
        (int, "a number"),
        (float, "a number"),
        (str, "text"),
        (datetime, "a date with a time"),
        (date, "a date"),
        (time, "a time"),
        (list, "a list"),
        (dict, "a table"),
    )
    return next((words for kind, words in kinds if isinstance(value, kind)), "nothing")


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
    """Duty hours from "mon-fri 09:00-17:00", "sat,sun" or "20:00-08:00", None for anything else.

    Without weekdays every day is meant, without times the whole day.
    """
    words = text.strip().lower()
    days: frozenset[int] | None = frozenset(range(7))
    times = _RANGE.search(words)
    if times is not None:
        words = words[: times.start()].strip()
    elif not words:
        return None
    if words:
        days = _weekdays(words)
    if days is None:
        return None
    start, end = (parse_minutes(times[1]), parse_minutes(times[2])) if times else (0, 1440)
    if start is None or end is None or start == 1440:
        return None
    return Window(days, start, end or 1440)


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


def _weekdays(words: str) -> frozenset[int] | None:
    found: set[int] = set()
    for part in words.split(","):
        first, dash, last = part.partition("-")
        begin = weekday(first)
        stop = weekday(last) if dash else begin
        if begin is None or stop is None:
            return None
        found.update((begin + n) % 7 for n in range((stop - begin) % 7 + 1))
    return frozenset(found)
