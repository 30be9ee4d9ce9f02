"""Whose the folders are on the way to a file, and how access lists are read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rotation.errors import ApplyError
from rotation.host.access import BadList, Writers, by_list, by_mode
from rotation.host.trust import in_control
from tests.host import acl
from tests.host.acl import ALICE, ROOT, for_group


@ROOT
class TestControl:
    """Whose rights lead to a folder."""

    def test_are_roots_where_all_is_roots(self, roster: Path) -> None:
        assert in_control(roster.parent) is None

    @pytest.mark.parametrize("part", ["link", "folder", "link in a sticky folder"])
    def test_are_those_of_the_first_who_could_lead_elsewhere(
        self, tmp_path: Path, roster: Path, part: str
    ) -> None:
        home = tmp_path / "home"
        home.mkdir(mode=0o755)
        link = home / "d"
        link.symlink_to(roster.parent)
        if part == "folder":
            os.chown(home, ALICE, ALICE)
        else:
            os.chown(link, ALICE, ALICE, follow_symlinks=False)
        if "sticky" in part:
            home.chmod(0o1777)
        status = in_control(link)
        assert status is not None
        assert status.st_uid == ALICE

    def test_are_nobodys_where_a_group_could_put_a_link(self, tmp_path: Path) -> None:
        home = tmp_path / "shared" / "alice"
        home.mkdir(parents=True)
        for_group(home.parent, 0o775)
        os.chown(home, ALICE, ALICE)
        with pytest.raises(ApplyError, match="can be written by the group"):
            in_control(home)


class TestLists:
    """The bytes of an access control list; entries are sorted by tag as the kernel has them."""

    def test_without_a_mask_the_rights_are_as_written(self) -> None:
        data = acl.packed((1, 7, 0), (2, 6, 9), (4, 2, 0), (8, 4, 8), (0x20, 0, 0))
        assert by_list(data) == Writers(False, True, frozenset({9}), frozenset())

    def test_a_mask_binds_all_but_the_owner_and_the_others(self) -> None:
        data = acl.packed((1, 7, 0), (2, 7, 9), (4, 7, 0), (8, 7, 8), (0x10, 5, 0), (0x20, 2, 0))
        assert by_list(data) == Writers(True, False)

    @pytest.mark.parametrize("data", [b"", b"\1\0\0\0", b"\2\0\0\0xyz"])
    def test_another_form_is_not_guessed_at(self, data: bytes) -> None:
        with pytest.raises(BadList):
            by_list(data)

    def test_a_mode(self) -> None:
        assert by_mode(0o100664) == Writers(False, True)
        assert by_mode(0o100646) == Writers(True, False)
