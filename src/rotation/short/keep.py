"""The long way, watched, so that the next run may have its answer from a note.

A note is written only where the answer is one that stat values speak for, and where each file was
left alone for long enough before the run that a later change must show (as git does with its
index): what is written within one tick of the file system's clock looks the same before and after.
"""

from __future__ import annotations

import marshal
import math
import os
import sys
import zoneinfo
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

from rotation.cli.context import Call, credentials, postgresql_passwords
from rotation.dataclasses import dataclass, field
from rotation.host.temporary import new_name
from rotation.model import NEVER
from rotation.roster.load import Page, Rosters
from rotation.schedule.loaded import Loaded
from rotation.short import LOOK, ROSTERS, RUN, Question, header
from rotation.short.watch import Watch, environment_watched
from rotation.short.watched import LIBRARIES, WatchedHost

LOCAL = frozenset(
    {"bcachefs", "btrfs", "ext2", "ext3", "ext4", "f2fs", "jfs", "overlay", "ramfs", "reiserfs"}
    | {"tmpfs", "xfs", "zfs"}
)
"""File systems whose times are this host's: those of a server go by another clock, and what is
cached of them may be old; those of an image that another host made may be the same in the next."""
_TICK, _SECOND = 10_000_000, 10**9
"""Nanoseconds: the coarsest tick of the kernel's clock (time(7), HZ), and one second."""
_LOCAL = ("/etc/localtime", "/usr/share/locale/locale.alias")
"""What the C library reads when the interpreter starts."""
_STEP = timedelta(minutes=15)
_AT = b'    "at": "'
_STATUSES = (0, 1)
_P = ParamSpec("_P")
_T = TypeVar("_T")


@dataclass
class _WatchedCall(Call):
    """A call that remembers the rosters that it answered of."""

    loaded: list[Loaded] = field(default_factory=list)

    def readable(self, rosters: Rosters) -> tuple[Page, ...]:
        """See `Call.readable`."""
        pages = super().readable(rosters)
        self.loaded += (page.loaded for page in pages)
        return pages


class _Copied:
    """What is written to one of the program's own streams (`rotation.__main__`)."""

    def __init__(self, stream: Any) -> None:
        self._raw = stream.buffer.raw
        self._raw.copy = self._pieces = list[bytes]()

    @property
    def data(self) -> bytes:
        """All of it."""
        return b"".join(self._pieces)

    @property
    def whole(self) -> bool:
        """Whether all of it could be written."""
        return self._raw.fault is None


def kept(asked: Question) -> int:
    """Run the program as it was called, keep its answer where that can be, and give its status."""
    watch = Watch(asked.state)
    out, err = _Copied(sys.stdout), _Copied(sys.stderr)
    with environment_watched(watch), watch.listening():
        call = _WatchedCall(
            now=datetime.fromtimestamp(asked.now, UTC),
            system=WatchedHost(Path(asked.state), watch, credentials(), postgresql_passwords()),
        )
        call.fetch, call.search = _doubted(watch, call.fetch), _doubted(watch, call.search)
        call.knock = _doubted(watch, call.knock)
        try:
            status: object = _run(asked, call)
        except SystemExit as ended:
            status = ended.code
        sys.stdout.flush()
    result = int(status) if isinstance(status, int) else int(status is not None)
    if out.whole and err.whole and not err.data and not watch.doubts and result in _STATUSES:
        # whatever goes wrong here, the answer was given: no run fails for want of a note
        with suppress(Exception):
            _write(asked, watch, call, result, out.data)
    return result


def _run(asked: Question, call: Call) -> int:
    """Run the command. To say who is on duty takes no command line: its options are known, and it
    costs as much to import as all the rest."""
    if asked.command != "who":
        from rotation.cli.main import main

        return main(call)
    from rotation.cli.duty import tell

    rosters = asked.options.get(ROSTERS)
    context = SimpleNamespace(obj=call.take(Path(rosters) if rosters else None))
    words = asked.options
    tell(context, None, words.get("--role"), why="--why" in words, as_json="--json" in words)
    return 0


def _doubted(watch: Watch, asks: Callable[_P, _T]) -> Callable[_P, _T]:
    """What is asked of other hosts, whose answer no file speaks for."""

    def ask(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        watch.doubt("another host was asked")
        return asks(*args, **kwargs)

    return ask


def _see_program(watch: Watch) -> None:
    """Note the program itself: the interpreter, every module, where they are looked for, and the
    zones, which come from the first folder that has them."""
    for path in (sys.executable, *LIBRARIES, *_LOCAL):
        watch.see("file", path)
    watch.see("file", Path(sys.executable).parent.parent / "pyvenv.cfg")
    for folder in sys.path:
        watch.see("file", folder or ".")
    for module in list(sys.modules.values()):
        file = getattr(getattr(module, "__spec__", None), "origin", None)
        file = getattr(module, "__file__", None) if module.__name__ == "__main__" else file
        if file is not None and os.path.isabs(file):
            watch.see("file", file)
    folders = tuple(f"{folder}/" for folder in zoneinfo.TZPATH)
    for _, subject in list(watch.seen):
        _, packaged, zone = subject.partition("/tzdata/zoneinfo/")
        if not packaged and subject.startswith(folders):
            zone = next(subject.removeprefix(f) for f in folders if subject.startswith(f))
        for folder in folders if zone else ():
            watch.see("file", f"{folder}{zone}")


def _write(asked: Question, watch: Watch, call: _WatchedCall, status: int, out: bytes) -> None:
    """Write the note, if it can be relied on. Raises ApplyError, OSError and ValueError."""
    json = asked.command == "who" and "--json" in sys.argv
    pieces = _pieces(out, call.now) if json else (out,)
    until = min(_bounds(call, json=json), default=NEVER)
    _see_program(watch)
    checks: dict[str, list[tuple[str, object]]] = {}
    devices = Devices()
    for (kind, subject), value in watch.seen.items():
        if LOOK[kind](subject) != value:
            return
        if kind in ("file", "link") and isinstance(value, tuple):
            device, *_, modified, changed = value
            past = _past(modified, changed, asked.begun)
            if not (past and devices.local(device, subject)):
                return
        checks.setdefault(kind, []).append((subject, value))
    last = math.ceil(until.timestamp()) if until != NEVER else sys.maxsize
    record = f"{RUN}{call.sets[0]}.json" if asked.command == "apply" else ""
    note = (asked.asked, asked.now, last, status, pieces, tuple(checks.items()), record)
    body = marshal.dumps(note)
    temporary = _folder(asked.state) / new_name()
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(temporary, flags, 0o600), "wb") as stream:
            stream.write(header(body) + b"\n" + body)
        os.rename(temporary, asked.note)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def _folder(state: str) -> Path:
    """The folder of notes, made if need be. Raises ApplyError, OSError; whether it is ours alone
    is asked again by whoever reads a note."""
    if not os.path.lexists(state):
        from rotation.host import locks

        return locks.ours(Path(state))
    if os.lstat(state).st_uid != os.geteuid():
        raise PermissionError(state)
    return Path(state)


def _past(modified: int, changed: int, begun: int) -> bool:
    """Whether whatever changes a file after `begun` leaves other times than these (nanoseconds).

    Some file systems have whole seconds only: nobody sets the time of a change (ctime) to one.
    """
    tick = _TICK if changed % _SECOND else _SECOND
    return max(modified, changed) + tick <= begun


class Devices:
    """Which file systems go by this host's clock, by /proc/self/mountinfo (proc(5)). Raises
    OSError."""

    def __init__(self) -> None:
        self._mounts: dict[str, str] = {}
        for line in Path("/proc/self/mountinfo").read_bytes().splitlines():
            mount, _, kind = line.partition(b" - ")  # see proc(5)
            folder = mount.split()[4].decode("unicode_escape").encode("latin-1")
            self._mounts[os.fsdecode(folder)] = kind.split()[0].decode("ascii", "replace")
        self._local: dict[int, bool] = {}

    def local(self, device: int, path: str) -> bool:
        """Whether the device, on which `path` lies, is one. Its number alone does not tell: some
        file systems have more of them than are listed."""
        if device not in self._local:
            real = Path(os.path.realpath(path))
            kinds = (self._mounts[str(p)] for p in (real, *real.parents) if str(p) in self._mounts)
            self._local[device] = next(kinds, "") in LOCAL
        return self._local[device]


def _bounds(call: _WatchedCall, *, json: bool) -> Iterator[datetime]:
    """The instants at which the answer may be another one: a change of who is on duty, or what its
    calendars say; a new year, for instants of this one are written without it."""
    for loaded in call.loaded:
        yield loaded.until
        for schedule in loaded.known_schedules():
            if (change := schedule.changes(call.now)) is not None:
                yield change
    for zone in {loaded.roster.zone for loaded in call.loaded}:
        year = call.now.astimezone(zone).year
        if year < NEVER.year:
            yield datetime(year + 1, 1, 1, tzinfo=zone).astimezone(UTC)
        if json:
            yield _same_offset(call.now, zone)


def _same_offset(now: datetime, zone: ZoneInfo) -> datetime:
    """Until when the present instant is written with the present offset, for a day at most."""
    offset, later = now.astimezone(zone).utcoffset(), now
    while later < now + timedelta(days=1):
        if (later + _STEP).astimezone(zone).utcoffset() != offset:
            break
        later += _STEP
    return later


def _pieces(out: bytes, now: datetime) -> tuple[bytes | int, ...]:
    """The JSON of `who` with the offset from UTC, in seconds, in place of each present instant.

    A string within it has no quotes, so that no other line begins as those of the instant do.
    Raises ValueError.
    """
    pieces: list[bytes | int] = []
    literal = b""
    for line in out.splitlines(keepends=True):
        head, mark, rest = line.partition(_AT)
        text = rest.partition(b'"')[0].decode("ascii") if mark and not head else ""
        if text:
            at = datetime.fromisoformat(text)
            offset = at.utcoffset()
            if at != now or offset is None or offset % timedelta(seconds=1):
                raise ValueError(text)
            pieces += (literal + _AT, int(offset.total_seconds()))
            literal = rest[len(text) :]
        else:
            literal += line
    return (*pieces, literal)
