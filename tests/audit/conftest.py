"""Fixtures: `good`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.audit.planted import EDITS, GOOD
from tests.audit.scratch_debian import copy, edit, newaliases
from tests.audit.trees import plant


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The system as it should be: root's mail goes to whoever is on duty, and all mail root."""
    root = copy(tmp_path_factory.mktemp("debian") / "root")
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
