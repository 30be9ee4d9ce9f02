"""Files on the real host: read with suspicion, replaced whole, attributes kept.

Sources: open(2), rename(2), xattr(7), path_resolution(7). A file is replaced by a rename in its own
folder, so that nobody ever reads half of it, and synced before and after, so that a crash leaves
the old one or the new one.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from rotation.errors import ApplyError, Problem, Where
from rotation.host.sync import sync
from rotation.host.temporary import new_name
from rotation.system import mounts
from rotation.system.values import Extract, File, Trust

if TYPE_CHECKING:
    from rotation.host.trust import Way

LIMIT = 64 * 1024 * 1024
"""Bytes; larger files are refused. A million aliases are about 40 MB."""

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""Not to wait for whoever writes a named pipe: cron starts us."""
_PIECE = 1 << 16
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISLNK, "a symbolic link"),
)
_HINTS = {
    errno.EACCES: "run it as root, or as the owner of the file",
    errno.EPERM: "run it as root; an immutable file (lsattr) refuses root too",
    errno.EBUSY: mounts.HINT,
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the quota is used up",
    errno.EROFS: "the file system is read-only",
    errno.ENOENT: "make the folder first, or correct the path",
    errno.ENOTDIR: "a part of the path is not a folder",
    errno.ELOOP: "a symbolic link stands where a file should be",
}


def failure(path: Path, doing: str, error: OSError) -> ApplyError:
    """An operating system's error as ours."""
    reason = error.strerror or str(error)
    what = f"cannot {doing}: {reason[:1].lower()}{reason[1:]}"
    return refusal(path, what, _HINTS.get(error.errno or 0))


def refusal(path: Path, what: str, hint: str | None = None) -> ApplyError:
    """The error for what stands at `path` and will not do."""
    return ApplyError(Problem(what, Where(str(path)), hint))


def read(path: Path, *, trust: Trust = Trust.ANYBODY, follow: bool = True) -> File | None:
    """The regular file at `path`, or None when there is none; see `System.read`."""
    real, vetted = path, None
    if trust in (Trust.GROUP, Trust.ALONE):
        passed = vet(path, trust)
        if not passed.whole:
            if os.path.lexists(path):
                raise refusal(path, "is a symbolic link to nothing", "mend it or remove it")
            return None
        real, vetted = passed.real, passed.steps[-1].status
    try:
        try:
            handle = os.open(real, _READ)
        except OSError as error:
            if vetted is not None or error.errno != errno.ELOOP:
                raise
            real = _followed(path, trust, follow)
            handle = os.open(real, _READ)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno == errno.ENXIO:
            raise refusal(path, "is a socket, not a file") from None
        raise failure(path, "read it", error) from None
    try:
        attributes = os.fstat(handle)
        _check(path, attributes)
        if vetted is not None and not os.path.samestat(vetted, attributes):
            raise refusal(path, "somebody else changed it at this moment", "run again")
        if trust is Trust.SOMEBODY:
            _check_trust(path, real, attributes)
        data = _content(handle, attributes.st_size)
    except OSError as error:
        raise failure(path, "read it", error) from None
    finally:
        os.close(handle)
    if len(data) > LIMIT:
        raise _too_large(path)
    return File(path, real, data, attributes)


def _content(handle: int, size: int) -> bytes:
    """What is in an open file of that size, but no more than a byte above the limit."""
    data = os.read(handle, size + 1)
    if len(data) == size:
        return data
    rest = bytearray()  # it just changed, or tells no size (proc(5))
    while piece := os.read(handle, min(LIMIT + 1 - len(data) - len(rest), _PIECE)):
        rest += piece
    return data + rest


def extract(path: Path, start: int, most: int) -> Extract | None:
    """See `Files.extract`."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise failure(path, "read it", error) from None
    try:
        attributes = os.fstat(handle)
        if not stat.S_ISREG(attributes.st_mode):
            raise refusal(path, "is not a regular file")
        return Extract(os.pread(handle, most, start), attributes)
    except OSError as error:
        raise failure(path, "read it", error) from None
    finally:
        os.close(handle)


def vet(path: Path, trust: Trust) -> Way:
    """See `System.vet`."""
    from rotation.host import trust as trusted  # whoever only asks does without

    try:
        return trusted.vet(path, shared=trust is Trust.GROUP)
    except OSError as error:
        raise failure(path, "look at who can write it", error) from None


def _followed(path: Path, trust: Trust, follow: bool) -> Path:
    """Where a symbolic link leads; the path itself if it is none."""
    try:
        if not path.is_symlink():
            return path
        if not follow:
            raise refusal(path, "is a symbolic link", "mail servers ignore it: make it a file")
        if trust is not Trust.ANYBODY and os.lstat(path).st_uid not in (0, os.geteuid()):
            raise refusal(path, "is a symbolic link of somebody else's", f"chown -h root {path}")
        return path.resolve(strict=True)
    except FileNotFoundError:
        raise refusal(path, "is a symbolic link to nothing", "mend it or remove it") from None
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links
        if isinstance(error, OSError):
            raise failure(path, "read it", error) from None
        raise refusal(path, "is a symbolic link in a loop") from None


def _check(path: Path, attributes: os.stat_result) -> None:
    if not stat.S_ISREG(attributes.st_mode):
        kind = next(kind for test, kind in _KINDS if test(attributes.st_mode))
        raise refusal(path, f"is {kind}, not a file")
    if attributes.st_size > LIMIT:
        raise _too_large(path)


def _too_large(path: Path) -> ApplyError:
    return refusal(path, f"is larger than {LIMIT // 2**20} MiB", "is it the right file?")


def _check_trust(path: Path, real: Path, attributes: os.stat_result) -> None:
    if attributes.st_mode & stat.S_IWOTH:
        raise refusal(path, "can be written by everybody", f"chmod o-w {real}")
    folder = os.stat(real.parent)
    if folder.st_mode & stat.S_IWOTH and not folder.st_mode & stat.S_ISVTX:
        raise refusal(path, "lies in a folder that everybody can write", f"chmod o-w {real.parent}")


def make_folder(path: Path) -> None:
    """Make a folder and those above it, unless it is there."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise failure(path, "make the folder", error) from None


def replace(
    path: Path,
    data: bytes,
    before: File | None,
    *,
    keep_owner: bool = True,
    mode: int | None = None,
    shared: bool = False,
) -> None:
    """Put `data` where `before` was; a new file (None) gets mode 0644. See `System.replace`."""
    real = before.real if before else path
    try:
        folder = os.open(real.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise failure(real.parent, "write in the folder", error) from None
    try:
        _replace(folder, real.name, data, before, keep_owner, mode, shared)
        sync(folder, path)
    except OSError as error:
        raise failure(path, "write it", error) from None
    finally:
        os.close(folder)


def _replace(
    folder: int,
    name: str,
    data: bytes,
    before: File | None,
    keep_owner: bool,
    mode: int | None,
    shared: bool,
) -> None:
    temporary = new_name()
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    handle = os.open(temporary, flags, 0o600, dir_fd=folder)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            dress(handle, before, keep_owner, shared=shared)
            if shared and before is None:
                _hand_over(handle, os.fstat(folder).st_gid)
            if mode is not None:
                os.fchmod(handle, mode)
            os.fsync(handle)
        _unchanged(folder, name, before)
        os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary, dir_fd=folder)
        raise


def dress(handle: int, like: File | None, keep_owner: bool, *, shared: bool = False) -> None:
    """Give an open file the owner, group, extended attributes and mode of the file `like`.

    With `shared` the owner stays ours where only root could change it.
    """
    if like is None:
        os.fchmod(handle, 0o644)
        return
    want, have = like.attributes, os.fstat(handle)
    if keep_owner and (want.st_uid, want.st_gid) != (have.st_uid, have.st_gid):
        if shared and os.geteuid() != 0:
            _hand_over(handle, want.st_gid)
        else:
            os.fchown(handle, want.st_uid, want.st_gid)
    _copy_xattrs(like.real, handle)
    os.fchmod(handle, stat.S_IMODE(want.st_mode))


def _hand_over(handle: int, group: int) -> None:
    """Give a file to a group if we may: to one that is not ours only root can (chown(2))."""
    with suppress(PermissionError):
        os.fchown(handle, -1, group)


def _copy_xattrs(source: Path, handle: int) -> None:
    """Copy extended attributes, access lists and security labels among them."""
    try:
        listed = os.listxattr(source, follow_symlinks=False)
    except OSError as error:
        if error.errno in (errno.ENOTSUP, errno.ENOSYS):
            return
        raise
    for attribute in listed:
        value = os.getxattr(source, attribute, follow_symlinks=False)
        try:
            os.setxattr(handle, attribute, value)
        except OSError as error:
            # the label of a file in this folder is the system's to give where it is not ours
            if attribute.startswith("security.") and error.errno in (errno.EPERM, errno.ENOTSUP):
                continue
            raise


def _unchanged(folder: int, name: str, before: File | None) -> None:
    try:
        now = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        now = None
    was = before.attributes if before else None
    if _identity(now) != _identity(was):
        raise OSError(errno.EAGAIN, "somebody else changed it at this moment; run again")


def _identity(of: os.stat_result | None) -> tuple[int, ...] | None:
    return of and (of.st_dev, of.st_ino, of.st_size, of.st_mtime_ns)
