"""Names and passwords from a netrc file (netrc(5)), read with suspicion."""

from __future__ import annotations

import netrc
import os
import stat
from pathlib import Path

_LARGEST = 1024 * 1024


def login(path: Path | None, host: str) -> tuple[tuple[str, str] | None, str | None]:
    """The name and password for `host`, and why the file was not used where it was not.

    It must be a file of the user who runs this, or of root, that nobody else can read. Nothing
    of what is in it is ever in the words given back.
    """
    if path is None:
        return None, None
    try:
        attributes = path.stat()
    except OSError:
        return None, None
    if not stat.S_ISREG(attributes.st_mode) or attributes.st_size > _LARGEST:
        return None, f"{path} is not a netrc file"
    if attributes.st_uid not in (0, os.geteuid()):
        return None, f"{path} is not used: it belongs to somebody else"
    if attributes.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return None, f"{path} is not used: others may read it (chmod 600)"
    try:
        entry = netrc.netrc(str(path)).authenticators(host)
    except (OSError, ValueError, netrc.NetrcParseError) as error:
        # the error's own text may be a password
        line = f", near line {error.lineno}" if isinstance(error, netrc.NetrcParseError) else ""
        return None, f"{path} is not used: it cannot be read{line}"
    return (None, None) if entry is None else ((entry[0], entry[2]), None)
