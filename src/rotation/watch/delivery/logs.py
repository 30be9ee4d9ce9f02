"""A log file of a mail server since it was read last, with what it was rotated into.

Sources: logrotate(8), rsyslog.conf(5), gzip(1). Whatever cannot be read is said: a part that is
missing would else be taken for one in which nothing went wrong.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from rotation.dataclasses import dataclass, replace
from rotation.errors import ApplyError, Problem, Where
from rotation.system import Files
from rotation.watch.delivery.fates import LogPosition

FIRST = 64 * 1024 * 1024
"""Bytes of a log that are looked at the first time; more in a day is said."""
DAY = timedelta(days=1)
"""How far back the first look goes."""
EVER = datetime.min.replace(tzinfo=UTC)
"""Where there was a look before, whatever comes after it counts."""
_BLOCK = 1024 * 1024
_HEAD = 256
_LONGEST = 65536
_PACKED: dict[str, Callable[[io.BytesIO], gzip.GzipFile | lzma.LZMAFile | bz2.BZ2File]] = {
    ".gz": lambda data: gzip.GzipFile(fileobj=data),
    ".xz": lzma.LZMAFile,
    ".bz2": bz2.BZ2File,
}
_BROKEN = (OSError, EOFError, lzma.LZMAError, zlib.error)
_STRANGE = (".zst", ".lz4", ".lzo", ".lz", ".Z", ".7z", ".zip")
"""How else a log may be packed, which is not read here."""

Written = Callable[[str], datetime | None]
"""When a line of a log was written; None where it does not say."""


class LogSource(Protocol):
    """A place that a server's log is read from. What it tells of before `horizon` does not count;
    once `lines` has ended, `problems` are what could not be read."""

    horizon: datetime
    problems: list[Problem]

    def lines(self) -> Iterator[str]:
        """The lines since the last look, in order. Raises nothing."""


@dataclass(frozen=True, slots=True)
class LogSpan:
    """Which lines of a log are wanted: those since `since`, read at `now`; `written` says when each
    was. Read `anew`, how far it was read before only tells whether something is lost."""

    since: datetime
    now: datetime
    written: Written
    anew: bool = False


class LogFile:
    """One log file. `mark` is how far it was read, None where it was not, and once `lines` has
    ended how far it is; `away` is whether it was not there. Files that it was rotated into count
    if they were written since."""

    def __init__(self, system: Files, path: Path, mark: LogPosition | None, span: LogSpan) -> None:
        self.path = path
        self.mark = mark
        self.away = False
        self.horizon = span.since if mark is None or span.anew else EVER
        self.problems: list[Problem] = []
        self._span = span
        self._last: tuple[Path, int] | None = None
        self._system = system
        self._dated: bool | None = None

    def lines(self) -> Iterator[str]:
        """Every whole line since the last look, in order, from the files that the log was rotated
        into as well."""
        try:
            yield from self._lines()
        except ApplyError as error:
            self._complain(*error.problems)
        if self._dated is False:
            what = "its lines do not begin with a date in a format that rotation knows"
            hint = "let syslog write it in its traditional format, or that of RFC 5424's dates"
            self._complain(Problem(what, Where(str(self.path)), hint))

    def _lines(self) -> Iterator[str]:
        piece = self._system.extract(self.path, 0, _HEAD)
        if piece is None:
            self.away = True
            yield from self._while_away()
            return
        size, mark, start = piece.attributes.st_size, self.mark, 0
        replaced = mark is not None and (size < mark.offset or not _same(piece.data, mark))
        known = size if mark is None or replaced else mark.offset
        if self._span.anew and mark is not None:
            if replaced and not any(self._is(path, mark) for path in self._times()):
                self._complain(self._nowhere())
            mark = None
        if mark is None and size > FIRST:
            start = min(size - FIRST, known)
            self._judge_cut(start)
        elif mark is None:
            yield from self._rotated_since()
        elif replaced:
            yield from self._rotated(mark)
        elif mark.length == 0:  # it was empty, and so will any other be
            yield from self._rotated_since()
        else:
            start = mark.offset
        cut = mark is None and start not in (0, known)
        end = yield from self._whole_lines(self._blocks(self.path, start), start, cut=cut)
        if all(problem.what.startswith(_LOST) for problem in self.problems):
            self.mark = self._mark(end)  # else it is read from there once more

    def _while_away(self) -> Iterator[str]:
        """The lines of what a log was rotated into that has not been begun anew yet. Raises
        ApplyError if it was not rotated, but is gone."""
        mark = self.mark
        if mark is None or not any(self._explains(path, mark) for path in self._times()):
            hint = "start the mail server, or what writes its log"
            raise ApplyError(Problem("there is no such log", Where(str(self.path)), hint))
        yield from (
            self._rotated_since() if self._span.anew or not mark.length else self._rotated(mark)
        )
        if self.problems:
            return
        if self._last is None:
            self.mark = replace(mark, at=self._span.now)
        else:
            path, end = self._last
            head = self._head(path, min(_HEAD, end))
            self.mark = LogPosition(end, len(head), sha256(head).hexdigest(), self._span.now)

    def _explains(self, path: Path, mark: LogPosition) -> bool:
        """Whether a log that is away was rotated into this; an empty one is known by its size."""
        if mark.length > 0:
            return self._is(path, mark)
        status = self._system.status(path)
        since = self._span.since.timestamp()
        return status is not None and (status.st_size == 0 or status.st_mtime >= since)

    def _judge_cut(self, start: int) -> None:
        """Of a large log, whether what is read goes back as far as it has to."""
        first = self._system.extract(self.path, start, _LONGEST)
        lines = _text(first.data).split("\n")[1:-1] if first else []
        times = [at for at in map(self._span.written, lines) if at is not None]
        if not times or min(times) >= self._span.since:
            what = f"{_LOST} of the last day only the end was read"
            hint = "let logrotate rotate it more often"
            self._complain(Problem(what, Where(str(self.path)), hint))

    def _complain(self, *problems: Problem) -> None:
        self.problems += problems

    def _mark(self, offset: int) -> LogPosition:
        piece = self._system.extract(self.path, 0, min(_HEAD, offset))
        head = piece.data if piece is not None else b""
        return LogPosition(offset, len(head), sha256(head).hexdigest(), self._span.now)

    def _blocks(self, path: Path, start: int) -> Iterator[bytes]:
        while (piece := self._system.extract(path, start, _BLOCK)) is not None and piece.data:
            start += len(piece.data)
            yield piece.data

    def _whole_lines(
        self, blocks: Iterator[bytes], start: int = 0, *, cut: bool = False
    ) -> Generator[str, None, int]:
        """The whole lines of some bytes, but for a first one that is `cut`; returns their end."""
        rest = b""
        for block in blocks:
            *lines, rest = (rest + block).split(b"\n")
            for line in lines:
                start += len(line) + 1
                if not cut:
                    text = _text(line[:_LONGEST])
                    if not self._dated and text:
                        self._dated = self._span.written(text) is not None
                    yield text
                cut = False
            if len(rest) > _BLOCK:  # no line of a log
                start, rest = start + len(rest), b""
        return start

    # --- what the log was rotated into

    def _times(self) -> dict[Path, float]:
        """What a log was rotated into, and when each was written last. Of one that is just being
        packed the part that is there already does not count."""
        names = [
            self.path.parent / name
            for name in self._system.names(self.path.parent) or ()
            if name.startswith((f"{self.path.name}.", f"{self.path.name}-"))
        ]
        names = [p for p in names if p.suffix not in _PACKED or p.with_suffix("") not in names]
        statuses = {name: self._system.status(name) for name in names}
        times = {name: status.st_mtime for name, status in statuses.items() if status}
        return {name: times[name] for name in sorted(times, key=lambda name: times[name])}

    def _rotated_since(self) -> Iterator[str]:
        """The lines of what a log was rotated into, if that was written since."""
        for path, at in self._times().items():
            if at >= self._span.since.timestamp():
                yield from self._old(path, 0)

    def _rotated(self, mark: LogPosition) -> Iterator[str]:
        """The lines of what the log was rotated into, from the one on that was read last."""
        times, newer = self._times(), []
        for path in reversed(times):
            if self._is(path, mark):
                yield from self._old(path, mark.offset)
                break
            newer.append(path)
        else:
            self._complain(self._nowhere())
            newer = [path for path in newer if times[path] >= self._span.since.timestamp()]
        for path in reversed(newer):
            yield from self._old(path, 0)

    def _nowhere(self) -> Problem:
        what = f"{_LOST} what it held before it was replaced is nowhere beside it"
        return Problem(what, Where(str(self.path)), "let logrotate keep a few old ones")

    def _is(self, path: Path, mark: LogPosition) -> bool:
        """Whether a file is the one that was read up to `mark`; of one that cannot be read, no."""
        try:
            head = self._head(path, mark.length)
        except (ApplyError, *_BROKEN):
            return False
        return len(head) >= mark.length > 0 and _same(head, mark)

    def _head(self, path: Path, length: int) -> bytes:
        """The first bytes of a file, unpacked. Raises as `_content` does."""
        head, blocks = b"", self._content(path, 0)
        while len(head) < length and (block := next(blocks, b"")):
            head += block
        return head[:length]

    def _old(self, path: Path, start: int) -> Iterator[str]:
        """The lines of a file that the log was rotated into; what cannot be read is said."""
        try:
            end = yield from self._whole_lines(self._content(path, start), start)
            self._last = path, end
        except _BROKEN:
            what = f"{_LOST} it ends in the middle, or is damaged"
            self._complain(Problem(what, Where(str(path))))
        except ApplyError as error:
            self._complain(*error.problems)

    def _content(self, path: Path, start: int) -> Iterator[bytes]:
        """The bytes of a file from `start` on, unpacked. Raises ApplyError, or what the unpacking
        does of one that is damaged."""
        unpack = _PACKED.get(path.suffix)
        if path.suffix in _STRANGE:
            raise ApplyError(
                Problem("it is packed in a way that is not read here", Where(str(path)))
            )
        if unpack is None:
            status = self._system.status(path)
            if status is None or status.st_size < start:
                raise EOFError
            yield from self._blocks(path, start)
            return
        packed = self._system.read(path)
        if packed is None:
            raise ApplyError(Problem("it was taken away", Where(str(path))))
        with unpack(io.BytesIO(packed.data)) as stream:
            skipped = 0
            while skipped < start:
                block = stream.read1(min(_BLOCK, start - skipped))
                if not block:
                    raise EOFError
                skipped += len(block)
            while block := stream.read1(_BLOCK):  # all that there is of a file that is cut
                yield block


_LOST = "a part is missing:"
"""What will not be there the next time either begins with this."""


def _same(head: bytes, mark: LogPosition) -> bool:
    return sha256(head[: mark.length]).hexdigest() == mark.head


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
