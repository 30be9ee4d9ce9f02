"""Fixtures: `any_shell` (each in turn) and `dash`."""

from __future__ import annotations

import pytest

from tests.checkers.shells import SHELLS, shell


@pytest.fixture(params=list(SHELLS))
def any_shell(request: pytest.FixtureRequest) -> list[str]:
    return shell(request.param)


@pytest.fixture
def dash() -> list[str]:
    return shell("dash")
