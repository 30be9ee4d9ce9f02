"""What cannot be replaced, whoever asks: a mount of its own, as a file given to a container, and
what lies on a file system that is read-only.

Source: proc_pid_mountinfo(5), rename(2) (EBUSY, EROFS).
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
_READ_ONLY = "mount it for writing; `dmesg` says whether the kernel took that away after a fault"
_TABLE = Path("/proc/self/mountinfo")


def refuse_mount(files: Files, path: Path) -> None:
    """Raise ApplyError where no rename puts a file at `path`, links followed: where that is a mount
    itself, or the file system that it lies on is read-only.

    Where the kernel's table of mounts cannot be read, nothing is said.
    """
    try:
        table = files.read(_TABLE)
    except ApplyError:
        return
    if not table:
        return
    points = mount_points(table.data.decode(errors="surrogateescape"))
    real = files.real(path)
    if str(real) in points:
        raise ApplyError(Problem("cannot be replaced", Where(str(path)), HINT))
    if next((points[str(folder)] for folder in real.parents if str(folder) in points), False):
        what = "cannot be replaced: its file system is read-only"
        raise ApplyError(Problem(what, Where(str(path)), _READ_ONLY))


def mount_points(table: str) -> dict[str, bool]:
    """The mount points of a mountinfo table, and whether what is mounted there is read-only: the
    mount, or all of the file system. Of several mounts at one point the last one is seen.

    Blanks and backslashes are octal in it.
    """
    points: dict[str, bool] = {}
    for fields in (line.split() for line in table.splitlines()):
        if len(fields) > 5:
            point = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[4])
            whole = fields[-1] if "-" in fields else ""
            points[point] = "ro" in (*fields[5].split(","), *whole.split(","))
    return points
