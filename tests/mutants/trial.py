"""One copy of the tree, and the tests that are run in it."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict, cast

import pytest

from tests.mutants.sample import Mutant

CPU = 10
"""Seconds of processor time for a process, beside twice what its tests took without a mutant: then
it counts as noticed, for it loops."""
PATIENCE = 1800
"""Seconds on the clock after which a mutant counts as noticed: it waits for ever."""
TIMES = itertools.count(1_000_000_000)
"""The time of change of what is written: never the same, so that no bytecode is taken for it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What tests said of a mutant: whether they noticed it, and which test did."""

    noticed: bool
    by: str


class Answer(TypedDict):
    """What the runner says."""

    status: int
    failed: list[str]
    ended: bool


class Trial:
    """A copy of the working tree in which one mutant after the other is tried."""

    def __init__(self, tree: Path) -> None:
        self.tree = tree
        environment = os.environ | {"PYTHONPATH": str(tree / "src")}
        self.runner = subprocess.Popen(
            [sys.executable, "-m", "tests.mutants.runner"],
            cwd=tree,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def judge(
        self, mutant: Mutant, tests: list[str], seconds: float, *, few: bool = False
    ) -> Outcome:
        """What the tests, which take so many seconds without it, say of a mutant; with `few`, what
        they say within so many, with few examples of each property."""
        file = self.tree / mutant.place.path
        try:
            write(file, mutant.new)
            said = self.ask(tests, seconds, few=few)
        finally:
            write(file, mutant.old)
        if said["failed"]:
            return Outcome(True, said["failed"][0])
        if not said["ended"] or said["status"] == -signal.SIGXCPU:
            return Outcome(True, "it did not end")
        if said["status"] == pytest.ExitCode.OK:
            return Outcome(False, "")
        if self.ask(tests, seconds)["status"] != pytest.ExitCode.OK:  # it was not the mutant
            output = (self.tree / ".output").read_text()
            raise RuntimeError(f"{mutant.place}: the tests cannot be run: {output}")
        return Outcome(True, f"the tests ended with {said['status']}")

    def failing(self, tests: list[str], seconds: float) -> set[str]:
        """Those of the tests that fail without any mutant."""
        said = self.ask(tests, seconds, stop=False)
        return set(said["failed"])

    def ask(
        self, tests: list[str], seconds: float, *, stop: bool = True, few: bool = False
    ) -> Answer:
        assert self.runner.stdin
        assert self.runner.stdout
        question = {
            "tests": tests,
            "cpu": int(seconds) if few else CPU + int(2 * seconds),
            "patience": PATIENCE,
            "stop": stop,
            "few": few,
        }
        self.runner.stdin.write(json.dumps(question) + "\n")
        self.runner.stdin.flush()
        return cast(Answer, json.loads(self.runner.stdout.readline()))


def write(file: Path, text: str) -> None:
    file.write_text(text)
    moment = next(TIMES)
    os.utime(file, (moment, moment))


def copy(root: Path, tree: Path) -> Path:
    """A copy of the working tree `root`, without what git does not know."""
    shutil.rmtree(tree, ignore_errors=True)
    tree.mkdir(parents=True)
    listed = subprocess.run(
        ["git", "ls-files", "-coz", "--exclude-standard"], cwd=root, capture_output=True, check=True
    )
    for path in listed.stdout.decode().split("\0"):
        if path and (root / path).exists():
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / path, tree / path, follow_symlinks=False)
    for unpacked in (".servers", ".tools", ".tools-audit"):
        if (root / unpacked).exists():
            (tree / unpacked).symlink_to((root / unpacked).resolve())
    return tree
