"""Apply with a fault at every step: the host refuses, or the program is killed there.

`Faulty` is a System of its own on top of the real host; nothing of ours is mocked.
"""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from rotation.errors import ApplyError, Problem
from rotation.host import locks
from rotation.host.network import fetcher
from rotation.host.real import Host
from rotation.mail.apply import carry_out
from rotation.plan import Outcome, plan
from rotation.roster.load import load
from rotation.system import File, Stage, System

ALICE = datetime(2026, 11, 23, 12, tzinfo=UTC)
BOB = datetime(2026, 11, 30, 12, tzinfo=UTC)
ROSTER = """\
timezone = "Europe/London"
[people]
alice = "alice@example.com"
bob = "bob@example.com"
[[rotation]]
name = "weekly"
people = ["alice", "bob"]
every = "1 week"
start = 2026-11-23
[[target]]
aliases = "aliases"
name = "duty"
rebuild = ["/bin/cp", "{folder}/aliases", "{folder}/aliases.db"]
[[target]]
include = "list"
"""
STEPS = ("run", "replace", "remember", "forget")
STAGED = ("write", "keep", "publish", "freshen", "put_back")


class Faulty(Host):
    """The real host, with a fault at the step numbered `at` (from 0); `steps` counts them."""

    def __init__(self, state: Path, at: int, fault: Callable[[], None]) -> None:
        super().__init__(state)
        self.at, self.fault, self.steps = at, fault, 0

    def __getattribute__(self, name: str) -> Any:
        value = super().__getattribute__(name)
        return self.counted(value) if name in STEPS else value

    def counted(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """The method with a step before it."""

        def step(*args: Any, **kwargs: Any) -> Any:
            number, self.steps = self.steps, self.steps + 1
            if number == self.at:
                self.fault()
            return method(*args, **kwargs)

        return step

    @contextmanager
    def stage(self, folder: Path) -> Iterator[Stage]:
        with super().stage(folder) as stage:
            yield cast(Stage, FaultyStage(self, stage))


class FaultyStage:
    """A stage of the real host whose methods are steps too."""

    def __init__(self, host: Faulty, stage: Stage) -> None:
        self.host, self.stage = host, stage

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.stage, name)
        return self.host.counted(value) if name in STAGED else value


def refuse() -> None:
    raise ApplyError(Problem("the host refuses"))


def prepare(folder: Path) -> Path:
    roster = folder / "duty.toml"
    roster.write_text(ROSTER.replace("{folder}", str(folder)))
    (folder / "aliases").write_bytes(b"# caf\xe9\r\nroot: x\nduty: alice@example.com\nlast: y")
    (folder / "list").write_text("alice@example.com\n")
    (folder / "aliases.db").write_bytes((folder / "aliases").read_bytes())
    return roster


def apply(system: System, roster: Path, at: datetime) -> list[Outcome]:
    loaded = load(system, fetcher(), roster, lambda zone: (at, at), at).whole()
    return carry_out(system, plan([(one, at) for one in loaded]))


def look(folder: Path) -> dict[str, tuple[bytes, int, int]]:
    found = {}
    for path in sorted(folder.iterdir()):
        if path.is_file():
            a = path.stat()
            found[path.name] = (path.read_bytes(), stat.S_IMODE(a.st_mode), a.st_mtime_ns)
    return found


def is_bob(folder: Path) -> bool:
    texts = [(folder / name).read_bytes() for name in ("aliases", "aliases.db", "list")]
    return all(b"bob@example.com" in text for text in texts) and texts[0] == texts[1]


def test_a_fault_at_every_step_leaves_all_or_nothing(tmp_path: Path) -> None:
    number = 0
    while True:
        folder = tmp_path / f"run{number}"
        folder.mkdir()
        roster = prepare(folder)
        before = look(folder)
        system = Faulty(tmp_path / f"state{number}", number, refuse)
        outcomes = apply(system, roster, BOB)
        if system.steps <= number:
            break
        after = look(folder)
        first, second = outcomes
        if first.problems:
            # all of the first target is as it was, times of change included
            for name in ("aliases", "aliases.db"):
                assert after[name] == before[name], (number, name)
        elif second.problems:
            assert after["list"] == before["list"]
        assert first.problems or second.problems or is_bob(folder)
        assert set(after) == set(before)
        assert not any(o.problems for o in apply(Host(tmp_path / f"state{number}"), roster, BOB))
        assert is_bob(folder)
        number += 1
    assert number >= 7
    assert is_bob(folder)


SCRIPT = """
import os, sys
from pathlib import Path
from tests.mail.test_faults import BOB, Faulty, apply
system = Faulty(Path(sys.argv[2]), int(sys.argv[3]), lambda: os._exit(9))
apply(system, Path(sys.argv[1]), BOB)
print(system.steps)
"""


def test_killed_at_every_step_the_next_run_heals(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": f"{root}:{root / 'src'}"}
    for number in range(30):
        folder, state = tmp_path / f"run{number}", tmp_path / f"state{number}"
        folder.mkdir()
        roster = prepare(folder)
        argv = [sys.executable, "-c", SCRIPT, str(roster), str(state), str(number)]
        done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)
        # nobody ever reads half of a file
        for name in ("aliases", "list"):
            data = (folder / name).read_bytes()
            assert b"alice@example.com" in data or b"bob@example.com" in data
        assert not any(outcome.problems for outcome in apply(Host(state), roster, BOB))
        assert is_bob(folder)
        assert sorted(p.name for p in folder.iterdir()) == [
            "aliases",
            "aliases.db",
            "duty.toml",
            "list",
        ]
        if done.returncode == 0:
            return
        assert done.returncode == 9, done.stderr
    pytest.fail("it never ran to its end")


def test_a_second_run_waits_and_then_says_so(tmp_path: Path) -> None:
    held: AbstractContextManager[None] = locks.hold(tmp_path / "state", "/etc")
    again = locks.hold(tmp_path / "state", "/etc", patience=0.1)
    with held, pytest.raises(ApplyError, match="another run is at work"), again:
        pass
    with locks.hold(tmp_path / "state", "/etc", patience=0):
        pass


def test_a_file_that_changes_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "aliases"
    path.write_text("a: b\n")
    host = Host(tmp_path / "state")
    found = host.read(path)
    assert isinstance(found, File)
    path.write_text("a: somebody else wrote this\n")
    with pytest.raises(ApplyError, match="somebody else"):
        host.replace(path, b"a: c\n", found)
    assert path.read_text() == "a: somebody else wrote this\n"
    assert [p.name for p in tmp_path.iterdir()] == ["aliases"]


def test_attributes_stay(tmp_path: Path) -> None:
    path = tmp_path / "aliases"
    path.write_text("a: b\n")
    path.chmod(0o640)
    try:
        os.setxattr(path, "user.note", b"kept")
    except OSError:
        kept = None
    else:
        kept = b"kept"
    host = Host(tmp_path / "state")
    host.replace(path, b"a: c\n", host.read(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    if kept is not None:
        assert os.getxattr(path, "user.note") == kept
