"""Options that belong together as one value: a dataclass whose fields are options."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Annotated, Any, get_origin, get_type_hints


def grouped(command: Callable[..., None]) -> Callable[..., None]:
    """A command that takes values where the command line has the options of their fields.

    A field is an option where it is annotated as one; any other keeps its default. typer reads
    signatures, so the one that it sees has the options in place of the values.
    """
    seen: list[inspect.Parameter] = []
    options: dict[str, tuple[type, tuple[str, ...]]] = {}
    for parameter in inspect.signature(command, eval_str=True).parameters.values():
        kind = parameter.annotation
        if not is_dataclass(kind) or not isinstance(kind, type):
            seen.append(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY))
            continue
        hints = get_type_hints(kind, include_extras=True)
        own = [field for field in fields(kind) if get_origin(hints[field.name]) is Annotated]
        options[parameter.name] = kind, tuple(field.name for field in own)
        seen += [
            inspect.Parameter(
                field.name,
                inspect.Parameter.KEYWORD_ONLY,
                default=field.default,
                annotation=hints[field.name],
            )
            for field in own
        ]

    @functools.wraps(command)
    def wrapper(**typed: Any) -> None:
        for name, (kind, own) in options.items():
            typed[name] = kind(**{option: typed.pop(option) for option in own})
        command(**typed)

    wrapper.__signature__ = inspect.Signature(seen)  # type: ignore[attr-defined]
    return wrapper
