"""What every reading of an aliases file is made of: dialects, lines, entries."""

from __future__ import annotations

import enum

from rotation.dataclasses import dataclass

BOM = b"\xef\xbb\xbf"
SPACE = b" \t\n\v\f\r"  # isspace() of C, which all four use


class Dialect(enum.Enum):
    """Whose rules apply. PLAIN is an unknown server: only what all four read alike. POSTMAP is
    Postfix too, for tables that are no aliases files."""

    POSTFIX = "postfix"
    EXIM = "exim"
    OPENSMTPD = "opensmtpd"
    SENDMAIL = "sendmail"
    PLAIN = "plain"
    POSTMAP = "postmap"


SERVERS = (Dialect.POSTFIX, Dialect.EXIM, Dialect.OPENSMTPD, Dialect.SENDMAIL)
FIRST_COUNTS = (Dialect.POSTFIX, Dialect.POSTMAP, Dialect.EXIM)
ADDRESSED = (Dialect.POSTMAP, Dialect.EXIM, Dialect.OPENSMTPD)
"""Those of tables in which a name can be a whole address."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One alias as a server reads it.

    `key` is folded and unquoted as that server does it; bytes that are not UTF-8 come as surrogate
    escapes. `value` is the right-hand side, its continuation lines joined as that server joins
    them. `start` and `end` are the byte offsets of its first line and behind its last; `pieces` are
    the offsets of its own lines alone (Postfix allows comments between them). `line` counts from 1.
    """

    key: str
    value: bytes
    start: int
    end: int
    line: int
    pieces: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Oddity:
    """A line that the server drops, warns about, refuses or reads in a surprising way."""

    line: int
    what: str


@dataclass(frozen=True, slots=True)
class AliasesReading:
    """What one server makes of the whole file.

    `entries` are those it serves, in file order, duplicates included. `dropped` ones have a name
    but are not served: nothing after the colon, a name that is not local, or, when the server
    refuses the file (`refused`), all of them.
    """

    dialect: Dialect
    entries: tuple[Entry, ...]
    dropped: tuple[Entry, ...]
    oddities: tuple[Oddity, ...]
    refused: bool

    def all(self, name: str) -> tuple[Entry, ...]:
        """Return the served entries of `name` (any case), in file order."""
        wanted = fold(name, self.dialect)
        return tuple(entry for entry in self.entries if entry.key == wanted)

    def winner(self, name: str) -> Entry | None:
        """Return the entry of `name` that counts: the first for Postfix and Exim, else the last.

        None when there is none, or when the server is unknown and there are several.
        """
        return pick(self.dialect, self.all(name))


@dataclass(frozen=True, slots=True)
class Scan:
    """A reading before the file as a whole is judged; what the editor works on."""

    entries: tuple[Entry, ...]
    dropped: tuple[Entry, ...]
    oddities: tuple[Oddity, ...]
    fatal: tuple[Oddity, ...]  # those for which the server refuses the whole file


@dataclass(frozen=True, slots=True)
class Line:
    """A physical line: its number, its offsets with the newline, its bytes without it."""

    number: int
    start: int
    end: int
    body: bytes

    @property
    def indented(self) -> bool:
        """Whether it starts with white space and holds more than that."""
        return self.body[:1] in SPACES and bool(self.body.strip(SPACE))

    @property
    def comment(self) -> bool:
        """Whether some server takes it for a comment."""
        return self.body.lstrip(SPACE).startswith(b"#")


SPACES = frozenset(SPACE[i : i + 1] for i in range(len(SPACE)))


_UPPER = {ord(c): c.lower() for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


def fold(name: str, dialect: Dialect) -> str:
    """Fold the case of a name: Postfix knows Unicode, the others ASCII alone."""
    if name.isascii():
        return name.lower()
    unicode = dialect in (Dialect.POSTFIX, Dialect.POSTMAP)
    return name.casefold() if unicode else name.translate(_UPPER)


def pick(dialect: Dialect, entries: tuple[Entry, ...]) -> Entry | None:
    """Return which of several entries of one name counts for a server."""
    if not entries or (dialect is Dialect.PLAIN and len(entries) > 1):
        return None
    return entries[0] if dialect in FIRST_COUNTS else entries[-1]


Section = list[Line]
"""Lines of a file, of which each follows the one before it."""


def physical_lines(text: bytes, start: int = 0, end: int | None = None, number: int = 1) -> Section:
    """Split at newlines, the only line end that any of the servers knows.

    `start` (the beginning of the line `number`) and `end`: where to begin and to stop.
    """
    last = len(text) if end is None else end
    lines: Section = []
    while start < last:
        cut = text.find(b"\n", start)
        stop, after = (len(text), len(text)) if cut < 0 else (cut, cut + 1)
        lines.append(Line(number + len(lines), start, after, text[start:stop]))
        start = after
    return lines


class Builder:
    """Collects what a scanner finds."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.entries: list[Entry] = []
        self.dropped: list[Entry] = []
        self.oddities: list[Oddity] = []
        self.fatal: list[Oddity] = []

    def odd(self, line: int, what: str) -> None:
        """Note an oddity."""
        self.oddities.append(Oddity(line, what))

    def add(self, key: bytes, value: bytes, lines: list[Line], why_not: str = "") -> None:
        """Add an entry; one with a reason why it is not served is dropped."""
        pieces = tuple([(line.start, line.end) for line in lines])
        name = fold(key.decode("utf-8", "surrogateescape"), self.dialect)
        entry = Entry(name, value, lines[0].start, lines[-1].end, lines[0].number, pieces)
        if why_not:
            self.dropped.append(entry)
            self.odd(entry.line, why_not)
        else:
            self.entries.append(entry)

    def done(self) -> Scan:
        """Return all that was found."""
        return Scan(
            tuple(self.entries), tuple(self.dropped), tuple(self.oddities), tuple(self.fatal)
        )


TOO_LONG = "is too long (8,191 bytes with what is joined to it): dropped"
STRAY = "starts with white space but continues no entry: dropped"
