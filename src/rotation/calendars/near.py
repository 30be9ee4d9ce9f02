"""What a large calendar says of the months around, kept between runs.

To sift a hundred thousand events takes longer than all the rest of a run. So what may matter for
the months around is kept, in a note that names the calendar's bytes by their digest: whoever asks
of an instant in them sifts that alone. The answer is the same, to the number of each line.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from rotation import __version__
from rotation.calendars.kept import Kept
from rotation.calendars.repair import Component, components, prepared, unescaped
from rotation.calendars.sieve import Sieve
from rotation.clock.local import stored
from rotation.dataclasses import dataclass
from rotation.errors import ApplyError
from rotation.system import Records

REACH = timedelta(days=100)
"""How far around the present events are kept."""
LARGE = 1 << 18
"""Calendars of fewer bytes are sifted every time: that takes no longer than to read a note."""
_SAME = timedelta(days=50)
"""For how long a note is good: until then, everything that is asked of an instant is in it."""
NOTE = ".near"


@dataclass(frozen=True, slots=True)
class Near:
    """What may matter of a calendar for any window in `[start, end)`.

    `cuts` says where in `text` lines were left out: at which bytes, and the number that the line
    has which begins there.
    """

    start: datetime
    end: datetime
    text: bytes
    cuts: tuple[tuple[int, int], ...]

    def sieve(self, start: datetime, end: datetime) -> Sieve:
        """What may matter for a window in it."""
        return Sieve(self.text, start, end, self.cuts)


def near(data: bytes, start: datetime, end: datetime) -> Near:
    """What may matter of a calendar for any window in `[start, end)`, aware instants."""
    sieve = Sieve(prepared(data), start, end)
    while sieve.restore(_uids(components(sieve.pieces())[0])):
        pass
    cuts: list[tuple[int, int]] = []
    kept, at = list[bytes](), 0
    for piece in sieve.pieces():
        cuts.append((at, piece.line))
        kept.append(piece.data)
        at += len(piece.data)
    return Near(start, end, b"".join(kept), tuple(cuts))


def _uids(parts: list[Component]) -> Iterator[str]:
    """All that may be the UID of an event, damaged or not."""
    for part in parts:
        with suppress(ValueError):
            for each in part.properties(frozenset({"UID"})):
                yield unescaped(each.value)
        yield from _uids(part.children)


class NearNow:
    """What may matter of a calendar, known by `name`, for windows around the present instant.

    It is asked of one copy of the calendar, and remembers what it said.
    """

    def __init__(self, records: Records, kept: Kept, now: datetime, name: str) -> None:
        self._records, self._kept, self._now = records, kept, now.astimezone(UTC)
        self._note = f"{name}{NOTE}"
        self._known: tuple[bytes, Near] | None = None

    def covering(self, data: bytes, start: datetime, end: datetime) -> Near | None:
        """What may matter of `data` for the window; None where nobody has to remember that."""
        try:
            low, high = self._now - REACH, self._now + REACH
            here = low + _SAME <= start and end <= high - _SAME
        except OverflowError:
            return None
        if len(data) < LARGE or not here:
            return None
        if self._known is None or self._known[0] is not data:
            digest = self._kept.digest(data)
            known = self._recalled(digest)
            if known is None:
                known = near(data, low, high)
                with suppress(ApplyError):  # it is only for another run
                    self._records.record(self._note, _written(digest, known))
            self._known = data, known
        return self._known[1]

    def _recalled(self, digest: str) -> Near | None:
        """What an earlier run noted of the same bytes, if it is whole and reaches far enough."""
        try:
            noted = self._records.recorded(self._note) or b""
            seal, _, rest = noted.partition(b"\n")
            if seal != sha256(rest).hexdigest().encode():
                return None
            line, _, text = rest.partition(b"\n")
            head = json.loads(line)
            start, end = stored(head["start"]), stored(head["end"])
            cuts = tuple((int(at), int(number)) for at, number in head["cuts"])
            same = head["digest"] == digest and head["version"] == __version__
        except (ApplyError, ValueError, TypeError, KeyError):
            return None
        soon = REACH - _SAME
        reaches = start <= self._now - soon and self._now + soon <= end
        return Near(start, end, text, cuts) if same and reaches and cuts[:1] == ((0, 1),) else None


def _written(digest: str, known: Near) -> bytes:
    head = {
        "digest": digest,
        "version": __version__,
        "start": known.start.isoformat(),
        "end": known.end.isoformat(),
        "cuts": known.cuts,
    }
    rest = json.dumps(head).encode() + b"\n" + known.text
    return sha256(rest).hexdigest().encode() + b"\n" + rest
