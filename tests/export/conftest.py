"""Fixtures: `roster_folder`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.export.roster_folder import RosterFolder


@pytest.fixture
def roster_folder(tmp_path: Path) -> RosterFolder:
    return RosterFolder(tmp_path)
