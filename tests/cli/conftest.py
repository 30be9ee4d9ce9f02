"""Fixtures: `roster`; `team`; `offers`; `weekly` and `run` for `rotation checker`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from rotation.cli.context import Call
from rotation.cli.main import app
from tests.cli.offering import Offers
from tests.cli.rooted import NOW, Rooted, Run
from tests.cli.sample import ROSTERS
from tests.cli.team import GROUP, ROSTER
from tests.export.roster_folder import ROSTER as EXPORTED
from tests.others import needs_plain, open_folder


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    """weekly.toml with its alias in a file beside it, which no server has to be told of."""
    text = (ROSTERS / "weekly.toml").read_text()
    text = text.replace('"/etc/aliases" ', '"aliases"\nrebuild = [] ')
    path = tmp_path / "weekly.toml"
    path.write_text(text)
    (tmp_path / "aliases").write_bytes(b"root: x\nall-system-notifications: alice@example.com\n")
    return path


@pytest.fixture
def weekly(tmp_path: Path) -> Path:
    folder = tmp_path / "etc/cron.weekly"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    needs_plain(tmp_path)
    monkeypatch.setenv("ROTATION_STATE", str(tmp_path / "var"))

    def call(*arguments: str, now: datetime = NOW) -> Any:
        made = Call(tmp_path / "etc/rotation", now, Rooted(tmp_path))
        return CliRunner().invoke(app, ["checker", *arguments], obj=made)

    return call


@pytest.fixture
def team() -> Iterator[Path]:
    """etc/duty.toml of root's, lib/ of a group's for the overrides, mail/aliases of root's."""
    with open_folder() as folder:
        for name in ("etc", "lib", "mail"):
            (folder / name).mkdir(mode=0o755)
        if os.geteuid() == 0:
            os.chown(folder / "lib", 0, GROUP)
        (folder / "lib").chmod(0o2775)
        (folder / "etc" / "duty.toml").write_text(ROSTER.format(rebuild=""))
        (folder / "mail" / "aliases").write_text("duty: nobody@example.com\n")
        yield folder


@pytest.fixture
def offers(tmp_path: Path) -> Offers:
    return Offers(tmp_path, EXPORTED)
