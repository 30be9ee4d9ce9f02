"""What is remembered of files and of the way of root's mail, and what has changed since."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from rotation.dataclasses import dataclass, field
from rotation.errors import ApplyError, Problem, Where
from rotation.system import Files, Look
from rotation.system.links import names
from rotation.watch.contents import Texts

VERSION = 2
_KINDS = (
    (stat.S_ISREG, "a file"),
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISLNK, "a link"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
)


@dataclass(frozen=True, slots=True)
class Mark:
    """A file as it was: `kind` is "nothing" where there was none, `digest` of its content."""

    kind: str
    owner: int = 0
    group: int = 0
    mode: str = ""
    link: str = ""
    names: int = 1
    """How many names (hard links) a file has."""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """A step of the way: mail for `here` goes on to `there`, by what, and in which file."""

    here: str
    there: str
    how: str
    file: str

    def __str__(self) -> str:
        return f"{self.here} -> {self.there} ({self.how} {self.file})"


@dataclass(frozen=True, slots=True)
class Record:
    """All that is remembered, from the instant `at` (ISO 8601): the way, the files on it, and by
    their paths the texts of the rosters."""

    at: str
    edges: frozenset[Edge]
    marks: Mapping[str, Mark]
    texts: Mapping[str, Texts] = field(default_factory=dict)

    def dump(self) -> bytes:
        """The record as text."""
        value = {
            "version": VERSION,
            "at": self.at,
            "edges": sorted([e.here, e.there, e.how, e.file] for e in self.edges),
            "marks": {path: asdict(mark) for path, mark in sorted(self.marks.items())},
            "texts": {path: asdict(texts) for path, texts in sorted(self.texts.items())},
        }
        return json.dumps(value, indent=1).encode()


def parse(data: bytes) -> Record | None:
    """The record in a text; None for what is none of ours."""
    try:
        value: Any = json.loads(data)
        if value["version"] != VERSION:
            return None
        edges = frozenset(Edge(*edge) for edge in value["edges"])
        marks = {path: Mark(**mark) for path, mark in value["marks"].items()}
        texts = {path: Texts(**both) for path, both in value["texts"].items()}
        return Record(str(value["at"]), edges, marks, texts)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def record(
    edges: frozenset[Edge],
    marks: Mapping[str, Mark],
    now: datetime,
    texts: Mapping[str, Texts] | None = None,
) -> Record:
    """What is to be remembered."""
    return Record(now.isoformat(timespec="seconds"), edges, marks, texts or {})


def mark(system: Files, path: Path, *, content: bool) -> Mark:
    """A file as it is now; with `content`, what it holds too, or what lies in a folder."""
    status = system.status(path, follow=False)
    if status is None:
        return Mark("nothing")
    kind = next((name for test, name in _KINDS if test(status.st_mode)), "a device")
    regular = stat.S_ISREG(status.st_mode)
    link = str(system.real(path)) if stat.S_ISLNK(status.st_mode) else ""
    digest = ""
    if content and regular:
        try:
            file = system.read(path)
            digest = sha256(file.data).hexdigest() if file else ""
        except ApplyError:
            digest = "unreadable"
    elif content and stat.S_ISDIR(status.st_mode):
        inside = "\0".join(system.names(path) or ())
        digest = sha256(inside.encode("utf-8", "surrogateescape")).hexdigest()
    return Mark(
        kind,
        status.st_uid,
        status.st_gid,
        "" if link else f"{stat.S_IMODE(status.st_mode):04o}",
        link,
        names(system, path, status) if regular else 1,
        digest,
    )


def changes(old: Record, new: Record, system: Look) -> Iterator[Problem]:
    """What has changed since, each with its file; the way of the mail first."""
    for edge in sorted(old.edges - new.edges, key=str):
        what = f"mail for {edge.here} does not go on to {edge.there} any more ({edge.how})"
        yield Problem(what, Where(edge.file), f"it did at {old.at}")
    for edge in sorted(new.edges - old.edges, key=str):
        what = f"mail for {edge.here} goes to {edge.there} now ({edge.how})"
        yield Problem(what, Where(edge.file), f"it did not at {old.at}")
    for path in sorted(old.marks):
        if path in new.marks:
            for what in _differences(old.marks[path], new.marks[path], system):
                yield Problem(what, Where(path), f"it was right as it was at {old.at}")
    # where the way has changed, that says it all
    fresh = set(new.marks) - set(old.marks) if old.edges == new.edges else set()
    for path in sorted(fresh):
        yield Problem("is on the way of root's mail now, and was not before", Where(path))


def _differences(old: Mark, new: Mark, system: Look) -> Iterator[str]:
    if old.kind != new.kind:
        if new.kind == "nothing":
            yield f"is gone (it was {old.kind})"
        elif old.kind == "nothing":
            yield f"is new ({new.kind})"
        else:
            yield f"was {old.kind}, is {new.kind}{f' to {new.link}' if new.link else ''}"
        return
    if old.link != new.link:
        yield f"links to {new.link} now, not to {old.link}"
    if old.owner != new.owner:
        yield f"belongs to {_user(system, new.owner)} now, not to {_user(system, old.owner)}"
    if old.group != new.group:
        yield f"has the group {new.group} now, not {old.group}"
    if old.mode != new.mode:
        yield f"has the mode {new.mode} now, not {old.mode}"
    if old.names != new.names:
        yield f"has {new.names} names (hard links) now, not {old.names}"
    if old.digest and new.digest and old.digest != new.digest:
        yield "has other contents now"


def _user(system: Look, number: int) -> str:
    account = system.account(number)
    return account.name if account else f"user number {number}"
