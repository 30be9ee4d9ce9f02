"""Locks, notes of changes under way and notes for later runs, in a folder of our own.

Never a lock on an aliases file or its index: Sendmail then skips the rebuild with status 0, and
Postfix waits.
"""

from __future__ import annotations

import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from rotation.errors import ApplyError, Problem, Where
from rotation.host.files import failure, replace

PATIENCE = 10.0
"""Seconds that a second run waits for the first."""
_PAUSE = 0.05


@contextmanager
def hold(state: Path, name: str, patience: float = PATIENCE) -> Iterator[None]:
    """Hold the lock `name`. Raises ApplyError when another run holds it for longer than
    `patience` (seconds)."""
    path = ours(state) / f"{_digest(name)}.lock"
    try:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        handle = os.open(path, flags, 0o600)
    except OSError as error:
        raise failure(path, "make the lock", error) from None
    try:
        deadline = time.monotonic() + patience
        while not _locked(handle):
            if time.monotonic() > deadline:
                hint = "look for another rotation that hangs: ps -ef | grep rotation"
                raise ApplyError(
                    Problem("another run is at work on the same files", Where(name), hint)
                )
            time.sleep(_PAUSE)
        yield
    finally:
        os.close(handle)


def _locked(handle: int) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def remember(state: Path, path: Path, data: bytes) -> None:
    """Note what `path` held before a change that is about to begin."""
    note = _note(state, path)
    forget(state, path)
    replace(note, data, None)


def remembered(state: Path, path: Path) -> bytes | None:
    """What `path` held before a change that never ended, None when all ended well."""
    try:
        # looked at without making the folder: a dry run asks too
        return (state / _note_name(path)).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise failure(state, "read the note of a change under way", error) from None


def forget(state: Path, path: Path) -> None:
    """Remove the note; one that cannot be removed makes the next run rebuild once more."""
    with suppress(OSError):
        _note(state, path).unlink()


def _note(state: Path, path: Path) -> Path:
    return ours(state) / _note_name(path)


def _note_name(path: Path) -> str:
    return f"{_digest(str(path))}.before"


def _digest(name: str) -> str:
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
