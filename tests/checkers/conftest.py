"""Fixtures: `any_shell` (the usual ones, and one of the others in turn) and `dash`."""

from __future__ import annotations

import pytest

from tests.checkers.shells import shell, some_shells


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "any_shell" in metafunc.fixturenames:
        names = some_shells(metafunc.function.__name__)
        metafunc.parametrize("any_shell", names, indirect=True)


@pytest.fixture
def any_shell(request: pytest.FixtureRequest) -> list[str]:
    return shell(request.param)


@pytest.fixture
def dash() -> list[str]:
    return shell("dash")
