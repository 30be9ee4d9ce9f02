"""Folders for others to read, made and tidied with no more rights than their owner has."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

from rotation.host.files import failure
from rotation.host.owners import as_owner


def make(path: Path, like: Path | None = None) -> None:
    """Make a folder, and those above it, unless it is there; all can read it (0755).

    `like` is the folder whose owner's rights are used; the one above unless given.
    """
    for folder in reversed((path, *path.parents)):
        if os.path.lexists(folder):
            continue
        with as_owner(like or folder.parent):
            try:
                folder.mkdir()
                folder.chmod(0o755)
            except OSError as error:
                raise failure(folder, "make the folder", error) from None


def remove(path: Path, like: Path) -> None:
    """Remove a file below `like`, with its owner's rights; and its folder, if that is empty now.

    A file that is not there is removed.
    """
    with as_owner(like):
        try:
            path.unlink(missing_ok=True)
        except NotADirectoryError:
            return
        except OSError as error:
            raise failure(path, "remove it", error) from None
        if path.parent != like:
            with suppress(OSError):
                path.parent.rmdir()


def discard(path: Path) -> None:
    """Remove a file, or a folder with what is in it; links are removed, not followed."""
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise failure(path, "remove it", error) from None
