"""Stages: new indexes built beside the old ones, what was there kept for the case of failure.

Sources: link(2), rename(2), utime(2). A stage is a folder inside the one that will be changed, so
that moving something out of it is one rename.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from rotation.dataclasses import dataclass, field
from rotation.errors import ApplyError
from rotation.host.files import dress, failure, read, replace
from rotation.host.owners import as_owner
from rotation.host.sync import sync_folder
from rotation.host.temporary import is_our_name, new_name
from rotation.system.values import File, Trust

_KEPT = "kept-"
_BUILT = ("new", "old")
"""What a stage holds: what was there, and a folder for each text that an index is built of."""


@dataclass(frozen=True)
class HostScratch:
    """A folder of ours; see `Scratch`."""

    folder: Path

    def write(self, path: Path, data: bytes, like: File) -> None:
        """Write a new file; the rights to read are those of `like`, for an index copies them."""
        try:
            if path.parent != self.folder:
                path.parent.mkdir(exist_ok=True)
                path.parent.chmod(0o711)
            replace(path, data, None)
            if os.geteuid() == 0:
                os.chown(path, -1, like.attributes.st_gid)
            path.chmod(stat.S_IMODE(like.attributes.st_mode) & 0o644 | 0o600)
        except OSError as error:
            raise failure(path, "write it", error) from None


@dataclass(frozen=True)
class HostStage(HostScratch):
    """A change that is all or nothing; see `Stage`."""

    kept: dict[Path, Path | None] = field(default_factory=dict)

    def keep(self, path: Path, *, copy: bool = False) -> None:
        """A link to the file suffices when it will be replaced by a rename; one that a program
        will write in place must be copied."""
        self.kept[path] = _keep(path, self.folder, copy=copy)

    def publish(self, staged: Path, path: Path, by_hand: Sequence[str], text: Path) -> None:
        """See `Stage.publish`."""
        _publish(staged, path, text)

    def freshen(self, path: Path, text: Path) -> None:
        """See `Stage.freshen`."""
        was = self.kept.get(path)
        try:
            later = max(_next_second(was.stat()) if was else 0, text.stat().st_mtime_ns)
            if path.stat().st_mtime_ns < later:
                os.utime(path, ns=(later, later))
        except FileNotFoundError:
            return
        except OSError as error:
            raise failure(path, "set its time", error) from None

    def believe(self, check: Callable[[], None]) -> None:
        """The change was made, so it is looked at."""
        check()

    def put_back(self, path: Path) -> None:
        """See `Stage.put_back`."""
        _put_back(self.kept.get(path), path)


@contextmanager
def stage(folder: Path) -> Iterator[HostStage]:
    """A new folder inside `folder`, so that a rename out of it is atomic."""
    with _folder_of_ours(folder) as path:
        yield HostStage(path)


@contextmanager
def scratch() -> Iterator[HostScratch]:
    """A new folder where only we, or at least nobody but root, can put one beside it."""
    import tempfile

    runtime = Path("/run")
    at_root = os.geteuid() == 0 and os.access(runtime, os.W_OK)
    with _folder_of_ours(runtime if at_root else Path(tempfile.gettempdir())) as path:
        yield HostScratch(path)


@contextmanager
def _folder_of_ours(parent: Path) -> Iterator[Path]:
    """Others may pass through (0711), for a server that gives up root's rights must read the text
    in it; what is in there has the rights of what it is a copy of."""
    try:
        path = parent / new_name()
        path.mkdir(mode=0o700)
        path.chmod(0o711)
    except OSError as error:
        raise failure(parent, "write in the folder", error) from None
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _next_second(attributes: os.stat_result) -> int:
    """The first time of change, in nanoseconds, that is later in whole seconds."""
    return (attributes.st_mtime_ns // 10**9 + 1) * 10**9


def sweep(folder: Path) -> None:
    """Remove what earlier runs of ours that were killed left in `folder`; hold its lock.

    In somebody's folder with their rights first, as such a run wrote it; then what is our own.
    Nothing else goes, whatever somebody has moved there under a name like ours.
    """
    # whoever writes there next says what is wrong
    with suppress(ApplyError, OSError), as_owner(folder):
        _sweep(folder)
    with suppress(OSError):
        _sweep(folder)


def _sweep(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for name in os.listdir(handle):
            if not is_our_name(name):
                continue
            with suppress(OSError):
                status = os.stat(name, dir_fd=handle, follow_symlinks=False)
                if status.st_uid != os.geteuid():
                    continue
                if stat.S_ISREG(status.st_mode):
                    os.unlink(name, dir_fd=handle)
                elif stat.S_ISDIR(status.st_mode) and _is_stage(handle, name):
                    shutil.rmtree(name, ignore_errors=True, dir_fd=handle)
    finally:
        os.close(handle)


def _is_stage(folder: int, name: str) -> bool:
    """Whether a folder holds nothing but what a stage does."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    handle = os.open(name, flags, dir_fd=folder)
    try:
        inside = os.listdir(handle)
    finally:
        os.close(handle)
    return all(part in _BUILT or part.startswith(_KEPT) or is_our_name(part) for part in inside)


def _keep(path: Path, stage_folder: Path, *, copy: bool) -> Path | None:
    kept = stage_folder / f"{_KEPT}{path.name}"
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
    original = read(path, trust=Trust.ANYBODY)
    if original is None:
        return
    try:
        handle = os.open(copy, flags, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(original.data)
            stream.flush()
            dress(handle, original, keep_owner=True)
            os.fsync(handle)
        sync_folder(copy)
    except OSError as error:
        raise failure(copy, "keep a copy there", error) from None


def _put_back(kept: Path | None, path: Path) -> None:
    try:
        if kept is None:
            path.unlink(missing_ok=True)
        elif path.exists() and path.samefile(kept):
            return  # never replaced; rename(2) does nothing between two names of one file
        else:
            shutil.move(kept, path)  # a rename, unless the stage is on another file system
        sync_folder(path)
    except OSError as error:
        raise failure(path, "put back what was there", error) from None


def _publish(staged: Path, path: Path, text: Path) -> None:
    try:
        handle = os.open(staged, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            built = max(os.fstat(handle).st_mtime_ns, os.stat(text).st_mtime_ns)
            try:
                old = os.stat(path)
                dress(handle, File(path, path, b"", old), keep_owner=True)
                built = max(built, _next_second(old))
            except FileNotFoundError:
                pass  # the program that built it gave it the rights of its text
            os.utime(handle, ns=(built, built))
            os.fsync(handle)
        finally:
            os.close(handle)
        os.rename(staged, path)
        sync_folder(path)
    except OSError as error:
        raise failure(path, "put the new index in its place", error) from None
