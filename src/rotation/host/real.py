"""The real host."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rotation import host
from rotation.host import files, status
from rotation.system.values import Account, Extract, File, Finished, Lengthy, Trust

if TYPE_CHECKING:
    from rotation.model.target import Database
    from rotation.system.act import Stage
    from rotation.system.database import Session
    from rotation.system.look import Scratch


class Host:
    """The real host.

    `state` is a folder of ours for locks, notes and changes under way. `credentials` is the folder
    of systemd's credentials (systemd.exec(5)), `passwords` a file like ~/.pgpass.
    """

    def __init__(
        self, state: Path, credentials: Path | None = None, passwords: Path | None = None
    ) -> None:
        self._state, self._credentials, self._passwords = state, credentials, passwords

    def read(self, path: Path, *, trust: Trust = Trust.ANYBODY, follow: bool = True) -> File | None:
        return files.read(path, trust=trust, follow=follow)

    def extract(self, path: Path, start: int, most: int) -> Extract | None:
        return files.extract(path, start, most)

    def vet(self, path: Path) -> None:
        files.vet(path, Trust.ALONE)

    def read_as_owner(self, path: Path) -> File | None:
        with host.owners.as_owner(path.parent):
            return files.read(path, trust=Trust.SOMEBODY, follow=False)

    def names(self, folder: Path) -> list[str] | None:
        return status.names(folder)

    def status(self, path: Path, *, follow: bool = True) -> os.stat_result | None:
        return status.status(path, follow=follow)

    def real(self, path: Path) -> Path:
        return status.real(path)

    def account(self, name: str | int) -> Account | None:
        return host.accounts.find(name)

    def host_name(self) -> str:
        return host.programs.host_name()

    def zone(self) -> str | None:
        return status.zone()

    def program(self, *names: str) -> Path | None:
        return host.programs.find(names)

    def ask(
        self,
        argv: Sequence[str | Path],
        *,
        data: bytes = b"",
        reads: Sequence[Path] | None = None,
        limit: float | None = None,
    ) -> Finished:
        return host.programs.run(argv, data, limit)

    def ask_lengthy(
        self,
        argv: Sequence[str | Path],
        *,
        data: bytes = b"",
        reads: Sequence[Path] | None = None,
    ) -> Lengthy:
        return host.programs.run_lengthy(argv, data)

    def run(
        self, argv: Sequence[str | Path], *, data: bytes = b"", limit: float | None = None
    ) -> Finished:
        return host.programs.run(argv, data, limit)

    def believe(self, check: Callable[[], None]) -> None:
        check()

    @contextmanager
    def password(self, reference: str) -> Iterator[Path]:
        with host.stages.scratch() as folder:
            yield host.passwords.put(
                host.passwords.read(reference, self._credentials), folder.folder
            )

    def database(self, database: Database) -> AbstractContextManager[Session]:
        from rotation.host import databases  # heavy, and few need it

        secret = database.password
        password = None if secret is None else host.passwords.read(secret, self._credentials)
        return databases.session(database, password, self._passwords)

    def attend(self, argv: Sequence[str | Path]) -> int:
        return host.programs.attend(argv)

    def scratch(self) -> AbstractContextManager[Scratch]:
        return host.stages.scratch()

    def replace(
        self,
        path: Path,
        data: bytes,
        before: File | None,
        *,
        mode: int | None = None,
        shared: bool = False,
    ) -> None:
        files.replace(path, data, before, mode=mode, shared=shared)

    def remove(self, path: Path) -> None:
        host.public.discard(path)

    def replace_as_owner(
        self, path: Path, data: bytes, before: File | None, *, like: Path | None = None
    ) -> None:
        with host.owners.as_owner(like or path.parent):
            # a file there that is not the owner's becomes theirs: mail servers want it so
            files.replace(path, data, before, keep_owner=os.geteuid() == 0)

    def remove_as_owner(self, path: Path, *, like: Path) -> None:
        host.public.remove(path, like)

    def make_folder_as_owner(self, path: Path, *, like: Path | None = None) -> None:
        host.public.make(path, like)

    def make_folder(self, path: Path) -> None:
        files.make_folder(path)

    @contextmanager
    def lock(self, *folders: Path) -> Iterator[None]:
        with host.locks.hold_folders(folders):
            for folder in folders:
                host.stages.sweep(folder)
            yield

    def stage(self, folder: Path) -> AbstractContextManager[Stage]:
        return host.stages.stage(folder)

    def backup(self, path: Path, copy: Path) -> None:
        host.stages.backup(path, copy)

    def remember(self, path: Path, data: bytes) -> None:
        host.locks.remember(self._state, path, data)

    def remembered(self, path: Path) -> bytes | None:
        return host.locks.remembered(self._state, path)

    def forget(self, path: Path) -> None:
        host.locks.forget(self._state, path)

    def writable(self, path: Path) -> bool:
        return os.access(path, os.W_OK)

    def alone(self, name: str) -> AbstractContextManager[None]:
        return host.locks.hold(self._state, name)

    def recorded(self, name: str) -> bytes | None:
        return host.state_folder.read(self._state, name)

    def record(self, name: str, data: bytes | None) -> None:
        host.state_folder.write(self._state, name, data)

    def log(self, line: str) -> None:
        host.programs.log(line)
