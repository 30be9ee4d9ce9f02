"""Fixtures: `team`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.notify.office import Team


@pytest.fixture
def team(tmp_path: Path) -> Team:
    made = Team(tmp_path)
    assert made.notify() == {}
    made.later(minutes=5)
    return made
