"""What stands where on the host, without opening it."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from rotation.host.files import failure, refusal


def names(folder: Path) -> list[str] | None:
    """The names in a folder, sorted; None when it is no folder."""
    try:
        return sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise failure(folder, "list it", error) from None


def status(path: Path, *, follow: bool = True) -> os.stat_result | None:
    """What stands at `path`; None when nothing does or a link leads nowhere."""
    try:
        return os.stat(path, follow_symlinks=follow)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        if error.errno == errno.ELOOP:
            return None
        raise failure(path, "look at it", error) from None


def real(path: Path) -> Path:
    """`path` with symbolic links followed, as far as it exists."""
    try:
        return path.resolve(strict=False)
    except (OSError, RuntimeError) as error:
        raise refusal(path, f"cannot be followed: {error}") from None


def zone() -> str | None:
    """The host's IANA time zone, from the link that is /etc/localtime (localtime(5))."""
    try:
        target = os.readlink("/etc/localtime")
    except OSError:
        return None
    _, marker, name = target.partition("zoneinfo/")
    return name if marker else None
