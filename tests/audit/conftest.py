"""Fixtures: `suite`, `good`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.audit.planted import EDITS, GOOD
from tests.audit.scratch_debian import BASE, SUITES, copy, edit, newaliases
from tests.audit.trees import plant


@pytest.fixture(scope="module", params=SUITES)
def suite(request: pytest.FixtureRequest) -> str:
    """Debian 12, then Debian 13."""
    name = str(request.param)
    if not (BASE / f"{name}.complete").exists():
        pytest.skip(f"no {name} with the tools here: make tools, as root")
    return name


@pytest.fixture(scope="module")
def good(suite: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The system as it should be: root's mail goes to whoever is on duty, and all mail root."""
    root = copy(tmp_path_factory.mktemp("debian") / "root", suite)
    plant(root, GOOD)
    for name, old, new in EDITS:
        edit(root, name, old, new)
    with (root / "etc/passwd").open("a") as passwd:
        passwd.write("munin:x:900:900::/var/lib/munin:/usr/sbin/nologin\n")
    with (root / "etc/aliases").open("a") as aliases:
        aliases.write("root: duty@example.com\nmunin: root\n")
    newaliases(root)
    yield root
    shutil.rmtree(root, ignore_errors=True)
