"""What the rest of the program may ask of a host, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from rotation.system.login import Login
from rotation.system.values import Account, Finished, Found

if TYPE_CHECKING:
    from rotation.system.link import Answer, Link


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

    def writable(self, path: Path) -> bool:
        """Whether we may write a file or in a folder, as far as its rights and mount say."""

    def pause(self, seconds: float) -> None:
        """Wait."""

    def imap_find(self, login: Login, text: str) -> bool:
        """Whether an IMAP account has a message with `text` in its subject."""

    def alone(self, name: str) -> AbstractContextManager[None]:
        """Be the only run that works with what is recorded under `name`; waits briefly."""

    def recorded(self, name: str) -> bytes | None:
        """What an earlier run recorded under `name` (a plain file name), None if none did.

        Raises ApplyError where others can write in our folder.
        """

    def record(self, name: str, data: bytes | None) -> None:
        """Record something under `name` for the next run: at once, whole, for nobody else to read.

        None removes it. It is for our own use: a dry run records nothing.
        """

    def log(self, line: str) -> None:
        """A line for the system log."""
