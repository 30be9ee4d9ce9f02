"""`dataclass`, `field` and `replace` of the standard library, but cheap before they are used.

The standard library compiles up to six functions for each class when a program starts, and imports
`inspect`: more than half of what the first `rotation who` took. Here `__init__` is compiled when
the first instance is made, and all classes share the other methods. Type checkers see the standard
library's, and so does whoever asks by `dataclasses.fields`, `asdict` or `is_dataclass`.
"""

from __future__ import annotations

from operator import attrgetter
from types import MemberDescriptorType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_NONE = object()
"""No default was given."""


class _Field:
    """What is said of a field beside its name."""

    __slots__ = ("compare", "default", "default_factory", "init", "kw_only", "repr", "type")

    def __init__(self, default: object = _NONE, **said: Any) -> None:
        self.default, self.default_factory = default, said.get("default_factory", _NONE)
        self.init, self.repr, self.compare = (
            said.get(part, True) for part in ("init", "repr", "compare")
        )
        self.kw_only, self.type = False, ""


def _dataclass(
    cls: type | None = None,
    /,
    *,
    frozen: bool = False,
    slots: bool = False,
    kw_only: bool = False,
    eq: bool = True,
    repr: bool = True,  # noqa: A002, the standard library's name
) -> Any:
    """Give a class the methods of a dataclass; the options are some of `dataclasses.dataclass`."""

    def decorated(cls: type) -> type:
        fields = _fields(cls, kw_only)
        kind = _slotted(cls, fields) if slots else _unslotted(cls, fields)
        methods: dict[str, object] = {"__init__": _first(kind, fields, frozen)}
        if repr:
            methods["__repr__"] = _repr
        if eq:
            methods["__eq__"] = _eq
            methods["__hash__"] = _hash if frozen else None
        if frozen:
            methods |= {"__setattr__": _refuse_to_set, "__delattr__": _refuse_to_delete}
        own = vars(kind)
        for name, method in methods.items():
            # Python puts a `__hash__` of None where a class has an `__eq__` of its own
            if name not in own or (name == "__hash__" and own[name] is None):
                setattr(kind, name, method)
        for name, value in {
            "__match_args__": tuple(
                n for n, field in fields.items() if field.init and not field.kw_only
            ),
            "__dataclass_fields__": _Standard(kind, fields),
            "_fields": fields,
            "_compared": _values([name for name, field in fields.items() if field.compare]),
        }.items():
            setattr(kind, name, value)
        return kind

    return decorated if cls is None else decorated(cls)


def _replace(instance: Any, /, **changes: object) -> Any:
    """An instance like this one but for these values."""
    for name, field in instance._fields.items():
        if field.init and name not in changes:
            changes[name] = getattr(instance, name)
    return type(instance)(**changes)


def _fields(cls: type, kw_only: bool) -> dict[str, _Field]:
    """The fields of a class by name: those of its bases, then its own."""
    fields: dict[str, _Field] = {}
    for base in reversed(cls.__mro__[1:]):
        fields |= vars(base).get("_fields", {})
    for name, annotation in cls.__annotations__.items():
        value = vars(cls).get(name, _NONE)
        field = value if isinstance(value, _Field) else _Field(value)
        field.kw_only, field.type = kw_only, annotation
        fields[name] = field
    return fields


def _slotted(cls: type, fields: dict[str, _Field]) -> type:
    """The same class with slots for its fields: they have to be named when a class is made."""
    inherited = {name for base in cls.__mro__[1:] for name in vars(base).get("__slots__", ())}
    left_out = {*fields, "__dict__", "__weakref__"}
    body = {name: value for name, value in vars(cls).items() if name not in left_out}
    body["__slots__"] = tuple(name for name in fields if name not in inherited)
    body["__qualname__"] = cls.__qualname__
    return type(cls)(cls.__name__, cls.__bases__, body)


def _unslotted(cls: type, fields: dict[str, _Field]) -> type:
    """The same class without what only said something about its fields."""
    for name, field in fields.items():
        if vars(cls).get(name) is field:
            if field.default is _NONE:
                delattr(cls, name)
            else:
                setattr(cls, name, field.default)
    return cls


def _first(cls: type, fields: dict[str, _Field], frozen: bool) -> Callable[..., None]:
    """An `__init__` that compiles the real one and leaves its place to it."""

    def first(self: object, *values: object, **named: object) -> None:
        compiled = _compiled(cls, fields, frozen)
        setattr(cls, "__init__", compiled)  # noqa: B010, a type checker would not have it assigned
        compiled(self, *values, **named)

    return first


def _compiled(cls: type, fields: dict[str, _Field], frozen: bool) -> Callable[..., None]:
    """The `__init__` of a class: its parameters are the fields, its only text their names."""
    known: dict[str, Any] = {"_NONE": _NONE, "_set": object.__setattr__}
    parameters: list[str] = []
    lines: list[str] = []
    for name, field in sorted(fields.items(), key=lambda item: item[1].kw_only):
        parameter = value = name
        if field.default_factory is not _NONE:
            known[f"_{name}"] = field.default_factory
            parameter = f"{name}=_NONE"
            value = f"_{name}() if {name} is _NONE else {name}" if field.init else f"_{name}()"
        elif field.default is not _NONE:
            known[f"_{name}"] = field.default
            parameter = f"{name}=_{name}"
            value = name if field.init else f"_{name}"
        elif not field.init:
            continue  # `__post_init__` sets it
        if field.init:
            if field.kw_only and "*" not in parameters:
                parameters.append("*")
            parameters.append(parameter)
        slot = getattr(cls, name, None)
        if not frozen:
            lines.append(f"self.{name} = {value}")
        elif isinstance(slot, MemberDescriptorType):  # cheaper than by the name
            known[f"_set_{name}"] = slot.__set__
            lines.append(f"_set_{name}(self, {value})")
        else:
            lines.append(f"_set(self, {name!r}, {value})")
    if hasattr(cls, "__post_init__"):
        lines.append("self.__post_init__()")
    body = "\n  ".join(lines or ["pass"])
    # nothing but names of fields, of our own classes
    exec(f"def __init__(self, {', '.join(parameters)}):\n  {body}", known)  # noqa: S102
    compiled: Callable[..., None] = known["__init__"]
    compiled.__qualname__ = f"{cls.__qualname__}.__init__"
    return compiled


def _values(names: list[str]) -> Callable[[Any], object]:
    """What gives the values of these fields of an instance, to be compared."""
    return attrgetter(*names) if names else staticmethod(lambda _: ())


def _eq(self: Any, other: Any) -> Any:
    if self.__class__ is not other.__class__:
        return NotImplemented
    return self._compared(self) == other._compared(other)


def _hash(self: Any) -> int:
    return hash(self._compared(self))


def _repr(self: Any) -> str:
    shown = (name for name, field in self._fields.items() if field.repr)
    values = ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)
    return f"{self.__class__.__qualname__}({values})"


def _refuse_to_set(self: object, name: str, _: object) -> None:
    raise AttributeError(f"cannot assign to field {name!r}")


def _refuse_to_delete(self: object, name: str) -> None:
    raise AttributeError(f"cannot delete field {name!r}")


class _Standard:
    """The fields as the standard library describes them, worked out when it asks."""

    def __init__(self, cls: type, fields: dict[str, _Field]) -> None:
        self.cls, self.fields = cls, fields

    def __get__(self, _: object, __: type) -> object:
        import dataclasses

        described = [(name, field.type, _described(field)) for name, field in self.fields.items()]
        standard: Any = dataclasses.make_dataclass(self.cls.__name__, described)
        return standard.__dataclass_fields__


def _described(field: _Field) -> Any:
    import dataclasses

    said: dict[str, Any] = {
        name: getattr(field, name)
        for name in ("default", "default_factory", "init", "repr", "compare", "kw_only")
        if getattr(field, name) is not _NONE
    }
    return dataclasses.field(**said)


if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
    from dataclasses import field as field
    from dataclasses import replace as replace
else:
    dataclass, field, replace = _dataclass, _Field, _replace
