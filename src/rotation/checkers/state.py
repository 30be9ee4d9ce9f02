"""What the scripts remember, read back: when each ran, what it said last, what is still wrong."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from rotation.checkers.read import name_fault
from rotation.dataclasses import dataclass
from rotation.system import Files


@dataclass(frozen=True, slots=True)
class Wrong:
    """A finding that is not settled."""

    key: str
    """The line as it is compared."""
    text: str
    since: datetime | None
    acked: bool
    """Whether somebody has said that it is known, and the date is not past."""


@dataclass(frozen=True, slots=True)
class State:
    """One checker's state. Instants are aware; None where there has been no such thing."""

    name: str
    ran: datetime | None
    status: int | None
    event: str | None
    mailed: datetime | None
    last_finding: datetime | None
    silent: int
    failing: str | None
    unsent: bool
    script: str | None
    often: str | None
    """`hour`, `day`, `week` or `month`, as its script says."""
    wrong: tuple[Wrong, ...]


def read_states(system: Files, folder: Path) -> dict[str, State]:
    """The states in the folder of all states, by the names of the checkers."""
    names = [name for name in system.names(folder) or [] if name_fault(name) is None]
    return {name: _state(system, folder / name, name) for name in names}


def _state(system: Files, folder: Path, name: str) -> State:
    last, facts = _words(system, folder / "last"), _words(system, folder / "facts")
    known = _lines(system, folder / "known")
    return State(
        name=name,
        ran=_instant(last.get("ran")),
        status=_number(last.get("status")),
        event=last.get("event"),
        mailed=_instant(facts.get("mailed")),
        last_finding=_instant(facts.get("found")),
        silent=_number(facts.get("silent")) or 0,
        failing=facts.get("failing") or None,
        unsent="unsent" in (system.names(folder) or []),
        script=last.get("script"),
        often=last.get("often"),
        wrong=tuple(wrong for line in known if (wrong := _wrong(line, last.get("signal")))),
    )


def _wrong(line: str, signal: str | None) -> Wrong | None:
    """A line of `known`: since, key, line, and of newer scripts the runs and marks."""
    since, key, text, _, marks = (line.split("\t") + [""] * 5)[:5]
    # of a checker of changes, what is known is not wrong, but for what is marked so
    if "item" in marks or (signal == "change" and "wrong" not in marks):
        return None
    return Wrong(key, text or key or since, _instant(since), "acked" in marks)


def _words(system: Files, path: Path) -> Mapping[str, str]:
    pairs = (line.partition(" ") for line in _lines(system, path))
    return {word: value for word, _, value in pairs}


def _lines(system: Files, path: Path) -> list[str]:
    file = system.read(path, follow=False)
    text = "" if file is None else file.data.decode("utf-8", "surrogateescape")
    # not splitlines: a finding may hold what Unicode calls a line's end
    return text.removesuffix("\n").split("\n") if text else []


def _instant(text: str | None) -> datetime | None:
    try:
        instant = datetime.strptime(text or "", "%Y-%m-%dT%H:%M:%S%z")
    except ValueError:
        return None
    return instant


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 10 else None
