"""The journal of a host since it was read last: journalctl(1), systemd.journal-fields(7)."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from rotation.errors import ApplyError, Problem
from rotation.system import Look
from rotation.watch.delivery.fates import JournalPosition
from rotation.watch.delivery.logs import EVER, LogSpan

_FOLDERS = ("/var/log/journal", "/run/log/journal")
_FACILITIES = {"user": 1, "mail": 2, "daemon": 3} | {f"local{n}": 16 + n for n in range(8)}
"""Numbers of syslog(3)'s facilities."""
_CURSOR = "-- cursor: "
_NONE = b"-- No entries --"


def journal(system: Look) -> bool:
    """Whether this host keeps a journal that can be asked. Raises ApplyError."""
    kept = any(system.names(Path(folder)) for folder in _FOLDERS)
    return kept and system.program("journalctl") is not None


class MailJournal:
    """What syslog was told by a facility. `position` is how far it was read, and once `lines` has
    ended how far it is. Where `alone` counts for all, what the journal has lost is a problem."""

    def __init__(
        self,
        system: Look,
        facility: str,
        position: JournalPosition | None,
        span: LogSpan,
        *,
        alone: bool,
    ) -> None:
        self.position = position
        self._anew = span.anew or position is None
        self.horizon = span.since if self._anew else EVER
        self._since = span.since
        if position is not None and position.written is not None:
            # that entry tells whether some are lost
            self._since = min(span.since, position.written)
        self.problems: list[Problem] = []
        self._system = system
        self._facility = facility
        self._span = span
        self._alone = alone

    def lines(self) -> Iterator[str]:
        """The lines since the last look, in order. A journal that cannot be read is asked for the
        same once more the next time."""
        try:
            yield from self._lines()
        except ApplyError as error:
            self.problems += error.problems

    def _lines(self) -> Iterator[str]:
        program = self._system.program("journalctl")
        facility = _FACILITIES.get(self._facility)
        if program is None or facility is None:
            raise ApplyError(Problem(f"the journal has nothing of {self._facility}"))
        before = self.position
        start = f"--since=@{int(self._since.timestamp())}"
        if before is not None and before.cursor and not self._anew:
            start = f"--cursor={before.cursor}"
        done = self._system.ask_lengthy([
            program, "--no-pager", "--output=short-iso-precise", "--utc", "--show-cursor", start,
            f"SYSLOG_FACILITY={facility}",
        ])  # fmt: skip
        # before systemd 253, status 1 is also that of no entries
        empty = done.finished.status == 1 and next(done.pieces(), b"").strip() == _NONE
        if done.finished.status != 0 and not empty:
            hint = "run it as root"
            raise ApplyError(
                Problem(f"the journal cannot be read: {done.finished.said}", hint=hint)
            )
        if done.finished.err.strip():  # of a damaged file, or one that is not for us, it says this
            what = f"the journal cannot be read whole: {done.finished.said}"
            self.problems.append(Problem(what, hint="run it as root; journalctl --verify"))
        cursor = before.cursor if before else ""
        last = before.written if before else None
        awaited = last if cursor else None
        for line in _split(done.pieces()):
            if line.startswith(_CURSOR):
                cursor = line.removeprefix(_CURSOR).strip()
            elif not line.startswith("-- ") and line:
                at = self._span.written(line)
                if awaited is not None and at != awaited and not self._anew:
                    self._lost(awaited)
                if at == awaited or not self._anew:
                    awaited = None
                last = at or last
                yield line
        if awaited is not None:
            self._lost(awaited)
        self.position = JournalPosition(self._span.now, cursor, last)

    def _lost(self, awaited: datetime) -> None:
        """The entry that was read last is not there any more, nor perhaps some that followed."""
        if self._alone:
            what = f"the journal has thrown away what followed {awaited:%Y-%m-%d %H:%M:%S %Z}"
            self.problems.append(
                Problem(what, hint="let it keep more: journald.conf, SystemMaxUse=")
            )


def _split(pieces: Iterator[bytes]) -> Iterator[str]:
    """The lines of what was printed; what strangers wrote can hold other ends of lines."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    rest = ""
    for piece in pieces:
        *lines, rest = (rest + decoder.decode(piece)).split("\n")
        yield from lines
    if rest:
        yield rest
