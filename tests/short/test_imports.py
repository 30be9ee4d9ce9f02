"""What a command imports: no more than it uses."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .noted import ROSTER

UNUSED_BY_WHO = {
    "rotation.mail",
    "rotation.calendars",
    "rotation.checkers",
    "rotation.plan",
    "rotation.changes",
    "rotation.check",
    "rotation.watch",
    "rotation.cli.main",
    "rotation.clock.typed",
    "rotation.host.locks",
    "rotation.host.programs",
    "rotation.host.stages",
    "rotation.host.trust",
    "rotation.host.web",
    "rotation.system.dry",
    "rotation.system.link",
    "rotation.toml.mistakes",
    "dataclasses",
    "dateutil",
    "difflib",
    "hashlib",
    "icalendar",
    "inspect",
    "json",
    "rich",
    "socket",
    "subprocess",
    "tempfile",
    "typer",
}
"""Modules, or rooms of them, that an answer without calendars has no use for."""


def imported(tmp_path: Path, *words: str, fresh: bool = False) -> set[str]:
    """The modules that a run imports, as the interpreter tells them."""
    if not (tmp_path / "duty.toml").exists():
        (tmp_path / "duty.toml").write_text(ROSTER)
    environment = {"PATH": os.environ["PATH"], "ROTATION_STATE": str(tmp_path / "state")}
    environment |= {"ROTATION_FRESH": "1"} if fresh else {}
    argv = [sys.executable, "-X", "importtime", "-m", "rotation", *words]
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=True)
    lines = (line.rpartition("|") for line in done.stderr.splitlines())
    return {name.strip() for head, _, name in lines if head.startswith("import time:")}


def of(modules: set[str], rooms: set[str]) -> set[str]:
    return {
        module
        for module in modules
        if any(module == room or module.startswith(f"{room}.") for room in rooms)
    }


@pytest.mark.parametrize("words", [("who",), ("who", "--why"), ("who", "--role", "duty")])
def test_who_imports_nothing_that_it_does_not_use(tmp_path: Path, words: tuple[str, ...]) -> None:
    modules = imported(tmp_path, "--rosters", str(tmp_path), *words)
    assert "rotation.schedule.final" in modules
    assert of(modules, UNUSED_BY_WHO) == set()


def test_a_kept_answer_imports_nothing_at_all(tmp_path: Path) -> None:
    modules = set[str]()
    for _ in range(20):  # once the files of the test are old enough
        modules = imported(tmp_path, "--rosters", str(tmp_path), "who")
        if "rotation.short.keep" not in modules:
            break
    else:
        pytest.skip("the clock of the file system stands still")
    ours = of(modules, {"rotation"})
    assert ours <= {"rotation", "rotation.__main__", "rotation.short", "rotation.short.argument"}


def test_the_list_of_commands_imports_none(tmp_path: Path) -> None:
    modules = imported(tmp_path, "--help")
    ours = of(modules, {"rotation"})
    allowed = {"rotation", "rotation.cli", "rotation.cli.main", "rotation.dataclasses"}
    allowed.add("rotation.errors")
    assert ours <= allowed | {"rotation.short", "rotation.short.argument", "rotation.__main__"}
    assert of(modules, {"rich"}) == set()
