"""Which file of overrides decides: root's, or that of a member of the group that its folder is."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.host import acl
from tests.host.acl import ALICE, GROUP, ROOT, complaints


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
