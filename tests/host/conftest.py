"""Fixtures: `web`, and `roster`, which root alone can write."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.host.web_server import Site, site


@pytest.fixture
def web() -> Iterator[Site]:
    with site() as server:
        yield server


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    """A roster two folders down that root alone can write."""
    folder = tmp_path / "etc" / "rotation"
    folder.mkdir(parents=True)
    file = folder / "duty.toml"
    file.write_text("timezone")
    for path, mode in ((tmp_path, 0o755), (folder.parent, 0o755), (folder, 0o755), (file, 0o644)):
        path.chmod(mode)
    return file
