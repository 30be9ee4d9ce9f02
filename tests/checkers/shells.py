"""The shells and other programs that the tests of the scripts run, unpacked by install.sh.

Where one is missing the test skips, or fails with ROTATION_REQUIRE_SERVERS=1, as in CI.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from zlib import crc32

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
INSTALL = "run as root: sh tests/checkers/install.sh"

# how each is started, from what Debian's packages hold
SHELLS: dict[str, tuple[str, ...]] = {
    "dash": ("bin/dash",),
    "bash": ("bin/bash", "--posix"),
    "busybox": ("bin/busybox", "sh"),
    "mksh": ("bin/mksh",),
    "yash": ("usr/bin/yash",),
    "posh": ("usr/bin/posh",),
    "ksh93": ("bin/ksh93",),
}

USUAL = ("dash", "bash", "busybox")
"""What /bin/sh is on the hosts of today."""
OTHERS = tuple(name for name in SHELLS if name not in USUAL)


def some_shells(what: str) -> list[str]:
    """The usual ones, and one of the others in turn, by the name of what is tested.

    That all of them run the whole script alike is shown by the mails in test_mails.py.
    """
    return [*USUAL, OTHERS[crc32(what.encode()) % len(OTHERS)]]


def store() -> Path:
    """Where install.sh has put the programs."""
    return Path(os.environ.get("ROTATION_SERVERS", REPOSITORY / ".servers")) / "shells"


def missing(what: str) -> None:
    """Skip this test, or fail where nothing may be missing."""
    if os.environ.get("ROTATION_REQUIRE_SERVERS") == "1":
        pytest.fail(f"no {what}; {INSTALL}")
    pytest.skip(f"no {what}; {INSTALL}")


def shell(name: str) -> list[str]:
    """The words that start a shell."""
    program, *words = SHELLS[name]
    return [tool(program), *words]


def tool(program: str) -> str:
    """A program by its path in the packages, from the store or from this host."""
    for folder in (store(), Path("/usr"), Path("/")):
        for path in (folder / program, folder / "usr" / program):
            if path.is_file() and os.access(path, os.X_OK):
                return str(path)
    found = shutil.which(Path(program).name)
    if found is None:
        missing(program)
    return str(found)
