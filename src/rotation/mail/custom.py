"""A command of the roster's instead of a server's own way to rebuild its index."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from rotation.errors import ApplyError
from rotation.mail.aliases import Dialect
from rotation.mail.server import Built
from rotation.system import Files, Look, Scratch

_RUNNER = re.compile(r"env|busybox|make|run-parts|[a-z]*sh|(python|perl|ruby|node|lua|php)[\d.]*")


def runs_what_it_is_given(program: str) -> bool:
    """Whether a program, by its name, runs the files that it is given, whatever their modes."""
    return _RUNNER.fullmatch(Path(program).name) is not None


def vet(system: Look, rebuild: Sequence[str] | None) -> None:
    """Refuse a command that others could change: it would run with our rights.

    The program counts, and every file that it is given, as in /bin/sh /etc/mail/rebuild: a shell
    asks for no x bit. So does a folder with all that lies in it, if it is given to what runs that,
    as in /bin/run-parts /etc/duty.d. Raises ApplyError.
    """
    for path in deciding(system, rebuild or ()):
        system.vet(path)


def deciding(system: Files, argv: Sequence[str]) -> Iterator[Path]:
    """The program of a command, and the files and folders that it is given: whoever can change one
    of them decides what the command does. Commands run in `/`."""
    runner = False
    for number, word in enumerate(argv):
        runner = runner or runs_what_it_is_given(word)
        for text in (word, *filter(None, [word.partition("=")[2]])):  # --file=/etc/mail/rebuild
            path, kind = Path("/", text), _kind(system, text)
            if number == 0 or kind == stat.S_IFREG:
                yield path
            elif runner and kind == stat.S_IFDIR and os.sep in text and path != Path("/"):
                yield path
                for name in system.names(path) or ():
                    yield path / name


def _kind(system: Files, text: str) -> int | None:
    """What stands at a path; what cannot even be one, as a line of a script, is nothing."""
    try:
        status = system.status(Path("/", text))
    except (ApplyError, ValueError):
        return None
    return None if status is None else stat.S_IFMT(status.st_mode)


class AnyServer:
    """A server of which nothing is known but the command that rebuilds its index, if any."""

    name = "the mail server"
    remembers = False

    def __init__(self, system: Look, path: Path, *, virtual: bool = False) -> None:
        self.dialect = Dialect.POSTMAP if virtual else Dialect.PLAIN
        self.path = system.real(path)
        self.folder = self.path.parent
        self.index: tuple[Path, ...] = ()

    def build(self, scratch: Scratch, staged: Path) -> Built:
        return Built()

    def patch(self, scratch: Scratch, staged: Path, entries: Mapping[str, str]) -> Built:
        return Built()

    def listed(self) -> None:
        """Nothing is known of its index."""

    def answers(self, names: Collection[str]) -> Mapping[str, tuple[str, ...] | None]:
        return dict.fromkeys(names)

    def key(self, name: str) -> str:
        return name

    def announce(self) -> None:
        """There is nobody to tell."""
