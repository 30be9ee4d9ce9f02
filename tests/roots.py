"""Paths inside another root folder: a chroot, an image, a scratch tree.

Source: path_resolution(7). A link in there means what it means to a program whose root is that
folder, so an absolute one never leads out of it.
"""

from __future__ import annotations

import os
from pathlib import Path

from rotation.errors import ApplyError, Problem, Where

_LINKS = 40
"""As many links in one path as Linux follows."""


def inside(root: Path, path: Path, *, follow: bool = True) -> Path:
    """Where `path`, as seen from inside `root`, lies on this host; no part of it is a link.

    Without `follow` the last part may be one. Raises ApplyError for a loop of links.
    """
    pending = _parts(path)
    here: list[str] = []
    links = 0
    while pending:
        part = pending.pop()
        if part == "..":
            del here[-1:]
            continue
        here.append(part)
        if not pending and not follow:
            break
        try:
            target = Path(os.readlink(root.joinpath(*here)))
        except (OSError, ValueError):
            continue
        links += 1
        if links > _LINKS:
            raise ApplyError(Problem("is a symbolic link in a loop", Where(str(path))))
        here = [] if target.is_absolute() else here[:-1]
        pending.extend(_parts(target))
    return root.joinpath(*here)


def _parts(path: Path) -> list[str]:
    """The parts of a path, the first one last."""
    return [part for part in reversed(path.parts) if part != os.sep]
