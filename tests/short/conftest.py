"""Fixtures: `world`."""

from __future__ import annotations

from pathlib import Path

import pytest

from rotation.short.keep import Devices

from .noted import ROSTER
from .world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    if not local(tmp_path):
        pytest.skip("/proc/self/mountinfo does not say on which file system the tests are")
    world = World(tmp_path)
    world.make()
    (world.rosters / "duty.toml").write_text(ROSTER)
    world.target.write_text("bobby@example.com\n")
    return world


def local(folder: Path) -> bool:
    """Whether answers may be kept of files there: in a chroot the root is often no mount."""
    try:
        return Devices().local(folder.stat().st_dev, str(folder))
    except OSError:
        return False
