"""Nothing is left out of a note: what the kernel saw the program look at, the note speaks for.

strace(1) hears every system call that names a path, of the program and of those that it runs.
"""

from __future__ import annotations

import marshal
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rotation.short import RUN

from .world import World, settle

STRACE = shutil.which("strace")
PATH = re.compile(r'^\d+ +(\w+)\((?:AT_FDCWD, |0x\w+, )?"((?:[^"\\]|\\.)*)"(.*)$')
NOT_READ = ("unlink", "rename", "mkdir", "chdir", "execve")
MORE = {"HOME": "/root", "PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"}


@pytest.mark.skipif(STRACE is None, reason="no strace on this host")
@pytest.mark.parametrize("command", ["who", "apply"])
def test_every_path_that_is_looked_at_is_in_the_note(world: World, command: str) -> None:
    world.target.write_text("bobby@example.com\ncarol@example.com\nalice@example.com\n")
    environment = {**MORE, "ROTATION_STATE": str(world.state)}
    program = [sys.executable, "-m", "rotation", "--rosters", str(world.rosters)]
    # the first run makes the target true, by today's date; a kept answer is no run to look at
    subprocess.run([*program, "apply"], env=environment, check=True, cwd="/")
    settle(world.home / "io")
    trace = world.home / "trace"
    argv = [str(STRACE), "-f", "-s", "4096", "-e", "trace=%file", "-o", str(trace), *program]
    done = subprocess.run([*argv, command], env=environment, check=False, cwd="/")
    assert done.returncode == 0
    (note,) = world.notes
    checks = marshal.loads(note.read_bytes().partition(b"\n")[2])[5]
    spoken = {str(Path(subject)) for _, entries in checks for subject, _ in entries}
    seen = set()
    for line in trace.read_text().splitlines():
        match = PATH.match(line)
        if match and match[1] not in NOT_READ and match[2].startswith("/"):
            seen.add(str(Path(match[2])))
    # what is looked at on the way to a name is spoken for by what the name leads to
    spoken |= {step for path in spoken for step in led_through(path)}
    spoken |= {str(parent) for path in spoken for parent in Path(path).parents}
    silent = {path for path in seen - spoken if not harmless(path, world)}
    assert silent == set()


def led_through(path: str) -> Iterator[str]:
    """What a name leads to, link by link, as where /tmp is a file system of its own."""
    for _ in range(40):
        if not os.path.islink(path):
            return
        path = os.path.normpath(os.path.join(os.path.dirname(path), os.readlink(path)))
        yield path


def harmless(path: str, world: World) -> bool:
    """What shapes no answer: the interpreter and its modules, which are noted when they are loaded,
    the notes themselves, and what the kernel tells of the process."""
    folder, _, name = path.rpartition("/")
    own = folder == str(world.state) and (name.endswith(".short") or name.startswith(RUN))
    own = own or Path(path).name.startswith(".rotation-") or path == str(world.state)
    # where the interpreter looks for itself
    own = (
        own or path.endswith(("/python3", "/pyvenv.cfg", "/python", ".zip")) or "/python3." in path
    )
    # root's home, in which a database's password may lie: a run that asks one is not kept
    own = own or path in ("/etc/passwd", "/etc/nsswitch.conf")
    modules = (sys.prefix, sys.base_prefix, *(entry for entry in sys.path if entry))
    return own or path.startswith((*modules, "/lib", "/usr/lib", "/proc/", "/dev/", "/sys/"))
