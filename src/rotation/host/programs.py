"""Programs on the real host: by absolute path, with a list of arguments and a clean environment."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from rotation.errors import ApplyError, Problem
from rotation.system.values import Finished, Lengthy

FOLDERS = ("/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin")
"""Where programs are looked for; never the caller's PATH."""
TIMEOUT = 300
"""Seconds after which a program is given up; Sendmail needs 236 for a million aliases."""
_PIECE = 1 << 20
_TEMPORARY = ("/var/tmp", "/tmp")  # noqa: S108 (nothing there has a name)

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,200}[A-Za-z0-9])?\Z", re.ASCII)
_NOT_THERE = "install it, or correct its path"
_NO_PROGRAM = "may it be run? is it a program of this host, or a script with #! at its top?"
_ENVIRONMENT = {"PATH": ":".join(FOLDERS), "LC_ALL": "C.UTF-8", "HOME": "/"}


def find(names: Iterable[str]) -> Path | None:
    """The first of the programs, in the first of `FOLDERS` that has it."""
    for name in names:
        for folder in FOLDERS:
            path = Path(folder, name)
            if os.access(path, os.X_OK) and path.is_file():
                return path
    return None


def run(argv: Sequence[str | Path], data: bytes = b"", limit: float | None = None) -> Finished:
    """Run a program and wait for its end, or that of `limit` seconds.

    Raises ApplyError when it cannot be started or hangs.
    """
    status, out, err = _run(argv, data, subprocess.PIPE, limit)
    return Finished(status, _text(out), _text(err))


def run_lengthy(argv: Sequence[str | Path], data: bytes = b"") -> Lengthy:
    """The same, for one that prints a lot."""
    try:
        printed = _Printed()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ApplyError(Problem(f"cannot write a temporary file: {reason}")) from None
    status, _, err = _run(argv, data, printed.handle)
    return Lengthy(Finished(status, "", _text(err)), printed.pieces)


class _Printed:
    """What a program printed, in a file that has no name and goes when nobody reads it any more."""

    def __init__(self) -> None:
        self.handle = -1
        self.handle = _unnamed()

    def __del__(self) -> None:
        if self.handle >= 0:
            os.close(self.handle)

    def pieces(self) -> Iterator[bytes]:
        at = 0
        while piece := os.pread(self.handle, _PIECE, at):
            at += len(piece)
            yield piece


def _unnamed() -> int:
    """A file without a name: open(2), O_TMPFILE; where there are none, one that has lost it."""
    for folder in _TEMPORARY:
        with suppress(OSError):
            return os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600)
    import tempfile  # heavy, and nearly every file system has files without a name

    handle, name = tempfile.mkstemp()
    os.unlink(name)
    return handle


def _text(data: bytes | None) -> str:
    return (data or b"").decode("utf-8", "surrogateescape")


def _run(
    argv: Sequence[str | Path], data: bytes, stdout: int, limit: float | None = None
) -> tuple[int, bytes | None, bytes]:
    """Its exit status, what it printed (None where that went to a file), what it complained of."""
    words = [os.fspath(word) for word in argv]
    seconds = TIMEOUT if limit is None else limit
    try:
        process = subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=stdout,
            stderr=subprocess.PIPE,
            env=_ENVIRONMENT,
            cwd="/",
            # one with a time limit of its own ends with all that it has started
            start_new_session=limit is not None,
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ApplyError(
            Problem(
                f"cannot run {words[0]}: {str(reason).lower()}",
                hint=_NOT_THERE if isinstance(error, FileNotFoundError) else _NO_PROGRAM,
            )
        ) from None
    try:
        with process:
            try:
                out, err = process.communicate(data, timeout=seconds)
            except BaseException:
                process.kill()
                if limit is not None:  # what it has started may hold its output open for ever
                    with suppress(ProcessLookupError):
                        os.killpg(process.pid, signal.SIGKILL)
                raise
    except subprocess.TimeoutExpired:
        raise ApplyError(
            Problem(f"{words[0]} did not end within {seconds:g} seconds", hint="run it by hand")
        ) from None
    return process.returncode, out, err


def attend(argv: Sequence[str | Path]) -> int:
    """Run a program with our own standard streams, for as long as it takes; its exit status."""
    words = [os.fspath(word) for word in argv]
    try:
        sys.stdout.flush()
        return subprocess.run(words, env=_ENVIRONMENT, cwd="/", check=False).returncode
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ApplyError(Problem(f"cannot run {words[0]}: {str(reason).lower()}")) from None


def host_name() -> str:
    """What mail from this host comes from: /etc/mailname (Debian), else its own name."""
    try:
        name = Path("/etc/mailname").read_text("ascii").strip()
    except (OSError, ValueError):
        name = ""
    name = name or socket.gethostname()
    return name if _NAME.match(name) else "localhost"


def log(line: str) -> None:
    """A line for the system log, as the mail system's own lines are (syslog(3))."""
    import syslog

    syslog.openlog("rotation", syslog.LOG_PID, syslog.LOG_MAIL)
    syslog.syslog(syslog.LOG_INFO, line)
