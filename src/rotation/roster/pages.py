"""What is made from the declared keys: the overview in README, the reference in docs, and the JSON
Schema that editors check a roster with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rotation.roster.dated import OVERRIDES
from rotation.roster.keys import (
    ABSENCE,
    MONITOR,
    NOTIFY,
    PERSON,
    ROLE,
    ROSTER,
    ROTATION,
    SHIFT,
    TARGET,
    TOP,
)
from rotation.toml.keys import Key, TableKeys

BEGIN, END = "<!-- made from the declared keys -->\n", "<!-- end -->\n"
"""Between these lines a page holds what is made here."""


def overview() -> str:
    """A Markdown table of a roster's tables, a line for each group of keys."""
    return "| in | key | meaning |\n|---|---|---|\n" + "".join(_overview_rows())


def _overview_rows() -> Iterator[str]:
    for keys in ROSTER:
        head = "top" if keys is TOP else f"`{keys.head}`"
        for group in keys.groups:
            if not group.meaning or group.keys[0].name == "id":
                continue
            names = ", ".join(f"`{key.name}`" for key in group.keys)
            label = group.label or names
            if label and "`" not in label:
                label = f"`{label}`"
            yield f"| {head} | {label} | {group.meaning} |\n"
            head = ""


def reference() -> str:
    """A Markdown section for each table, with a line for each key."""
    sections = [_section(keys) for keys in ROSTER]
    sections += [_section(keys) for keys in OVERRIDES if keys not in ROSTER]
    return "\n".join(sections)


def _section(keys: TableKeys) -> str:
    title = "At the top" if keys is TOP else f"`{keys.head}`"
    rows = "".join(
        f"| `{key.name}` | {key.kind.value} | {_default(key)} | {_help(key)} |\n" for key in keys
    )
    return f"## {title}\n\n| key | value | without it | meaning |\n|---|---|---|---|\n{rows}"


def _default(key: Key) -> str:
    return "must be there" if key.required else key.default or "-"


def _help(key: Key) -> str:
    one_of = f" (one of {', '.join(key.choices)})" if key.choices else ""
    return f"{key.help}{one_of}".replace("|", "\\|")


def schema() -> dict[str, Any]:
    """A roster as JSON Schema, draft 2020-12 (json-schema.org)."""
    person = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
    person["anyOf"].append(_object(PERSON))
    properties = _object(TOP)["properties"]
    properties["people"] = {"type": "object", "additionalProperties": person}
    properties["role"] = {"type": "object", "additionalProperties": _object(ROLE)}
    properties |= {"notify": _object(NOTIFY), "monitor": _object(MONITOR)}
    for name, keys in (
        ("rotation", ROTATION), ("shift", SHIFT), ("target", TARGET), ("absence", ABSENCE),
    ):  # fmt: skip
        properties[name] = {"type": "array", "items": _object(keys)}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "a roster of rotation",
        **_object(TOP),
        "properties": properties,
    }


def _object(keys: TableKeys) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for key in keys:
        value = {"description": key.help, **key.kind.schema}
        if key.choices:
            value["enum"] = list(key.choices)
        properties[key.name] = value
    required = [key.name for key in keys if key.required]
    return {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        **({"required": required} if required else {}),
    }
