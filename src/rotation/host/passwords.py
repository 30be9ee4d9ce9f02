"""Passwords, from files that nobody else can read (systemd.exec(5), LoadCredential=)."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from rotation.errors import ApplyError, Problem, Where

_NAME = "password"
_LARGEST = 64 * 1024


def read(reference: str, credentials: Path | None) -> str:
    """The first line of a file: an absolute path, or the name of a credential of systemd's, which
    are in the folder `credentials`.

    It must be a file of the user who runs this, or of root, that nobody else can read. Nothing of
    what is in it is ever in the words of an error. Raises ApplyError.
    """
    path = Path(reference)
    if not path.is_absolute():
        if credentials is None:
            what = f"no credential {reference!r}: systemd gave none to this process"
            hint = f'LoadCredential={reference}:/path in the unit, or a path: password = "/path"'
            raise ApplyError(Problem(what, hint=hint))
        path = credentials / reference
    where = Where(str(path))
    try:
        file = open(path, "rb", opener=_at_once)  # noqa: SIM115 - closed below
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        hint = f"write it there, for root alone to read: chmod 600 {path}"
        raise ApplyError(Problem(f"the password cannot be read: {reason}", where, hint)) from None
    with file:
        attributes = os.fstat(file.fileno())
        if not stat.S_ISREG(attributes.st_mode) or attributes.st_size > _LARGEST:
            what = "is not a file with a password"
            raise ApplyError(Problem(what, where, 'one line in a file: password = "/path"'))
        if attributes.st_uid not in (0, os.geteuid()):
            what = "holds a password and belongs to somebody else"
            raise ApplyError(Problem(what, where, f"chown root {path}"))
        if attributes.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            what = "holds a password that others may read"
            raise ApplyError(Problem(what, where, f"chmod 600 {path}"))
        data = file.read(_LARGEST)
    lines = data.splitlines()
    try:
        password = lines[0].decode("utf-8") if lines else ""
    except UnicodeDecodeError:
        password = ""
    if not password:
        raise ApplyError(Problem("holds no password in its first line", where, "write it there"))
    return password


def _at_once(path: str, flags: int) -> int:
    """Open a file that may be a pipe, for which a program would be waited."""
    return os.open(path, flags | os.O_NONBLOCK)


def put(password: str, folder: Path) -> Path:
    """A file in a private folder with the password and nothing else, for nobody else to read."""
    path = folder / _NAME
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(password.encode())
    return path
