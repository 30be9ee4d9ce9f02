"""Reading one TOML table key by key: every problem is noted with its line, none stops the rest."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from functools import cached_property, partial
from typing import Any
from zoneinfo import ZoneInfo

from rotation.clock.local import DAY, NotATime, midnight, resolve, resolve_strict
from rotation.clock.words import parse_minutes
from rotation.dataclasses import dataclass, field
from rotation.errors import Problem, Where, meant
from rotation.toml.keys import TableKeys
from rotation.toml.places import Path, locate

_WITH_DAY = re.compile(r"[A-Za-z]{3,9}[ ,]+(\d{1,2}:\d{2})\Z")
_YEARS = range(1900, 9000)  # far enough for anybody, and arithmetic on them cannot overflow


@dataclass
class Document:
    """A parsed file: its text, and what is wrong with it so far.

    Where its parts stand is looked up once somebody asks, which few do of a file that is in order.
    """

    file: str
    text: str = ""
    problems: list[Problem] = field(default_factory=list)
    top: frozenset[str] = frozenset()
    """Keys that stand at the top, above every table."""

    @cached_property
    def lines(self) -> Mapping[Path, int]:
        """The line of every table, key and array element."""
        try:
            return locate(self.text)
        except RecursionError:  # it is asked for deeper in the program than the text was parsed
            return {}

    def where(self, path: Path) -> Where:
        """The place of `path`, or of the nearest thing around it that has a line."""
        return Where(self.file, partial(self._line, path))

    def _line(self, path: Path) -> int:
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def report(self, path: Path, what: str, hint: str | None = None) -> None:
        """Note a problem at `path`."""
        self.problems.append(Problem(what, self.where(path), hint))


class Table:
    """One table of a document. Each getter takes its key; `finish` reports those left over."""

    def __init__(
        self,
        document: Document,
        path: Path,
        values: object,
        label: str,
        keys: TableKeys | None = None,
    ) -> None:
        self.document = document
        self.path = path
        self.label = label
        self._keys = keys
        self.good = isinstance(values, dict)
        self._values: dict[str, Any] = dict(values) if isinstance(values, dict) else {}
        self._written = values
        self._known: list[str] = []
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
        return isinstance(self._written, dict) and self._written.get(key) == []

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
        texts = []
        for index, item in enumerate(value):
            if isinstance(item, str):
                texts.append(((*path, index), item))
            else:
                self.document.report(
                    (*path, index), f"{key!r} must hold texts in quotes, not {describe(item)}"
                )
        return tuple(texts)

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
            self.report(
                key, f"{key!r} must be a date, not {describe(value)}", "2026-01-05, without quotes"
            )
        elif value.year not in _YEARS:
            self.report(key, f"{key!r} is in the year {value.year}", "is it a typo?")
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
            hint = f'{key} = "09:00", up to "23:59"'
            if isinstance(value, str) and (day := _WITH_DAY.match(value)):
                hint = f'{key} = "{day[1]}": the weekday of start is that of every handoff'
            self.report(key, f"{key!r} must be a time of day", hint)
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
            self.report(key, f"{key!r} is in the year {value.year}", "is it a typo?")
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
        """Report every key that nobody asked for. Raises KeyError where somebody asked for one that
        is not declared."""
        if self._keys is not None and not self._keys.names.issuperset(self._known):
            strange = sorted(set(self._known) - self._keys.names)
            raise KeyError(f"{strange} are not declared for {self._keys.head}")
        for key in self._values:
            hint = meant(key, self._known, f"known here: {', '.join(self._known)}")
            if self.path and key in self.document.top:
                hint = "it belongs above the first [table]: below one, it is taken for a part of it"
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
