"""A command of the roster's instead of a server's own way to rebuild its index."""

from __future__ import annotations

import stat
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from rotation.errors import ApplyError
from rotation.mail.aliases import Dialect
from rotation.mail.server import Built
from rotation.system import Look, Scratch


def vet(system: Look, rebuild: Sequence[str] | None) -> None:
    """Refuse a command that others could change: it would run with our rights.

    The program counts, and every file that it is given, as in /bin/sh /etc/mail/rebuild: a shell
    asks for no x bit, and takes a path from `/`, where commands run. Raises ApplyError.
    """
    for number, word in enumerate(rebuild or ()):
        for text in (word, *filter(None, [word.partition("=")[2]])):  # --file=/etc/mail/rebuild
            path = Path("/", text)
            if number == 0 or _file(system, path):
                system.vet(path)


def _file(system: Look, path: Path) -> bool:
    """Whether a file stands there; what cannot even be a path, as a line of a script, is none."""
    try:
        status = system.status(path)
    except (ApplyError, ValueError):
        return False
    return status is not None and stat.S_ISREG(status.st_mode)


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
