"""The tests' view of a tree: a `System` whose root is a folder of this host.

Paths go in and come out as a program inside would see them. Programs run inside too (chroot(8)),
so what changes something is for a tree that is trusted.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from rotation.errors import ApplyError, Problem
from rotation.host import accounts
from rotation.host.programs import FOLDERS
from rotation.model.target import Database
from rotation.system import (
    Account,
    Extract,
    File,
    Finished,
    Lengthy,
    Scratch,
    Session,
    Stage,
    System,
    Trust,
)
from tests.roots import inside


def as_roots(status: os.stat_result | None) -> os.stat_result | None:
    """What belongs to whoever runs the tests belongs to root inside, as it would on a host."""
    if status is None or os.geteuid() == 0 or status.st_uid != os.geteuid():
        return status
    return os.stat_result((*status[:4], 0, 0, *status[6:10]))


@dataclass(frozen=True)
class Rooted:
    """The host as it looks from inside `root`, an absolute path without links."""

    host: System
    root: Path

    def _in(self, path: Path, *, follow: bool = True) -> Path:
        return inside(self.root, path, follow=follow)

    def _out(self, path: Path) -> Path:
        return Path("/") / path.relative_to(self.root)

    def read(self, path: Path, *, trust: Trust = Trust.ANYBODY, follow: bool = True) -> File | None:
        found = self.host.read(self._in(path, follow=follow), trust=trust, follow=follow)
        return found and replace(found, path=path, real=self._out(found.real))

    def extract(self, path: Path, start: int, most: int) -> Extract | None:
        return self.host.extract(self._in(path), start, most)

    def vet(self, path: Path) -> None:
        self.host.vet(self._in(path))

    def read_as_owner(self, path: Path) -> File | None:
        found = self.host.read_as_owner(self._in(path, follow=False))
        return found and replace(found, path=path, real=self._out(found.real))

    def names(self, folder: Path) -> list[str] | None:
        return self.host.names(self._in(folder))

    def status(self, path: Path, *, follow: bool = True) -> os.stat_result | None:
        return as_roots(self.host.status(self._in(path, follow=follow), follow=False))

    def real(self, path: Path) -> Path:
        return self._out(self._in(path))

    def account(self, name: str | int) -> Account | None:
        found = self.read(Path("/etc/passwd"))
        return accounts.parse(found.data, name) if found else None

    def zone(self) -> str | None:
        return self.host.zone()

    def program(self, *names: str) -> Path | None:
        for path in (Path(folder, name) for name in names for folder in FOLDERS):
            status = self.status(path)
            if status is not None and status.st_mode & 0o111:
                return path
        return None

    def ask(
        self,
        argv: Sequence[str | Path],
        *,
        data: bytes = b"",
        reads: Sequence[Path] | None = None,
        limit: float | None = None,
    ) -> Finished:
        return self.host.ask(self._inside(argv), data=data, reads=reads, limit=limit)

    def ask_lengthy(
        self,
        argv: Sequence[str | Path],
        *,
        data: bytes = b"",
        reads: Sequence[Path] | None = None,
    ) -> Lengthy:
        return self.host.ask_lengthy(self._inside(argv), data=data, reads=reads)

    def run(
        self, argv: Sequence[str | Path], *, data: bytes = b"", limit: float | None = None
    ) -> Finished:
        return self.host.run(self._inside(argv), data=data, limit=limit)

    def believe(self, check: Callable[[], None]) -> None:
        self.host.believe(check)

    def password(self, reference: str) -> AbstractContextManager[Path]:
        return self.host.password(reference)

    def database(self, database: Database) -> AbstractContextManager[Session]:
        return self.host.database(database)

    def attend(self, argv: Sequence[str | Path]) -> int:
        return self.host.attend(self._inside(argv))

    def _inside(self, argv: Sequence[str | Path]) -> Sequence[str | Path]:
        chroot = self.host.program("chroot")
        if chroot is None:
            raise ApplyError(Problem("no chroot on this host", hint="install coreutils"))
        return [chroot, self.root, *argv]

    def replace(
        self,
        path: Path,
        data: bytes,
        before: File | None,
        *,
        mode: int | None = None,
        shared: bool = False,
    ) -> None:
        self.host.replace(self._in(path), data, self._mine(before), mode=mode, shared=shared)

    def remove(self, path: Path) -> None:
        self.host.remove(self._in(path, follow=False))

    def replace_as_owner(
        self, path: Path, data: bytes, before: File | None, *, like: Path | None = None
    ) -> None:
        home = like and self._in(like)
        self.host.replace_as_owner(self._in(path), data, self._mine(before), like=home)

    def remove_as_owner(self, path: Path, *, like: Path) -> None:
        self.host.remove_as_owner(self._in(path, follow=False), like=self._in(like))

    def make_folder_as_owner(self, path: Path, *, like: Path | None = None) -> None:
        self.host.make_folder_as_owner(self._in(path), like=like and self._in(like))

    def _mine(self, before: File | None) -> File | None:
        return before and replace(before, path=self._in(before.path), real=self._in(before.real))

    def host_name(self) -> str:
        return self.host.host_name()

    def make_folder(self, path: Path) -> None:
        self.host.make_folder(self._in(path))

    def lock(self, *folders: Path) -> AbstractContextManager[None]:
        return self.host.lock(*map(self._in, folders))

    @contextmanager
    def stage(self, folder: Path) -> Iterator[Stage]:
        with self.host.stage(self._in(folder)) as stage:
            yield RootedStage(self, stage)

    @contextmanager
    def scratch(self) -> Iterator[Scratch]:
        with self.host.stage(self.root) as stage:
            yield RootedStage(self, stage)

    def backup(self, path: Path, copy: Path) -> None:
        self.host.backup(self._in(path), self._in(copy))

    def remember(self, path: Path, data: bytes) -> None:
        self.host.remember(self._in(path), data)

    def remembered(self, path: Path) -> bytes | None:
        return self.host.remembered(self._in(path))

    def forget(self, path: Path) -> None:
        self.host.forget(self._in(path))

    def alone(self, name: str) -> AbstractContextManager[None]:
        return self.host.alone(name)

    def recorded(self, name: str) -> bytes | None:
        return self.host.recorded(name)

    def record(self, name: str, data: bytes | None) -> None:
        self.host.record(name, data)

    def writable(self, path: Path) -> bool:
        return self.host.writable(self._in(path))

    def log(self, line: str) -> None:
        self.host.log(line)


@dataclass(frozen=True)
class RootedStage:
    """A stage whose paths are those of a view."""

    view: Rooted
    stage: Stage

    @property
    def folder(self) -> Path:
        return self.view._out(self.stage.folder)

    def write(self, path: Path, data: bytes, like: File) -> None:
        self.stage.write(self.view._in(path), data, like)

    def keep(self, path: Path, *, copy: bool = False) -> None:
        self.stage.keep(self.view._in(path), copy=copy)

    def publish(self, staged: Path, path: Path, by_hand: Sequence[str], text: Path) -> None:
        view = self.view
        self.stage.publish(view._in(staged), view._in(path), by_hand, view._in(text))

    def freshen(self, path: Path, text: Path) -> None:
        self.stage.freshen(self.view._in(path), self.view._in(text))

    def believe(self, check: Callable[[], None]) -> None:
        self.stage.believe(check)

    def put_back(self, path: Path) -> None:
        self.stage.put_back(self.view._in(path))
