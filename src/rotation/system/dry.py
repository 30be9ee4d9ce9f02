"""A host that can be looked at and not changed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from rotation.system.login import Login
from rotation.system.seam import System
from rotation.system.values import Account, Finished, Found

if TYPE_CHECKING:
    from rotation.system.link import Answer, Link


@dataclass(frozen=True, slots=True)
class Diff:
    """A file that a dry run would have replaced."""

    path: Path
    before: bytes
    after: bytes


@dataclass(frozen=True, slots=True)
class Command:
    """A program that a dry run would have run."""

    argv: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Removal:
    """A file or folder that a dry run would have removed."""

    path: Path


@dataclass
class DryRun:
    """A host that can be looked at and not changed; `actions` tells what would have been done."""

    host: System
    actions: list[Diff | Command | Removal] = field(default_factory=list)

    def read(self, path: Path, *, trusted: bool = False, follow: bool = True) -> Found | None:
        return self.host.read(path, trusted=trusted, follow=follow)

    def fetch(self, link: Link, etag: str | None, modified: str | None) -> Answer:
        return self.host.fetch(link, etag, modified)

    def names(self, folder: Path) -> list[str] | None:
        return self.host.names(folder)

    def status(self, path: Path, *, follow: bool = True) -> os.stat_result | None:
        return self.host.status(path, follow=follow)

    def real(self, path: Path) -> Path:
        return self.host.real(path)

    def account(self, name: str | int) -> Account | None:
        return self.host.account(name)

    def host_name(self) -> str:
        return self.host.host_name()

    def zone(self) -> str | None:
        return self.host.zone()

    def program(self, *names: str) -> Path | None:
        return self.host.program(*names)

    def ask(self, argv: Sequence[str | Path], *, data: bytes = b"") -> Finished:
        return self.host.ask(argv, data=data)

    def run(self, argv: Sequence[str | Path], *, data: bytes = b"") -> Finished:
        self.actions.append(Command(tuple(str(word) for word in argv)))
        return Finished(0, "", "")

    def attend(self, argv: Sequence[str | Path]) -> int:
        return self.host.attend(argv)

    def replace(
        self, path: Path, data: bytes, found: Found | None, *, mode: int | None = None
    ) -> None:
        self.actions.append(Diff(path, found.data if found else b"", data))

    def remove(self, path: Path) -> None:
        self.actions.append(Removal(path))

    def replace_as_owner(
        self, path: Path, data: bytes, found: Found | None, *, like: Path | None = None
    ) -> None:
        self.replace(path, data, found)

    def remove_as_owner(self, path: Path, *, like: Path) -> None:
        pass

    def make_folder_as_owner(self, path: Path, *, like: Path | None = None) -> None:
        pass

    def make_folder(self, path: Path) -> None:
        pass

    @contextmanager
    def lock(self, folder: Path) -> Iterator[None]:
        yield

    @contextmanager
    def stage(self, folder: Path) -> Iterator[None]:
        yield None

    def write_staged(self, path: Path, data: bytes, like: Found) -> None:
        pass

    def publish(self, staged: Path, path: Path) -> None:
        pass

    def freshen(self, path: Path, was: Path) -> None:
        pass

    def keep(self, path: Path, stage: Path, *, copy: bool) -> Path | None:
        return None

    def backup(self, path: Path, copy: Path) -> None:
        pass

    def put_back(self, kept: Path | None, path: Path) -> None:
        pass

    def remember(self, path: Path, data: bytes) -> None:
        pass

    def remembered(self, path: Path) -> bytes | None:
        return self.host.remembered(path)

    def forget(self, path: Path) -> None:
        pass

    def writable(self, path: Path) -> bool:
        return self.host.writable(path)

    def pause(self, seconds: float) -> None:
        self.host.pause(seconds)

    def imap_find(self, login: Login, text: str) -> bool:
        return self.host.imap_find(login, text)

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        yield

    def recorded(self, name: str) -> bytes | None:
        return self.host.recorded(name)

    def record(self, name: str, data: bytes | None) -> None:
        pass

    def log(self, line: str) -> None:
        pass
