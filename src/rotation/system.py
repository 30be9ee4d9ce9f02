"""Everything that touches the host, behind one seam.

A `System` reads, replaces, runs and locks. `Host` does it; `DryRun` is the same host with
everything that would change something taken out and written down instead.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from rotation.host import accounts, files, folders, locks, notes, programs, stages
from rotation.host.accounts import Account
from rotation.host.files import Found
from rotation.host.login import Login
from rotation.host.programs import Finished

__all__ = [
    "Account",
    "Command",
    "Diff",
    "DryRun",
    "Finished",
    "Found",
    "Host",
    "Login",
    "Removal",
    "System",
]

if TYPE_CHECKING:
    from rotation.links import Answer, Link


class System(Protocol):
    """The host, as far as `rotation` has to do with it.

    Every method raises ApplyError, with the path and what to do, where the host refuses.
    """

    def read(self, path: Path, *, trusted: bool = False, follow: bool = True) -> Found | None:
        """A regular file; None when there is none.

        With `trusted`, a file or folder that strangers can write is refused: it will decide
        where mail goes. Without `follow`, a symbolic link is refused. Folders, sockets, devices
        and files past the size limit always are.
        """

    def fetch(self, link: Link, etag: str | None, modified: str | None) -> Answer:
        """What is at a web address; see `Answer`. `etag`, `modified`: those of the last answer.

        Ends within a time, a size and a number of redirects. What is raised names the host and
        never a path, a query or a password.
        """

    def names(self, folder: Path) -> list[str] | None:
        """The names in a folder, sorted; None when it is no folder."""

    def status(self, path: Path, *, follow: bool = True) -> os.stat_result | None:
        """Owner, mode, kind and size of whatever stands at `path`; None when nothing does.

        With `follow`, of what a symbolic link leads to. Opens nothing.
        """

    def real(self, path: Path) -> Path:
        """The path with symbolic links followed; what does not exist stays as written."""

    def account(self, name: str | int) -> Account | None:
        """The local account of that name or number."""

    def host_name(self) -> str:
        """The host's own name, with its domain if it knows that."""

    def zone(self) -> str | None:
        """The IANA name of the host's time zone, None when it does not tell."""

    def program(self, *names: str) -> Path | None:
        """The first of these programs that the host has, by absolute path, whatever PATH says."""

    def ask(self, argv: Sequence[str | Path], *, data: bytes = b"") -> Finished:
        """Run a program that only answers a question."""

    def run(self, argv: Sequence[str | Path], *, data: bytes = b"") -> Finished:
        """Run a program that changes something."""

    def attend(self, argv: Sequence[str | Path]) -> int:
        """Run a program that changes nothing and has our terminal; its exit status."""

    def replace(
        self, path: Path, data: bytes, found: Found | None, *, mode: int | None = None
    ) -> None:
        """Put `data` in the place of what `read` found, at once and whole, attributes kept.

        None was found: a new file, mode 0644. `mode` is the file's in either case where it is
        given. Refuses when the file has changed since.
        """

    def remove(self, path: Path) -> None:
        """Remove a file of ours, or a folder of ours with all that is in it; gone is fine."""

    def replace_as_owner(
        self, path: Path, data: bytes, found: Found | None, *, like: Path | None = None
    ) -> None:
        """The same for a file in a home, with no more rights than the home's owner has.

        The home is the file's folder, or `like`, a folder above it.
        """

    def remove_as_owner(self, path: Path, *, like: Path) -> None:
        """Remove a file below the folder `like`, with the rights of its owner; and the file's own
        folder where that is empty then."""

    def make_folder_as_owner(self, path: Path, *, like: Path | None = None) -> None:
        """Make a folder that all can read, and those above it, with no more rights than the owner
        of the one above has, or of `like`."""

    def make_folder(self, path: Path) -> None:
        """Make a folder, and those above it, unless it is there."""

    def lock(self, folder: Path) -> AbstractContextManager[None]:
        """Be the only run that changes files in `folder`; waits briefly for another one."""

    def stage(self, folder: Path) -> AbstractContextManager[Path | None]:
        """A new empty folder of ours inside `folder`, gone afterwards; None in a dry run."""

    def write_staged(self, path: Path, data: bytes, like: Found) -> None:
        """A new file of ours inside a stage, readable for those who can read `like`."""

    def publish(self, staged: Path, path: Path) -> None:
        """Move a staged index to its place, with the rights of the one that it replaces.

        Its time of change, in whole seconds, is made later than the old one's: mail servers
        compare that to see that an index is new.
        """

    def freshen(self, path: Path, was: Path) -> None:
        """Make the time of change of `path`, in whole seconds, later than that of `was`."""

    def keep(self, path: Path, stage: Path, *, copy: bool) -> Path | None:
        """Keep what stands at `path` for `put_back`; `copy` when it will be written in place."""

    def backup(self, path: Path, copy: Path) -> None:
        """Copy a file, attributes and all, to a place where nothing is yet."""

    def put_back(self, kept: Path | None, path: Path) -> None:
        """Undo a change: what was kept comes back, with all its attributes."""

    def remember(self, path: Path, data: bytes) -> None:
        """Note, before `path` is changed, what it holds: the change is under way."""

    def remembered(self, path: Path) -> bytes | None:
        """What was noted for `path` by a run that never ended; None if all ended well."""

    def forget(self, path: Path) -> None:
        """The change of `path` has ended, one way or the other."""

    def note(self, name: str) -> bytes | None:
        """What an earlier run of ours wrote down under a name of ours; None for nothing."""

    def write_note(self, name: str, data: bytes | None) -> None:
        """Write something down for later runs; None removes it."""

    def writable(self, path: Path) -> bool:
        """Whether we may write a file or in a folder, as far as its rights and mount say."""

    def pause(self, seconds: float) -> None:
        """Wait."""

    def imap_find(self, login: Login, text: str) -> bool:
        """Whether an IMAP account has a message with `text` in its subject."""

    def alone(self, name: str) -> AbstractContextManager[None]:
        """Be the only run that works with what is recorded under `name`; waits briefly."""

    def recorded(self, name: str) -> bytes | None:
        """What an earlier run recorded under `name` (a plain file name), None if none did."""

    def record(self, name: str, data: bytes) -> None:
        """Record something under `name` for the next run: at once, whole, for nobody else to read.

        It is for our own use: a dry run records nothing.
        """

    def log(self, line: str) -> None:
        """A line for the system log."""


class Host:
    """The real host.

    `state` is a folder of ours for locks, notes and changes under way. `logins` is a netrc file,
    which need not be there.
    """

    def __init__(self, state: Path, logins: Path | None = None) -> None:
        self._state, self._logins = state, logins

    def read(self, path: Path, *, trusted: bool = False, follow: bool = True) -> Found | None:
        return files.read(path, trusted=trusted, follow=follow)

    def fetch(self, link: Link, etag: str | None, modified: str | None) -> Answer:
        from rotation.host import web  # heavy, and most rosters need no network

        return web.fetch(link, etag, modified, logins=self._logins)

    def names(self, folder: Path) -> list[str] | None:
        return files.names(folder)

    def status(self, path: Path, *, follow: bool = True) -> os.stat_result | None:
        return files.status(path, follow=follow)

    def real(self, path: Path) -> Path:
        return files.real(path)

    def account(self, name: str | int) -> Account | None:
        return accounts.find(name)

    def host_name(self) -> str:
        return programs.host_name()

    def zone(self) -> str | None:
        return files.zone()

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
    def lock(self, folder: Path) -> Iterator[None]:
        with locks.hold(self._state, str(folder)):
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

    def note(self, name: str) -> bytes | None:
        return locks.note(self._state, name)

    def write_note(self, name: str, data: bytes | None) -> None:
        locks.write_note(self._state, name, data)

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
        return notes.read(self._state, name)

    def record(self, name: str, data: bytes) -> None:
        notes.write(self._state, name, data)

    def log(self, line: str) -> None:
        programs.log(line)


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

    def note(self, name: str) -> bytes | None:
        return self.host.note(name)

    def write_note(self, name: str, data: bytes | None) -> None:
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

    def record(self, name: str, data: bytes) -> None:
        pass

    def log(self, line: str) -> None:
        pass
