"""What a mail server has to be able to do for an aliases file to be changed safely."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from rotation.dataclasses import dataclass
from rotation.errors import ApplyError, Problem, Where
from rotation.mail.aliases import Dialect
from rotation.mail.listing import Listing
from rotation.system import Finished, Look, Scratch, System

Argv = Sequence[str | Path]
"""A program and its arguments."""
ALIASES = (Path("/etc/aliases"), Path("/etc/mail/aliases"))
"""Where an aliases file is unless the server is told otherwise."""
MAILBOXES = (Path("/var/mail"), Path("/var/spool/mail"))
"""The folders of local users' mailboxes."""

_WARNING = re.compile(r"\b(warning|error|fatal|panic|duplicate|invalid)\b", re.IGNORECASE)


class Index(NamedTuple):
    """A file of an index where it was built, its place, and the command that makes it there."""

    staged: Path
    place: Path
    by_hand: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Built:
    """An index that was built beside the real one.

    `index` has its files, none where none was made; `entries` is all that it answers, or None where
    the server cannot list it. `said` is what the server complained of, with the
    name of the real text; `failed`: it would not serve this text.
    """

    index: tuple[Index, ...] = ()
    entries: Listing | None = None
    said: tuple[str, ...] = ()
    failed: bool = False


@dataclass(frozen=True, slots=True)
class ServerKind:
    """What a mail server is, wherever it runs: said once, beside what works with it.

    `sendmail` has what stands in the real path of /usr/sbin/sendmail when it is this server's,
    `programs` those that only this server has. `configs` are the files of the default instance
    that say where mail goes, `named` those of an instance that a target's `config` names. `runs`
    says whether a daemon of it runs (None: it cannot be told) and may raise ApplyError; None for
    one that has no daemon. `start` is what a person runs to start it. `open` makes the `Server`
    of an aliases file; None for one that has no such file that can be rebuilt. `virtual` does so
    for a virtual map; of a server that has none, it raises ApplyError with what to do instead.
    """

    name: str
    sendmail: tuple[str, ...]
    programs: tuple[str, ...]
    configs: tuple[Path, ...]
    named: Callable[[Path], tuple[Path, ...]] = lambda config: (config,)
    runs: Callable[[Look, Path | None], bool | None] | None = None
    start: str = ""
    open: Callable[[System, Path, Path | None], Server] | None = None
    virtual: Callable[[System, Path, Path | None], Server] | None = None
    there: Callable[[Look], bool] = lambda system: False
    """Whether it is there although none of its `programs` is."""


class Server(Protocol):
    """One mail server and the one aliases file of it that is to be changed.

    All methods raise ApplyError with what the server said.
    """

    name: str
    dialect: Dialect
    path: Path
    """The aliases file; symbolic links in it have been followed."""
    folder: Path
    """Where the index lies, and so where a new one has to be built to be moved into place."""
    index: tuple[Path, ...]
    """The files of the index as far as they are known; none where the server reads the text."""
    remembers: bool
    """Whether it holds the text in memory, where nobody can look, until it is told of another."""

    def build(self, scratch: Scratch, staged: Path) -> Built:
        """Build an index of the text at `staged`, which is in `scratch`."""

    def patch(self, scratch: Scratch, staged: Path, entries: Mapping[str, str]) -> Built:
        """Build the index that it has with other `entries` for some names, beside `staged`, a text
        of which it makes none at all. Nothing where that cannot be."""

    def listed(self) -> Listing | None:
        """All that the index that it has answers; None where none can be listed."""

    def answers(self, names: Collection[str]) -> Mapping[str, tuple[str, ...] | None]:
        """Whom the server mails for each of the names at this moment; None for one that it does
        not know."""

    def key(self, name: str) -> str:
        """What the file calls the alias or address `name`. Raises ApplyError where it can hold
        none of it."""

    def announce(self) -> None:
        """Tell the running server that the index is new, where it has to be told."""


def complaints(
    finished: Finished,
    argv: Argv,
    staged: Path | None,
    path: Path,
    *,
    output: bool = True,
    odd: re.Pattern[str] = _WARNING,
) -> tuple[str, ...]:
    """What a program complained of, line by line; nothing where its status is 0 and it warned of
    nothing.

    The exit status alone says little: Postfix's newaliases drops bad lines with status 0. `odd`
    is what else counts as a warning; without `output`, stdout is data and not looked at. The
    staged file's name is put right.
    """
    said = finished.err + "\n" + (finished.out if output else "")
    if staged is not None:
        said = said.replace(str(staged), str(path))
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    loud = tuple(line for line in lines if _WARNING.search(line) or odd.search(line))
    if finished.status == 0 or loud:
        return loud
    words = " ".join(str(word) for word in argv)
    words = words if staged is None else words.replace(str(staged), str(path))
    return tuple(f"{words}: {line}" for line in lines) or (
        f"{words}: exit status {finished.status}",
    )


def refused(said: Sequence[str], path: Path) -> ApplyError:
    """The error for a text that a server complained of."""
    what = "; ".join(dict.fromkeys(said[:3]))
    return ApplyError(Problem(what, Where(str(path)), "mend that line of the file, then run again"))


def split_members(value: str) -> tuple[str, ...]:
    """The comma-separated members of a right-hand side as a server prints it.

    What other white space stands in one is part of it: to servers it is.
    """
    return tuple(member for part in value.split(",") if (member := part.strip(" \t\r\n")))


def known_members(value: str | None) -> tuple[str, ...] | None:
    """The same; None for a name that the server does not know."""
    return None if value is None else split_members(value)


def need(system: Look, *names: str) -> Path:
    """A program that must be there, by absolute path."""
    program = system.program(*names)
    if program is None:
        raise ApplyError(
            Problem(
                f"no {names[0]} on this host",
                hint="install the mail server, or name the command in the target: rebuild = [...]",
            )
        )
    return program


def told(system: Look, program: str, *arguments: str) -> Finished | None:
    """What a program answers; None when it is not there or does not run."""
    path = system.program(program)
    if path is None:
        return None
    try:
        return system.ask([path, *arguments])
    except ApplyError:
        return None


def alive(system: Look, pidfile: Path, *programs: str) -> bool:
    """Whether the process that a file names runs, and its name begins with one of these: a file
    can outlive its process, and the number come to be another's. Raises ApplyError.

    Source: proc_pid_comm(5)."""
    file = system.read(pidfile)
    words = file.data.split() if file else []
    number = words[0].decode("ascii", "replace") if words else ""
    if not number.isdecimal():
        return False
    name = system.read(Path("/proc", number, "comm"))
    return name is not None and name.data.decode("utf-8", "replace").startswith(programs)
