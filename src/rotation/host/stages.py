"""Stages: new indexes built beside the old ones, what was there kept for the case of failure.

Sources: link(2), rename(2), utime(2). A stage is a folder inside the one that will be changed, so
that moving something out of it is one rename.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rotation.host.files import OURS, dress, failure, read, replace
from rotation.system.values import Found


@contextmanager
def stage(folder: Path) -> Iterator[Path]:
    """A new folder inside `folder`, so that a rename out of it is atomic.

    Others may pass through (0711), for a server that gives up root's rights must read the text
    in it; what is in there has the rights of what it is a copy of.
    """
    try:
        made = Path(tempfile.mkdtemp(prefix=OURS, dir=folder))
        made.chmod(0o711)
    except OSError as error:
        raise failure(folder, "write in the folder", error) from None
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def write_staged(path: Path, data: bytes, like: Found) -> None:
    """A new file of ours; the rights to read are those of `like`, for an index copies them."""
    replace(path, data, None)
    try:
        if os.geteuid() == 0:
            os.chown(path, -1, like.attributes.st_gid)
        path.chmod(stat.S_IMODE(like.attributes.st_mode) & 0o644 | 0o600)
    except OSError as error:
        raise failure(path, "write it", error) from None


def freshen(path: Path, was: Path) -> None:
    """Make `path` later than `was` in whole seconds."""
    try:
        now, then = path.stat(), was.stat()
        later = _next_second(then)
        if now.st_mtime_ns < later:
            os.utime(path, ns=(later, later))
    except FileNotFoundError:
        return
    except OSError as error:
        raise failure(path, "set its time", error) from None


def _next_second(attributes: os.stat_result) -> int:
    """The first time of change, in nanoseconds, that is later in whole seconds."""
    return (attributes.st_mtime_ns // 10**9 + 1) * 10**9


def sweep(folder: Path) -> None:
    """Remove what earlier runs of ours that were killed left in `folder`; hold its lock."""
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return  # whoever writes there next says what is wrong
    for entry in entries:
        if entry.name.startswith(OURS) and entry.stat(follow_symlinks=False).st_uid == os.geteuid():
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)
            else:
                with suppress(OSError):
                    os.unlink(entry.path)


def keep(path: Path, stage_folder: Path, *, copy: bool) -> Path | None:
    """What stands at `path`, kept in a stage so that `put_back` can undo; None when nothing does.

    A link to the file itself suffices when it will be replaced by a rename; one that a program
    will write in place must be copied.
    """
    kept = stage_folder / f"kept-{path.name}"
    try:
        if copy or not _linked(path, kept):
            shutil.copy2(path, kept, follow_symlinks=False)
            was = os.stat(path, follow_symlinks=False)
            os.chown(kept, was.st_uid, was.st_gid)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise failure(path, "keep a copy of it", error) from None
    return kept


def _linked(path: Path, kept: Path) -> bool:
    try:
        os.link(path, kept, follow_symlinks=False)
    except OSError as error:
        # another file system, one without hard links, or one that forbids them
        if error.errno in (errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.EMLINK):
            return False
        raise
    return True


def backup(path: Path, copy: Path) -> None:
    """A copy of the file with all its attributes, at a place where nothing is yet."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    found = read(path, trusted=False)
    if found is None:
        return
    try:
        handle = os.open(copy, flags, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(found.data)
            stream.flush()
            dress(handle, found, keep_owner=True)
            os.fsync(handle)
        _sync_folder(copy.parent)
    except OSError as error:
        raise failure(copy, "keep a copy there", error) from None


def put_back(kept: Path | None, path: Path) -> None:
    """Undo: what `keep` kept comes back, with all its attributes; None removes what is there."""
    try:
        if kept is None:
            path.unlink(missing_ok=True)
        elif path.exists() and path.samefile(kept):
            return  # never replaced; rename(2) does nothing between two names of one file
        else:
            shutil.move(kept, path)  # a rename, unless the stage is on another file system
        _sync_folder(path.parent)
    except OSError as error:
        raise failure(path, "put back what was there", error) from None


def publish(staged: Path, path: Path) -> None:
    """Move a staged index over the old one; see `System.publish`."""
    try:
        handle = os.open(staged, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            made = os.fstat(handle).st_mtime_ns
            try:
                old = os.stat(path)
                dress(handle, Found(path, path, b"", old), keep_owner=True)
                made = max(made, _next_second(old))
            except FileNotFoundError:
                pass  # the program that built it gave it the rights of its text
            os.utime(handle, ns=(made, made))
            os.fsync(handle)
        finally:
            os.close(handle)
        os.rename(staged, path)
        _sync_folder(path.parent)
    except OSError as error:
        raise failure(path, "put the new index in its place", error) from None


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
