"""A program that is told of handoffs: a real one, on the real host."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.cli.sample import call
from tests.export.roster_folder import ROSTER

MONDAY = datetime(2026, 11, 30, 9, 5, tzinfo=UTC)


@pytest.fixture
def told(tmp_path: Path) -> Path:
    return tmp_path / "told"


def program(folder: Path, text: str) -> Path:
    path = folder / "to-chat"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def roster(folder: Path, path: Path) -> Path:
    file = folder / "sysduty.toml"
    file.write_text(f'{ROSTER}[notify]\nhandoffs = false\nrun = ["{path}", "--room", "ops; id"]\n')
    return file


def run(file: Path, now: datetime | None = None, *more: str) -> Any:
    extra: Any = {} if now is None else {"now": now}
    return call(file, "notify", *more, **extra)


def test_it_gets_json_once_for_a_handoff(tmp_path: Path, told: Path) -> None:
    file = roster(tmp_path, program(tmp_path, f'echo "$2" >>{told}; cat >>{told}'))
    assert run(file).exit_code == 0
    assert not told.exists(), "the first run only looks"
    assert run(file).exit_code == 0
    assert not told.exists()
    done = run(file, MONDAY, "--dry-run")
    assert not told.exists(), "a rehearsal runs nothing"
    done = run(file, MONDAY)
    assert (done.exit_code, done.output) == (0, "")
    room, line = told.read_text().splitlines()
    assert room == "ops; id", "no shell reads the arguments"
    said = json.loads(line)
    assert said["out"] == [{"key": "bob", "name": None}]
    assert said["in"] == said["on_duty"] == [{"key": "carol", "name": "Carol Jones"}]
    assert (said["roster"], said["role"]) == ("sysduty", "duty")
    assert (said["at"], said["until"]) == ("2026-11-30T09:00:00+00:00", "2026-12-07T09:00:00+00:00")
    assert run(file, MONDAY).exit_code == 0
    assert len(told.read_text().splitlines()) == 2


def test_its_failure_is_told_once(tmp_path: Path) -> None:
    file = roster(tmp_path, program(tmp_path, "echo no room >&2; exit 7"))
    assert run(file).exit_code == 0
    done = run(file, MONDAY)
    assert done.exit_code == 3
    assert "was told of the handoff of 'duty' and ended with 7: no room" in done.stderr
    done = run(file, MONDAY)
    assert done.exit_code == 0
    assert "error" not in done.stderr


def test_it_is_no_bare_name(tmp_path: Path) -> None:
    done = run(roster(tmp_path, Path("to-chat")))
    assert done.exit_code == 2
    assert "'to-chat' is not an absolute path" in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="others cannot run it with our rights")
def test_nobody_else_may_change_it(tmp_path: Path, told: Path) -> None:
    path = program(tmp_path, f"cat >{told}")
    file = roster(tmp_path, path)
    assert run(file).exit_code == 0
    path.chmod(0o777)
    done = run(file, MONDAY)
    assert done.exit_code == 3
    assert str(path) in done.stderr
    assert not told.exists()
