"""Everything that touches the host, behind one seam.

A `System` reads, replaces, runs and locks. `Host` does it; `DryRun` is the same host with
everything that would change something taken out and written down instead.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from rotation.host import files, folders, locks, notes, programs, stages
from rotation.host.files import Found
from rotation.host.programs import Finished

if TYPE_CHECKING:
    from rotation.links import Answer, Link

__all__ = ["Command", "Diff", "DryRun", "Finished", "Found", "Host", "System"]


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

    def real(self, path: Path) -> Path:
        """The path with symbolic links followed; what does not exist stays as written."""

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

    def replace(self, path: Path, data: bytes, found: Found | None) -> None:
        """Put `data` in the place of what `read` found, at once and whole, attributes kept.

        None was found: a new file, mode 0644. Refuses when the file has changed since.
        """

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

    def put_back(self, kept: Path | None, path: Path) -> None:
        """Undo a change: what was kept comes back, with all its attributes."""

    def remember(self, path: Path, data: bytes) -> None:
        """Note, before `path` is changed, what it holds: the change is under way."""

    def remembered(self, path: Path) -> bytes | None:
        """What was noted for `path` by a run that never ended; None if all ended well."""

    def forget(self, path: Path) -> None:
        """The change of `path` has ended, one way or the other."""

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

    def real(self, path: Path) -> Path:
        return files.real(path)

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

    def replace(self, path: Path, data: bytes, found: Found | None) -> None:
        files.replace(path, data, found)

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

    def put_back(self, kept: Path | None, path: Path) -> None:
        stages.put_back(kept, path)

    def remember(self, path: Path, data: bytes) -> None:
        locks.remember(self._state, path, data)

    def remembered(self, path: Path) -> bytes | None:
        return locks.remembered(self._state, path)

    def forget(self, path: Path) -> None:
        locks.forget(self._state, path)

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


@dataclass
class DryRun:
    """A host that can be looked at and not changed; `actions` tells what would have been done."""

    host: System
    actions: list[Diff | Command] = field(default_factory=list)

    def read(self, path: Path, *, trusted: bool = False, follow: bool = True) -> Found | None:
        return self.host.read(path, trusted=trusted, follow=follow)

    def fetch(self, link: Link, etag: str | None, modified: str | None) -> Answer:
        return self.host.fetch(link, etag, modified)

    def names(self, folder: Path) -> list[str] | None:
        return self.host.names(folder)

    def real(self, path: Path) -> Path:
        return self.host.real(path)

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

    def replace(self, path: Path, data: bytes, found: Found | None) -> None:
        self.actions.append(Diff(path, found.data if found else b"", data))

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

    def put_back(self, kept: Path | None, path: Path) -> None:
        pass

    def remember(self, path: Path, data: bytes) -> None:
        pass

    def remembered(self, path: Path) -> bytes | None:
        return self.host.remembered(path)

    def forget(self, path: Path) -> None:
        pass

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        yield

    def recorded(self, name: str) -> bytes | None:
        return self.host.recorded(name)

    def record(self, name: str, data: bytes) -> None:
        pass

    def log(self, line: str) -> None:
        pass
