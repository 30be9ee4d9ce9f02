"""The state folder: our notes, each written whole and for nobody else to read (locks.py)."""

from __future__ import annotations

import os
import re
import stat
from contextlib import suppress
from pathlib import Path

from rotation.host.files import failure
from rotation.host.locks import check_ours, ours
from rotation.host.sync import sync_folder
from rotation.host.temporary import is_our_name, new_name

_COPY, _CHECKED = ".calendar", ".checked"
_USEFUL, _SINCE = ".useful", ".since"
_PASSING = (_COPY, _CHECKED, _USEFUL, _SINCE, ".before", ".told", ".lock", ".short", ".near")
"""The endings of notes that can be done without."""
_OF_A_SET = re.compile(r"-[0-9a-f]{16}\.(json|seen)$")
"""The endings of notes about one set of rosters, which may not be used any more."""
_ASKED = {_COPY: _CHECKED, _USEFUL: _SINCE, ".json": ".seen"}
"""The endings of notes that are written seldom, and of those that say when they were asked for."""
_HOUR, _LONG = 3600, 400 * 86400


def read(state: Path, name: str) -> bytes | None:
    """What was noted under `name`, None where there is nothing of ours.

    Raises ApplyError where the folder is not ours alone.
    """
    path = state / name
    try:
        check_ours(state)
        # looked at without making the folder: a dry run asks too
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        handle = os.open(path, flags)
    except OSError:
        return None
    with os.fdopen(handle, "rb", closefd=False) as stream:
        try:
            status = os.fstat(handle)
            good = stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid()
            return stream.read() if good and not status.st_mode & 0o022 else None
        except OSError:
            return None
        finally:
            os.close(handle)


def write(state: Path, name: str, data: bytes | None) -> None:
    """Note `data` under `name`, in place of what was noted before; None: nothing any more."""
    folder = ours(state)
    if data is None:
        try:
            (folder / name).unlink(missing_ok=True)
        except OSError as error:
            raise failure(folder / name, "remove it", error) from None
        return
    temporary = folder / new_name()
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(temporary, flags, 0o600), "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
            _sweep(folder, os.fstat(stream.fileno()).st_mtime)
        os.rename(temporary, folder / name)
        sync_folder(folder / name)
    except OSError as error:
        raise failure(folder / name, "write it", error) from None
    finally:
        with suppress(OSError):
            temporary.unlink()


def _sweep(folder: Path, now: float) -> None:
    """Remove what runs of ours that were killed while they wrote left an hour ago or earlier, and
    notes that nothing has needed for more than a year (a calendar that no roster names, a target
    that is gone); whoever needs one of those after all asks, or tells, once more."""
    for entry in os.scandir(folder):
        name, (stem, ending) = entry.name, os.path.splitext(entry.name)
        with suppress(OSError):
            age = now - entry.stat(follow_symlinks=False).st_mtime
            asked = folder / f"{stem}{_ASKED[ending]}" if ending in _ASKED else None
            if asked is not None and asked.exists():  # it stays while it is asked for
                age = min(age, now - asked.stat().st_mtime)
            passing = ending in _PASSING or _OF_A_SET.search(name)
            limit = _HOUR if is_our_name(name) else _LONG if passing else None
            if limit and age > limit and entry.is_file(follow_symlinks=False):
                os.unlink(entry.path)
