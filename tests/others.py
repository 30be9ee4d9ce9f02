"""The command line as another user of this host, by number: no account is made for it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.fresh import FRESH

_START = """
import contextlib, encodings.idna, grp, importlib, json, os, pathlib, pkgutil, pwd, sys
packages = [importlib.import_module(name) for name in PACKAGES]
# where only root can read them, what would be imported later is imported now
places = [pathlib.Path(module.__file__).resolve() for module in (os, *packages)]
folders = {folder for place in places for folder in place.parents}
anybody = all(place.stat().st_mode & 4 for place in places) and all(
    folder.stat().st_mode & 1 for folder in folders)
for package in () if anybody else packages:
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not module.name.endswith("__main__"):
            with contextlib.suppress(ImportError, AssertionError):  # other systems
                importlib.import_module(module.name)
user, group, *groups = json.loads(sys.argv[1])
os.setgroups(groups)
os.setresgid(group, group, group)
os.setresuid(user, user, user)
os.umask(0o022)
"""


def _start(*packages: str) -> str:
    return _START.replace("PACKAGES", repr(packages))


START = _start("rotation", "typer")
"""Become the user, and the groups, of sys.argv[1]; for what uses the command line."""
_HOST_START = _start("rotation.host")
_COMMAND = """
from rotation.cli.main import main
sys.argv = ["rotation", *sys.argv[2:]]
main()
"""


ENV = {"HOME": "/nonexistent", **FRESH}
"""Where a number without an account is at home."""


def rotation_as(
    user: int, groups: list[int], arguments: Sequence[str | Path], env: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """`rotation` with these arguments as a user, whose first group is the first of `groups`."""
    return _run(user, groups, _COMMAND, arguments, env)


def python_as(
    user: int, groups: list[int], script: str, arguments: Sequence[str | Path]
) -> subprocess.CompletedProcess[str]:
    """A script as a user; its arguments are sys.argv[2:]."""
    return _run(user, groups, script, arguments, {})


@contextmanager
def python_waiting(user: int, groups: list[int], script: str, *arguments: Path) -> Iterator[str]:
    """A script as a user while something else is done, from its first line on, which comes out;
    the end of its input tells it to end."""
    argv = _argv(user, groups, script, arguments)
    pipe = subprocess.PIPE
    with subprocess.Popen(argv, stdin=pipe, stdout=pipe, text=True, env=ENV, cwd="/") as process:
        assert process.stdout is not None
        yield process.stdout.readline()
        process.communicate()


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder of root's that everybody can reach; those that pytest makes are its user's alone."""
    with TemporaryDirectory(prefix="shared-") as name:
        folder = Path(name).resolve()
        folder.chmod(0o755)
        yield folder


def _argv(user: int, groups: list[int], script: str, arguments: Sequence[str | Path]) -> list[str]:
    numbers = str([user, *groups])
    start = START if "rotation.cli" in script else _HOST_START
    return [sys.executable, "-c", start + script, numbers, *map(str, arguments)]


def _run(
    user: int, groups: list[int], script: str, arguments: Sequence[str | Path], env: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    argv = _argv(user, groups, script, arguments)
    return subprocess.run(
        argv,
        capture_output=True,
        text=True,
        check=False,
        env={**ENV, **env},
        cwd="/",
        stdin=subprocess.DEVNULL,
    )


def needs_holidays(*texts: str) -> None:
    """Skip where a roster needs public holidays, and the library, an extra, is not there."""
    if any("holiday" in text for text in texts):
        pytest.importorskip("holidays")


def needs_plain(folder: Path) -> None:
    """Skip where temporary files lie behind a name that no server's setting and no checker takes,
    with a space in it."""
    if not re.fullmatch(r"[\w.+@/-]+", str(folder), re.ASCII):
        pytest.skip("temporary files lie in a folder whose name has a space, or the like, in it")
