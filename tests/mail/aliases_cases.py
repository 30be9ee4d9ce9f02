"""Measured aliases files, and how each server reads one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rotation.mail.aliases import (
    AliasesReading,
    Dialect,
)
from rotation.mail.aliases_edit import EditRefused, edit

P, E, OS, S, PLAIN, _ = Dialect

ALL = (P, E, OS, S, PLAIN)

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "cases" / "aliases.json").read_text()
)["cases"]


def values(reading: AliasesReading) -> dict[str, bytes]:
    names = dict.fromkeys(entry.key for entry in reading.entries)
    return {name: entry.value for name in names if (entry := reading.winner(name))}


def refused(text: bytes, wanted: dict[str, list[str]], dialect: Dialect) -> list[int | None]:
    with pytest.raises(EditRefused) as caught:
        edit(text, wanted, dialect)
    assert all(what and hint for _, what, hint in caught.value.problems)
    return [line for line, _, _ in caught.value.problems]


def as_it_stands(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")


def many(count: int, between: str) -> bytes:
    return ("oncall: " + between.join(f"u{n:04}@example.com" for n in range(count)) + "\n").encode()
