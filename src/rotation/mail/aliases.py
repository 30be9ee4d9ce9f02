"""Reading an aliases file the way each mail server reads it. Bytes in, values out.

Four servers share the file and disagree about it: about continuation lines, comments, quotes, which
of two entries of one name counts, and what to do with a line that makes no sense. So there is one
scanner for each, written after its manual and checked against the program itself:

- Postfix: aliases(5), postalias(1). An entry goes on over comments and blank lines; the first of
  two entries counts.
- Exim: the specification's "lsearch". A name ends at a colon or white space; the first counts.
- OpenSMTPD: table(5), for `file:` tables. Every line is an entry of its own, and one bad line
  makes it refuse the table; the last counts.
- Sendmail: aliases(5), newaliases(1). A backslash joins lines, even comments; the last counts.

All of them match names without regard to case.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

BOM = b"\xef\xbb\xbf"
SPACE = b" \t\n\v\f\r"  # isspace() of C, which all four use
_BLANK = b" \t"


class Dialect(enum.Enum):
    """Whose rules apply. PLAIN is an unknown server: only what all four read alike."""

    POSTFIX = "postfix"
    EXIM = "exim"
    OPENSMTPD = "opensmtpd"
    SENDMAIL = "sendmail"
    PLAIN = "plain"


SERVERS = (Dialect.POSTFIX, Dialect.EXIM, Dialect.OPENSMTPD, Dialect.SENDMAIL)
FIRST_COUNTS = (Dialect.POSTFIX, Dialect.EXIM)


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
class Reading:
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
        return self.body[:1] in _SPACES and bool(self.body.strip(SPACE))

    @property
    def comment(self) -> bool:
        """Whether some server takes it for a comment."""
        return self.body.lstrip(SPACE).startswith(b"#")


_SPACES = frozenset(SPACE[i : i + 1] for i in range(len(SPACE)))


_UPPER = {ord(c): c.lower() for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


def fold(name: str, dialect: Dialect) -> str:
    """Fold the case of a name: Postfix knows Unicode, the others ASCII alone."""
    return name.casefold() if dialect is Dialect.POSTFIX else name.translate(_UPPER)


def pick(dialect: Dialect, entries: tuple[Entry, ...]) -> Entry | None:
    """Return which of several entries of one name counts for a server."""
    if not entries or (dialect is Dialect.PLAIN and len(entries) > 1):
        return None
    return entries[0] if dialect in FIRST_COUNTS else entries[-1]


def physical_lines(text: bytes) -> list[Line]:
    """Split at newlines, the only line end that any of the servers knows."""
    found: list[Line] = []
    start = 0
    while start < len(text):
        cut = text.find(b"\n", start)
        stop, end = (len(text), len(text)) if cut < 0 else (cut, cut + 1)
        found.append(Line(len(found) + 1, start, end, text[start:stop]))
        start = end
    return found


def read(text: bytes, dialect: Dialect) -> Reading:
    """Read an aliases file as `dialect` does.

    Takes any bytes and raises nothing: what is wrong with them is in `oddities`.
    """
    if dialect is Dialect.PLAIN:
        return _read_plain(text)
    seen = scan(text, dialect)
    oddities = sorted(
        {*seen.oddities, *seen.fatal, *_duplicates(seen.entries)}, key=lambda o: (o.line, o.what)
    )
    if seen.fatal:
        both = sorted((*seen.entries, *seen.dropped), key=lambda entry: entry.start)
        return Reading(dialect, (), tuple(both), tuple(oddities), True)
    return Reading(dialect, seen.entries, seen.dropped, tuple(oddities), False)


def scan(text: bytes, dialect: Dialect) -> Scan:
    """Read an aliases file as one server does, without judging it as a whole."""
    found = _SCANNERS[dialect](text)
    odd = list(found.oddities)
    if text.startswith(BOM):
        odd.append(
            Oddity(1, "a byte order mark stands before the first line and becomes part of it")
        )
    for line in physical_lines(text) if b"\0" in text else ():
        if b"\0" in line.body:
            odd.append(
                Oddity(line.number, "a NUL byte cuts the line, and on some servers loses the next")
            )
    return Scan(found.entries, found.dropped, tuple(odd), found.fatal)


# A local part or address that needs quotes nowhere and is no command, file, include or option.
_ADDRESS = re.compile(rb"[A-Za-z0-9_][A-Za-z0-9_.+=&'~*^$?{}`-]*(@[A-Za-z0-9][A-Za-z0-9.-]*)?")


def members(value: bytes) -> tuple[str, ...] | None:
    """Return the addresses of a right-hand side that is a comma list of bare ones, else None.

    None is for all that not every server takes for plain addresses: quotes, commands, files,
    includes, comments, display names, spaces between addresses, nothing between two commas, bytes
    outside ASCII.
    """
    found = [part.strip(SPACE) for part in value.split(b",")]
    if not all(_ADDRESS.fullmatch(part) for part in found):
        return None
    return tuple(part.decode("ascii") for part in found)


class _Builder:
    """Collects what a scanner finds."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.entries: list[Entry] = []
        self.dropped: list[Entry] = []
        self.oddities: list[Oddity] = []
        self.fatal: list[Oddity] = []

    def odd(self, line: int, what: str) -> None:
        self.oddities.append(Oddity(line, what))

    def add(self, key: bytes, value: bytes, lines: list[Line], why_not: str = "") -> None:
        pieces = tuple((line.start, line.end) for line in lines)
        name = fold(key.decode("utf-8", "surrogateescape"), self.dialect)
        entry = Entry(name, value, lines[0].start, lines[-1].end, lines[0].number, pieces)
        if why_not:
            self.dropped.append(entry)
            self.odd(entry.line, why_not)
        else:
            self.entries.append(entry)

    def done(self) -> Scan:
        return Scan(
            tuple(self.entries), tuple(self.dropped), tuple(self.oddities), tuple(self.fatal)
        )


TOO_LONG = "is too long (8,191 bytes with what is joined to it): dropped"
STRAY = "starts with white space but continues no entry: dropped"

# --- Postfix --------------------------------------------------------------------------------------

_POSTFIX_SIMPLE = re.compile(rb"([A-Za-z0-9_.+-]+)[ \t]*:")
_POSTFIX_SPECIALS = b'|%!()<>@,;:\\".[]'
_POSTFIX_SPACE = b" \t\r\n"


def _scan_postfix(text: bytes) -> Scan:
    out = _Builder(Dialect.POSTFIX)
    lines = physical_lines(text)
    at = 0
    while at < len(lines):
        own: list[Line] = []
        while at < len(lines):
            line = lines[at]
            if line.body.strip(SPACE) and not line.comment:
                own.append(line)
            at += 1
            following = text[line.end : line.end + 1]
            if own and following != b"#" and following not in _SPACES:
                break
        if own:
            _postfix_entry(b"".join(line.body for line in own), own, out)
    return out.done()


def _postfix_entry(logical: bytes, own: list[Line], out: _Builder) -> None:
    first = own[0].number
    if logical[:1] in _SPACES:
        out.odd(first, STRAY)
        return
    whole, logical = logical, logical.split(b"\0")[0]
    if not logical.isascii() and not _is_utf8(whole):
        out.odd(first, "is not UTF-8: dropped")
        return
    simple = _POSTFIX_SIMPLE.match(logical)
    if simple:
        key, rest = simple[1], logical[simple.end() :]
        why = "" if rest.strip(_POSTFIX_SPACE) else "has nothing after the colon: dropped"
        out.add(key, rest.lstrip(_POSTFIX_SPACE), own, why)
        return
    tokens = postfix_tokens(logical)
    colon = next((i for i, token in enumerate(tokens) if token.kind == ":"), 0)
    before = {token.kind for token in tokens[:colon]}
    if colon == 0 or "," in before:
        out.odd(first, "is no name, colon, value: dropped")
        return
    key = postfix_key(tokens[:colon])
    value = logical[tokens[colon].end :].lstrip(_POSTFIX_SPACE)
    why = ""
    if colon + 1 == len(tokens):
        why = "has nothing after the colon: dropped"
    elif before & {"@", "%"}:
        why = "has a name that is not local: dropped"
    out.add(key, value, own, why)


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Token:
    """A token of Postfix's: `kind` is atom, quoted, literal, comment, or the operator itself."""

    kind: str
    text: bytes
    end: int

    @property
    def word(self) -> bool:
        """Whether it is more than an operator."""
        return len(self.kind) > 1


def postfix_tokens(text: bytes) -> list[Token]:
    """Split a logical line into the tokens of RFC 822 that Postfix works on (postalias(1))."""
    found: list[Token] = []
    at = 0
    while at < len(text):
        char = text[at : at + 1]
        if char in (b"(", b'"', b"["):
            kind = {b"(": "comment", b'"': "quoted", b"[": "literal"}[char]
            word, at = (
                _comment(text, at)
                if char == b"("
                else _collect(text, at + 1, b'"' if char == b'"' else b"]")
            )
            if char != b"(":
                at = min(at + 1, len(text))  # past the closing quote, where there is one
            found.append(Token(kind, word, at))
        elif char in _POSTFIX_SPACE:
            at += 1
        elif char in _POSTFIX_SPECIALS and char != b"\\":
            at += 1
            found.append(Token(char.decode("ascii"), char, at))
        else:
            word, at = _collect(text, at, _POSTFIX_SPACE + _POSTFIX_SPECIALS)
            plain = not any(byte < 33 or byte == 127 or byte in _POSTFIX_SPECIALS for byte in word)
            found.append(Token("atom" if plain else "quoted", word, at))
    return found


def _collect(text: bytes, at: int, stops: bytes) -> tuple[bytes, int]:
    word = bytearray()
    while at < len(text):
        char = text[at]
        if char == 0x5C:  # a backslash takes the next byte as it is
            at += 1
            if at == len(text):
                break
            char = text[at]
        elif char in stops:
            break
        word.append(0x20 if char in _POSTFIX_SPACE else char)
        at += 1
    return bytes(word), at


def _comment(text: bytes, at: int) -> tuple[bytes, int]:
    start, depth = at, 0
    while at < len(text):
        char = text[at]
        at += 1
        if char == 0x28:
            depth += 1
        elif char == 0x29:
            depth -= 1
            if depth == 0:
                break
        elif char == 0x5C and at < len(text):
            at += 1
    return text[start:at], at


def postfix_key(tokens: list[Token]) -> bytes:
    """Put the tokens of a name together again, unquoted, as Postfix stores it."""
    out = bytearray()
    for i, token in enumerate(tokens):
        out += b"[" + token.text + b"]" if token.kind == "literal" else token.text
        if i + 1 < len(tokens) and (
            tokens[i + 1].kind == "<" or (token.word and tokens[i + 1].word)
        ):
            out += b" "
    return bytes(out)


# --- Exim -----------------------------------------------------------------------------------------

_EXIM_BUFFER = 4095
_EXIM_ESCAPES = {0x62: 8, 0x66: 12, 0x6E: 10, 0x72: 13, 0x74: 9, 0x76: 11}
_EXIM_ESCAPE = re.compile(rb"\\([0-7]{1,3}|x[0-9A-Fa-f]{0,2}|.)?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Chunk:
    """What Exim gets from one read into its buffer: a line, or a part of a long one."""

    line: Line
    text: bytes
    starts_line: bool  # as Exim believes: a NUL hides the newline, so the next line goes on
    ends_line: bool


def _exim_chunks(text: bytes) -> list[_Chunk]:
    found: list[_Chunk] = []
    fresh = True
    for line in physical_lines(text):
        for at in range(line.start, line.end, _EXIM_BUFFER):
            part = text[at : min(at + _EXIM_BUFFER, line.end)].split(b"\0")[0]
            ends = part.endswith(b"\n")
            found.append(_Chunk(line, part.rstrip(SPACE) if ends else part, fresh, ends))
            fresh = ends
    return found


def _scan_exim(text: bytes) -> Scan:
    out = _Builder(Dialect.EXIM)
    chunks = _exim_chunks(text)
    owned = 0
    for at, chunk in enumerate(chunks):
        if at < owned or not chunk.starts_line or not chunk.text or chunk.text.startswith(b"#"):
            continue
        if chunk.text[:1] in _SPACES:
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
            elif more.text[:1] in _SPACES:
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
    return out.done()


def _exim_key(text: bytes) -> tuple[bytes, bytes]:
    if not text.startswith(b'"'):
        stop = re.search(rb"[:\s]", text)
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


# --- OpenSMTPD ------------------------------------------------------------------------------------


def _scan_opensmtpd(text: bytes) -> Scan:
    out = _Builder(Dialect.OPENSMTPD)
    is_list: bool | None = None
    for line in physical_lines(text):
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
            out.fatal.append(Oddity(line.number, "is no name and value: the whole file is refused"))
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
        colon = rest[at : at + 1] == b":" and rest[at + 1 : at + 2] in _SPACES
        if rest[at : at + 1] not in _SPACES and not colon:
            break
        at += 1
    return rest[at:]


# --- Sendmail -------------------------------------------------------------------------------------

_SENDMAIL_BUFFER = 8192


class _Reader:
    """Sendmail's reads into a buffer of fixed size, where a NUL hides whatever follows it."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.at = 0
        self.eof = False

    def line(self, room: int) -> bytes:
        stop = self.text.find(b"\n", self.at, self.at + room - 1) + 1
        if stop == 0:
            stop = min(self.at + room - 1, len(self.text))
            self.eof = self.eof or stop - self.at < room - 1
        got, self.at = self.text[self.at : stop], stop
        return got

    def peek(self) -> bytes:
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


def _scan_sendmail(text: bytes) -> Scan:
    out = _Builder(Dialect.SENDMAIL)
    lines = physical_lines(text)
    ends = {line.end: line.number for line in lines}
    reader = _Reader(text)
    skipping = False
    first = done = 0  # how many physical lines lie before this entry, and behind it
    while reader.at < len(text):
        first = done
        logical = reader.logical()
        if logical is None:
            what = "is too long (8,191 bytes) and goes on with white space: Sendmail 8.17 hangs"
            out.fatal.append(Oddity(first + 1, what))
            break
        logical, newline, _ = logical.partition(b"\n")
        too_long = not newline and not reader.eof
        if too_long:
            reader.skip()
        done = ends[reader.at]
        if too_long:
            out.odd(first + 1, TOO_LONG)
        elif not logical or logical.startswith(b"#"):
            skipping = False
            if done - first > 1:
                out.odd(first + 1, "is empty or a comment, and the next line is part of it")
        elif logical[:1] in (b" ", b"\t"):
            if not skipping:
                out.odd(first + 1, STRAY)
            skipping = True
        else:
            skipping = False
            _sendmail_entry(logical, lines[first:done], out)
    return out.done()


def _sendmail_entry(logical: bytes, own: list[Line], out: _Builder) -> None:
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


_SCANNERS: dict[Dialect, Callable[[bytes], Scan]] = {
    Dialect.POSTFIX: _scan_postfix,
    Dialect.EXIM: _scan_exim,
    Dialect.OPENSMTPD: _scan_opensmtpd,
    Dialect.SENDMAIL: _scan_sendmail,
}


# --- an unknown server ----------------------------------------------------------------------------


def _read_plain(text: bytes) -> Reading:
    """Keep what all four see in the same line with the same name and, white space aside, value."""
    scans = {dialect: scan(text, dialect) for dialect in SERVERS}
    seen = [
        {
            (e.line, e.key, _squeezed(e.value))
            for e in (*scans[dialect].entries, *scans[dialect].dropped)
        }
        for dialect in SERVERS
    ]
    alike = set.intersection(*seen)
    odd = {oddity for one in scans.values() for oddity in (*one.oddities, *one.fatal)}
    entries: list[Entry] = []
    for entry in scans[Dialect.POSTFIX].entries:
        if (entry.line, entry.key, _squeezed(entry.value)) in alike:
            entries.append(entry)
        else:
            odd.add(Oddity(entry.line, "is read differently by different servers"))
    odd.update(_duplicates(entries))
    return Reading(
        Dialect.PLAIN, tuple(entries), (), tuple(sorted(odd, key=lambda o: (o.line, o.what))), False
    )


def _squeezed(value: bytes) -> bytes:
    return b" ".join(value.split())


def _duplicates(entries: Iterable[Entry]) -> list[Oddity]:
    first: dict[str, int] = {}
    found = []
    for entry in entries:
        if entry.key in first:
            found.append(Oddity(entry.line, f"repeats the name of line {first[entry.key]}"))
        first.setdefault(entry.key, entry.line)
    return found
