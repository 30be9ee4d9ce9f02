"""Reading an aliases file the way each mail server reads it. Bytes in, values out.

Four servers share the file and disagree about it: about continuation lines, comments, quotes, which
of two entries of one name counts, and what to do with a line that makes no sense. So there is one
scanner for each, written after its manual and checked against the program itself:

- Postfix: aliases(5), postalias(1). An entry goes on over comments and blank lines; the first of
  two entries counts.
- Exim: the specification's "lsearch". A name ends at a colon or white space; the first counts.
- OpenSMTPD: table(5), for `file:` tables. Every line is an entry of its own, and one bad line
  makes it refuse the table; the last counts.
- Postfix again, for tables such as virtual(5): postmap(1). A key ends at white space.
- Sendmail: aliases(5), newaliases(1). A backslash joins lines, even comments; the last counts.

All of them match names without regard to case.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import chain

from rotation.mail.grammar import exim, opensmtpd, postfix, postmap, sendmail
from rotation.mail.grammar.model import (
    BOM,
    SERVERS,
    AliasesReading,
    Dialect,
    Entry,
    Oddity,
    Scan,
    Section,
    physical_lines,
)
from rotation.mail.grammar.sections import heads, odd_lines, sections

__all__ = [
    "SERVERS",
    "AliasesReading",
    "Dialect",
    "Entry",
    "Oddity",
    "members",
    "physical_lines",
    "read",
    "scan",
]

_SCANNERS: dict[Dialect, Callable[[bytes, Iterable[Section]], Scan]] = {
    Dialect.POSTFIX: postfix.scan,
    Dialect.EXIM: exim.scan,
    Dialect.OPENSMTPD: opensmtpd.scan,
    Dialect.SENDMAIL: sendmail.scan,
    Dialect.POSTMAP: postmap.scan,
}


def read(text: bytes, dialect: Dialect, names: Collection[str] | None = None) -> AliasesReading:
    """Read an aliases file as `dialect` does.

    Takes any bytes and raises nothing: what is wrong with them is in `oddities`. With `names`
    (ASCII), the entries of all others and what is odd about them may be missing.
    """
    parts = looked_at(text, dialect, names)
    if dialect is Dialect.PLAIN:
        return _read_plain(text, parts)
    seen = scan(text, dialect, parts)
    oddities = sorted(
        {*seen.oddities, *seen.fatal, *_duplicates(seen.entries)}, key=lambda o: (o.line, o.what)
    )
    if seen.fatal:
        both = sorted((*seen.entries, *seen.dropped), key=lambda entry: entry.start)
        return AliasesReading(dialect, (), tuple(both), tuple(oddities), True)
    return AliasesReading(dialect, seen.entries, seen.dropped, tuple(oddities), False)


def looked_at(
    text: bytes,
    dialect: Dialect,
    names: Collection[str] | None,
    odd: Callable[[bytes], Iterable[int]] = odd_lines,
) -> Sequence[Section]:
    """The lines that can matter for some names, or all lines. Those of a table of postmap's all
    do: nothing there is like an entry of an aliases file. `odd` gives what `odd_lines` gives."""
    if names is None or dialect is Dialect.POSTMAP:
        return [physical_lines(text)]
    return sections(text, names, odd(text))


def scan(text: bytes, dialect: Dialect, parts: Sequence[Section]) -> Scan:
    """Read sections of an aliases file as one server does, without judging it as a whole."""
    reading = _SCANNERS[dialect](text, parts)
    odd = list(reading.oddities)
    if text.startswith(BOM):
        odd.append(
            Oddity(1, "a byte order mark stands before the first line and becomes part of it")
        )
    for line in chain.from_iterable(parts) if b"\0" in text else ():
        if b"\0" in line.body:
            odd.append(
                Oddity(line.number, "a NUL byte cuts the line, and on some servers loses the next")
            )
    return Scan(reading.entries, reading.dropped, tuple(odd), reading.fatal)


def keys(text: bytes, dialect: Dialect) -> bytes:
    """The names of an aliases file, one a line, and perhaps some more; for an index to be asked."""
    odd = (entry.key for entry in read(text, dialect, ()).entries)
    return heads(text) + "".join(f"{key}\n" for key in odd).encode("utf-8", "surrogateescape")


# A local part or address that needs quotes nowhere and is no command, file, include or option.
_ADDRESS = re.compile(
    rb"[A-Za-z0-9_][A-Za-z0-9_.+=&'~*^$?{}`-]*(@[A-Za-z0-9][A-Za-z0-9.-]*)?"
    rb"|\+[0-9][A-Za-z0-9_.+=-]*@[A-Za-z0-9][A-Za-z0-9.-]*"
)


def members(value: bytes) -> tuple[str, ...] | None:
    """Return the addresses of a right-hand side that is a comma list of bare ones, else None.

    None is for all that not every server takes for plain addresses: quotes, commands, files,
    includes, comments, display names, spaces between addresses, nothing between two commas, bytes
    outside ASCII, and white space such as a form feed: to Postfix that belongs to the address.
    """
    parts = [part.strip(b" \t\r\n") for part in value.split(b",")]
    if not all(_ADDRESS.fullmatch(part) for part in parts):
        return None
    return tuple(part.decode("ascii") for part in parts)


def _read_plain(text: bytes, parts: Sequence[Section]) -> AliasesReading:
    """Keep what all four see in the same line with the same name and, white space aside, value."""
    scans = {dialect: scan(text, dialect, parts) for dialect in SERVERS}
    seen = [
        {
            (e.line, e.key, _squeezed(e.value))
            for e in (*scans[dialect].entries, *scans[dialect].dropped)
        }
        for dialect in SERVERS
    ]
    alike = set.intersection(*seen)
    odd = {oddity for reading in scans.values() for oddity in (*reading.oddities, *reading.fatal)}
    entries: list[Entry] = []
    for entry in scans[Dialect.POSTFIX].entries:
        if (entry.line, entry.key, _squeezed(entry.value)) in alike:
            entries.append(entry)
        else:
            odd.add(Oddity(entry.line, "is read differently by different servers"))
    odd.update(_duplicates(entries))
    return AliasesReading(
        Dialect.PLAIN, tuple(entries), (), tuple(sorted(odd, key=lambda o: (o.line, o.what))), False
    )


def _squeezed(value: bytes) -> bytes:
    return b" ".join(value.split())


def _duplicates(entries: Iterable[Entry]) -> list[Oddity]:
    first: dict[str, int] = {}
    repeats = []
    for entry in entries:
        if entry.key in first:
            repeats.append(Oddity(entry.line, f"repeats the name of line {first[entry.key]}"))
        first.setdefault(entry.key, entry.line)
    return repeats
