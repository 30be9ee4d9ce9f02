"""Our dataclasses are the standard library's, only cheaper."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from rotation import dataclasses as ours

DESCRIBE = """
import dataclasses, importlib, inspect, json, pkgutil, sys
import rotation.dataclasses
if sys.argv[1] == "standard":
    for name in ("dataclass", "field", "replace"):
        setattr(rotation.dataclasses, name, getattr(dataclasses, name))

def flags(kind):
    own = vars(kind)
    return [
        "__slots__" in own and sorted(own["__slots__"]), kind.__hash__ is None,
        kind.__hash__ is object.__hash__, kind.__eq__ is object.__eq__,
        kind.__repr__ is object.__repr__, kind.__setattr__ is object.__setattr__,
        "__dict__" in own or any("__dict__" in vars(base) for base in kind.__mro__[1:]),
        list(kind.__match_args__), kind.__qualname__,
        # the standard library writes a signature where nobody wrote a word
        None if (kind.__doc__ or "").startswith(kind.__name__ + "(") else kind.__doc__,
    ]

def described(kind):
    try:
        kind(no_such_field=1)  # `__init__` is compiled when it is first called
    except TypeError:
        pass
    parameters = inspect.signature(kind.__init__).parameters.values()
    return [
        [[p.name, str(p.kind), p.default is p.empty] for p in parameters],
        [[f.name, f.type, f.init, f.repr, f.compare, f.kw_only] for f in dataclasses.fields(kind)],
        flags(kind),
    ]

kinds = {}
for module in pkgutil.walk_packages(rotation.__path__, "rotation."):
    if module.name.endswith("__main__") or module.name == "rotation.dataclasses":
        continue
    for kind in vars(importlib.import_module(module.name)).values():
        if isinstance(kind, type) and kind.__module__ == module.name:
            if "__dataclass_fields__" in vars(kind):
                kinds[f"{module.name}.{kind.__qualname__}"] = described(kind)
print(json.dumps(kinds))
"""


def test_every_class_of_the_program_is_what_the_standard_library_makes_of_it() -> None:
    """Fields and their order, defaults, parameters, slots, comparison, hash: all as there."""
    made_by = {}
    for whose in ("ours", "standard"):
        program = subprocess.run(
            [sys.executable, "-c", DESCRIBE, whose], capture_output=True, text=True, check=True
        )
        made_by[whose] = json.loads(program.stdout)
    assert len(made_by["ours"]) > 200
    assert made_by["ours"] == made_by["standard"]


def both(**options: Any) -> Iterator[tuple[Any, Any]]:
    """A class with a bit of everything, and one that inherits it, as made by each."""
    for maker in (ours, dataclasses):
        decorated: Any = maker.dataclass
        field: Any = maker.field

        class Base:
            first: int
            second: str = "two"

        base = decorated(**options)(Base)

        class Value(base):  # type: ignore[valid-type, misc]
            third: float = field(default=3.0, compare=False)
            fourth: list[int] = field(default_factory=list, repr=False)
            fifth: str = field(default="5", init=False)

            def doubled(self) -> int:
                return int(self.first) * 2

        yield maker, decorated(**options)(Value)


OPTIONS = [
    {"frozen": frozen, "slots": slots, "kw_only": kw_only, "eq": eq, "repr": shown}
    for frozen in (True, False)
    for slots in (True, False)
    for kw_only in (True, False)
    for eq in (True, False)
    for shown in (True, False)
]


def outcome(work: Any) -> object:
    """What comes of it: a value, or that it is refused (the standard library raises TypeError for a
    name that a frozen class with slots has no field for, where it means AttributeError)."""
    try:
        return work()
    except (TypeError, AttributeError):
        return "refused"


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_an_instance_behaves_alike(options: dict[str, bool]) -> None:
    """Made, compared, hashed, shown, replaced, assigned to and deleted from: with the same end."""
    kinds = [*both(**options)]

    def told(
        maker: Any, kind: Any, first: int, other: int, third: float, more: int
    ) -> list[object]:
        fourth = [1] * more
        value = kind(first=first, third=third, fourth=fourth)
        same, near = kind(first=first, fourth=fourth), kind(first=other)
        shown = repr(value) if options["repr"] else ""
        return [
            (value.first, value.second, value.third, value.fourth, value.fifth, value.doubled()),
            value == same, value == near, value == (first, "two"), value != near,
            shown.rpartition(".")[2],
            outcome(lambda: kind(first, "b", third).second),
            outcome(lambda: kind(third=third)),
            outcome(lambda: kind(first=1, sixth=6)),
            outcome(lambda: kind(first=1).fourth is kind(first=1).fourth),
            maker.replace(value, second="B").second,
            maker.replace(value, first=7).fourth is fourth,
            outcome(lambda: hash(value) == hash(same)) if options["eq"] else None,
            outcome(lambda: setattr(value, "first", 9)), value.first,
            outcome(lambda: setattr(value, "unheard_of", 9)),
            dataclasses.is_dataclass(value), [part.name for part in dataclasses.fields(value)],
            dataclasses.replace(value, first=8).first,
            kind.__match_args__,
            outcome(lambda: delattr(value, "second")),
        ]  # fmt: skip

    for values in product((-1, 0, 1), (-1, 0, 1), (3.0, 4.0), (0, 1)):
        mine, standard = (told(maker, kind, *values) for maker, kind in kinds)
        assert mine == standard, values


def test_the_standard_library_reads_them() -> None:
    """`asdict` and `match` as well as `fields`."""

    @ours.dataclass(frozen=True, slots=True)
    class Pair:
        left: int
        right: list[int] = ours.field(default_factory=list)

    match Pair(1, [2]):
        case Pair(left, right):
            assert (left, right) == (1, [2])
    assert dataclasses.asdict(Pair(1, [2])) == {"left": 1, "right": [2]}


def test_a_class_that_is_never_used_is_never_compiled() -> None:
    """Its `__init__` is made with the first instance, and is the same one from then on."""

    @ours.dataclass(frozen=True, slots=True)
    class Unused:
        left: int

    before = Unused.__init__
    assert Unused(1) == Unused(1)
    assert Unused.__init__ is not before
    assert Unused(2).left == 2
