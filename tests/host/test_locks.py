"""One folder, one lock: whatever the folder is called and whoever asks."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rotation.errors import ApplyError
from rotation.host import locks
from rotation.host.real import Host
from tests.others import open_folder, python_as, python_waiting

ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="being another user needs root")
ALICE, BOB, GROUP = 54321, 54323, 54322
HELD = """
from pathlib import Path
from rotation.errors import ApplyError
from rotation.host.locks import hold_folders
try:
    with hold_folders([Path(sys.argv[2])], patience=0.1):
        print("had it")
except ApplyError as error:
    print(error.problems[0].what)
"""
BUSY = "another run is at work on the same files"


@contextmanager
def held(*folders: Path) -> Iterator[None]:
    with locks.hold_folders(folders, patience=0.1):
        yield


def is_held(folder: Path) -> bool:
    try:
        with held(folder):
            return False
    except ApplyError as error:
        return error.problems[0].what == BUSY


@pytest.fixture(params=[0o755, 0o775, 0o1777], ids=oct)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder of root's alone, one of a group's, one of everybody's."""
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    if os.geteuid() == 0:
        os.chown(folder, 0, GROUP)
    folder.chmod(request.param)
    return folder


SPELLINGS: dict[str, Callable[[Path], Path]] = {
    "as it is": lambda folder: folder,
    "with dots": lambda folder: folder / ".." / folder.name,
    "by a link": lambda folder: linked(folder, folder),
    "by a link above": lambda folder: linked(folder.parent, folder) / folder.name,
    "relative": lambda folder: Path(os.path.relpath(folder)),
}


def linked(to: Path, folder: Path) -> Path:
    link = folder.parent.parent / "link"
    link.symlink_to(to)
    return link


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_folder_is_locked_whatever_it_is_called(folder: Path, spelling: str) -> None:
    other = SPELLINGS[spelling](folder)
    with held(folder):
        assert is_held(other)
    with held(other):
        assert is_held(folder)
    assert not is_held(folder)


def test_two_names_of_one_folder_are_one_lock(folder: Path) -> None:
    with held(folder, SPELLINGS["by a link"](folder), folder / "."):
        assert is_held(folder)


def test_every_run_takes_them_in_the_same_order(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    with held(two, one):
        assert is_held(one)
        assert is_held(two)
    with held(one), pytest.raises(ApplyError, match=BUSY), held(two, one):
        pass
    assert not is_held(two)


def test_whoever_has_another_state_folder_waits_too(tmp_path: Path) -> None:
    hosts = Host(tmp_path / "one"), Host(tmp_path / "two")
    target = tmp_path / "folder"
    target.mkdir()
    with hosts[0].lock(target):
        assert is_held(target)
    with hosts[1].lock(target):
        assert is_held(target)


def test_a_lock_leaves_nothing_behind(tmp_path: Path, folder: Path) -> None:
    state = tmp_path / "state"
    before = sorted(os.listdir(locks.RUN)) if os.access(locks.RUN, os.R_OK) else []
    with locks.hold(state, "news"), held(folder):
        assert len(os.listdir(state)) == 1
    assert list(folder.iterdir()) == []
    assert os.listdir(state) == []
    after = os.listdir(locks.RUN) if os.access(locks.RUN, os.R_OK) else []
    status = folder.stat()
    ours = f"{status.st_dev:x}-{status.st_ino:x}.lock"
    assert ours not in after
    assert ours not in before


def test_where_the_lock_of_a_folder_lies(folder: Path, tmp_path: Path) -> None:
    name = locks.lock_of(folder)
    with held(folder):
        if os.geteuid() == 0 and folder.stat().st_mode & 0o022 == 0:
            status = folder.stat()
            assert name == locks.RUN / f"{status.st_dev:x}-{status.st_ino:x}.lock"
            assert name.exists()
        else:
            assert name is None  # on the folder itself
    assert name is None or not name.exists()
    assert locks.lock_of(tmp_path / "none") is None


def test_the_file_of_a_run_that_was_killed_is_no_lock(tmp_path: Path) -> None:
    with locks.hold(tmp_path, "news", patience=0):
        (left,) = tmp_path.iterdir()
        copy = left.read_bytes()
    left.write_bytes(copy)
    with locks.hold(tmp_path, "news", patience=0):
        pass


def test_a_folder_that_is_not_there_needs_no_lock(tmp_path: Path) -> None:
    with held(tmp_path / "none"):
        pass


@ROOT
def test_users_of_a_group_wait_for_each_other_and_for_root() -> None:
    with open_folder() as shared:
        os.chown(shared, 0, GROUP)
        shared.chmod(0o2775)
        with held(shared):
            for user in (ALICE, BOB):
                assert python_as(user, [user, GROUP], HELD, [shared]).stdout == f"{BUSY}\n"
        script = HELD.replace('print("had it")', 'print("had it", flush=True); sys.stdin.read()')
        with python_waiting(ALICE, [ALICE, GROUP], script, shared) as said:
            assert said == "had it\n"
            assert python_as(BOB, [BOB, GROUP], HELD, [shared]).stdout == f"{BUSY}\n"
            assert is_held(shared)
        assert python_as(BOB, [BOB, GROUP], HELD, [shared]).stdout == "had it\n"


@ROOT
def test_who_cannot_write_a_folder_cannot_hold_root_up(tmp_path: Path) -> None:
    etc = tmp_path / "etc"
    etc.mkdir()
    etc.chmod(0o755)
    handle = os.open(etc, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)  # as anybody can who may read the folder
        assert not is_held(etc)
    finally:
        os.close(handle)
