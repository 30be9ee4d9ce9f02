"""Making changes of names outlive a crash. Source: fsync(2)."""

from __future__ import annotations

import os
from pathlib import Path

from rotation.errors import Problem, Unsynced, Where


def sync(folder: int, path: Path) -> None:
    """Make what was done to the name `path` in an open folder outlive a crash (fsync(2)).

    Raises Unsynced, for what was done stays done.
    """
    try:
        os.fsync(folder)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        what = f"is changed, and the change may not outlive a crash of the host: {reason}"
        raise Unsynced(Problem(what, Where(str(path)), "run again; look at the disk")) from None


def sync_folder(path: Path) -> None:
    """The same, by the path of what was changed."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        sync(folder, path)
    finally:
        os.close(folder)
