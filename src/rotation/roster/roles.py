"""What is expected of roles, and what is not to happen to whoever has them: [role.NAME]."""

from __future__ import annotations

from collections.abc import Mapping

from rotation.clock.words import parse_duration
from rotation.dataclasses import dataclass
from rotation.errors import meant
from rotation.model import Limits
from rotation.roster.keys import ROLE
from rotation.toml.table import Document, Table

_EXPECTED = ("gaps", "load", "overlap")


@dataclass(frozen=True, slots=True)
class Roles:
    """For `gaps`, `load` and `overlap` the roles of which they are expected; limits by role."""

    expected: Mapping[str, frozenset[str]]
    limits: Mapping[str, Limits]


_NOTHING = Roles(dict.fromkeys(_EXPECTED, frozenset()), {})


def read_roles(document: Document, value: object, known: set[str]) -> Roles:
    """The value of `role` at the top of a roster in which rotations and shifts have the roles
    `known`; problems go to the document."""
    if value is None:
        return _NOTHING
    roles = Table(document, ("role",), value, "[role]")
    # a rotation with a fault of its own has no role yet
    sure = not document.problems
    expected: dict[str, set[str]] = {key: set() for key in _EXPECTED}
    limits: dict[str, Limits] = {}
    for name in value if isinstance(value, dict) else ():
        table = Table(document, ("role", name), roles.take(name), f"the role {name!r}", ROLE)
        if sure:
            _known(table, (), name, known)
        for key, names in expected.items():
            said = table.text(key)
            if said == "expected":
                names.add(name)
            elif said is not None:
                hint = f'{key} = "expected", or no line'
                table.report(key, f"{key!r} cannot be {said!r}", hint)
        limits[name] = _limits(table, name, known if sure else None)
        table.finish()
    for name in limits:
        if circle := _circle(name, limits):
            what = f"roles stand apart from each other in a circle: {', '.join(circle)}"
            hint = "one of them comes first: whoever has it is away for the other"
            document.report(("role", name, "apart"), what, hint)
            break
    return Roles({key: frozenset(names) for key, names in expected.items()}, limits)


def _known(table: Table, path: tuple[str | int, ...], name: str, known: set[str]) -> None:
    if name not in known:
        what = f"no rotation or shift has the role {name!r}"
        table.document.report((*table.path, *path), what, meant(name, sorted(known)))


def _limits(table: Table, name: str, known: set[str] | None) -> Limits:
    entries = table.strings("apart")
    for path, other in entries:
        if other == name:
            table.document.report(path, f"{name!r} cannot be apart from itself", "leave it out")
        elif known is not None:
            _known(table, path[len(table.path) :], other, known)
    text = table.text("rest")
    rest = parse_duration(text) if text is not None else None
    if text is not None and rest is None:
        table.report("rest", f"{text!r} is not a length of time", 'as in rest = "11 hours"')
    weekends = table.integer("weekends", 0) if "weekends" in table else None
    if weekends is not None and weekends < 1:
        table.report("weekends", "'weekends' must be 1 or more", "how many in a row: weekends = 1")
    apart = tuple(dict.fromkeys(other for _, other in entries))
    return Limits(apart, rest, weekends, table.where)


def _circle(name: str, limits: Mapping[str, Limits]) -> list[str]:
    """The roles of a circle that leads from a role back to it, itself first; none: empty."""

    def follow(here: str, way: list[str]) -> list[str]:
        for other in limits[here].apart if here in limits else ():
            if other == name:
                return way
            if other not in way and (circle := follow(other, [*way, other])):
                return circle
        return []

    return follow(name, [name]) if name not in limits[name].apart else []
