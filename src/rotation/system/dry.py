"""A host that can be looked at and not changed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from rotation.dataclasses import dataclass, field
from rotation.model.target import Database
from rotation.system.act import Stage
from rotation.system.database import Parameters, Row, Session
from rotation.system.look import Scratch
from rotation.system.mounts import refuse_mount
from rotation.system.seam import System
from rotation.system.values import Account, Extract, File, Finished, Lengthy, Trust

_NOTE = "foreseen"
"""A note that nobody writes."""


@dataclass(frozen=True, slots=True)
class Diff:
    """A file that a dry run would have replaced, or made."""

    path: Path
    before: bytes
    after: bytes
    mode: int | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """A program that a dry run would have run, and what it would have read; whether the same was
    `tried` elsewhere. What it would say else, nobody knows."""

    argv: tuple[str, ...]
    data: bytes = b""
    tried: bool = False


@dataclass(frozen=True, slots=True)
class Removal:
    """A file or folder that a dry run would have removed."""

    path: Path


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that a dry run would have made."""

    path: Path


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy that a dry run would have kept."""

    path: Path
    copy: Path


@dataclass(frozen=True, slots=True)
class Statement:
    """What a dry run would have changed in a database, and with which values."""

    database: str
    text: str
    parameters: tuple[tuple[str, str | None], ...]


Action = Diff | Command | Removal | Folder | Backup | Statement


@dataclass
class DryRun:
    """A host that can be looked at and not changed; `actions` tells what would have been done.

    Notes for the next run and lines for the system log are left out of it.
    """

    host: System
    actions: list[Action] = field(default_factory=list)

    def _note(self, action: Action) -> None:
        self.actions.append(action)

    def read(self, path: Path, *, trust: Trust = Trust.ANYBODY, follow: bool = True) -> File | None:
        return self.host.read(path, trust=trust, follow=follow)

    def extract(self, path: Path, start: int, most: int) -> Extract | None:
        return self.host.extract(path, start, most)

    def vet(self, path: Path) -> None:
        self.host.vet(path)

    def read_as_owner(self, path: Path) -> File | None:
        return self.host.read_as_owner(path)

    def names(self, folder: Path) -> list[str] | None:
        return self.host.names(folder)

    def status(self, path: Path, *, follow: bool = True) -> os.stat_result | None:
        return self.host.status(path, follow=follow)

    def real(self, path: Path) -> Path:
        return self.host.real(path)

    def writable(self, path: Path) -> bool:
        return self.host.writable(path)

    def account(self, name: str | int) -> Account | None:
        return self.host.account(name)

    def host_name(self) -> str:
        return self.host.host_name()

    def zone(self) -> str | None:
        return self.host.zone()

    def program(self, *names: str) -> Path | None:
        return self.host.program(*names)

    def ask(
        self,
        argv: Sequence[str | Path],
        *,
        data: bytes = b"",
        reads: Sequence[Path] | None = None,
        limit: float | None = None,
    ) -> Finished:
        return self.host.ask(argv, data=data, reads=reads, limit=limit)

    def password(self, reference: str) -> AbstractContextManager[Path]:
        return self.host.password(reference)

    @contextmanager
    def database(self, database: Database) -> Iterator[Session]:
        with self.host.database(database) as session:
            yield _Undone(session, str(database), self.actions)

    def ask_lengthy(
        self,
        argv: Sequence[str | Path],
        *,
        data: bytes = b"",
        reads: Sequence[Path] | None = None,
    ) -> Lengthy:
        return self.host.ask_lengthy(argv, data=data, reads=reads)

    def attend(self, argv: Sequence[str | Path]) -> int:
        return self.host.attend(argv)

    def scratch(self) -> AbstractContextManager[Scratch]:
        return self.host.scratch()

    def believe(self, check: Callable[[], None]) -> None:
        pass

    def run(
        self, argv: Sequence[str | Path], *, data: bytes = b"", limit: float | None = None
    ) -> Finished:
        self._note(Command(tuple(str(word) for word in argv), data))
        return Finished(0, "", "")

    def replace(
        self,
        path: Path,
        data: bytes,
        before: File | None,
        *,
        mode: int | None = None,
        shared: bool = False,
    ) -> None:
        refuse_mount(self.host, path)
        self._note(Diff(path, before.data if before else b"", data, mode))

    def remove(self, path: Path) -> None:
        self._note(Removal(path))

    def make_folder(self, path: Path) -> None:
        if self.host.status(path) is None:
            self._note(Folder(path))

    def replace_as_owner(
        self, path: Path, data: bytes, before: File | None, *, like: Path | None = None
    ) -> None:
        self.replace(path, data, before)

    def remove_as_owner(self, path: Path, *, like: Path) -> None:
        if self.host.status(path, follow=False) is not None:
            self._note(Removal(path))

    def make_folder_as_owner(self, path: Path, *, like: Path | None = None) -> None:
        self.make_folder(path)

    def backup(self, path: Path, copy: Path) -> None:
        self._note(Backup(path, copy))

    @contextmanager
    def lock(self, *folders: Path) -> Iterator[None]:
        yield

    @contextmanager
    def stage(self, folder: Path) -> Iterator[Stage]:
        with self.host.scratch() as scratch:
            yield _Rehearsal(scratch, self.host, self.actions)

    def log(self, line: str) -> None:
        pass

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        yield

    def recorded(self, name: str) -> bytes | None:
        return self.host.recorded(name)

    def record(self, name: str, data: bytes | None) -> None:
        pass

    def remember(self, path: Path, data: bytes) -> None:
        self.host.recorded(_NOTE)  # raises where nothing could be noted

    def remembered(self, path: Path) -> bytes | None:
        return self.host.remembered(path)

    def forget(self, path: Path) -> None:
        pass


@dataclass(frozen=True)
class _Undone:
    """A transaction that is tried for what the database says, and never committed."""

    session: Session
    database: str
    actions: list[Action]

    def ask(self, query: str, parameters: Parameters) -> list[Row]:
        return self.session.ask(query, parameters)

    def change(self, statement: str, parameters: Parameters) -> int:
        self.actions.append(Statement(self.database, statement, tuple(parameters.items())))
        return self.session.change(statement, parameters)

    def commit(self) -> None:
        pass


@dataclass(frozen=True)
class _Rehearsal:
    """A stage away from what it would change: what is built is real, and nothing is moved."""

    scratch: Scratch
    host: System
    actions: list[Action]

    @property
    def folder(self) -> Path:
        return self.scratch.folder

    def write(self, path: Path, data: bytes, like: File) -> None:
        self.scratch.write(path, data, like)

    def keep(self, path: Path, *, copy: bool = False) -> None:
        pass

    def publish(self, staged: Path, path: Path, by_hand: Sequence[str], text: Path) -> None:
        refuse_mount(self.host, path)
        # one command makes all the files of an index
        command = Command(tuple(by_hand), tried=True)
        if command not in self.actions[-1:]:
            self.actions.append(command)

    def freshen(self, path: Path, text: Path) -> None:
        pass

    def believe(self, check: Callable[[], None]) -> None:
        pass

    def put_back(self, path: Path) -> None:
        pass
