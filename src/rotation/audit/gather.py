"""From the table and the host to what each tool would mail: files found, read and put in order."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Protocol

from rotation.audit.model import (
    Fault,
    Mail,
    Need,
    Recipient,
    Sender,
    Setting,
    Source,
    Tool,
    ToolFinding,
)
from rotation.audit.readers import READERS
from rotation.dataclasses import dataclass, field
from rotation.errors import ApplyError, Severity, Where
from rotation.system import File, Trust

_SPLIT = re.compile(r"[\s,;]+")
_MAGIC = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class Placed:
    """A setting and the file that it stands in."""

    setting: Setting
    file: Path

    @property
    def where(self) -> Where:
        """The place of the setting."""
        return Where(str(self.file), self.setting.line)


class ToolView(Protocol):
    """As much of a `System` as reading the tools takes."""

    def read(self, path: Path, *, trust: Trust = Trust.ANYBODY, follow: bool = True) -> File | None:
        """As `System.read`."""

    def names(self, folder: Path) -> list[str] | None:
        """As `System.names`."""

    def status(self, path: Path, *, follow: bool = True) -> os.stat_result | None:
        """As `System.status`."""


@dataclass
class Gatherer:
    """Reads the host for one audit. What cannot be read is noted once, in `unreadable`."""

    system: ToolView
    unreadable: dict[Path, ApplyError] = field(default_factory=dict)
    _texts: dict[Path, list[str] | None] = field(default_factory=dict)

    def senders(self, tool: Tool) -> list[Sender]:
        """All that `tool` mails here; empty when it is neither installed nor configured."""
        installed = self.any(tool.programs or tool.paths)
        if not installed and not self.any(tool.paths):
            return []
        return [self._sender(tool, mail, installed) for mail in tool.mails]

    def _sender(self, tool: Tool, mail: Mail, installed: bool) -> Sender:
        placed = list(self.settings(mail.sources))
        if mail.pick != "all":
            placed = placed[:1] if mail.pick == "first" else placed[-1:]
        people: dict[tuple[str, Where | None], Recipient] = {}
        for line in placed:
            for address in split(line.setting.value):
                text = line.setting.value
                people.setdefault((address, line.where), Recipient(address, line.where, text))
        if not placed:
            people = {(address, None): Recipient(address) for address in split(mail.default)}
        off = tuple(need for need in mail.needs if not self.holds(need))
        there = (path for need in off if need.absent for path in self.all(need.paths))
        blame = next((Where(str(path)) for path in there), None)
        return Sender(
            tool=tool.name,
            what=mail.what,
            recipients=tuple(people.values()),
            off=off,
            installed=installed,
            where=placed[-1].where if placed else blame or self._place(tool, mail),
            table=tool,
            mail=mail,
            missing=tuple(line.where for line in placed if not split(line.setting.value)),
        )

    def _place(self, tool: Tool, mail: Mail) -> Where | None:
        """A file that could set the address, where none does: the tool's own, else the last."""
        own = list(self.all(tool.paths))
        paths = own or [path for source in mail.sources for path in self._files(source)][-1:]
        return Where(str(paths[0])) if paths else None

    def holds(self, need: Need) -> bool:
        """Whether a condition for sending is met."""
        if need.paths and self.any(need.paths) is not need.absent:
            return True
        if not need.sources:
            return False
        values = [line.setting.value for line in self.settings(need.sources)] or [need.default]
        if need.value is None:
            return True
        counted = values if need.any_value else values[-1:]
        return any(need.value.fullmatch(value.strip()) for value in counted)

    def any(self, patterns: Iterable[str]) -> bool:
        """Whether the host has something at one of these paths."""
        return any(True for _ in self.all(patterns))

    def all(self, patterns: Iterable[str]) -> Iterator[Path]:
        """What the host has at these paths."""
        return (path for pattern in patterns for path in self.glob(pattern))

    def settings(self, sources: Iterable[Source]) -> Iterator[Placed]:
        """What the sources say, in the order in which the tool reads it."""
        for source in sources:
            seen: set[Path] = set()
            for path in self._files(source):
                yield from self._read(source, path, seen)

    def _files(self, source: Source) -> Iterator[Path]:
        seen = set()
        for pattern in source.files:
            for path in self.glob(pattern):
                if path not in seen and (source.only is None or source.only.fullmatch(path.name)):
                    seen.add(path)
                    yield path

    def _read(self, source: Source, path: Path, seen: set[Path]) -> Iterator[Placed]:
        """A file with those that it includes, each once: they may name each other."""
        lines = None if path in seen else self.lines(path)
        seen.add(path)
        if lines is None:
            return
        settings = list(READERS[source.syntax](lines))
        taken = 0
        if source.include is not None:
            for number, line in enumerate(lines, 1):
                match = source.include.search(line)
                if match is None:
                    continue
                while taken < len(settings) and settings[taken].line < number:
                    yield from _cut(source, settings[taken], path)
                    taken += 1
                for inner in self._included(source, path.parent / match[1].strip("\"'")):
                    yield from self._read(source, inner, seen)
        for setting in settings[taken:]:
            yield from _cut(source, setting, path)

    def _included(self, source: Source, path: Path) -> Iterator[Path]:
        pattern = str(path / "*") if self.system.names(path) is not None else str(path)
        for file in self.glob(pattern):
            if source.only is None or source.only.fullmatch(file.name):
                yield file

    def lines(self, path: Path) -> list[str] | None:
        """The lines of a file without their ends; None when there is none or it is unreadable."""
        if path not in self._texts:
            self._texts[path] = self._lines(path)
        return self._texts[path]

    def _lines(self, path: Path) -> list[str] | None:
        try:
            file = self.system.read(path)
        except ApplyError as error:
            if self.system.names(path) is None:  # a folder that a pattern matches is no file
                self.unreadable[path] = error
            return None
        if file is None:
            return None
        text = file.data.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
        return [line.removesuffix("\r") for line in text.split("\n")]

    def glob(self, pattern: str) -> Iterator[Path]:
        """What is there of a path with `*` and `?`, by name; dot files only where asked for."""
        yield from self._glob(Path("/"), Path(pattern).parts[1:])

    def _glob(self, folder: Path, parts: tuple[str, ...]) -> Iterator[Path]:
        if not parts:
            yield folder
            return
        part, rest = parts[0], parts[1:]
        if not _MAGIC.search(part):
            path = folder / part
            if rest or self._there(path):
                yield from self._glob(path, rest)
            return
        try:
            names = self.system.names(folder) or []
        except ApplyError as error:
            self.unreadable[folder] = error
            return
        for name in names:
            if fnmatchcase(name, part) and (part[0] == "." or not name.startswith(".")):
                path = folder / name
                if self._there(path):
                    yield from self._glob(path, rest)

    def _there(self, path: Path) -> bool:
        try:
            return self.system.status(path) is not None
        except ApplyError as error:
            self.unreadable[path] = error
            return False

    def complaints(self, tool: str) -> list[ToolFinding]:
        """What could not be read."""
        return [
            ToolFinding(Severity.WARNING, Fault.UNREADABLE, tool, problem)
            for error in self.unreadable.values()
            for problem in error.problems
        ]


def _cut(source: Source, setting: Setting, path: Path) -> Iterator[Placed]:
    """The setting if the source asks for it, its value cut to what is wanted."""
    if not wanted(source, setting):
        return
    if source.pattern is None:
        yield Placed(setting, path)
        return
    for match in source.pattern.finditer(setting.value):
        value = match[1] if source.pattern.groups else match[0]
        yield Placed(Setting(setting.key, value or "", setting.line, setting.section), path)


def wanted(source: Source, setting: Setting) -> bool:
    """Whether the source asks for a setting of that key in that section."""
    key, section = setting.key.casefold(), setting.section.casefold()
    if not any(fnmatchcase(key, pattern.casefold()) for pattern in source.keys):
        return False
    pattern = source.section.casefold()
    return fnmatchcase(section, pattern.removeprefix("!")) is not pattern.startswith("!")


def split(value: str) -> list[str]:
    """The addresses of a value: separated by spaces, commas or semicolons; `Name <a@b>` is a@b."""
    if angle := re.findall(r"<([^<>\s]+@[^<>\s]+)>", value):
        return angle
    if re.search(r"[$`|]", value):
        return [value.strip()]  # a shell computes it, or it is a command
    return [part for part in _SPLIT.split(value) if part]
