"""How many names (hard links) a file has."""

from __future__ import annotations

import os
from pathlib import Path

from rotation.system.look import Files

OURS = ".rotation-"
"""What the names of our own temporary files and folders begin with."""


def names(files: Files, path: Path, status: os.stat_result) -> int:
    """How many names the file at `path` has, but for those that a change under way, or a killed
    run, keeps of it in a folder of ours beside it, or beside the link that `path` is."""
    if status.st_nlink == 1:
        return 1
    kept = (
        files.status(folder / name / part, follow=False)
        for folder in {files.real(path).parent, files.real(path.parent)}
        for name in files.names(folder) or ()
        if name.startswith(OURS)
        for part in files.names(folder / name) or ()
    )
    return status.st_nlink - sum(
        held is not None and os.path.samestat(held, status) for held in kept
    )
