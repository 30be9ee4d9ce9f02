"""Who may decide for root: every way in which somebody else could, planted one by one."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rotation.errors import ApplyError
from rotation.host.trust import vet, way
from tests.host import acl
from tests.host.acl import ALICE, GROUP, ROOT, for_group
from tests.others import open_folder, python_as


def complaints(path: Path, *, shared: bool = False) -> list[tuple[str, str, str]]:
    """Where, what and the command of each complaint."""
    try:
        vet(path, shared=shared)
    except ApplyError as error:
        return [
            (p.where.file if p.where else "", p.what.partition(";")[0],
             (p.hint or "").partition(" (")[0]) for p in error.problems
        ]  # fmt: skip
    return []


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
class TestOverrides:
    """A group's file of overrides, in a group's folder."""

    @pytest.fixture
    def overrides(self, tmp_path: Path) -> Path:
        folder = tmp_path / "lib" / "duty"
        folder.mkdir(parents=True)
        os.chown(folder, 0, GROUP)
        folder.chmod(0o2775)
        file = folder / "duty.overrides.toml"
        file.write_text("")
        os.chown(file, ALICE, GROUP)
        file.chmod(0o664)
        tmp_path.chmod(0o755)
        folder.parent.chmod(0o755)
        return file

    def test_may_be_the_groups(self, overrides: Path) -> None:
        assert complaints(overrides, shared=True) == []
        assert len(complaints(overrides)) == 3

    def test_may_be_roots_and_written_by_a_group(self, overrides: Path) -> None:
        os.chown(overrides, 0, GROUP)
        assert complaints(overrides, shared=True) == []

    def test_of_a_stranger_are_refused(self, overrides: Path) -> None:
        os.chown(overrides, ALICE, ALICE)
        assert complaints(overrides, shared=True)

    def test_with_another_group_must_be_those_of_an_account_in_the_group(
        self, overrides: Path
    ) -> None:
        os.chown(overrides, 1, 2)  # daemon and bin, as every host has them
        assert complaints(overrides, shared=True)
        os.chown(overrides.parent, 0, 1)
        assert complaints(overrides, shared=True) == []

    def test_of_somebody_who_was_taken_out_of_the_group_are_refused(
        self, overrides: Path, tmp_path: Path
    ) -> None:
        if subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode:
            pytest.skip("no mounts of its own here, for another /etc/group")
        groups = tmp_path / "group"
        groups.write_text("root:x:0:\ndaemon:x:1:bin\nbin:x:2:\n")
        os.chown(overrides.parent, 0, 1)
        os.chown(overrides, 2, 1)  # as bin wrote it when it was one of daemon's group
        script = (
            "import sys; from pathlib import Path; from rotation.host.trust import vet\n"
            "vet(Path(sys.argv[1]), shared=True)"
        )
        shell = [
            "unshare",
            "-m",
            "sh",
            "-c",
            'mount --bind "$1" /etc/group && exec "$2" -c "$3" "$4"',
        ]
        argv = [*shell, "sh", str(groups), sys.executable, script, str(overrides)]
        subprocess.run(argv, check=True)
        groups.write_text("root:x:0:\ndaemon:x:1:\nbin:x:2:\n")
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        assert "belongs to bin (user 2)" in done.stderr
        [(_, _, mend)] = complaints(overrides, shared=True)
        subprocess.run(shlex.split(mend), check=True)
        assert complaints(overrides, shared=True) == []

    def test_of_a_user_in_a_folder_that_everybody_can_write_are_refused(
        self, overrides: Path
    ) -> None:
        overrides.parent.chmod(0o1777)
        assert complaints(overrides, shared=True)

    def test_that_a_list_lets_a_user_write_are_refused(self, overrides: Path) -> None:
        acl.grant(overrides, user=ALICE)
        assert complaints(overrides, shared=True)

    def test_below_a_groups_folder_that_is_not_their_own_are_refused(self, overrides: Path) -> None:
        os.chown(overrides.parent.parent, 0, GROUP)
        overrides.parent.parent.chmod(0o2775)
        assert complaints(overrides, shared=True)

    def test_that_are_a_groups_link_are_refused(self, overrides: Path, roster: Path) -> None:
        link = overrides.with_name("link.toml")
        link.symlink_to(roster)
        os.chown(link, ALICE, GROUP, follow_symlinks=False)
        assert complaints(link, shared=True)


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
