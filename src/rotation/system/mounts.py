"""What cannot be renamed over, because it is a mount of its own: a file given to a container.

Source: proc_pid_mountinfo(5), rename(2) (EBUSY).
"""

from __future__ import annotations

import re
from pathlib import Path

from rotation.errors import ApplyError, Problem, Where
from rotation.system.look import Files

HINT = (
    "it is a mount of its own, as a file that a container is given: mount its folder instead, or "
    "let the target be an include list in a folder that is not a mount"
)
_TABLE = Path("/proc/self/mountinfo")


def refuse_mount(files: Files, path: Path) -> None:
    """Raise ApplyError where `path`, links followed, is a mount: no rename puts a file there.

    Where the kernel's table of mounts cannot be read, nothing is said.
    """
    try:
        table = files.read(_TABLE)
    except ApplyError:
        return
    if table and str(files.real(path)) in mount_points(table.data.decode(errors="surrogateescape")):
        raise ApplyError(Problem("cannot be replaced", Where(str(path)), HINT))


def mount_points(table: str) -> set[str]:
    """The mount points of a mountinfo table; blanks and backslashes are octal in it."""
    fields = (line.split(" ") for line in table.splitlines())
    return {
        re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), line[4])
        for line in fields
        if len(line) > 4
    }
