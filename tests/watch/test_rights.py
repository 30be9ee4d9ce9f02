"""What strangers may write."""

from __future__ import annotations

import os
from pathlib import Path

from rotation.errors import Severity
from rotation.watch.rights import rights
from tests.watch.scratch_tree import ROOT, scratch_tree


@ROOT
def test_rights_of_strangers(tmp_path: Path) -> None:
    system = scratch_tree(tmp_path, {"/etc/aliases": ""})
    path = Path("/etc/aliases")
    for folder in (tmp_path, tmp_path / "etc"):
        folder.chmod(0o755)
    assert [one.severity for one in rights(system, [path])] == [Severity.OK]
    for mode, owner, expected in (
        (0o646, 0, {Severity.ERROR}),
        (0o644, 1001, {Severity.WARNING}),
        (0o646, 1001, {Severity.ERROR, Severity.WARNING}),
    ):
        (tmp_path / "etc/aliases").chmod(mode)
        os.chown(tmp_path / "etc/aliases", owner, 0)
        assert {one.severity for one in rights(system, [path])} == expected
    os.chown(tmp_path / "etc/aliases", 0, 0)
    (tmp_path / "etc/aliases").chmod(0o644)
    (tmp_path / "etc").chmod(0o777)
    (found,) = rights(system, [path])
    assert str(found.where) == "/etc"
    (tmp_path / "etc").chmod(0o1777)
    assert [one.severity for one in rights(system, [path])] == [Severity.OK]
