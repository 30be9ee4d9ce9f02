"""The bytes of a calendar to components whose lines still know where they stand in the file.

Everything is repaired here that stands between a calendar as it is met in the wild and RFC 5545:
a byte order mark, line ends of any kind, folds inside a UTF-8 character, text that is not UTF-8,
components that are not closed. Nothing here knows what a property means.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rotation.calendars.sieve import Piece
from rotation.dataclasses import dataclass, field

_MARK = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
# name *(";" param) ":" value, RFC 5545 section 3.1; blanks round a delimiter are tolerated
_LINE = re.compile(r'([A-Za-z0-9-]+)[ \t]*((?:;(?:[^":]|"[^"]*")*)?):(.*)', re.DOTALL)
_PARAMETER = re.compile(r';[ \t]*([A-Za-z0-9-]+)[ \t]*=[ \t]*((?:[^";]|"[^"]*")*)')
# what stands for a character that a parameter cannot hold, RFC 6868 section 3
_CARET = re.compile(r"\^([n^'])")
_CARETS = {"n": "\n", "^": "^", "'": '"'}
# no value of these holds a colon: what stands before the last one is an unquoted TZID
_TIMES = frozenset({"DTSTART", "DTEND", "RECURRENCE-ID", "EXDATE", "RDATE"})
_FRAME = re.compile(r"(BEGIN|END)[ \t]*:(.*)", re.ASCII | re.IGNORECASE | re.DOTALL)
_BEGIN = re.compile(rb"(?:\A|\n)BEGIN[ \t]*:[ \t]*VCALENDAR(?:\s|\Z)", re.IGNORECASE)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_DEEPEST = 20
_TAIL = 1 << 12
_NAME = re.compile(r"[A-Za-z0-9-]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")


class NotACalendar(ValueError):
    """The bytes hold no calendar at all; the message says what they look like."""


@dataclass(frozen=True, slots=True)
class ContentLine:
    """One unfolded line and the number (from 1) of the physical line on which it begins."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Property:
    """One content line: `name` and the names of `parameters` are in capitals, values as written.

    A parameter's value has lost its quotation marks.
    """

    name: str
    parameters: dict[str, str]
    value: str


@dataclass(slots=True)
class Component:
    """What stands between BEGIN and END. `name` is in capitals, `line` that of BEGIN.

    `fault` says what is wrong with the frame, where anything is: then the content is not whole.
    """

    name: str
    line: int
    lines: list[ContentLine] = field(default_factory=list)
    children: list[Component] = field(default_factory=list)
    fault: str | None = None

    def value(self, name: str) -> str:
        """The value of the first property of this name (capitals), "" where there is none."""
        try:
            return next((each.value for each in self.properties(frozenset({name}))), "")
        except ValueError:
            return ""

    def properties(self, wanted: frozenset[str]) -> Iterator[Property]:
        """The properties with these names (capitals), in file order.

        Raises ValueError for a line that has such a name and is not a content line. Other lines
        are never looked at, so nothing in them can do harm.
        """
        for line in self.lines:
            name = _NAME.match(line.text)
            if name is None or name[0].upper() not in wanted:
                continue
            parts = _LINE.fullmatch(line.text)
            if parts is None:
                raise ValueError(f"{name[0].upper()} is not 'NAME:value': {quoted(line.text)}")
            _, written, value = parts.groups()
            more, colon, digits = value.rpartition(":")
            if colon and name[0].upper() in _TIMES and digits[:8].isdecimal():
                written, value = f"{written}:{more}", digits
            parameters = {
                key.upper(): _CARET.sub(
                    lambda mark: _CARETS[mark[1]], text.replace('"', "")
                ).strip()
                for key, text in _PARAMETER.findall(written)
            }
            yield Property(name[0].upper(), parameters, value.strip())


def unescaped(value: str) -> str:
    """What a value of the kind TEXT says (section 3.3.11)."""
    return _ESCAPE.sub(lambda pair: "\n" if pair[1] in "nN" else pair[1], value)


def plain(text: str) -> str:
    """`text` in one line, without control characters and marks that turn a line's direction."""
    return _CONTROL.sub(" ", text).strip()


def quoted(text: str) -> str:
    """`text` for a message: in one line, in quotation marks, not too long."""
    clean = plain(text)
    return f"'{clean if len(clean) <= 60 else clean[:57] + '...'}'"


def prepared(data: bytes) -> bytes:
    """A calendar's bytes without a mark, not in UTF-16, with line ends that have a line feed."""
    if data.startswith(_UTF16):
        data = data.decode("utf-16", errors="replace").encode()
    data = data.removeprefix(_MARK)
    return data if b"\n" in data else data.replace(b"\r", b"\n")


def begins(text: bytes) -> None:
    """Nothing, where what `prepared` gives holds a calendar; raises NotACalendar where not."""
    if _BEGIN.search(text) is None:
        raise NotACalendar(f"no BEGIN:VCALENDAR in it: it looks like {_looks_like(text)}")


def whole(data: bytes) -> None:
    """Nothing, where `data` holds a calendar to its end; raises NotACalendar where not."""
    text = prepared(data)
    begins(text)
    upper = text[-_TAIL:].upper()
    if b"\nEND:VCALENDAR" not in upper:  # mostly it ends there, and has no need of another copy
        upper = text.upper()
    if upper.rfind(b"\nEND:VCALENDAR") < upper.rfind(b"BEGIN:VCALENDAR"):
        raise NotACalendar("a calendar that was cut short: it has no END:VCALENDAR")


def unfold(data: bytes, first: int = 1) -> Iterator[ContentLine]:
    """The unfolded lines of what `prepared` gives, without those that are empty.

    `first` is the number of the first line.

    Bytes are joined before they are decoded, because a fold may stand inside a UTF-8 character
    (RFC 5545 section 3.1, Note). A line that is not UTF-8 is read as Windows-1252.
    """
    parts: list[bytes] = []
    began = 0
    for number, raw in enumerate(data.split(b"\n"), first):
        physical = raw.rstrip(b"\r")
        if not physical:
            continue
        if physical[:1] in (b" ", b"\t") and parts:
            parts.append(physical[1:])
            continue
        if parts:
            yield ContentLine(began, _decoded(b"".join(parts)))
        parts, began = [physical], number
    if parts:
        yield ContentLine(began, _decoded(b"".join(parts)))


def _decoded(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")


def components(pieces: Iterable[Piece]) -> tuple[list[Component], str | None]:
    """The calendars (VCALENDAR) in `pieces`, and what is wrong with their end if anything is."""
    calendars: list[Component] = []
    stack: list[Component] = []
    deeper = 0
    for line in (line for piece in pieces for line in unfold(piece.data, piece.line)):
        frame = _FRAME.match(line.text) if line.text[0] in "BbEe" else None
        if frame is None:
            if stack:
                stack[-1].lines.append(line)
            continue
        name = frame[2].strip().upper()
        if frame[1].upper() == "END":
            if not deeper or name == "VCALENDAR":
                _close(stack, name)
            deeper = max(0, deeper - 1) if stack else 0
            continue
        opened = Component(name, line.number)
        if name == "VCALENDAR":
            _unwind(stack, 0)
            calendars.append(opened)
        elif not stack:
            continue
        # an event stands in nothing but a calendar: what else is open here lacks its END
        elif name == "VEVENT" and not any(part.name.startswith("X-") for part in stack):
            _unwind(stack, 1)
            deeper = 0
        if len(stack) > _DEEPEST:
            deeper += 1
            continue
        if stack:
            stack[-1].children.append(opened)
        stack.append(opened)
    fault = "the calendar has no END:VCALENDAR: it may have been cut short" if stack else None
    _unwind(stack, 0)
    return calendars, fault


def _close(stack: list[Component], name: str) -> None:
    """END:`name`: what was opened inside it and not closed is not whole, nor is what holds it."""
    for depth in range(len(stack) - 1, -1, -1):
        if stack[depth].name == name:
            _unwind(stack, depth + 1)
            stack.pop()
            return


def _unwind(stack: list[Component], depth: int) -> None:
    while len(stack) > depth:
        lost = stack.pop()
        lost.fault = f"{quoted(lost.name)[1:-1]} has no END"
        if stack and stack[-1].name == "VEVENT":
            stack[-1].fault = lost.fault


def _looks_like(data: bytes) -> str:
    head = data[:2000].removeprefix(_MARK).lstrip()
    if not head:
        return "an empty file"
    lower = head.lower()
    if lower.startswith((b"<!doctype html", b"<html")) or b"<html" in lower:
        title = re.search(rb"<title[^>]*>([^<]*)", data[:20000], re.IGNORECASE)
        name = plain(_decoded(title[1])) if title else ""
        return f"an HTML page{' ' + quoted(name) if name else ''}, perhaps a login page"
    if head.startswith(b"<"):
        return "XML"
    if head.startswith((b"{", b"[")):
        return "JSON"
    if head.startswith((b"\x1f\x8b", b"PK\x03\x04")):
        return "a compressed file"
    if b"\x00" in head:
        return "a binary file"
    return f"text that begins with {quoted(_decoded(head.splitlines()[0]))}"
