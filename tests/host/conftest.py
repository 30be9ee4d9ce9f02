"""Fixtures: `web`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.host.web_server import Site, site


@pytest.fixture
def web() -> Iterator[Site]:
    with site() as server:
        yield server
