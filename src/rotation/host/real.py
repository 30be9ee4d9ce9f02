"""The real host."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rotation.host import accounts, files, folders, locks, programs, records, stages, status
from rotation.system.login import Login
from rotation.system.values import Account, Finished, Found, Trust

if TYPE_CHECKING:
    from rotation.system.link import Answer, Link


class Host:
    """The real host.

    `state` is a folder of ours for locks, notes and changes under way. `logins` is a netrc file,
    which need not be there.
    """

    def __init__(self, state: Path, logins: Path | None = None) -> None:
        self._state, self._logins = state, logins

    def read(
        self, path: Path, *, trust: Trust = Trust.ANYBODY, follow: bool = True
    ) -> Found | None:
        return files.read(path, trust=trust, follow=follow)

    def fetch(self, link: Link, etag: str | None, modified: str | None) -> Answer:
        from rotation.host import web  # heavy, and most rosters need no network

        return web.fetch(link, etag, modified, logins=self._logins)

    def names(self, folder: Path) -> list[str] | None:
        return status.names(folder)

    def status(self, path: Path, *, follow: bool = True) -> os.stat_result | None:
        return status.status(path, follow=follow)

    def real(self, path: Path) -> Path:
        return status.real(path)

    def account(self, name: str | int) -> Account | None:
        return accounts.find(name)

    def host_name(self) -> str:
        return programs.host_name()

    def zone(self) -> str | None:
        return status.zone()

    def program(self, *names: str) -> Path | None:
        return programs.find(names)

    def ask(self, argv: Sequence[str | Path], *, data: bytes = b"") -> Finished:
        return programs.run(argv, data)

    def run(self, argv: Sequence[str | Path], *, data: bytes = b"") -> Finished:
        return programs.run(argv, data)

    def attend(self, argv: Sequence[str | Path]) -> int:
        return programs.attend(argv)

    def replace(
        self, path: Path, data: bytes, found: Found | None, *, mode: int | None = None
    ) -> None:
        files.replace(path, data, found, mode=mode)

    def remove(self, path: Path) -> None:
        files.remove(path)

    def replace_as_owner(
        self, path: Path, data: bytes, found: Found | None, *, like: Path | None = None
    ) -> None:
        with files.as_owner(like or path.parent):
            # a file there that is not the owner's becomes theirs: mail servers want it so
            files.replace(path, data, found, keep_owner=os.geteuid() == 0)

    def remove_as_owner(self, path: Path, *, like: Path) -> None:
        folders.remove(path, like)

    def make_folder_as_owner(self, path: Path, *, like: Path | None = None) -> None:
        folders.make(path, like)

    def make_folder(self, path: Path) -> None:
        files.make_folder(path)

    @contextmanager
    def lock(self, *folders: Path) -> Iterator[None]:
        with locks.hold_folders(folders):
            for folder in folders:
                stages.sweep(folder)
            yield

    def stage(self, folder: Path) -> AbstractContextManager[Path | None]:
        return stages.stage(folder)

    def write_staged(self, path: Path, data: bytes, like: Found) -> None:
        stages.write_staged(path, data, like)

    def publish(self, staged: Path, path: Path) -> None:
        stages.publish(staged, path)

    def freshen(self, path: Path, was: Path) -> None:
        stages.freshen(path, was)

    def keep(self, path: Path, stage: Path, *, copy: bool) -> Path | None:
        return stages.keep(path, stage, copy=copy)

    def backup(self, path: Path, copy: Path) -> None:
        stages.backup(path, copy)

    def put_back(self, kept: Path | None, path: Path) -> None:
        stages.put_back(kept, path)

    def remember(self, path: Path, data: bytes) -> None:
        locks.remember(self._state, path, data)

    def remembered(self, path: Path) -> bytes | None:
        return locks.remembered(self._state, path)

    def forget(self, path: Path) -> None:
        locks.forget(self._state, path)

    def writable(self, path: Path) -> bool:
        return os.access(path, os.W_OK)

    def pause(self, seconds: float) -> None:
        time.sleep(seconds)

    def imap_find(self, login: Login, text: str) -> bool:
        from rotation.host import imap  # heavy, and hardly ever needed

        return imap.find(login, text)

    def alone(self, name: str) -> AbstractContextManager[None]:
        return locks.hold(self._state, name)

    def recorded(self, name: str) -> bytes | None:
        return records.read(self._state, name)

    def record(self, name: str, data: bytes | None) -> None:
        records.write(self._state, name, data)

    def log(self, line: str) -> None:
        programs.log(line)
