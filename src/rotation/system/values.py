"""What a host answers with."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from enum import Enum, auto
from pathlib import Path

from rotation.dataclasses import dataclass

FIRST_PERSON = 1000
"""The first user number that is given to people (adduser.conf(5), login.defs(5) UID_MIN)."""
_NO_LOGIN = ("nologin", "false", "sync", "halt", "shutdown")


@dataclass(frozen=True, slots=True)
class Account:
    """A user of this host."""

    name: str
    uid: int
    gid: int
    home: Path
    shell: str

    @property
    def person(self) -> bool:
        """Whether somebody logs in with it and so may read its mailbox."""
        return self.uid >= FIRST_PERSON and Path(self.shell).name not in _NO_LOGIN


class Trust(Enum):
    """Who else may be able to write what is read, or lead the way to it elsewhere."""

    ANYBODY = auto()
    """Whoever: it is only looked at."""
    SOMEBODY = auto()
    """Not everybody: it will be written, by whoever is allowed to."""
    GROUP = auto()
    """A group, but no strangers: it may move duty among people and nothing else."""
    ALONE = auto()
    """Nobody: it decides for whoever runs this, and root and they alone can write it and every
    folder above it."""


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was read: where it really lies, its bytes and its attributes."""

    path: Path
    real: Path
    data: bytes
    attributes: os.stat_result


@dataclass(frozen=True, slots=True)
class Extract:
    """A part of a file that grows: its bytes, and the attributes of the file it is of."""

    data: bytes
    attributes: os.stat_result


@dataclass(frozen=True, slots=True)
class Finished:
    """A program that has ended: its exit status and what it printed."""

    status: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """The last line of what it complained of, for a message."""
        lines = [line for line in (self.err or self.out).splitlines() if line.strip()]
        return lines[-1].strip() if lines else f"exit status {self.status}"


@dataclass(frozen=True, slots=True)
class Lengthy:
    """A program that has ended and printed too much to hold in memory.

    `finished` is without what it printed; `pieces` begins to read that anew, in order.
    """

    finished: Finished
    pieces: Callable[[], Iterator[bytes]]
