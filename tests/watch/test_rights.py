"""What strangers may write."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rotation.errors import Severity
from rotation.host.real import Host
from rotation.watch.rights import rights
from tests.host.acl import ALICE, GROUP, grant
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


@ROOT
@pytest.mark.parametrize("place", ["file", "folder"])
@pytest.mark.parametrize(("user", "group"), [(ALICE, None), (None, GROUP)])
def test_rights_that_an_access_list_gives(
    tmp_path: Path, place: str, user: int | None, group: int | None
) -> None:
    system = Host(tmp_path / "state")
    folder = tmp_path / "mail"
    folder.mkdir(mode=0o755)
    path = folder / "aliases"
    path.write_text("")
    path.chmod(0o664)  # root's own group
    assert [finding.severity for finding in rights(system, [path])] == [Severity.OK]
    changed = path if place == "file" else folder
    grant(changed, user=user, group=group, others=4)
    (finding,) = rights(system, [path])
    assert (finding.severity, str(finding.where)) == (Severity.WARNING, str(changed))
    assert "by its access control list" in finding.what
    assert (finding.fix or "").startswith("setfacl -x ")
    grant(changed, user=user, group=group, mask=5, others=4)  # the mask takes it away again
    assert [finding.severity for finding in rights(system, [path])] == [Severity.OK]
