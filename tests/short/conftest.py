"""Fixtures: `world`."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import rotation
from rotation.short.keep import Devices

from .noted import ROSTER
from .world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    if not all(map(local, (tmp_path, Path(sys.executable), Path(rotation.__file__)))):
        pytest.skip("the tests or the program lie where no answers are kept, by mountinfo")
    world = World(tmp_path)
    world.make()
    (world.rosters / "duty.toml").write_text(ROSTER)
    world.target.write_text("bobby@example.com\n")
    return world


def local(path: Path) -> bool:
    """Whether answers may be kept of files there: in a chroot the root is often no mount."""
    try:
        return Devices().local(path.stat().st_dev, str(path))
    except OSError:
        return False
