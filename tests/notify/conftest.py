"""Fixtures: `mailed`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.notify.mailed_roster import MailedRoster


@pytest.fixture
def mailed(tmp_path: Path) -> MailedRoster:
    made = MailedRoster(tmp_path)
    assert made.notify() == {}
    made.later(minutes=5)
    return made
