"""What is done to a host."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from rotation.system.look import Scratch
from rotation.system.values import File, Finished


class Stage(Scratch, Protocol):
    """A change of several files that is all or nothing: built in `folder`, which lies beside
    what it changes, so that moving something out of it is one rename.

    `keep` what will change, change it, `believe` a check; on failure `put_back` what was kept.
    Every method raises ApplyError where the host refuses.
    """

    def keep(self, path: Path, *, copy: bool = False) -> None:
        """Keep what stands at `path` for `put_back`; `copy` when it will be written in place."""

    def publish(self, staged: Path, path: Path, by_hand: Sequence[str], text: Path) -> None:
        """Move a staged index to its place, with the rights of the one that it replaces.

        Its time of change, in whole seconds, is made later than the old one's: mail servers
        compare that to see that an index is new. Nor is it earlier than that of `text`, which the
        index was made of, or they warn that it is out of date. `by_hand` is the command that a
        person would run instead; a dry run names it.
        """

    def freshen(self, path: Path, text: Path) -> None:
        """The same times for an index that a program wrote in place: later than what was kept of
        it, and not earlier than `text`."""

    def believe(self, check: Callable[[], None]) -> None:
        """Let `check` look whether the change took effect; a dry run has nothing to look at."""

    def put_back(self, path: Path) -> None:
        """What was kept of `path` comes back, with all its attributes; where nothing was kept,
        nothing was there, and what is there now goes."""


class Act(Protocol):
    """What changes the host. Every method raises ApplyError where the host refuses."""

    def run(
        self, argv: Sequence[str | Path], *, data: bytes = b"", limit: float | None = None
    ) -> Finished:
        """Run a program that changes something. It has `limit` seconds."""

    def believe(self, check: Callable[[], None]) -> None:
        """Let `check` look whether a change took effect; a dry run has nothing to look at."""

    def replace(
        self,
        path: Path,
        data: bytes,
        before: File | None,
        *,
        mode: int | None = None,
        shared: bool = False,
    ) -> None:
        """Put `data` where `before` was read, at once and whole, attributes kept.

        Without one: a new file, mode 0644. `mode` is the file's in either case where it is
        given. Refuses when the file has changed since. With `shared` it is a group's: where
        only root could keep the owner it becomes ours, and a new one has its folder's group.
        """

    def remove(self, path: Path) -> None:
        """Remove a file of ours, or a folder of ours with all that is in it; gone is fine."""

    def make_folder(self, path: Path) -> None:
        """Make a folder, and those above it, unless it is there."""

    def replace_as_owner(
        self, path: Path, data: bytes, before: File | None, *, like: Path | None = None
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

    def backup(self, path: Path, copy: Path) -> None:
        """Copy a file, attributes and all, to a place where nothing is yet."""

    def lock(self, *folders: Path) -> AbstractContextManager[None]:
        """Be the only run that changes files in these folders, whatever they are called and whoever
        runs; waits briefly for another one."""

    def stage(self, folder: Path) -> AbstractContextManager[Stage]:
        """Begin a change of files in `folder` that is all or nothing; hold the folder's lock."""

    def log(self, line: str) -> None:
        """A line for the system log."""
