"""How Sendmail reads an aliases file: aliases(5), newaliases(1)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rotation.mail.grammar.model import (
    SPACE,
    STRAY,
    TOO_LONG,
    Builder,
    Dialect,
    Line,
    Oddity,
    Scan,
    Section,
)

_SENDMAIL_BUFFER = 8192


class _BufferReader:
    """Sendmail's reads into a buffer of fixed size, where a NUL hides whatever follows it."""

    def __init__(self, text: bytes, at: int) -> None:
        self.text = text
        self.at = at
        self.eof = False

    def line(self, room: int) -> bytes:
        """The next line with its end, at most `room` - 1 bytes of it, as fgets(3) reads."""
        stop = self.text.find(b"\n", self.at, self.at + room - 1) + 1
        if stop == 0:
            stop = min(self.at + room - 1, len(self.text))
            self.eof = self.eof or stop - self.at < room - 1
        got, self.at = self.text[self.at : stop], stop
        return got

    def peek(self) -> bytes:
        """The next byte, which stays the next; empty at the end of the text."""
        self.eof = self.eof or self.at == len(self.text)
        return self.text[self.at : self.at + 1]

    def logical(self) -> bytes | None:
        """Read a line and all that is joined to it; None when this would never end."""
        line = self.line(_SENDMAIL_BUFFER).split(b"\0")[0]
        while True:
            stop = line.find(b"\n")
            if stop > 0 and line[stop - 1] == 0x5C:
                line = line[: stop - 1]
            elif self.peek() in (b" ", b"\t"):
                line = line.removesuffix(b"\n")
            else:
                return line
            if len(line) >= _SENDMAIL_BUFFER - 1:
                return None  # no room is left, yet Sendmail 8.17 goes on trying to read more
            more = self.line(_SENDMAIL_BUFFER - len(line))
            if not more:
                return line
            line = (line + more).split(b"\0")[0]

    def skip(self) -> None:
        """Go behind the rest of a line that is too long, and behind all that is joined to it."""
        last = b""
        while True:
            cut = self.text.find(b"\n", self.at)
            rest = self.text[self.at : len(self.text) if cut < 0 else cut]
            last = rest[-1:] or last
            self.at += len(rest) + (cut >= 0)
            if self.at == len(self.text) or (last != b"\\" and self.peek() not in (b" ", b"\t")):
                return


def scan(text: bytes, sections: Iterable[Section]) -> Scan:
    """Read the sections of a file line by line, without judging it as a whole."""
    out = Builder(Dialect.SENDMAIL)
    for section in sections:
        _scan(text, section, out)
        if out.fatal:
            break
    return out.done()


def _scan(text: bytes, lines: Section, out: Builder) -> None:
    ends = {line.end: at for at, line in enumerate(lines, start=1)}
    reader = _BufferReader(text, lines[0].start if lines else 0)
    skipping = False
    first = done = 0  # how many physical lines lie before this entry, and behind it
    while done < len(lines):
        first = done
        number = lines[first].number
        logical = reader.logical()
        if logical is None:
            what = "is too long (8,191 bytes) and goes on with white space: Sendmail 8.17 hangs"
            out.fatal.append(Oddity(number, what))
            return
        logical, newline, _ = logical.partition(b"\n")
        too_long = not newline and not reader.eof
        if too_long:
            reader.skip()
        done = ends[reader.at]
        if too_long:
            out.odd(number, TOO_LONG)
        elif not logical or logical.startswith(b"#"):
            skipping = False
            if done - first > 1:
                out.odd(number, "is empty or a comment, and the next line is part of it")
        elif logical[:1] in (b" ", b"\t"):
            if not skipping:
                out.odd(number, STRAY)
            skipping = True
        else:
            skipping = False
            _sendmail_entry(logical, lines[first:done], out)


def _sendmail_entry(logical: bytes, own: list[Line], out: Builder) -> None:
    _, colon, value = logical.partition(b":")
    key = _sendmail_key(logical) if colon else None
    if key is None:
        out.odd(own[0].number, f"has no {'lawful name' if colon else 'colon'}: dropped")
        return
    value = value.lstrip(SPACE)
    out.add(key, value, own, "" if value else "has nothing after the colon: dropped")


_SENDMAIL_SIMPLE = re.compile(rb"[A-Za-z0-9_.+-]+")


def _sendmail_key(logical: bytes) -> bytes | None:
    """Return the name as Sendmail rewrites it, None for one that it does not take.

    Comments, needless quotes and the domain go; white space becomes a dot. A name with a domain
    counts only where that is one of the host's own, which cannot be known here.
    """
    simple = logical.partition(b":")[0].strip(SPACE)
    if _SENDMAIL_SIMPLE.fullmatch(simple):
        return simple
    words: list[bytes] = []
    for word in _SENDMAIL_WORD.findall(logical):
        if word == b":":
            break
        if not word.startswith(b"("):
            words.append(word)
    # White space in the middle becomes a dot, one at either end goes.
    key = re.sub(rb'("(?:[^"\\]|\\.)*")|\s+', lambda m: m[1] or b".", b"".join(words).strip(SPACE))
    angle = re.search(rb"<([^>]*)>?", key)
    key = angle[1] if angle else key
    key = re.sub(rb"@[^@\"]*$", b"", key)
    needless = re.fullmatch(rb'"((?:[^"\\\s]|\\.)*)"', key)
    if needless:
        return needless[1] or None
    routed = re.search(rb".[,%!;]", key) and b'"' not in key
    return None if routed or not key.strip(b'"') else key


_SENDMAIL_WORD = re.compile(rb'"(?:[^"\\]|\\.)*"?|\([^)]*\)?|\\.|.', re.DOTALL)
