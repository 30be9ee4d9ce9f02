"""The tree of a trace while it grows, and what a walk knows of the host."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from rotation.dataclasses import dataclass, field
from rotation.errors import ApplyError, Problem, Where
from rotation.mail import aliases
from rotation.mail.aliases import AliasesReading, Dialect, Entry
from rotation.route.model import End, Note, Step, Stop
from rotation.system import Account, System

LIMIT = 10_000
"""Steps after which a walk is given up: lists of lists of lists can grow without end."""


class TooManyError(Exception):
    """The tree has grown past LIMIT."""


@dataclass(eq=False, slots=True)
class Node:
    """A step that may still change."""

    text: str
    where: Where | None = None
    how: str = ""
    children: list[Node] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    end: End | None = None
    parent: Node | None = None
    size: list[int] = field(default_factory=lambda: [0])

    def add(self, text: str, how: str, where: Where | None) -> Node:
        """A step that mail goes on to from here."""
        self.size[0] += 1
        if self.size[0] > LIMIT:
            raise TooManyError
        child = Node(text, where, how, parent=self, size=self.size)
        self.children.append(child)
        return child

    def note(self, text: str, where: Where | None = None, hint: str | None = None) -> None:
        """Something worth knowing about this step."""
        self.notes.append(Note(text, where, hint))

    def stop(self, kind: Stop, who: str, why: str = "", **more: object) -> None:
        """Mail ends here."""
        self.end = End(kind, who, why, **more)  # type: ignore[arg-type]

    def again(self) -> None:
        """The same mail goes there once only, and it does already."""
        self.note("gets this mail already")

    def up(self) -> Iterator[Node]:
        """This node and those above it."""
        at: Node | None = self
        while at is not None:
            yield at
            at = at.parent

    def walk(self) -> Iterator[Node]:
        """This node and those below it."""
        yield self
        for child in self.children:
            yield from child.walk()

    def step(self) -> Step:
        """The finished step."""
        return Step(
            self.text,
            self.where,
            self.how,
            tuple(child.step() for child in self.children),
            tuple(self.notes),
            self.end,
        )


def fold(node: Node) -> None:
    """Shorten what goes round and round to its first round and the ends that it has."""
    looped = any(at.end and at.end.stop is Stop.LOOP for at in node.walk())
    text = node.text.casefold()
    if looped and any(at is not node and at.text.casefold() == text for at in node.up()):
        ends = {(at.text, at.end.stop, at.end.who): at for at in node.walk() if at.end is not None}
        loops = [at for at in ends.values() if at.end and at.end.stop is Stop.LOOP]
        node.children = [at for at in ends.values() if at not in loops and at is not node]
        node.end = loops[0].end
        return
    for child in node.children:
        fold(child)


@dataclass(frozen=True, slots=True)
class Item:
    """A member of an alias or a list, as its server reads it, and where it stands."""

    text: str
    where: Where


class MailHost:
    """The host as a walk needs it; everything is asked once."""

    def __init__(self, system: System) -> None:
        self.system = system
        self._accounts: dict[str | int, Account | None] = {}
        self._texts: dict[Path, bytes | None] = {}
        self._readings: dict[tuple[Path, Dialect], AliasesReading] = {}
        self.blind: dict[Path, str] = {}
        """What we may not look at, and why: the server may, and so know more than we do."""

    def account(self, name: str | int) -> Account | None:
        """The local account of that name or number."""
        if name not in self._accounts:
            self._accounts[name] = self.system.account(name)
        return self._accounts[name]

    def user(self, number: int) -> str:
        """The name of a user, for a message."""
        account = self.account(number)
        return account.name if account else f"user number {number}"

    def _named(self, path: Path) -> bool:
        """Whether a path names one file for everybody: not from wherever somebody is."""
        if not path.is_absolute():
            self.blind[path] = "does not know from which folder the server would read this"
        return path.is_absolute() and "\0" not in str(path)

    def text(self, path: Path) -> bytes | None:
        """What a file holds; None when there is none, or it cannot be read."""
        if not self._named(path):
            return None
        if path not in self._texts:
            try:
                contents = self.system.read(path)
            except ApplyError as error:
                contents = None
                self.blind[path] = error.problems[0].what
            self._texts[path] = contents.data if contents else None
        return self._texts[path]

    def status(self, path: Path, *, follow: bool = True) -> os.stat_result | None:
        """Owner, mode and kind of what stands at a path."""
        if not self._named(path):
            return None
        try:
            return self.system.status(path, follow=follow)
        except ApplyError as error:
            self.blind[path] = error.problems[0].what
            return None

    def reading(self, path: Path, dialect: Dialect) -> AliasesReading:
        """An aliases file as a server reads it; an empty one where there is none."""
        key = (path, dialect)
        if key not in self._readings:
            self._readings[key] = aliases.read(self.text(path) or b"", dialect)
        return self._readings[key]

    def line(self, path: Path, entry: Entry, text: str) -> Where:
        """The line of an alias's entry that holds `text`, its first line if none does."""
        data = self.text(path) or b""
        wanted = text.encode("utf-8", "surrogateescape")
        for start, end in entry.pieces[1:]:
            if wanted in data[start:end]:
                return Where(str(path), data.count(b"\n", 0, start) + 1)
        return Where(str(path), entry.line)

    def may(self, account: Account, status: os.stat_result, bits: int) -> bool:
        """Whether the mode lets a user do something to a file (bits of 0o7)."""
        if account.uid == 0:
            return True
        if status.st_uid == account.uid:
            return (status.st_mode >> 6) & bits == bits
        if status.st_gid == account.gid:
            return (status.st_mode >> 3) & bits == bits
        return status.st_mode & bits == bits

    def text_for(self, account: Account | None, path: Path) -> bytes | None:
        """What a file holds, as far as a user may read it; None is for root."""
        status = self.status(path)
        if account is not None and not (
            status is not None and self.may(account, status, 0o4) and self.reaches(account, path)
        ):
            return None
        return self.text(path)

    def reaches(self, account: Account, path: Path) -> bool:
        """Whether a user may pass through the folders above a path."""
        for folder in path.parents:
            status = self.status(folder)
            if status is None or not self.may(account, status, 0o1):
                return False
        return True


def shared(status: os.stat_result) -> str:
    """Who but its owner may write something, in words; empty for nobody."""
    if status.st_mode & stat.S_IWOTH:
        return "everybody"
    return "its group" if status.st_mode & stat.S_IWGRP else ""


def lines(data: bytes) -> Iterator[tuple[int, str]]:
    """The lines of a text, numbered from 1, without their ends."""
    for number, line in enumerate(data.decode("utf-8", "surrogateescape").split("\n"), 1):
        yield number, line.removesuffix("\r")


def asked(system: System, argv: Iterable[str | Path], hint: str, data: bytes = b"") -> str:
    """What a program answers. Raises ApplyError when it refuses."""
    words = list(argv)
    finished = system.ask(words, data=data)
    if finished.status != 0:
        said = finished.said.removeprefix(f"{words[0]}: ")
        raise ApplyError(Problem(f"{words[0]}: {said}", hint=hint))
    return finished.out
