"""What one run leaves for the next, in a folder of our own. A dry run leaves nothing."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol


class Records(Protocol):
    """Notes under names of our choice. Every method raises ApplyError where the host refuses."""

    def alone(self, name: str) -> AbstractContextManager[None]:
        """Be the only run that works with what is recorded under `name`; waits briefly."""

    def recorded(self, name: str) -> bytes | None:
        """What an earlier run recorded under `name` (a plain file name), None if none did.

        Raises ApplyError where others can write in our folder.
        """

    def record(self, name: str, data: bytes | None) -> None:
        """Record something under `name` for the next run: at once, whole, for nobody else to read.

        None removes it.
        """


class Journal(Protocol):
    """Changes that are under way, so that the next run knows of one that never ended."""

    def remember(self, path: Path, data: bytes) -> None:
        """Note, before `path` is changed, what it holds: the change is under way."""

    def remembered(self, path: Path) -> bytes | None:
        """What was noted for `path` by a run that never ended; None if all ended well."""

    def forget(self, path: Path) -> None:
        """The change of `path` has ended, one way or the other."""
