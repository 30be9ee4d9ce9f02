"""A host that is a folder, and `rotation checker` on it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rotation.checkers.inside import read_back
from rotation.host.real import Host
from rotation.system import File, Trust

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)

Run = Callable[..., Any]


class Rooted(Host):
    """A host whose files are those below a folder."""

    def __init__(self, root: Path) -> None:
        super().__init__(root / "state")
        self.root = root

    def _below(self, path: Path) -> Path:
        inside = path.is_relative_to(self.root) or not path.is_absolute()
        return path if inside else self.root / path.relative_to("/")

    def read(self, path: Path, *, trust: Trust = Trust.ANYBODY, follow: bool = True) -> File | None:
        return super().read(self._below(path), trust=trust, follow=follow)

    def names(self, folder: Path) -> list[str] | None:
        return super().names(self._below(folder))

    def program(self, *names: str) -> Path | None:
        if names in (("lynis",), ("systemctl",)):
            path = self.root / "usr/bin" / names[0]
            return path if path.exists() else None
        return super().program(*names)


def write(path: Path, text: str, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)


def setting(script: Path, name: str) -> str:
    """A setting or a variable of a checker's script."""
    inside = read_back(script.read_text())
    return {**inside.settings, **inside.variables}[name]
