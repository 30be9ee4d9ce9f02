"""What may be asked of a host. Nothing here changes it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from rotation.system.values import Account, Extract, File, Finished, Lengthy, Trust


class Files(Protocol):
    """Files and folders, to be looked at.

    Every method raises ApplyError, with the path and what to do, where the host refuses.
    """

    def read(self, path: Path, *, trust: Trust = Trust.ANYBODY, follow: bool = True) -> File | None:
        """A regular file; None when there is none.

        What others could change, or lead elsewhere, is refused as far as `trust` says. Without
        `follow`, a symbolic link is refused. Folders, sockets, devices
        and files past the size limit always are.
        """

    def extract(self, path: Path, start: int, most: int) -> Extract | None:
        """At most so many bytes of a regular file from `start` on, however large it is; None when
        there is none. Links are followed."""

    def vet(self, path: Path) -> None:
        """Refuse a program or a folder that is not for us to trust alone; see `Trust.ALONE`."""

    def names(self, folder: Path) -> list[str] | None:
        """The names in a folder, sorted; None when it is not a folder."""

    def status(self, path: Path, *, follow: bool = True) -> os.stat_result | None:
        """Owner, mode, kind and size of whatever stands at `path`; None when nothing does.

        With `follow`, of what a symbolic link leads to. Opens nothing.
        """

    def real(self, path: Path) -> Path:
        """The path with symbolic links followed; what does not exist stays as written."""

    def writable(self, path: Path) -> bool:
        """Whether we may write a file or in a folder, as far as its rights and mount say."""


class Scratch(Protocol):
    """A private folder, gone when it is left: what is built in it touches nothing else."""

    @property
    def folder(self) -> Path:
        """Where it is. Others can pass through it and not list it."""

    def write(self, path: Path, data: bytes, like: File) -> None:
        """Write a new file below `folder`, readable for those who can read `like`."""


class Look(Files, Protocol):
    """The host, to be looked at. Every method raises ApplyError where the host refuses."""

    def read_as_owner(self, path: Path) -> File | None:
        """A regular file in a home, no link, read with no more rights than its owner has."""

    def account(self, name: str | int) -> Account | None:
        """The local account of that name or number."""

    def host_name(self) -> str:
        """The host's own name, with its domain if it knows that."""

    def zone(self) -> str | None:
        """The IANA name of the host's time zone, None when it does not tell."""

    def program(self, *names: str) -> Path | None:
        """The first of these programs that the host has, by absolute path, whatever PATH says."""

    def ask(
        self,
        argv: Sequence[str | Path],
        *,
        data: bytes = b"",
        reads: Sequence[Path] | None = None,
        limit: float | None = None,
    ) -> Finished:
        """Run a program that changes nothing but what is in a `Scratch`. It has `limit` seconds.

        `reads` are the files and folders that its answer is made of, if that is all; None where a
        daemon or the network has a part in it, or nobody knows.
        """

    def ask_lengthy(
        self,
        argv: Sequence[str | Path],
        *,
        data: bytes = b"",
        reads: Sequence[Path] | None = None,
    ) -> Lengthy:
        """The same for a program that prints a lot."""

    def password(self, reference: str) -> AbstractContextManager[Path]:
        """A private file with nothing in it but a password, for a program that takes it so.

        `reference` is the path of a file that nobody else can read, or the name of a credential of
        systemd's.
        """

    def attend(self, argv: Sequence[str | Path]) -> int:
        """Run a program that changes nothing and has our terminal; its exit status."""

    def scratch(self) -> AbstractContextManager[Scratch]:
        """A private folder to build things in, away from everything that a server reads."""
