"""A roster inside a rig, and `rotation` run there on it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from .rigs import NOTIFICATIONS, Finished, Rig

SOURCE = Path(__file__).parents[2] / "src"
MONDAY = "2026-11-23T12:00:00+00:00"
"""alice's week"""
NEXT_MONDAY = "2026-11-30T09:00:00+00:00"
"""bob's first instant"""
THIRD = "2026-12-08T09:00:00+00:00"
LINE = f"{NOTIFICATIONS}: alice -> bob, until Mon 7 Dec 09:00 GMT (weekly)\n"
"""What `apply` says at bob's first instant."""

ROSTER = """\
timezone = "Europe/London"
fallback = ["carol"]

[people]
alice = "alice"
bob   = "bob"
carol = { email = ["carol", "dan@example.com"] }

[[rotation]]
name    = "weekly"
people  = ["alice", "bob", "carol"]
every   = "1 week"
start   = 2026-11-23
handoff = "09:00"
"""
_STARTED: set[tuple[str, ...]] = set()
"""On which server which command was started."""


def target(rig: Rig, more: str = "", name: str = NOTIFICATIONS) -> str:
    """A target for the rig's aliases file."""
    return f'\n[[target]]\naliases = "{rig.aliases}"\nname = "{name}"\n{more}\n'


def write_roster(rig: Rig, text: str | None = None, name: str = "duty") -> None:
    """The roster of a rig; the usual target unless another text is given."""
    rig.write(f"/etc/rotation/{name}.toml", ROSTER + target(rig) if text is None else text)


def rotation(rig: Rig, at: str, *arguments: str, user: str | None = None) -> Finished:
    """`rotation` inside the rig, at an instant: the first run of each command on each server as
    cron starts it, those that follow by a process that has imported it already."""
    command = rig.name, *arguments[:1]
    if user is None and command in _STARTED:
        return rig.rotation(at, *arguments)
    _STARTED.add(command)
    script = str(Path(__file__).with_name("run_at.py"))
    # -B: the rig's view of the repository must stay as it is
    argv = [sys.executable, "-B", script, at, *arguments]
    if user is not None and rig.run(["test", "-r", script], user=user).status != 0:
        pytest.skip(f"{user} may not read this copy of the project: umask, or a folder above it")
    return rig.run(argv, env={"PYTHONPATH": str(SOURCE)}, user=user)


def state(rig: Rig, *paths: str) -> dict[str, tuple[bytes, int, int, int, int, int]]:
    """Bytes, inode, mode, owner, group and time of change of files: what must not change."""
    found = {}
    for path in paths:
        if rig.exists(path):
            a = rig.stat(path, follow=True)
            data = rig.read(path)
            found[path] = (data, a.st_ino, a.st_mode, a.st_uid, a.st_gid, a.st_mtime_ns)
    return found


def files_of(rig: Rig) -> list[str]:
    """The aliases file of a rig and its indexes, those that there are."""
    suffixes = ("", ".db", ".lmdb", ".cdb")
    return [path for suffix in suffixes if rig.exists(path := rig.aliases + suffix)]
