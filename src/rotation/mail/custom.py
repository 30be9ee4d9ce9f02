"""A command of the roster's instead of a server's own way to rebuild its index."""

from __future__ import annotations

from pathlib import Path

from rotation.mail.aliases import Dialect
from rotation.mail.server import Built
from rotation.system import Look, Scratch


class Unknown:
    """A server of which nothing is known but the command that rebuilds its index, if any."""

    name = "the mail server"
    dialect = Dialect.PLAIN

    def __init__(self, system: Look, path: Path) -> None:
        self.path = system.real(path)
        self.folder = self.path.parent

    def build(self, scratch: Scratch, staged: Path) -> Built:
        return Built()

    def answer(self, name: str) -> tuple[str, ...] | None:
        return None

    def announce(self) -> None:
        """There is nobody to tell."""
