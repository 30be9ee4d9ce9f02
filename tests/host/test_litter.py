"""What a run that was killed leaves, and what is only called like it."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from rotation.errors import ApplyError, Unsynced
from rotation.host import stages
from rotation.host.files import failure
from rotation.host.real import Host
from rotation.host.sync import sync

OURS = f".rotation-{'0a' * 8}"


def test_only_names_that_are_ours_exactly_go(tmp_path: Path) -> None:
    (tmp_path / OURS).write_text("x")
    others = [".rotation-x", f"{OURS}0", ".rotation-" + "0A" * 8, "list", ".rotation-log"]
    for name in others:
        (tmp_path / name).write_text("mine")
    stages.sweep(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(others)


def test_a_folder_goes_only_if_it_is_a_stage(tmp_path: Path) -> None:
    stage = tmp_path / OURS
    (stage / "new").mkdir(parents=True)
    (stage / "new/aliases.db").write_text("x")
    (stage / "kept-aliases").write_text("x")
    work = tmp_path / f".rotation-{'1b' * 8}"
    (work / "new").mkdir(parents=True)
    (work / "thesis.tex").write_text("mine")
    stages.sweep(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [work.name]
    assert (work / "thesis.tex").read_text() == "mine"


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: files of two owners")
def test_in_a_home_with_its_owners_rights(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    os.chown(home, 61001, 61001)
    theirs = home / OURS
    theirs.write_text("left by a run that was killed")
    os.chown(theirs, 61001, 61001)
    moved = home / f".rotation-{'1b' * 8}"  # root's own folder, moved there
    moved.mkdir()
    (moved / "secret").write_text("root's")
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_mode & 0o077 == 0:
            folder.chmod(0o711)  # the owner has to get there
    stages.sweep(home)
    assert [path.name for path in home.iterdir()] == [moved.name]
    assert (moved / "secret").read_text() == "root's"


def test_a_sync_that_fails_says_what_is_true(tmp_path: Path) -> None:
    reader, writer = os.pipe()  # fsync(2): EINVAL for what cannot be synced
    try:
        with pytest.raises(Unsynced) as caught:
            sync(writer, tmp_path / "list")
    finally:
        os.close(reader)
        os.close(writer)
    assert "is changed, and the change may not outlive a crash" in str(caught.value)


def test_a_file_that_is_a_mount_of_its_own_is_explained(tmp_path: Path) -> None:
    error = failure(tmp_path, "write it", OSError(errno.EBUSY, "Device or resource busy"))
    assert isinstance(error, ApplyError)
    assert "mount its folder instead" in str(error)


def test_what_is_remembered_of_rosters_that_nobody_asks_for_goes_after_a_year(
    tmp_path: Path,
) -> None:
    state = tmp_path / "state"
    host = Host(state)
    old, asked = "-0123456789abcdef", "-fedcba9876543210"
    names = [
        f"verify{rosters}{kind}" for rosters in ("", old, asked) for kind in (".json", ".seen")
    ]
    names += [f"{what}{old}.json" for what in ("applied", "said-apply", "alarm")]
    for name in names:
        host.record(name, b"x")
    for path in state.iterdir():
        os.utime(path, (1_000_000_000, 1_000_000_000))
    os.utime(state / f"verify{asked}.seen")  # the chain has not changed for years
    host.record("applied.json", b"x")
    assert sorted(path.name for path in state.iterdir()) == [
        "applied.json",
        f"verify{asked}.json",
        f"verify{asked}.seen",
        "verify.json",
        "verify.seen",
    ]


def test_notes_that_nothing_needs_go_after_a_year(tmp_path: Path) -> None:
    state = tmp_path / "state"
    host = Host(state)
    kinds = [
        f"{name}.{kind}" for name in "ab" for kind in ("calendar", "checked", "useful", "since")
    ]
    for name in (*kinds, "c.told", "duty.json"):
        host.record(name, b"x")
    for path in state.iterdir():
        os.utime(path, (1_000_000_000, 1_000_000_000))
    for name in ("b.checked", "b.since"):  # still asked, and unchanged for years
        os.utime(state / name)
    host.record("applied", b"x")
    assert sorted(path.name for path in state.iterdir()) == [
        "applied",
        "b.calendar",
        "b.checked",
        "b.since",
        "b.useful",
        "duty.json",
    ]
