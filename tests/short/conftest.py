"""Fixtures: `world`."""

from __future__ import annotations

from pathlib import Path

import pytest

from .noted import ROSTER
from .world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.make()
    (world.rosters / "duty.toml").write_text(ROSTER)
    world.target.write_text("bobby@example.com\n")
    return world
