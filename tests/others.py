"""The command line as another user of this host, by number: no account is made for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_START = """
import encodings.idna, importlib, json, os, pkgutil, sys
import rotation
# what is imported later may lie where only root can read
for module in pkgutil.walk_packages(rotation.__path__, "rotation."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
user, group, *groups = json.loads(sys.argv[1])
os.setgroups(groups)
os.setresgid(group, group, group)
os.setresuid(user, user, user)
os.umask(0o022)
"""
_COMMAND = """
from rotation.cli.main import main
sys.argv = ["rotation", *sys.argv[2:]]
main()
"""


def rotation_as(
    user: int, groups: list[int], arguments: list[str | Path], env: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """`rotation` with these arguments as a user, whose first group is the first of `groups`."""
    return _run(user, groups, _COMMAND, arguments, env)


def python_as(
    user: int, groups: list[int], script: str, arguments: list[str | Path]
) -> subprocess.CompletedProcess[str]:
    """A script as a user; its arguments are sys.argv[2:]."""
    return _run(user, groups, script, arguments, {})


def _run(
    user: int, groups: list[int], script: str, arguments: list[str | Path], env: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    numbers = str([user, *groups])
    argv = [sys.executable, "-c", _START + script, numbers, *map(str, arguments)]
    return subprocess.run(
        argv,
        capture_output=True,
        text=True,
        check=False,
        env=env,
        cwd="/",
        stdin=subprocess.DEVNULL,
    )
