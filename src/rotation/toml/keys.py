"""What a table may hold, declared once: loader, writer, pages and JSON Schema go by it."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Any

from rotation.dataclasses import dataclass, field


class Value(Enum):
    """What the value of a key is: its name for people, and as JSON Schema (draft 2020-12).

    A date-time of TOML is a string of that format to programs that check TOML against a schema.
    """

    TEXT = "text"
    TEXTS = "a text or a list"
    WORDS = "a list of texts"
    WHOLE = "a whole number"
    NUMBER = "a number"
    FLAG = "true or false"
    DAY = "a date"
    CLOCK = "a time of day"
    INSTANT = "a date, or a date and time"
    TURNS = "a list, with lists in it"
    TABLE = "a table"

    @property
    def schema(self) -> dict[str, Any]:
        """The value as JSON Schema."""
        return dict(_SCHEMAS[self])


_TEXT: dict[str, Any] = {"type": "string", "minLength": 1}
_LIST: dict[str, Any] = {"type": "array", "items": _TEXT}
_SCHEMAS: dict[Value, dict[str, Any]] = {
    Value.TEXT: _TEXT,
    Value.TEXTS: {"anyOf": [_TEXT, _LIST]},
    Value.WORDS: _LIST,
    Value.WHOLE: {"type": "integer"},
    Value.NUMBER: {"type": "number"},
    Value.FLAG: {"type": "boolean"},
    Value.DAY: {"type": "string", "format": "date"},
    Value.CLOCK: {"type": "string", "pattern": r"^\d{1,2}:\d{2}(:\d{2})?$"},
    Value.INSTANT: {"type": "string"},
    Value.TURNS: {"type": "array", "items": {"anyOf": [_TEXT, _LIST]}},
    Value.TABLE: {"type": "object"},
}


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a table: its name, the kind of its value, one line of help, what counts without
    it, and the only values that it takes (any, unless some are given)."""

    name: str
    kind: Value
    help: str
    default: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """TableKeys that one line of an overview speaks of."""

    meaning: str
    keys: tuple[Key, ...]
    label: str = ""
    """What the overview shows instead of the keys' names."""


@dataclass(frozen=True, slots=True)
class TableKeys:
    """All that one kind of table may hold, as `head` writes it in a file."""

    head: str
    groups: tuple[Group, ...]
    names: frozenset[str] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", frozenset(key.name for key in self))

    def __iter__(self) -> Iterator[Key]:
        """The keys, in the order in which pages name them."""
        for group in self.groups:
            yield from group.keys
