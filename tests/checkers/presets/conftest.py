"""Each test of a preset runs in every Debian that install.sh makes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.checkers.presets import scratch


@pytest.fixture(autouse=True, params=scratch.SUITES)
def suite(request: pytest.FixtureRequest) -> Iterator[str]:
    """The Debian that is tried now."""
    before, scratch.suite = scratch.suite, request.param
    yield request.param
    scratch.suite = before
