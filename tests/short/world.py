"""Hosts of which one keeps answers and one does not, and `rotation` run on them at an instant.

A run is a fork of the process that tests: nothing has to be imported, and what it does to itself
(its user, its environment, its streams, its audit hooks) ends with it.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import rotation.cli.apply
import rotation.cli.who
import rotation.short.argument
import rotation.short.keep
from rotation import __main__ as program
from rotation import short
from rotation.cli.context import Call
from rotation.cli.main import main

ROOT = Path(__file__).parents[2]
NOW = 1_795_514_400
"""24 November 2026, 10:00 UTC: bob's week in the sample."""
_LOADED = (rotation.short.keep, rotation.cli.who, rotation.cli.apply)
"""What is imported before a run, so that a run does not import it."""


class Answer(NamedTuple):
    """How a run ended: its status, what it said, and whether it read a roster."""

    status: int
    out: str
    err: str
    long: bool


def settle(folder: Path) -> None:
    """Let the file system's clock go on, so that what was changed was changed before."""
    probe = folder / ".clock"
    probe.touch()
    first = probe.stat().st_mtime_ns
    while probe.stat().st_mtime_ns - first <= 20_000_000 or time.time_ns() <= first:
        time.sleep(0.002)  # and leave the core to others meanwhile
        probe.touch()


@dataclass
class World:
    """A folder with rosters in it, and the folder where runs leave notes."""

    home: Path
    environment: dict[str, str] = field(default_factory=dict)
    user: int | None = None

    def make(self) -> None:
        """Its folders, in one that nothing is put into while runs go on."""
        for folder in (self.rosters, self.state, self.home / "io", self.target.parent):
            folder.mkdir(mode=0o700, exist_ok=True)

    @property
    def target(self) -> Path:
        """The target of the sample."""
        return self.home / "lists" / "duty"

    @property
    def rosters(self) -> Path:
        return self.home / "rosters"

    @property
    def state(self) -> Path:
        return self.home / ("state" if self.user is None else f"state-{self.user}")

    def run(self, *arguments: str, now: int = NOW, fresh: bool = False) -> Answer:
        """`rotation --rosters …` at an instant; with `fresh`, without the short way."""
        settle(self.home / "io")
        more = {"ROTATION_FRESH": "1"} if fresh else {}
        named = () if "--rosters" in arguments else ("--rosters", str(self.rosters))
        environment = {
            "HOME": str(self.home),
            "ROTATION_STATE": str(self.state),
            "PATH": os.environ["PATH"],
            **self.environment,
            **more,
        }
        return forked([*named, *arguments], environment, now, self.user, self.home / "io")

    @property
    def notes(self) -> list[Path]:
        return sorted(self.state.glob("*.short"))


def forked(
    arguments: list[str],
    environment: Mapping[str, str],
    now: int,
    user: int | None,
    folder: Path,
) -> Answer:
    """A run in a process of its own."""
    paths = [folder / f".{name}" for name in ("out", "err", "long")]
    for path in paths:
        path.write_bytes(b"")
    with warnings.catch_warnings():
        # other threads of the test runner hold no lock that is needed here
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        _run(arguments, environment, now, user, paths)
    _, status = os.waitpid(child, 0)
    out, err, read = (path.read_text() for path in paths)
    return Answer(os.waitstatus_to_exitcode(status), out, err, bool(read))


def _run(
    arguments: list[str],
    environment: Mapping[str, str],
    now: int,
    user: int | None,
    paths: list[Path],
) -> None:
    status = 99
    try:
        handles = [os.open(path, os.O_WRONLY | os.O_APPEND) for path in paths]
        for number, handle in zip((1, 2), handles, strict=False):
            os.dup2(handle, number)
        sys.stdout = os.fdopen(1, "w", closefd=False)
        sys.stderr = os.fdopen(2, "w", closefd=False)
        sys.argv = ["rotation", *arguments]
        # where the tests themselves lie, other tests make folders
        sys.path[:] = [path for path in sys.path if Path(path).resolve() != ROOT]
        os.environ.clear()
        os.environ.update(environment)
        os.chdir("/")
        if user is not None:
            os.setgroups([])
            os.setresgid(user, user, user)
            os.setresuid(user, user, user)

        def heard(event: str, values: tuple[object, ...]) -> None:
            if event == "open" and str(values[0]).endswith(".toml"):
                os.write(handles[2], b"long")

        sys.addaudithook(heard)
        try:
            program.main(lambda: _fresh(now) if short.FRESH in environment else program.answer(now))
        except SystemExit as ended:
            status = ended.code if isinstance(ended.code, int) else 98
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _fresh(now: int) -> int:
    """The long way, at the instant."""
    assert short.question() is None
    return main(Call(now=datetime.fromtimestamp(now, UTC)))


def runs(world: World) -> object:
    """What `apply` has left of its last runs."""
    records = [json.loads(path.read_text()) for path in world.state.glob(f"{short.RUN}*.json")]
    assert len(records) < 2, "one set of rosters"
    return next(iter(records), None)


Edit = Callable[[World], None]
