"""What is in a JSON document that somebody else made: looked at key by key, nothing believed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from rotation.dataclasses import dataclass

_LONGEST = 300
_YEARS = range(1970, 2200)


class Strange(ValueError):
    """A document is not what its kind should be; says what is wrong, for people, and in which
    line where that is known."""

    def __init__(self, what: str, line: int | None = None) -> None:
        super().__init__(what)
        self.line = line


def documents(data: bytes) -> JsonEntry:
    """A JSON document as its outermost object; a list is taken for the `data` of one.

    Raises Strange where it is none.
    """
    try:
        value: object = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Strange("not UTF-8 text") from None
    except RecursionError:
        raise Strange("JSON that is nested too deeply") from None
    except ValueError as error:
        raise Strange(f"not JSON: {error}") from None
    if isinstance(value, list):
        value = {"data": value}
    if not isinstance(value, dict):
        raise Strange("JSON, but not an object")
    return JsonEntry(value, "the file")


@dataclass(frozen=True, slots=True)
class JsonEntry:
    """An object of the document; `label` says in messages which. Getters raise Strange."""

    values: Mapping[str, object]
    label: str

    def __contains__(self, key: str) -> bool:
        return self.values.get(key) is not None

    def text(self, key: str, default: str | None = None) -> str:
        """One line of text, without what is not printable; without `default` it must be there."""
        value = self.values.get(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, str):
            raise Strange(f"{self.label} has no {key!r} that is text")
        return " ".join("".join(c if c.isprintable() else " " for c in value).split())[:_LONGEST]

    def number(self, key: str, default: int | None = None) -> int:
        """A whole number; without `default` it must be there."""
        value = self.values.get(key)
        if value is None and default is not None:
            return default
        if isinstance(value, bool) or not isinstance(value, int):
            raise Strange(f"{self.label} has no {key!r} that is a whole number")
        return value

    def instant(self, key: str) -> datetime:
        """An instant (UTC) from ISO 8601 with an offset, or from milliseconds since 1970."""
        value = self.values.get(key)
        at: datetime | None = None
        try:
            if isinstance(value, str):
                at = datetime.fromisoformat(value)
            elif isinstance(value, int) and not isinstance(value, bool):
                at = datetime.fromtimestamp(value / 1000, UTC)
        except (ValueError, OverflowError, OSError):
            at = None
        if at is None or at.tzinfo is None or at.year not in _YEARS:
            raise Strange(f"{self.label} has no {key!r} that is an instant with an offset")
        return at.astimezone(UTC)

    def entry(self, key: str) -> JsonEntry:
        """An object in it."""
        value = self.values.get(key)
        if not isinstance(value, dict):
            raise Strange(f"{self.label} has no {key!r}")
        return JsonEntry(value, f"{key!r} of {self.label}")

    def entries(self, key: str) -> list[JsonEntry]:
        """The objects of a list in it; none where it is not there."""
        value = self.values.get(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise Strange(f"{key!r} of {self.label} is not a list of objects")
        return [JsonEntry(item, f"{key!r} {n} of {self.label}") for n, item in enumerate(value, 1)]

    def flags(self, key: str, count: int) -> list[bool]:
        """A list of so many true or false."""
        value = self.values.get(key)
        if (
            not isinstance(value, list)
            or len(value) != count
            or not all(isinstance(item, bool) for item in value)
        ):
            raise Strange(f"{key!r} of {self.label} is not a list of {count} times true or false")
        return value


def walk(entry: JsonEntry, depth: int = 6) -> Iterator[JsonEntry]:
    """An object and every object in it, to some depth."""
    yield entry
    if depth == 0:
        return
    for key, value in entry.values.items():
        inside = value if isinstance(value, list) else [value]
        for item in inside:
            if isinstance(item, dict):
                yield from walk(JsonEntry(item, f"{key!r} of {entry.label}"), depth - 1)
