"""The log of a mail server since it was read last: its file, those that it was rotated into, or the
journal. Sources: logrotate(8), journalctl(1), postconf(5) `maillog_file`, the Exim specification,
`log_file_path`."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from rotation.errors import ApplyError, Problem, Where
from rotation.mail.exim import PROGRAMS
from rotation.mail.server import Argv, told
from rotation.system import Files, Look
from rotation.watch.delivery.fates import LogPosition

SYSLOGS = ("/var/log/mail.log", "/var/log/maillog", "/var/log/mail")
"""Where distributions write what syslog is told of mail; the first that is there counts."""
_EVERYTHING = ("/var/log/syslog", "/var/log/messages")
_EXIM_LOGS = ("/var/log/exim4/mainlog", "/var/log/exim/main.log", "/var/log/exim/mainlog")
_JOURNALS = ("/var/log/journal", "/run/log/journal")
FIRST = 64 * 1024 * 1024
"""Bytes of a log that are looked at the first time; more in a day is said."""
DAY = timedelta(days=1)
"""How far back the first look goes."""
_BLOCK = 1024 * 1024
_HEAD = 256
_LONGEST = 65536
_PACKED: dict[str, Callable[[io.BytesIO], gzip.GzipFile | lzma.LZMAFile | bz2.BZ2File]] = {
    ".gz": lambda data: gzip.GzipFile(fileobj=data),
    ".xz": lzma.LZMAFile,
    ".bz2": bz2.BZ2File,
}

Take = Callable[[str], None]
"""Is given each line."""


def files(system: Look, server: str, config: Path | None) -> list[Path]:
    """The files that a server's log may be written to; none where there is only the journal."""
    candidates: tuple[str, ...] = SYSLOGS
    if server == "postfix":
        option = () if config is None else ("-c", str(config))
        done = told(system, "postconf", *option, "-hx", "maillog_file")
        own = done.out.strip() if done is not None and done.status == 0 else ""
        if own:
            return [Path(own)]
    elif server == "exim":
        option = () if config is None else ("-C", str(config))
        candidates = (*_exim(system, option), *_EXIM_LOGS, *SYSLOGS)
    named = [Path(path) for path in candidates]
    there = next((path for path in named if _is_file(system, path)), None)
    if there is None and not journal(system):
        there = next((p for p in map(Path, _EVERYTHING) if _is_file(system, p)), None)
    return [] if there is None else [there]


def _exim(system: Look, option: tuple[str, ...]) -> list[str]:
    for program in PROGRAMS:
        done = told(system, program, *option, "-bP", "log_file_path")
        if done is not None and done.status == 0:
            paths = done.out.partition("=")[2].strip().split(":")
            return [path.strip().replace("%s", "main") for path in paths if "/" in path]
    return []


def _is_file(system: Files, path: Path) -> bool:
    with suppress(ApplyError):
        return system.status(path) is not None and system.names(path) is None
    return False


def journal(system: Look) -> bool:
    """Whether this host keeps a journal that can be asked."""
    kept = any(system.names(Path(folder)) for folder in _JOURNALS)
    return kept and system.program("journalctl") is not None


def read_journal(system: Look, since: datetime, take: Take) -> None:
    """Every line of mail servers in the journal since an instant. Raises ApplyError."""
    program = system.program("journalctl")
    if program is None:
        raise ApplyError(Problem("no journalctl on this host"))
    when = f"--since=@{int(since.timestamp())}"
    argv: Argv = [
        program,
        "--quiet",
        "--no-pager",
        "--output=short-iso-precise",
        "--utc",
        when,
        "SYSLOG_FACILITY=2",
    ]
    done = system.ask(argv)
    if done.status != 0:
        raise ApplyError(Problem(f"the journal cannot be read: {done.said}", hint="run it as root"))
    for line in done.out.split("\n"):  # what strangers wrote can hold other ends of lines
        take(line)


def read(
    system: Files,
    path: Path,
    mark: LogPosition | None,
    take: Take,
    since: datetime,
    written: Callable[[str], datetime | None],
) -> tuple[LogPosition, bool]:
    """Every whole line of a log since `mark`, or at least since `since` where there is none, in
    order, from the files that it was rotated into as well; how far it is read now, and whether
    nothing in between is missing. `written` tells when a line was. Raises ApplyError."""
    piece = system.extract(path, 0, _HEAD)
    if piece is None:
        raise ApplyError(Problem("there is no such log", Where(str(path)), "is syslog running?"))
    size = piece.attributes.st_size
    whole = True
    if mark is None:
        start = max(0, size - FIRST)
        if start:
            first = system.extract(path, start, _LONGEST)
            lines = first.data.decode("utf-8", "surrogateescape").split("\n")[1:-1] if first else []
            times = [at for at in map(written, lines) if at is not None]
            whole = bool(times) and min(times) < since
        else:
            _recent(system, path, since, take)
    elif size >= mark.offset and _same(piece.data, mark):
        start = mark.offset
    else:
        start = 0
        whole = _rotated(system, path, mark, take)
    offset = _lines(_blocks(system, path, start), take, start, cut=mark is None and start > 0)
    return _mark(system, path, offset), whole


def _same(head: bytes, mark: LogPosition) -> bool:
    return sha256(head[: mark.length]).hexdigest() == mark.head


def _mark(system: Files, path: Path, offset: int) -> LogPosition:
    piece = system.extract(path, 0, min(_HEAD, offset))
    head = piece.data if piece is not None else b""
    return LogPosition(offset, len(head), sha256(head).hexdigest())


def _blocks(system: Files, path: Path, start: int) -> Iterator[bytes]:
    while (piece := system.extract(path, start, _BLOCK)) is not None and piece.data:
        start += len(piece.data)
        yield piece.data


def _lines(blocks: Iterator[bytes], take: Take, start: int, *, cut: bool = False) -> int:
    """Give on the whole lines of some bytes, but for a first one that is `cut`; where they end."""
    rest = b""
    for block in blocks:
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            start += len(line) + 1
            if not cut:
                take(line[:_LONGEST].decode("utf-8", "surrogateescape"))
            cut = False
        if len(rest) > _BLOCK:  # no line of a log
            start, rest = start + len(rest), b""
    return start


def _times(system: Files, path: Path) -> dict[Path, float]:
    """What a log was rotated into, and when each was written last."""
    names = [
        path.parent / name
        for name in system.names(path.parent) or ()
        if name.startswith((f"{path.name}.", f"{path.name}-"))
    ]
    return {name: status.st_mtime for name in names if (status := system.status(name))}


def _recent(system: Files, path: Path, since: datetime, take: Take) -> None:
    """The lines of what a log was rotated into, if that was written since."""
    times = _times(system, path)
    for name in sorted(times, key=lambda name: times[name]):
        if times[name] >= since.timestamp():
            _lines(_content(system, name, 0), take, 0)


def _rotated(system: Files, path: Path, mark: LogPosition, take: Take) -> bool:
    """The lines of what the log was rotated into; whether the one that was read last is there."""
    times = _times(system, path)
    newer: list[Path] = []
    for name in sorted(times, key=lambda name: times[name], reverse=True):
        start = _where(system, name, mark)
        if start is not None:
            for file, offset in [(name, start), *((file, 0) for file in reversed(newer))]:
                _lines(_content(system, file, offset), take, offset)
            return True
        newer.append(name)
    return False


def _where(system: Files, path: Path, mark: LogPosition) -> int | None:
    """Where to go on in a file, if it is the one that was read up to `mark`."""
    head = next(_content(system, path, 0), b"")
    return mark.offset if len(head) >= mark.length and _same(head, mark) else None


def _content(system: Files, path: Path, start: int) -> Iterator[bytes]:
    unpack = _PACKED.get(path.suffix)
    if unpack is None:
        yield from _blocks(system, path, start)
        return
    packed = system.read(path)
    if packed is None:
        return
    with (
        suppress(OSError, EOFError, lzma.LZMAError, zlib.error),
        unpack(io.BytesIO(packed.data)) as stream,
    ):
        skipped = 0
        while skipped < start and (block := stream.read(min(_BLOCK, start - skipped))):
            skipped += len(block)
        while block := stream.read(_BLOCK):
            yield block
