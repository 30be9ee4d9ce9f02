"""Faults injected into single system calls of `rotation`, on a rig: strace(1), `inject=`.

A clean run tells which calls touch a target, an index, the rosters, the state or a home. Each of
them is then made to fail, or the program is killed there, and the run after that has to find
everything whole and make it true.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

from .rigs import Finished, Rig
from .roster_in_rig import MONDAY, NEXT_MONDAY, SOURCE

TOUCHED = re.compile(
    r"/etc/(mail/)?(aliases|duty)|/etc/rotation|/var/lib/rotation|/home/carol/|/root/\.forward"
    r"|\.rotation-|</etc(/mail)?>"
)
CALL = re.compile(r"^(?P<name>\w+)\((?P<arguments>.*)\)\s+= (?P<result>.*)$")
TRACED = (
    "openat,rename,renameat,renameat2,fsync,unlink,unlinkat,mkdir,mkdirat,rmdir,newfstatat,fstat,"
    "write,read,close,fchmod,fchmodat,fchown,fchownat,link,linkat,utimensat,flock,getdents64,"
    "setresuid,setresgid,setgroups,flistxattr,listxattr,fsetxattr,faccessat2,chown,chmod"
)
NO_PATH = ("setresuid", "setresgid", "setgroups")
ERRORS = {
    "openat": ("EIO", "ENOSPC", "EACCES", "EMFILE"),
    "rename": ("EIO", "EBUSY"),
    "renameat": ("EIO", "EBUSY"),
    "fsync": ("EIO", "ENOSPC"),
    "write": ("ENOSPC", "EIO"),
    "close": ("EDQUOT", "EIO"),
    "flock": ("ENOLCK",),
    **dict.fromkeys(NO_PATH, ("EPERM",)),
}
COMMANDS = {
    "apply": (NEXT_MONDAY, "apply"),
    "swap": (MONDAY, "swap", "alice", "bob", "--yes"),
    "join": (MONDAY, "join", "dave", "--email", "dave@example.com", "--yes"),
    "notify": (MONDAY, "notify"),
}


class Call(NamedTuple):
    """A system call of a clean run: the nth of its name."""

    name: str
    number: int
    arguments: str


class Case(NamedTuple):
    """A fault: at which call of which command, an error or SIGKILL."""

    command: str
    call: Call
    fault: str

    def __str__(self) -> str:
        return f"{self.command}: {self.fault} at {self.call.name} {self.call.number}"


def traced(rig: Rig, command: str, *options: str) -> Finished:
    """A command under strace; its calls are in /tmp/calls. Only the program itself is traced."""
    script = str(Path(__file__).with_name("run_at.py"))
    strace = ["strace", "-y", "-s", "80", "-o", "/tmp/calls", "-e", f"trace={TRACED}", *options]
    argv = [*strace, sys.executable, "-B", script, *COMMANDS[command]]
    return rig.run(argv, env={"PYTHONPATH": str(SOURCE), "PYTHONHASHSEED": "0"})


def calls(rig: Rig) -> Iterator[Call]:
    """All traced calls of the last traced run, in their order."""
    yield from calls_of(rig.read("/tmp/calls").decode(errors="replace"))


def calls_of(output: str) -> Iterator[Call]:
    """The calls in what strace wrote, in their order."""
    counts: Counter[str] = Counter()
    for line in output.splitlines():
        match = CALL.match(line)
        if match:
            counts[match["name"]] += 1
            yield Call(match["name"], counts[match["name"]], match["arguments"])


def cases(rig: Rig, command: str) -> list[Case]:
    """Every fault for a command, from a clean run of it."""
    rig.must(traced(rig, command))
    return [
        Case(command, call, fault)
        for call in calls(rig)
        if call.name in NO_PATH or TOUCHED.search(call.arguments)
        for fault in (*ERRORS.get(call.name, ("EIO",)), "SIGKILL")
    ]


def one_of_each_kind(every: list[Case], dice: Random) -> list[Case]:
    """Each fault once at each kind of call, at a place of the dice's choice."""
    kinds: dict[tuple[str, str], list[Case]] = {}
    for case in every:
        kinds.setdefault((case.call.name, case.fault), []).append(case)
    return [dice.choice(those) for those in kinds.values()]


def inject(rig: Rig, case: Case) -> Finished:
    """Run the command with the fault."""
    kind = "signal" if case.fault == "SIGKILL" else "error"
    what = f"inject={case.call.name}:{kind}={case.fault}:when={case.call.number}"
    return traced(rig, case.command, "-e", what)


def unsynced(found: list[Call], decides: re.Pattern[str]) -> Iterator[str]:
    """The renames onto a name that decides which a crash could undo, or leave half: those without
    an fsync of the file after its last write, or of the folder afterwards."""
    for at, call in enumerate(found):
        if not call.name.startswith("rename"):
            continue
        texts = re.findall(r'"([^"]*)"', call.arguments)
        folders = re.findall(r"<([^>]*)>", call.arguments)
        old, new = (
            text if text.startswith("/") else f"{folders[n]}/{text}" for n, text in enumerate(texts)
        )
        if not decides.search(new):
            continue
        mark = f"<{old}>"
        before = [
            c.name for c in found[:at] if mark in c.arguments and c.name in ("write", "fsync")
        ]
        if not before or before[-1] != "fsync":
            yield f"{new}: not synced before its rename: {before}"
        folder = f"<{new.rpartition('/')[0]}>"
        after = [c for c in found[at:] if c.name == "fsync" and folder in c.arguments]
        if not after:
            yield f"{new}: the folder is not synced after the rename"
