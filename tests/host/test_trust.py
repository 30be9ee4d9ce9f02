"""Who may decide for root: every way in which somebody else could, planted one by one."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from rotation.errors import ApplyError
from rotation.host.trust import vet, way
from tests.host import acl
from tests.host.acl import ALICE, GROUP, ROOT, complaints, for_group
from tests.others import open_folder, python_as


def test_what_only_its_owner_can_write_is_taken(roster: Path) -> None:
    assert complaints(roster) == []
    assert complaints(roster, shared=True) == []


def test_what_is_not_there_decides_nothing(roster: Path) -> None:
    assert not vet(roster.with_name("none.toml")).whole


Plant = Callable[[Path], object]
PLANTS: dict[str, tuple[Plant, str, str]] = {
    "a user's file": (
        lambda file: os.chown(file, ALICE, 0), "belongs to user 54321", "chown root {file}"),
    "a group can write": (
        lambda file: for_group(file, 0o664),
        "can be written by the group 54322", "chmod g-w {file}"),
    "everybody can write": (
        lambda file: file.chmod(0o646), "can be written by everybody", "chmod o-w {file}"),
    "a list lets a user write": (
        lambda file: acl.grant(file, user=ALICE),
        "can be written by user 54321, by its access control list", "setfacl -x u:54321 {file}"),
    "a list lets a group write": (
        lambda file: acl.grant(file, group=GROUP),
        "can be written by the group 54322, by its access control list",
        "setfacl -x g:54322 {file}"),
    "a user's folder": (
        lambda file: os.chown(file.parent, ALICE, 0),
        "belongs to user 54321", "chown root {folder}"),
    "a user's folder above": (
        lambda file: os.chown(file.parent.parent, ALICE, 0),
        "belongs to user 54321", "chown root {above}"),
    "a folder that a group can write": (
        lambda file: for_group(file.parent, 0o775),
        "can be written by the group 54322", "chmod g-w {folder}"),
    "a folder above that a group can write": (
        lambda file: for_group(file.parent.parent, 0o775),
        "can be written by the group 54322", "chmod g-w {above}"),
    "a folder above that everybody can write": (
        lambda file: file.parent.parent.chmod(0o757),
        "can be written by everybody", "chmod o-w {above}"),
    "a folder above with a list": (
        lambda file: acl.grant(file.parent.parent, user=ALICE, others=5),
        "can be written by user 54321, by its access control list", "setfacl -x u:54321 {above}"),
    "a folder whose new files others can write": (
        lambda file: acl.grant(file.parent, user=ALICE, default=True),
        "gives others the right to write every new file in it", "setfacl -k {folder}"),
}  # fmt: skip


@ROOT
@pytest.mark.parametrize("plant", PLANTS)
def test_what_others_can_write_is_refused_with_the_command_that_mends_it(
    roster: Path, plant: str
) -> None:
    change, what, command = PLANTS[plant]
    change(roster)
    names = {"file": roster, "folder": roster.parent, "above": roster.parent.parent}
    expected = command.format(**names)
    assert complaints(roster) == [(expected.split()[-1], what, expected)]


@ROOT
@pytest.mark.parametrize("plant", PLANTS)
def test_the_command_does_mend_it(roster: Path, plant: str) -> None:
    PLANTS[plant][0](roster)
    ((_, _, command),) = complaints(roster)
    if command.startswith("setfacl") and shutil.which("setfacl") is None:
        pytest.skip("no setfacl here: apt install acl")
    subprocess.run(shlex.split(command), check=True)
    assert complaints(roster) == []


@ROOT
def test_every_fault_is_told_at_once(roster: Path) -> None:
    os.chown(roster, ALICE, GROUP)
    roster.chmod(0o666)
    roster.parent.chmod(0o777)
    assert len(complaints(roster)) == 4


@ROOT
def test_the_group_of_root_may_write(roster: Path) -> None:
    roster.chmod(0o664)
    roster.parent.chmod(0o775)
    assert complaints(roster) == []


@ROOT
def test_a_mask_takes_the_right_away_again(roster: Path) -> None:
    acl.grant(roster, user=ALICE, group=GROUP, mask=5)
    assert complaints(roster) == []


@ROOT
def test_a_sticky_folder_will_do_where_the_next_part_is_roots(tmp_path: Path) -> None:
    sticky = tmp_path / "tmp"
    sticky.mkdir()
    sticky.chmod(0o1777)
    (sticky / "mine.toml").write_text("")
    (sticky / "theirs.toml").write_text("")
    os.chown(sticky / "theirs.toml", ALICE, ALICE)
    (sticky / "folder").mkdir()
    os.chown(sticky / "folder", ALICE, ALICE)
    (sticky / "folder" / "x.toml").write_text("")
    (sticky / "link.toml").symlink_to(sticky / "mine.toml")
    os.chown(sticky / "link.toml", ALICE, ALICE, follow_symlinks=False)
    assert complaints(sticky / "mine.toml") == []
    for name in ("theirs.toml", "folder/x.toml", "link.toml"):
        for shared in (False, True):
            assert complaints(sticky / name, shared=shared), (name, shared)


@ROOT
@pytest.mark.parametrize("how", ["file", "folder", "relative", "twice"])
def test_a_users_link_on_the_way_is_refused(tmp_path: Path, roster: Path, how: str) -> None:
    home = tmp_path / "home"
    home.mkdir()
    link = home / "link"
    links = {"file": roster, "folder": roster.parent, "relative": Path("../etc/rotation"),
             "twice": tmp_path / "again"}  # fmt: skip
    link.symlink_to(links[how])
    (tmp_path / "again").symlink_to(roster.parent)
    path = link if how == "file" else link / roster.name
    assert complaints(path) == []
    os.chown(link, ALICE, ALICE, follow_symlinks=False)
    expected = (str(link), "belongs to user 54321", f"chown -h root {link}")
    assert complaints(path) == [expected]
    os.chown(link, 0, 0, follow_symlinks=False)
    os.chown(home, ALICE, ALICE)  # the folder in which the link lies
    assert complaints(path) == [(str(home), "belongs to user 54321", f"chown root {home}")]


@ROOT
def test_a_folder_that_is_passed_and_left_again_counts(tmp_path: Path, roster: Path) -> None:
    home = tmp_path / "home"
    (home / "x").mkdir(parents=True)
    os.chown(home, ALICE, ALICE)
    # whoever owns `home` can put a link in the place of `x`, and lead `..` elsewhere
    assert complaints(home / "x" / ".." / ".." / "etc" / "rotation" / roster.name)


def test_a_loop_of_links_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(ApplyError, match="loop"):
        vet(tmp_path / "a")


def test_the_way_is_the_one_that_the_kernel_takes(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "f").write_text("")
    (tmp_path / "l").symlink_to("a/b")
    (tmp_path / "m").symlink_to(tmp_path / "l" / ".." / "b" / "f")
    for path in ("l/f", "m", "a/../l/../b/f", "l/../../a/b/f"):
        found = way(tmp_path / path)
        assert found.whole
        assert found.real == (tmp_path / path).resolve(strict=True)


@ROOT
def test_an_ordinary_user_takes_what_is_theirs_or_roots() -> None:
    def taken(path: Path) -> bool:
        script = (
            "from pathlib import Path; from rotation.host.trust import vet\nvet(Path(sys.argv[2]))"
        )
        done = python_as(ALICE, [ALICE], script, [path])
        assert done.returncode == 0 or "ApplyError" in done.stderr, done.stderr
        return done.returncode == 0

    with open_folder() as folder:
        roster = folder / "rotation" / "duty.toml"
        roster.parent.mkdir()
        roster.write_text("")
        assert taken(roster)
        os.chown(roster, ALICE, ALICE)
        roster.chmod(0o664)  # umask 002, and a group of everybody's own
        os.chown(roster.parent, ALICE, ALICE)
        roster.parent.chmod(0o775)
        assert taken(roster)
        os.chown(roster, ALICE, GROUP)
        assert not taken(roster)
        os.chown(roster, ALICE + 9, ALICE)
        assert not taken(roster)
