"""Locks, and notes of changes under way in a folder of our own.

A folder is locked as what it is, whatever it is called and whoever asks. Never a lock on an
aliases file or its index: Sendmail then skips the rebuild with status 0, and Postfix waits.
Sources: flock(2), unlink(2).
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from rotation.errors import ApplyError, Problem, Where
from rotation.host.access import BadList, writers
from rotation.host.files import failure, replace
from rotation.host.temporary import RUN as RUN

PATIENCE = 10.0
"""Seconds that a second run waits for the first."""
_PAUSE = 0.05


@contextmanager
def hold(state: Path, name: str, patience: float = PATIENCE) -> Iterator[None]:
    """Hold the lock `name` of our own folder. Raises ApplyError when another run holds it for
    longer than `patience` (seconds)."""
    with _file(ours(state) / f"{_digest(name)}.lock", name, time.monotonic() + patience):
        yield


@contextmanager
def hold_folders(folders: Iterable[Path], patience: float = PATIENCE) -> Iterator[None]:
    """Be the only run that changes files in these folders, whatever they are called.

    The lock is on the folder itself (device and inode), and so holds between users who can write
    there. Where root alone can, it lies in `RUN`. A folder that is not there, or that we could not
    write, needs none. Raises ApplyError as `hold` does.
    """
    deadline = time.monotonic() + patience
    with ExitStack() as stack:
        opened: dict[tuple[int, int], tuple[Path, int]] = {}
        for folder in folders:
            if (handle := _open(folder)) is not None:
                stack.callback(os.close, handle)
                status = os.fstat(handle)
                opened.setdefault((status.st_dev, status.st_ino), (folder, handle))
        # everybody in the same order, so that no two runs wait for each other
        for (device, inode), (folder, handle) in sorted(opened.items()):
            if _roots_alone(folder, handle) and (run := _run_folder()) is not None:
                path = run / _lock_name(device, inode)
                stack.enter_context(_file(path, str(folder), deadline))
            else:
                _wait(handle, str(folder), deadline)
        yield


def lock_of(folder: Path) -> Path | None:
    """The file whose lock `hold_folders` takes for a folder, and which is there only while it is
    held; None where that is on the folder itself, or none is taken. Raises ApplyError, OSError."""
    handle = _open(folder)
    if handle is None:
        return None
    try:
        status = os.fstat(handle)
        alone = _roots_alone(folder, handle) and _run_folder() is not None
        return RUN / _lock_name(status.st_dev, status.st_ino) if alone else None
    finally:
        os.close(handle)


def _lock_name(device: int, inode: int) -> str:
    return f"{device:x}-{inode:x}.lock"


def _open(folder: Path) -> int | None:
    """The folder, open; None where nothing can be changed in it by us."""
    if os.geteuid() != 0 and not os.access(folder, os.W_OK):
        return None
    try:
        return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise failure(folder, "lock the folder", error) from None


def _roots_alone(folder: Path, handle: int) -> bool:
    """Whether we are root and nobody else can write the folder."""
    status = os.fstat(handle)
    if os.geteuid() != 0 or status.st_uid != 0:
        return False
    try:
        can = writers(folder, status.st_mode)
    except (OSError, BadList):
        return False
    group = can.group and status.st_gid != 0
    return not (group or can.everybody or can.listed_users - {0} or can.listed_groups - {0})


def _run_folder() -> Path | None:
    """The folder of root's locks; None on a host that cannot have it."""
    try:
        RUN.mkdir(mode=0o700, exist_ok=True)
        check_ours(RUN)
    except (OSError, ApplyError):
        return None
    return RUN


@contextmanager
def _file(path: Path, name: str, deadline: float) -> Iterator[None]:
    """Hold a lock on a file of ours, which is gone afterwards."""
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    while True:
        try:
            handle = os.open(path, flags, 0o600)
        except OSError as error:
            raise failure(path, "make the lock", error) from None
        try:
            _wait(handle, name, deadline)
            if not _is_at(handle, path):
                continue  # whoever had it has just removed it: this one is nobody's any more
            try:
                yield
            finally:
                with suppress(OSError):
                    path.unlink()
            return
        finally:
            os.close(handle)


def _is_at(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), os.lstat(path))
    except FileNotFoundError:
        return False


def _wait(handle: int, name: str, deadline: float) -> None:
    """Lock an open file or folder before `deadline`, by the monotonic clock."""
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except OSError as error:
            if error.errno not in (errno.EWOULDBLOCK, errno.EINTR):
                raise failure(Path(name), "lock it", error) from None
        if time.monotonic() > deadline:
            hint = "look for another rotation that hangs: ps -ef | grep rotation"
            raise ApplyError(Problem("another run is at work on the same files", Where(name), hint))
        time.sleep(_PAUSE)


def remember(state: Path, path: Path, data: bytes) -> None:
    """Note what `path` held before a change that is about to begin."""
    note = _note(state, path)
    forget(state, path)
    replace(note, data, None)


def remembered(state: Path, path: Path) -> bytes | None:
    """What `path` held before a change that never ended, None when all ended well."""
    try:
        # looked at without making the folder: a dry run asks too
        return (state / note_name(path)).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise failure(state, "read the note of a change under way", error) from None


def forget(state: Path, path: Path) -> None:
    """Remove the note; one that cannot be removed makes the next run rebuild once more."""
    with suppress(OSError):
        _note(state, path).unlink()


def _note(state: Path, path: Path) -> Path:
    return ours(state) / note_name(path)


def note_name(path: Path) -> str:
    """What the note of a change of `path` that is under way is called."""
    return f"{_digest(str(path))}.before"


def _digest(name: str) -> str:
    from hashlib import sha256

    return sha256(os.fsencode(name)).hexdigest()[:32]


def ours(state: Path) -> Path:
    """The folder, made if need be; it must be nobody else's."""
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        check_ours(state)
    except OSError as error:
        raise failure(state, "make the folder for locks", error) from None
    return state


def check_ours(state: Path) -> None:
    """Raises ApplyError for a folder that others can write, FileNotFoundError for none."""
    attributes = os.lstat(state)
    good = stat.S_ISDIR(attributes.st_mode) and attributes.st_uid == os.geteuid()
    if not good or attributes.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise ApplyError(
            Problem(
                "the folder for locks and notes is not ours alone",
                Where(str(state)),
                "chown it to the user that runs rotation and chmod 700 it",
            )
        )
