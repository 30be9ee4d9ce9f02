"""Which events of a calendar cannot matter for a window, told from their bytes.

To read an event takes a hundred times longer than to see that it was over years ago. What is
passed over here is what the reader would find nothing in: an event whose form leaves no doubt of
when it is, that lies days outside the window, and whose UID no event has that stays. Anything
that is not written in the plainest form stays, for the reader to understand.

An event that is passed over is not looked into, so that damage in it is not told.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import accumulate
from math import ceil

from rotation.dataclasses import dataclass

# from an event's written days to its instants: two offsets of nearly a day each, a time of day,
# a local time that a gap moves, and some room
_PAD = timedelta(days=5)
_STRETCH = 1 << 20
_MATTERS = -1
WHOLE = ((0, 1),)
"""Nothing was left out before."""
_MARK = b"\nBEGIN:VEVENT"
_END = b"\nEND:VEVENT"
_DAY = rb"(\d{4}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))"
_FOLD = re.compile(rb"(?:\r*\n)+[ \t]")
_ALARM = re.compile(rb"\nBEGIN:VALARM\r*(?=\n).*?\nEND:VALARM\r*(?=\n)", re.DOTALL)
# what makes an event more than a start, an end and some text
_MORE = re.compile(
    rb"\n(?:[ \t]|BEGIN(?!:VEVENT\r*\n)|DURATION|R(?:RULE|DATE|ECURRENCE-ID))"
).finditer
# all of it in capitals
# (parameters, in which a colon stands in quotes, as in repair.py)
_DATED = rb"(?:;[^\n:\"]*(?:\"[^\n\"]*\"[^\n:\"]*)*)?:" + _DAY + rb"(?:T\d{6}Z?)?\r*\n"
_START = re.compile(rb"\nDTSTART" + _DATED).search
_STOP = re.compile(rb"\nDTEND" + _DATED).search
_LENGTH = re.compile(
    rb"\nDURATION:\+?P(?:(\d{1,4})W)?(?:(\d{1,5})D)?"
    rb"(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?\r*\n"
).search
_PER_DAY = (1 / 7, 1, 24, 1440, 86_400)
_UID = re.compile(rb"\nUID:([!-\[\]-~]+)\r*\n").search
_RULE = re.compile(rb"\nRRULE:([A-Z0-9=;,+-]+)\r*\n").search
_UNTIL = re.compile(rb"(?:^|;)UNTIL=" + _DAY + rb"(?:T\d{6}Z?)?(?:;|$)").search
_COUNT = re.compile(rb"(?:^|;)COUNT=(\d{1,6})(?:;|$)").search
_FREQ = re.compile(rb"(?:^|;)FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)(?:;|$)").search
_INTERVAL = re.compile(rb"(?:^|;)INTERVAL=(\d{1,4})(?:;|$)").search
# the longest from one instance to the next, in days: of months only those with a 31st (or a
# 29th of February) may count, and of twelve or eight that are visited one has it
_STRIDES = {b"DAILY": 1, b"WEEKLY": 7, b"MONTHLY": 31 * 12, b"YEARLY": 366 * 8}


@dataclass(frozen=True, slots=True)
class Piece:
    """Lines of a calendar, of which the first has the number `line`."""

    line: int
    data: bytes


class Sieve:
    """The events of a calendar, those that matter for `[start, end)` apart from the others.

    It is looked at in stretches, and little is remembered of each event: a calendar can be as large
    as a file may be.
    """

    def __init__(
        self, text: bytes, start: datetime, end: datetime, cuts: Sequence[tuple[int, int]] = WHOLE
    ) -> None:
        """Take a calendar's bytes as `prepared` gives them, and aware instants.

        Where lines have been left out of `text` already, `cuts` says at which bytes, and which
        numbers the lines have that begin there.
        """
        self._text, self._cuts = text, cuts
        low, high = _moved(start, -_PAD), _moved(end, _PAD)
        self._low = low.toordinal()
        self._before, self._after = _digits(low), _digits(high)
        # one part for each event, from its first line on; before them what comes first
        self._starts = array("q")
        self._uids = array("q")
        """What tells apart the UIDs of events that are passed over; _MATTERS for the others."""
        for at, upper in _stretches(text):
            self._sift(at, upper)

    def _sift(self, at: int, upper: bytes) -> None:
        """Take a stretch in capitals that begins at `at`: with an event, unless it is the first."""
        parts = upper.split(_MARK)
        ends = list(accumulate(len(part) + len(_MARK) for part in parts))
        more = {bisect_right(ends, match.start()) for match in _MORE(upper)}
        for number, part in enumerate(parts):
            if number:
                self._starts.append(at + ends[number - 1] - len(_MARK) + 1)
                uid = self._look(part, number in more)
            elif at:
                continue  # a stretch begins with its first event
            else:
                self._starts.append(0)
                uid = None
            self._uids.append(_MATTERS if uid is None else _told_apart(uid))

    def restore(self, uids: Iterable[str]) -> bool:
        """Let what was passed over matter after all if it has one of these UIDs; whether any has.

        What an event means depends on every other with its UID.
        """
        wanted = {_told_apart(uid.encode("utf-8", "replace").upper()) for uid in uids if uid}
        back = [number for number, uid in enumerate(self._uids) if uid in wanted]
        for number in back:
            self._uids[number] = _MATTERS
        return bool(back)

    def pieces(self) -> Iterator[Piece]:
        """The calendar without the events that are passed over.

        What is left has the meaning that it had: each piece but the first begins with an event,
        which closes whatever was open before it, just as the one that was passed over would.
        """
        ends = [at for at, _ in self._cuts[1:]] + [len(self._text)]
        cuts = iter(zip(self._cuts, ends, strict=True))
        (counted, line), end = next(cuts)
        for at, stop in self._stays():
            begun = at
            while begun < stop:
                while end <= begun:
                    (counted, line), end = next(cuts)
                line, counted = line + self._text.count(b"\n", counted, begun), begun
                yield Piece(line, self._text[begun : min(stop, end)])
                begun = min(stop, end)

    def _stays(self) -> Iterator[tuple[int, int]]:
        """From where to where in the text nothing is passed over."""
        begun = 0
        for number, at in enumerate(self._starts):
            if self._uids[number] != _MATTERS:
                if begun < at:
                    yield begun, at
                following = number + 1
                begun = (
                    self._starts[following] if following < len(self._starts) else len(self._text)
                )
        if begun < len(self._text):
            yield begun, len(self._text)

    def _look(self, part: bytes, more: bool) -> bytes | None:
        """The UID (b"" where it has none) of an event that cannot matter, None for one that may.

        `part` is in capitals, and begins after BEGIN:VEVENT. `more`: whether there is more in it
        than the plainest events have.
        """
        if more:
            part = _ALARM.sub(b"", _FOLD.sub(b"", part))
            if b"\nBEGIN" in part or b"\nRDATE" in part or b"\nRECURRENCE-ID" in part:
                return None
        match = _START(part)
        if match is None or self._before <= match[1] <= self._after:
            return None
        start = match[1]
        if (
            part.count(b"\nDTSTART") != 1
            or part.count(b"\nEND") != 1
            or not part.rstrip(b"\r\n").endswith(_END)
            or not part.startswith((b"\n", b"\r\n"))
        ):
            return None
        uid = b""
        if match := _UID(part):
            uid = match[1]
        if part.count(b"\nUID") != (match is not None):
            return None
        stop, days, stops = start, 1, part.count(b"\nDTEND")
        if stops:
            match = _STOP(part)
            if match is None or stops != 1 or match[1] < start:
                return None
            stop = match[1]
        if more and b"\nDURATION" in part:
            match = _LENGTH(part)
            if match is None or part.count(b"\nDURATION") != 1 or stops:
                return None
            days = 2 + ceil(
                sum(int(n or 0) / per for n, per in zip(match.groups(), _PER_DAY, strict=True))
            )
        if start > self._after:
            return uid
        if days > 1 or (more and b"\nRRULE" in part):
            last = _last(part, start, stop, days)
            return None if last is None or last >= self._low else uid
        return None if stop >= self._before else uid


def _last(part: bytes, start: bytes, stop: bytes, days: int) -> int | None:
    """The last day, as an ordinal, of an event that recurs or has a DURATION; None: unsure."""
    try:
        first = _ordinal(start)
        length = _ordinal(stop) - first + days
        if b"\nRRULE" not in part:
            return first + length
        rule = _RULE(part) if part.count(b"\nRRULE") == 1 else None
        if rule is None:
            return None
        text = rule[1]
        until = _UNTIL(text)
        if until is not None and text.count(b"UNTIL") == 1:
            return max(first, _ordinal(until[1])) + length
        count, freq = _COUNT(text), _FREQ(text)
        if count is None or freq is None or text.count(b"COUNT") != 1 or text.count(b"FREQ") != 1:
            return None
        interval = _INTERVAL(text)
        if text.count(b"INTERVAL") != (interval is not None):
            return None
        # what BY parts leave of a rule cannot be counted, but a week has all of its weekdays
        by = text.count(b"BY")
        if by and not (freq[1] == b"WEEKLY" and by == text.count(b"BYDAY") == 1):
            return None
        stride = _STRIDES[freq[1]] * (int(interval[1]) if interval else 1)
        return first + (int(count[1]) + 1) * stride + length
    except ValueError:
        return None


def _stretches(text: bytes) -> Iterator[tuple[int, bytes]]:
    """A calendar in capitals, about _STRETCH bytes at a time and cut before events, and where each
    stretch begins."""
    at, size = 0, _STRETCH
    while at < len(text):
        upper = text[at : at + size].upper()
        if at + size < len(text):
            cut = upper.rfind(_MARK)
            if cut <= 0:
                size *= 2  # an event that is longer
                continue
            upper = upper[:cut]
        yield at, upper
        at, size = at + len(upper), _STRETCH


def _told_apart(uid: bytes) -> int:
    """A number for a UID. Another may have it too: then more is read than has to be."""
    number = hash(uid)
    return 0 if number == _MATTERS else number


def _ordinal(digits: bytes) -> int:
    return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).toordinal()


def _digits(day: date) -> bytes:
    return f"{day.year:04}{day.month:02}{day.day:02}".encode()


def _moved(instant: datetime, by: timedelta) -> date:
    try:
        return (instant + by).date()
    except OverflowError:
        return date.min if by < timedelta(0) else date.max
