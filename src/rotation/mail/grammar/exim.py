"""How Exim reads an aliases file: its specification's "lsearch"."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rotation.dataclasses import dataclass
from rotation.mail.grammar.model import (
    SPACE,
    SPACES,
    Builder,
    Dialect,
    Line,
    Scan,
    Section,
)

_EXIM_BUFFER = 4095
_EXIM_ESCAPES = {0x62: 8, 0x66: 12, 0x6E: 10, 0x72: 13, 0x74: 9, 0x76: 11}
_EXIM_NAME_ENDS = re.compile(rb"[:\s]").search
_EXIM_ESCAPE = re.compile(rb"\\([0-7]{1,3}|x[0-9A-Fa-f]{0,2}|.)?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Chunk:
    """What Exim gets from one read into its buffer: a line, or a part of a long one."""

    line: Line
    text: bytes
    starts_line: bool  # as Exim believes: a NUL hides the newline, so the next line goes on


def _exim_chunks(text: bytes, section: Section) -> list[_Chunk]:
    chunks: list[_Chunk] = []
    fresh = True
    for line in section:
        for at in range(line.start, line.end, _EXIM_BUFFER):
            part = text[at : min(at + _EXIM_BUFFER, line.end)].split(b"\0")[0]
            ends = part.endswith(b"\n")
            chunks.append(_Chunk(line, part.rstrip(SPACE) if ends else part, fresh))
            fresh = ends
    return chunks


def scan(text: bytes, sections: Iterable[Section]) -> Scan:
    """Read the sections of a file line by line, without judging it as a whole."""
    out = Builder(Dialect.EXIM)
    for section in sections:
        _scan(_exim_chunks(text, section), out)
    return out.done()


def _scan(chunks: list[_Chunk], out: Builder) -> None:
    owned = 0
    for at, chunk in enumerate(chunks):
        if at < owned or not chunk.starts_line or not chunk.text or chunk.text.startswith(b"#"):
            continue
        if chunk.text[:1] in SPACES:
            out.odd(chunk.line.number, "starts with white space but continues no entry: ignored")
            continue
        key, rest = _exim_key(chunk.text)
        rest = rest.lstrip(SPACE)
        if rest.startswith(b":"):
            rest = rest[1:].lstrip(SPACE)
        else:
            out.odd(chunk.line.number, "has no colon after the name: accepted all the same")
        value, lines, owned = [rest], [chunk.line], at + 1
        while owned < len(chunks):
            more = chunks[owned]
            if not more.starts_line:
                value.append(more.text)
            elif more.text[:1] in SPACES:
                value.append(b" " + more.text.lstrip(SPACE))
            else:
                break
            if more.line is not lines[-1]:
                lines.append(more.line)
            owned += 1
        joined = b"".join(value)
        out.add(key, joined, lines)
        if not joined.strip(SPACE):
            out.odd(chunk.line.number, "has nothing after the colon: mail to it is refused")


def _exim_key(text: bytes) -> tuple[bytes, bytes]:
    if not text.startswith(b'"'):
        stop = _EXIM_NAME_ENDS(text)
        cut = stop.start() if stop else len(text)
        return text[:cut], text[cut:]
    key = bytearray()
    at = 1
    while at < len(text) and text[at] != 0x22:
        escape = _EXIM_ESCAPE.match(text, at)
        if escape is None:
            key.append(text[at])
            at += 1
            continue
        key.append(_exim_escape(escape[1] or b"\\"))
        at = escape.end()
    return bytes(key), text[at + 1 :]


def _exim_escape(text: bytes) -> int:
    if text[:1] in (b"0", b"1", b"2", b"3", b"4", b"5", b"6", b"7"):
        return int(text, 8) & 0xFF
    if text[:1] == b"x":
        return int(text[1:] or b"0", 16)
    return _EXIM_ESCAPES.get(text[0], text[0])
