"""How OpenSMTPD reads an aliases file: table(5), for `file:` tables."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import chain

from rotation.mail.grammar.model import (
    SPACE,
    SPACES,
    Builder,
    Dialect,
    Oddity,
    Scan,
    Section,
)


def scan(text: bytes, sections: Iterable[Section]) -> Scan:
    """Read the sections of a file line by line, without judging it as a whole."""
    out = Builder(Dialect.OPENSMTPD)
    is_list: bool | None = None
    for line in chain.from_iterable(sections):
        body = line.body.strip(SPACE).split(b"\0")[0]
        if not body:
            continue
        if body.startswith(b"#"):
            if is_list is None and body[1:].lstrip(SPACE) == b"@list":
                is_list = True
                out.fatal.append(
                    Oddity(line.number, "makes the file a list, not a table of aliases")
                )
            continue
        match = re.match(rb"([^ \t:]*)[ \t:]", body)
        if is_list is None:
            is_list = match is None
            if is_list:
                out.fatal.append(
                    Oddity(line.number, "has no name and value: makes the file a list, not a table")
                )
        if is_list:
            continue
        value = _opensmtpd_value(body[match.end() :]) if match else b""
        if match is None or not value:
            out.fatal.append(
                Oddity(line.number, "is not a name and a value: the whole file is refused")
            )
            if match:
                out.add(match[1], b"", [line], "has nothing after the name")
            continue
        if len(match[1]) >= 1024:
            out.odd(line.number, "has a name of 1,024 bytes or more: dropped")
            continue
        if len(value) >= 2048:
            out.odd(line.number, "has a value of 2,048 bytes or more: mail to it is refused")
        if line.indented:
            out.odd(line.number, "starts with white space: an entry of its own, not a continuation")
        out.add(match[1], value, [line])
    return out.done()


def _opensmtpd_value(rest: bytes) -> bytes:
    at = 0
    while at < len(rest):
        colon = rest[at : at + 1] == b":" and rest[at + 1 : at + 2] in SPACES
        if rest[at : at + 1] not in SPACES and not colon:
            break
        at += 1
    return rest[at:]
