"""The short way: what an earlier run answered, where nothing that it was made from has changed.

A run is cheap only if it parses no roster and imports no command line, so this imports next to
nothing. `keep.py` writes the note that is read here. Anything in doubt gives no answer, and the
program takes the long way; it knows nothing of this one. DESIGN: "What is unchanged costs nothing".
"""

from __future__ import annotations

import marshal
import os
import stat
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

FRESH = "ROTATION_FRESH"
"""Where it is set, nothing is kept and nothing that was kept is used."""
RUN = "applied"
"""How the record begins that every `apply` leaves: the short way leaves it too (watch/runs.py)."""
SPEAKING = ("PYTHON", "LC_", "LANG", "TZ")
"""How the names begin of what the interpreter and the C library read of the environment; what the
program itself reads of it is seen while it runs."""
_MAGIC = b"rotation, the short way, 2, %x, "
_OPTIONS = {"who": {"--role": 1, "--why": 0, "--json": 0}, "apply": {"--json": 0}}
"""The commands of which answers are kept, their options, and whether these have a value."""
ROSTERS = "--rosters"
_ACCESS, _DEFAULT = "system.posix_acl_access", "system.posix_acl_default"


class Question:
    """What is asked, of whom, at which instant.

    `now` is in seconds since 1970 (UTC), `begun` in nanoseconds: nothing was read before it.
    `asked` is all but the instant that shapes an answer and is known before anything is read.
    """

    __slots__ = ("asked", "begun", "command", "note", "now", "options", "state")

    def __init__(
        self,
        command: str,
        options: dict[str, str],
        asked: tuple[str, ...],
        state: str,
        note: str,
    ) -> None:
        self.command, self.options = command, options
        self.asked, self.state, self.note = asked, state, note
        self.begun = time.time_ns()
        self.now = self.begun // 10**9


def question() -> Question | None:
    """The question of this process; None where its answer is not to be kept."""
    known, state = _command(sys.argv[1:]), _state_folder()
    if known is None or state is None or not os.path.isabs(state) or os.environ.get(FRESH):
        return None
    command, options = known
    rosters = options.get(ROSTERS) or os.environ.get("ROTATION_ROSTERS") or "/etc/rotation"
    try:
        here = "" if os.path.isabs(rosters) else os.getcwd()
    except OSError:
        return None  # the current folder is gone
    asked = (
        *sys.orig_argv,
        "",
        *sys.argv,
        "",
        *sys.path,
        "",
        *(f"{name}={os.environ[name]}" for name in os.environ if name.startswith(SPEAKING)),
        "",
        here,
        f"{os.getresuid()} {os.getresgid()} {sorted(os.getgroups())}",
        *(_stream(number) for number in (1, 2)),
    )
    # two questions may share a name: then each takes the other's place
    words = "".join(c if c.isalnum() and c.isascii() else "-" for c in " ".join(sys.argv[1:]))
    return Question(command, options, asked, state, f"{state}/{words[-150:]}.short")


def _command(words: list[str]) -> tuple[str, dict[str, str]] | None:
    """The command and its options, if its answers are kept and every option is known."""
    command, options = "", dict[str, str]()
    left = iter(words)
    for word in left:
        name, given, value = word.partition("=")
        takes = 1 if name == ROSTERS else _OPTIONS[command].get(name) if command else None
        if takes is None and not command and word in _OPTIONS:
            command = word
            continue
        if takes is None or (given and not takes):
            return None
        if takes:
            value = value if given else next(left, "")
            if not value or value.startswith("-"):
                return None
        options[name] = value
    return (command, options) if command else None


def _state_folder() -> str | None:
    """Where the program keeps what one run leaves for the next (cli/context.py); None: unsure."""
    if named := os.environ.get("ROTATION_STATE"):
        return named
    if os.geteuid() == 0:
        return "/var/lib/rotation"
    if base := os.environ.get("XDG_STATE_HOME"):
        return f"{base}/rotation"
    home = os.environ.get("HOME")
    return f"{home}/.local/state/rotation" if home else None


def _stream(number: int) -> str:
    """What of an open stream shapes what is written to it."""
    stream: Any = sys.stdout if number == 1 else sys.stderr
    if not os.isatty(number):
        return f"{stream.encoding} {stream.errors}"
    try:
        return f"{stream.encoding} {stream.errors} {os.get_terminal_size(number)}"
    except OSError:
        return f"{stream.encoding} {stream.errors} terminal"


def _file(path: str) -> object:
    """What stands at a path, through links; the number of the error where nothing can be seen."""
    try:
        return identity(os.stat(path))
    except OSError as error:
        return error.errno


def _link(path: str) -> object:
    """The same of the path itself."""
    try:
        return identity(os.lstat(path))
    except OSError as error:
        return error.errno


def identity(status: os.stat_result) -> tuple[int, ...]:
    """What tells a file from others, and from itself once it was changed."""
    return (
        status.st_dev,
        status.st_ino,
        status.st_mode,
        status.st_uid,
        status.st_gid,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
    )


def _passage(path: str) -> object:
    """Who could change what a folder, or a link, on the way to a file leads to."""
    try:
        status = os.lstat(path)
    except OSError as error:
        return error.errno
    who = status.st_dev, status.st_ino, status.st_mode, status.st_uid, status.st_gid
    return (*who, _attribute(path, _ACCESS), _attribute(path, _DEFAULT))


def _attribute(path: str, name: str) -> bytes | int | None:
    try:
        return os.getxattr(path, name, follow_symlinks=False)
    except OSError as error:
        return error.errno


def _unlocked(folder: str) -> object:
    """Whether no other run holds the lock on a folder."""
    import fcntl

    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        return error.errno
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return 0
    except OSError as error:
        return error.errno
    finally:
        os.close(handle)


LOOK: dict[str, Callable[[str], object]] = {
    "file": _file,
    "link": _link,
    "passage": _passage,
    "real": os.path.realpath,
    "unlocked": _unlocked,
    "environment": os.environ.get,
    "host": lambda _: os.uname().nodename,
}
"""What speaks for an answer, by its kind: what is there now, of a subject of that kind."""


def answer(asked: Question) -> int | None:
    """Answer from the note: write the result to standard output and give the exit status.

    None, and nothing is written, where there is no note that holds at this instant.
    """
    try:
        kept = _kept(asked)
        if kept is None:
            return None
        status, pieces, record, _ = kept
        run = _run(asked, record, status) if record else None
    except (OSError, ValueError, EOFError, TypeError):
        return None
    out: Any = sys.stdout
    for piece in pieces:
        out.buffer.write(piece if isinstance(piece, bytes) else _moment(asked.now + piece, piece))
    if run is not None:
        _record(asked.state, record, run)
    return int(status)


def _kept(asked: Question) -> Any:
    """Status, pieces of the result, where `apply` records its run; None where that is over."""
    folder = os.lstat(asked.state)
    handle = os.open(asked.note, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        file = os.fstat(handle)
        ours = stat.S_ISDIR(folder.st_mode) and stat.S_ISREG(file.st_mode) and file.st_nlink == 1
        for part in (folder, file):
            ours = ours and part.st_uid == os.geteuid() and not part.st_mode & 0o022
        data = os.read(handle, file.st_size + 1) if ours else b""
    finally:
        os.close(handle)
    head, _, body = data.partition(b"\n")
    if head != header(body):
        return None
    # what nobody else can write, and is whole
    asked_then, since, until, status, pieces, checks, record = marshal.loads(body)  # noqa: S302
    if asked_then != asked.asked or not since <= asked.now < until:
        return None
    for kind, entries in checks:
        look = LOOK[kind]
        for subject, value in entries:
            if look(subject) != value:
                return None
    return status, pieces, record, checks


def header(body: bytes) -> bytes:
    """The first line of a note, without its end: which program wrote it, and how long it is."""
    return _MAGIC % sys.hexversion + b"%d" % len(body)


def _run(asked: Question, record: str, status: int) -> bytes | None:
    """The record of this run, made from that of the last one. Raises ValueError where that is not
    as the program writes it."""
    now = _moment(asked.now, 0)
    try:
        with open(f"{asked.state}/{record}", "rb") as file:
            last = file.read(200)
    except FileNotFoundError:
        return b'{"at": "%s", "status": %d}' % (now, status)
    at = last[8:33]
    rest, _, before = last[33:].partition(b', "before": "')
    shape = last[:8] == b'{"at": "' and at[10:11] == b"T" and at[19:] == b"+00:00"
    whole = before[25:] == b'"}' if before else rest[-1:] == b"}"
    if not shape or not whole or rest[:13] != b'", "status": ':
        raise ValueError
    if at == now:
        at = before[:25]
    more = b', "before": "%s"' % at if at else b""
    return b'{"at": "%s", "status": %d%s}' % (now, status, more)


def _record(state: str, record: str, data: bytes) -> None:
    temporary = f"{state}/.rotation-{os.urandom(8).hex()}"
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        handle = os.open(temporary, flags, 0o600)
        try:
            os.write(handle, data)
        finally:
            os.close(handle)
        os.rename(temporary, f"{state}/{record}")
    except OSError:
        return  # no run fails for that


def _moment(seconds: int, offset: int) -> bytes:
    """A local time, in seconds as if it were UTC, and its offset from UTC in ISO 8601."""
    year, month, day, hour, minute, second, *_ = time.gmtime(seconds)
    sign, rest = ("-", -offset) if offset < 0 else ("+", offset)
    zone = f"{sign}{rest // 3600:02}:{rest // 60 % 60:02}"
    zone += f":{rest % 60:02}" if rest % 60 else ""
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{zone}".encode()
