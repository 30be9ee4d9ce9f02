"""Programs on the real host: by absolute path, with a list of arguments and a clean environment."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from rotation.errors import ApplyError, Problem
from rotation.system.values import Finished

FOLDERS = ("/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin")
"""Where programs are looked for; never the caller's PATH."""
TIMEOUT = 300
"""Seconds after which a program is given up; Sendmail needs 236 for a million aliases."""

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,200}[A-Za-z0-9])?\Z", re.ASCII)
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
    words = [os.fspath(word) for word in argv]
    seconds = TIMEOUT if limit is None else limit
    try:
        process = subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
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
                hint="is the mail server installed? `rebuild` in the target names another command",
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
    return Finished(
        process.returncode,
        out.decode("utf-8", "surrogateescape"),
        err.decode("utf-8", "surrogateescape"),
    )


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
