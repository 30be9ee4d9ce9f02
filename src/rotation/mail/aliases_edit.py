"""Changing entries of an aliases file without disturbing another byte. Bytes in, bytes out.

An entry is written in the one form that all four servers read alike: one ASCII line
`name: addr, addr` of less than 2,000 bytes, without quotes, comments or continuation. The result is
read again before it is handed out; where a server could read it otherwise than wanted, the edit is
refused, with the line that is in the way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import NamedTuple

from rotation.mail.aliases import members, scan
from rotation.mail.grammar.model import (
    BOM,
    FIRST_COUNTS,
    SERVERS,
    SPACE,
    STRAY,
    TOO_LONG,
    Dialect,
    Entry,
    Line,
    Oddity,
    Scan,
    fold,
    physical_lines,
    pick,
)

LONGEST = 2000  # OpenSMTPD gives up on values of 2,048 bytes

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]*")
_ADDRESS = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+'=&-]*(@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?)?")
_ENTRY = re.compile(rb'(\s+"?[A-Za-z0-9_.+-]+"?\s*:(\s|$)|"?[A-Za-z0-9_.+-]+"?\s*:)')
_MAY_BE_OPEN = re.compile(rb'["(\[\\]')
_PLAINLY = "write it as 'name: address' at the start of a line, or remove it"
_BY_HAND = "tidy the file by hand once"

Scans = Mapping[Dialect, Scan]


class Blocker(NamedTuple):
    """One reason why an edit is refused: the line (None: the file), what is wrong, what to do."""

    line: int | None
    what: str
    hint: str


class EditRefused(Exception):
    """The file cannot be changed so that it is read right; `problems` has every reason why."""

    def __init__(self, problems: Iterable[Blocker]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(problem.what for problem in self.problems))


@dataclass(frozen=True, slots=True)
class Edit:
    """The new file, and what each name held before (None: absent, or no plain list).

    `absent` are the names of which no server at hand serves an entry.
    """

    text: bytes
    before: dict[str, tuple[str, ...] | None]
    absent: frozenset[str] = field(default=frozenset(), compare=False)


def edit(text: bytes, wanted: Mapping[str, Sequence[str]], dialect: Dialect) -> Edit:
    """Make each name of `wanted` an alias of exactly its addresses, in that order.

    An entry that the server already reads as wanted stays as it is, whatever its form. Any other is
    replaced, with its continuation lines, by one plain line; an absent one is appended. For
    Dialect.PLAIN all four servers have to agree. Raises EditRefused, with all reasons, when a name
    or address is unfit, a name has several entries, or no safe text can be made.
    """
    _refuse(_unfit(wanted))
    scans = {server: scan(text, server) for server in _servers(dialect)}
    plan = _Plan(text, dialect, scans)
    problems = [
        problem
        for name, addresses in wanted.items()
        if not _stands(name, addresses, scans)
        for problem in plan.change(name, addresses)
    ]
    before = {name: _held(name, scans) for name in wanted}
    absent = frozenset(name for name in wanted if not _served(name, scans))
    if plan.empty and not problems and not _fatal(dialect, scans):
        return Edit(text, before, absent)
    _refuse([*problems, *plan.dangers()])
    new = plan.result()
    _refuse(_misread(new, wanted, plan))
    return Edit(new, before, absent)


def _servers(dialect: Dialect) -> tuple[Dialect, ...]:
    return SERVERS if dialect is Dialect.PLAIN else (dialect,)


def _refuse(problems: Sequence[Blocker]) -> None:
    if problems:
        unique = dict.fromkeys(problems)
        raise EditRefused(sorted(unique, key=lambda problem: problem.line or 0))


def _unfit(wanted: Mapping[str, Sequence[str]]) -> list[Blocker]:
    """Check names and addresses once more, whoever vetted them: a mistake here runs commands."""
    found: list[Blocker] = []
    seen: dict[str, str] = {}
    for name, addresses in wanted.items():
        if not _NAME.fullmatch(name):
            what = f"{name!r} is no alias name that every mail server reads without quotes"
            hint = "use letters, digits and . _ + -, and begin with a letter, a digit or _"
            found.append(Blocker(None, what, hint))
            continue
        twin = seen.setdefault(name.lower(), name)
        if twin != name:
            what = f"{twin!r} and {name!r} are one alias"
            found.append(Blocker(None, what, "mail servers ignore case: keep one of them"))
        if not addresses:
            what = f"{name!r} would be left without an address"
            found.append(Blocker(None, what, "name at least one"))
        for address in addresses:
            if not _ADDRESS.fullmatch(address) or ".." in address:
                what = f"{address!r} is no plain address"
                found.append(Blocker(None, what, "write it like alice@example.com"))
        length = len(_line(name, addresses))
        if length >= LONGEST:
            what = f"the line of {name!r} would be {length:,} bytes long"
            found.append(Blocker(None, what, f"keep it under {LONGEST:,}: OpenSMTPD reads no more"))
    return found


def _line(name: str, addresses: Sequence[str]) -> bytes:
    return f"{name}: {', '.join(addresses)}".encode("ascii", "replace")


def _named(name: str, server: Dialect, scans: Scans) -> list[Entry]:
    """Return all entries that carry the name, served or not."""
    one = scans[server]
    found = [entry for entry in (*one.entries, *one.dropped) if entry.key == fold(name, server)]
    return sorted(found, key=lambda entry: entry.start)


def _stands(name: str, addresses: Sequence[str], scans: Scans) -> bool:
    """Say whether every server reads the name as wanted, whichever of its entries it takes."""
    named = [_named(name, server, scans) for server in scans]
    right = all(members(e.value) == tuple(addresses) for entries in named for e in entries)
    return right and all(named) and len({tuple(e.line for e in entries) for entries in named}) == 1


def _held(name: str, scans: Scans) -> tuple[str, ...] | None:
    """Return the addresses of the name where all servers agree on them."""
    found = set()
    for server, one in scans.items():
        served = tuple(entry for entry in one.entries if entry.key == fold(name, server))
        counts = pick(server, served)
        found.add(members(counts.value) if counts else None)
    return found.pop() if len(found) == 1 else None


def _served(name: str, scans: Scans) -> bool:
    """Say whether any server serves an entry of the name."""
    return any(
        entry.key == fold(name, server) for server, one in scans.items() for entry in one.entries
    )


def _fatal(dialect: Dialect, scans: Scans) -> list[Oddity]:
    """Return for what the server at hand refuses the whole file.

    That OpenSMTPD would does not count while nobody knows that it is the one: it refuses every file
    with continuation lines.
    """
    unknown = dialect is Dialect.PLAIN
    those = (one for at, one in scans.items() if not (unknown and at is Dialect.OPENSMTPD))
    return [oddity for one in those for oddity in one.fatal]


class _Plan:
    """The changes to the lines of one file."""

    def __init__(self, text: bytes, dialect: Dialect, scans: Scans) -> None:
        self.text = text
        self.dialect = dialect
        self.scans = scans
        self.lines = physical_lines(text)
        self._served = {entry.line for one in scans.values() for entry in one.entries}
        self.replaced: dict[int, bytes] = {}  # the number of an entry's first line -> its new bytes
        self.removed: set[int] = set()  # the numbers of its other lines
        self.appended: list[bytes] = []

    @property
    def empty(self) -> bool:
        return not self.replaced and not self.appended

    @property
    def staying(self) -> list[Line]:
        """The old lines of which the new text is made, replaced ones included."""
        return [line for line in self.lines if line.number not in self.removed]

    def result(self) -> bytes:
        """Return the new text."""
        parts = [
            self.replaced.get(line.number, self.text[line.start : line.end])
            for line in self.staying
        ]
        if self.appended:
            ending = _usual_ending(self.lines, self.text)
            if parts and not parts[-1].endswith(b"\n"):
                parts.append(ending)
            parts += [added + ending for added in self.appended]
        return b"".join(parts)

    def change(self, name: str, addresses: Sequence[str]) -> list[Blocker]:
        """Plan the change of one name; return what stands in its way."""
        named = {server: _named(name, server, self.scans) for server in self.scans}
        heads = sorted({entry.line for entries in named.values() for entry in entries})
        if len(heads) > 1:
            what = f"{name!r} has {len(heads)} entries: lines {', '.join(map(str, heads))}"
            return [Blocker(head, what, "remove all but one of them") for head in heads]
        own = {n for entries in named.values() for entry in entries for n in self._numbers(entry)}
        problems = self._lookalikes(name, own)
        unread = [server.value for server, entries in named.items() if heads and not entries]
        if unread:
            what = f"{', '.join(unread)} would not read this line as the entry of {name!r}"
            problems.append(Blocker(heads[0], what, _PLAINLY))
        if problems:
            return problems
        if heads:
            return self._replace(name, addresses, heads[0], own)
        return self._append(name, addresses)

    def _numbers(self, entry: Entry) -> Iterator[int]:
        starts = {start for start, _ in entry.pieces}
        for line in takewhile(lambda at: at.start < entry.end, self.lines[entry.line - 1 :]):
            if line.start in starts:
                yield line.number

    def _lookalikes(self, name: str, own: set[int]) -> list[Blocker]:
        """Find lines that a person takes for the entry but the server does not."""
        plain = re.escape(name.encode("ascii"))
        full = re.compile(rb'\s*"?' + plain + rb'"?\s*:', re.IGNORECASE)
        bare = re.compile(plain + rb"[ \t]+[^ \t:]", re.IGNORECASE)
        who = "some mail server" if self.dialect is Dialect.PLAIN else self.dialect.value
        what = f"looks like the entry of {name!r}, but {who} reads it otherwise"
        found = []
        for line in self.lines:
            body = line.body.removeprefix(BOM) if line.number == 1 else line.body
            alike = full.match(body) or (line.number not in self._served and bare.match(body))
            if alike and line.number not in own:
                found.append(Blocker(line.number, what, _PLAINLY))
        return found

    def _replace(
        self, name: str, addresses: Sequence[str], head: int, own: set[int]
    ) -> list[Blocker]:
        own = own | self._directly_behind(head, own)
        problems = [
            problem for number in sorted(own) for problem in self._unsafe(name, number, head)
        ]
        problems += self._cut_off(name, max(own))
        first = self.lines[head - 1]
        plain = re.escape(name.encode("ascii"))
        written = re.match(rb'\s*("?)(' + plain + rb")\1(\s|:)", first.body, re.IGNORECASE)
        if written is None:
            what = f"names {name!r} in a way that is not safe to change"
            return [*problems, Blocker(head, what, _PLAINLY)]
        spelling = written[2].decode("ascii")  # the file's own stays
        self.replaced[head] = _line(spelling, addresses) + _ending(first, self.text)
        self.removed |= own - {head}
        return problems

    def _directly_behind(self, head: int, own: set[int]) -> set[int]:
        """Return the indented lines right behind the entry: to some server they belong to it."""
        found = set()
        for line in self.lines[head:]:
            if not line.indented or (line.comment and line.number not in own):
                break
            if self.dialect is Dialect.OPENSMTPD and line.number in self._served:
                break  # this server does read it as an entry of its own
            found.add(line.number)
        return found

    def _unsafe(self, name: str, number: int, head: int) -> Iterator[Blocker]:
        body = self.lines[number - 1].body
        if number != head and _ENTRY.match(body):
            what = f"looks like an entry of its own but is read as part of {name!r}"
            yield Blocker(number, what, "remove what joins it, or the whole line")
        elif number != head and self.dialect is Dialect.PLAIN and body[:1] not in (b" ", b"\t"):
            what = f"is read as part of {name!r} by some mail servers only"
            yield Blocker(number, what, "join it to the entry, or remove what joins it")
        if b"\r" in body.rstrip(b"\r"):
            yield Blocker(number, "has a carriage return in its middle", "end lines with newlines")

    def _cut_off(self, name: str, last: int) -> list[Blocker]:
        """Return a line that people mean for a part of the entry, and this server does not."""
        if self.dialect is Dialect.OPENSMTPD:
            behind = self.lines[last : last + 1]
            what = f"may be meant as a part of {name!r}, but is read as an entry of its own"
            return [
                Blocker(line.number, what, "join it to the entry, or remove it")
                for line in behind
                if line.number in self._served and line.indented and not _ENTRY.match(line.body)
            ]
        if self.dialect is not Dialect.SENDMAIL:
            return []
        # It makes an error of an indented line behind a blank one; Postfix would join it.
        strays = {odd.line for odd in self.scans[self.dialect].oddities if odd.what == STRAY}
        for line in self.lines[last:]:
            if line.indented:
                what = f"may be meant as a part of {name!r}, but is cut off from it"
                at_fault = any(last < stray <= line.number for stray in strays)
                hint = "join it to the entry, or remove it"
                return [Blocker(line.number, what, hint)] if at_fault else []
            if line.body.strip(SPACE) and not line.comment:
                break
        return []

    def _append(self, name: str, addresses: Sequence[str]) -> list[Blocker]:
        # Sendmail joins such lines, and so does OpenSMTPD's makemap(8), which reads `db:` tables.
        joins = self.dialect not in FIRST_COUNTS
        if joins and self.lines and self.lines[-1].body.endswith(b"\\"):
            what = f"ends in a backslash, which would join the new entry of {name!r} to it"
            return [Blocker(self.lines[-1].number, what, "remove the backslash")]
        self.appended.append(_line(name, addresses))
        return []

    def dangers(self) -> list[Blocker]:
        """Return what makes it unsafe to write anything into this file."""
        nul = [line.number for line in self.lines if b"\0" in line.body]
        found = [
            Blocker(number, "has a NUL byte: servers lose what follows it", "remove the NUL byte")
            for number in nul
        ]
        found += [
            Blocker(odd.line, odd.what, "split it, or remove it")
            for server, one in self.scans.items()
            if server is Dialect.SENDMAIL
            for odd in one.fatal
        ]
        if self.dialect is Dialect.SENDMAIL:
            found += [
                Blocker(odd.line, odd.what, "split it into several aliases")
                for odd in self.scans[self.dialect].oddities
                if odd.what == TOO_LONG and odd.line not in nul
            ]
        return found


def _ending(line: Line, text: bytes) -> bytes:
    """Return how a line ends: LF, CRLF, or not at all at the end of the file."""
    if not text[line.start : line.end].endswith(b"\n"):
        return b""
    return b"\r\n" if line.body.endswith(b"\r") else b"\n"


def _usual_ending(lines: Sequence[Line], text: bytes) -> bytes:
    """Return how the last line ends, or the one before it where the last does not."""
    endings = [ending for line in lines[-2:] if (ending := _ending(line, text))]
    return endings[-1] if endings else b"\n"


def _misread(new: bytes, wanted: Mapping[str, Sequence[str]], plan: _Plan) -> list[Blocker]:
    """Read the result again: the wanted entries have to be so, every other one as it was."""
    scans = {server: scan(new, server) for server in plan.scans}
    numbers = dict(enumerate((line.number for line in plan.staying), start=1))
    found = [
        Blocker(numbers.get(odd.line), odd.what, "correct this line, or remove it")
        for odd in _fatal(plan.dialect, scans)
    ]
    # What a server took for an entry of its own among the lines that went away went with them.
    gone = {*plan.replaced, *plan.removed}
    for server, one in scans.items():
        ours = {fold(name, server) for name in wanted}
        kept = (entry for entry in plan.scans[server].entries if entry.line not in gone)
        old, now = _counting(server, kept), _counting(server, one.entries)
        for key in sorted((old.keys() | now.keys()) - ours):
            if old.get(key) != now.get(key):
                what = f"the change would alter what {server.value} reads for {key!r}"
                found.append(Blocker(None, what, _BY_HAND))
        for name, addresses in wanted.items():
            if not _stands(name, addresses, {server: one}):
                what = f"{server.value} would not read {name!r} as wanted"
                found.append(Blocker(None, what, _BY_HAND))
    return found


def _counting(server: Dialect, entries: Iterable[Entry]) -> dict[str, bytes]:
    """Return the value that counts for each name, without white space that means nothing."""
    found: dict[str, bytes] = {}
    for entry in entries:
        if not (server in FIRST_COUNTS and entry.key in found):
            # behind an open quote, comment or backslash Postfix takes it for a part of the value
            open_ended = server is Dialect.POSTFIX and _MAY_BE_OPEN.search(entry.value)
            found[entry.key] = entry.value if open_ended else entry.value.rstrip(SPACE)
    return found
