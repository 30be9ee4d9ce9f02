"""Which lines of an aliases file can matter for some names, found by their bytes.

Nearly all lines of a large file are plain: `name: value` in one line that every server reads as an
entry of its own, or a comment. No object is made for one of those unless it has one of the names,
or lies beside a line that is anything else: that one may go on in the next, or belong to the last
entry before it, over comments and blank lines. A server that begins to read at a plain line reads
it, and what comes behind it, as if it had read all that comes before.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from rotation.mail.grammar.model import Section, physical_lines

# Short enough for every server's buffer, nothing that joins lines (white space at the beginning, a
# backslash at the end), hides an end (NUL) or makes OpenSMTPD see no value behind the name.
_ENTRY = rb"[A-Za-z0-9_.+-]{1,255}[ \t]*+:[ \t]*+[!-9;-~][\t -~]{0,1500}+(?<!\\)\r?\n"
_COMMENT = rb"#[\t -~]{0,1500}+(?<!\\)\n"
_ODD = re.compile(rb"\n(?!" + _ENTRY + rb"|" + _COMMENT + rb"|\n)").finditer
_HEAD = re.compile(rb"\n([A-Za-z0-9_.+-]{1,255})[ \t]*:").finditer
_FIRST = re.compile(rb"(?:\A|\n)" + _ENTRY).search
_NO_ENTRY = (b"#", b"\n")
_BEHIND_NAME = (b":", b" ", b"\t")
_FEW = 8
"""So many names are looked for each by itself."""


def sections(
    text: bytes, names: Collection[str], odd: Iterable[int] | None = None
) -> list[Section]:
    """The lines that can matter for some names (ASCII), in file order; `odd` is what `odd_lines`
    gives, where that is known.

    All up to the first entry are among them, and the last two of the file.
    """
    parts: list[Section] = []
    done, number = 0, 1
    for start, end in _ranges(text, names, odd_lines(text) if odd is None else odd):
        number += text.count(b"\n", done, start)
        parts.append(physical_lines(text, start, end, number))
        done = start
    return parts


def odd_lines(text: bytes) -> Iterator[int]:
    """Where the lines begin that are not plain."""
    return (odd.end() for odd in _ODD(text) if odd.end() < len(text))


def heads(text: bytes) -> bytes:
    """What stands before a colon at the beginning of each line but the first, in lower case."""
    names = bytearray()
    for head in _HEAD(text):
        names += head[1].lower() + b"\n"
    return bytes(names)


def _ranges(text: bytes, names: Collection[str], odd: Iterable[int]) -> Iterator[tuple[int, int]]:
    """From where to where to look, apart from each other and in order."""
    first = _FIRST(text)
    low, high = 0, first.end() if first else len(text)
    for at in sorted({*odd, *_starts(text, names)}):
        if at >= high:
            start = _before(text, at, high)
            if start > high:
                yield low, high
                low = start
        high = max(high, _behind(text, at))
    if high > low:
        yield low, high


def _starts(text: bytes, names: Collection[str]) -> Iterator[int]:
    """Where the lines begin that have one of the names; and the last two."""
    yield from _named(text, {name.lower().encode() for name in names})
    last = text.rfind(b"\n", 0, max(len(text) - 1, 0)) + 1
    yield last
    yield text.rfind(b"\n", 0, max(last - 1, 0)) + 1


def _named(text: bytes, names: Collection[bytes]) -> Iterator[int]:
    if len(names) > _FEW:
        yield from (head.start(1) for head in _HEAD(text) if head[1].lower() in names)
        return
    lower = text.lower()
    for name in names:
        at = lower.find(b"\n" + name)
        while at >= 0:
            if lower[at + 1 + len(name) : at + 2 + len(name)] in _BEHIND_NAME:
                yield at + 1
            at = lower.find(b"\n" + name, at + 1)


def _before(text: bytes, at: int, done: int) -> int:
    """Where the line before begins; before comments and blank lines, the one before all those."""
    while at > done:
        at = text.rfind(b"\n", 0, at - 1) + 1
        if text[at : at + 1] not in _NO_ENTRY:
            break
    return at


def _behind(text: bytes, at: int) -> int:
    """Where the line behind a line ends; where it is blank, the first behind it that is not."""
    at = (text.find(b"\n", at) + 1) or len(text)
    while text[at : at + 1] == b"\n":  # Sendmail skips them with a line that is too long
        at += 1
    return (text.find(b"\n", at) + 1) or len(text)
