"""A web server on loopback, and a roster whose calendar is there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.calendars.places import SECRET, Place
from tests.host.web_server import Site, site


@pytest.fixture
def web() -> Iterator[Site]:
    with site() as made:
        made.pages[SECRET] = made.pages["/duty.ics"]
        yield made


@pytest.fixture
def place(web: Site, tmp_path: Path) -> Place:
    return Place(tmp_path, web.url(SECRET))
