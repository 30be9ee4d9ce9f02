"""How Postfix reads a table such as virtual(5): postmap(1), INPUT FILE FORMAT."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rotation.mail.grammar.model import SPACE, SPACES, STRAY, Builder, Dialect, Line, Scan, Section
from rotation.mail.grammar.postfix import logical_lines

_QUOTED = re.compile(rb'"((?:\\.|[^\\"])*)"')


def scan(text: bytes, sections: Iterable[Section]) -> Scan:
    """Read the sections of a file line by line, without judging it as a whole."""
    out = Builder(Dialect.POSTMAP)
    for own in (own for section in sections for own in logical_lines(text, section)):
        _entry(b"".join(line.body for line in own), own, out)
    return out.done()


def _entry(logical: bytes, own: list[Line], out: Builder) -> None:
    first = own[0].number
    if logical[:1] in SPACES:
        out.odd(first, STRAY)
        return
    whole, logical = logical, logical.split(b"\0")[0]
    try:
        whole.decode("utf-8")
    except UnicodeDecodeError:
        out.odd(first, "is not UTF-8: dropped")
        return
    quoted = _QUOTED.match(logical)
    key = re.sub(rb"\\(.)", rb"\1", quoted[1]) if quoted else logical.split(maxsplit=1)[0]
    value = logical[quoted.end() if quoted else len(key) :]
    if not key or (quoted and value[:1] not in (b"", *SPACES)):
        out.odd(first, "is not a key, white space and a value: dropped")
        return
    why = "" if value.strip(SPACE) else "has nothing after the key: dropped"
    out.add(key, value.strip(SPACE), own, why)
    if key.endswith(b":"):
        out.odd(first, "has a key that ends in a colon: is it meant for an aliases file?")
