"""What is a mount of its own, by the kernel's table."""

from __future__ import annotations

import subprocess
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from rotation.cli.context import Call
from rotation.cli.main import app
from rotation.errors import ApplyError
from rotation.host.real import Host
from rotation.system import File
from rotation.system.mounts import mount_points, refuse_mount
from tests.cli.sample import NOW, ROSTERS

TABLE = r"""
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
31 22 0:5 / /mnt/a\040b rw - tmpfs tmpfs rw
36 35 98:0
37 22 0:6 /aliases /etc/aliases rw
"""


def test_the_fifth_field_is_the_mount_point_and_a_line_that_is_cut_is_none() -> None:
    assert mount_points(TABLE) == {"/": False, "/mnt/a b": False, "/etc/aliases": False}


def test_a_mount_is_read_only_where_it_or_its_file_system_is_and_the_last_one_is_seen() -> None:
    rows = (
        "40 22 0:7 / /srv ro,nosuid - tmpfs tmpfs rw",
        "41 22 8:2 / /var rw,noatime shared:3 master:1 - ext4 /dev/sda2 ro,errors=remount-ro",
        "42 22 0:8 / /opt ro - tmpfs tmpfs ro",
        "43 42 0:9 / /opt rw - tmpfs tmpfs rw",
    )
    points = mount_points(TABLE + "\n".join(rows))
    assert (points["/srv"], points["/var"], points["/opt"], points["/"]) == (
        True,
        True,
        False,
        False,
    )


class Mounted(Host):
    """A host with another table of mounts."""

    def __init__(self, folder: Path, point: Path, how: str = "rw") -> None:
        super().__init__(folder / "state")
        self.table = folder / "mountinfo"
        self.table.write_text(f"{TABLE}40 22 0:7 / {point} {how}\n")

    def read(self, path: Path, **more: Any) -> File | None:
        return super().read(self.table if path.name == "mountinfo" else path, **more)


def test_a_file_that_is_a_mount_is_refused_by_whatever_name(tmp_path: Path) -> None:
    aliases, link, other = (tmp_path / name for name in ("aliases", "link", "other"))
    link.symlink_to(aliases)
    host = Mounted(tmp_path, aliases.resolve())
    refuse_mount(host, other)
    for name in (aliases, link):
        with pytest.raises(ApplyError, match="cannot be replaced"):
            refuse_mount(host, name)


def test_nothing_is_replaced_on_a_file_system_that_is_read_only(tmp_path: Path) -> None:
    folder, link = tmp_path / "etc", tmp_path / "link"
    folder.mkdir()
    link.symlink_to(folder)
    host = Mounted(tmp_path, folder.resolve(), "ro,relatime")
    refuse_mount(host, tmp_path / "aliases")
    for name in (folder / "aliases", folder / "mail/duty", link / "aliases"):
        with pytest.raises(ApplyError, match="its file system is read-only"):
            refuse_mount(host, name)


def listed(folder: Path) -> tuple[Path, Path]:
    """A folder of rosters, and the list that is the target and right at NOW."""
    rosters, target = folder / "rosters", folder / "lists/duty"
    for path in (rosters, target.parent):
        path.mkdir()
    target.write_text("bob@example.com\n")
    text = (ROSTERS / "weekly.toml").read_text().partition("[[target]]")[0]
    (rosters / "weekly.toml").write_text(f'{text}[[target]]\ninclude = "{target}"\n')
    return rosters, target


def test_a_dry_run_foresees_it_and_so_does_verify(tmp_path: Path) -> None:
    """`apply` has nothing to do now, and would fail at the next handoff."""
    rosters, target = listed(tmp_path)

    def run(*words: str, at: datetime = NOW, how: str = "ro") -> Any:
        host = Mounted(tmp_path, target.parent.resolve(), how)
        return CliRunner().invoke(app, words, obj=Call(rosters=rosters, now=at, system=host))

    later = NOW + timedelta(days=7)
    for option in ("--check", "--dry-run"):
        assert run("apply", option).exit_code == 0
        done = run("apply", option, at=later)
        assert (done.exit_code, "its file system is read-only" in done.stderr) == (3, True)
        assert run("apply", option, at=later, how="rw").exit_code == (option == "--check")
    said = "will fail: cannot be replaced: its file system is read-only"
    assert said in run("verify").stderr
    assert said not in run("verify", how="rw").stderr


@pytest.mark.parametrize("kind", ["include", "aliases"])
def test_a_dry_run_foresees_that_no_note_could_be_left(tmp_path: Path, kind: str) -> None:
    rosters, target = listed(tmp_path)
    if kind == "aliases":
        target.write_text("duty: bob@example.com\n")
        roster = rosters / "weekly.toml"
        named = f'aliases = "{target}"\nname = "duty"\nrebuild = []\n'
        roster.write_text(roster.read_text().replace(f'include = "{target}"\n', named))
    state = tmp_path / "state"
    state.mkdir()
    for mode in (0o700, 0o777):
        state.chmod(mode)
        for words in (("apply", "--check"), ("apply", "--dry-run"), ("apply",)):
            later = NOW + timedelta(days=7)
            call = Call(rosters=rosters, now=later, system=Host(state))
            done = CliRunner().invoke(app, words, obj=call)
            assert done.exit_code == (3 if mode == 0o777 else "--check" in words), words
            assert ("is not ours alone" in done.stderr) is (mode == 0o777)
        text = target.read_text()
        target.write_text(text.replace("carol@example.com", "bob@example.com"))


def test_verify_names_a_target_that_is_immutable(tmp_path: Path) -> None:
    """chattr(1): root may not write it either."""
    rosters, target = listed(tmp_path)
    if subprocess.run(["chattr", "+i", target], check=False, capture_output=True).returncode:
        pytest.skip("no such flag here: it takes root, and a file system that has it")
    try:
        call = Call(rosters=rosters, now=NOW, system=Host(tmp_path / "state"))
        done = CliRunner().invoke(app, ["verify"], obj=call)
    finally:
        subprocess.run(["chattr", "-i", target], check=True)
    assert done.exit_code == 1
    assert f"error: rotation may not write it\n  --> {target}\n" in done.stderr
    done = CliRunner().invoke(app, ["verify"], obj=call)
    assert "may not write" not in done.stderr
