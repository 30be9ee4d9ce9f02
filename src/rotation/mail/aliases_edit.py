"""Changing entries of an aliases file without disturbing another byte. Bytes in, bytes out.

An entry is written in the one form that all four servers read alike: one ASCII line
`name: addr, addr` of less than 2,000 bytes, without quotes, comments or continuation. The result is
read again before it is handed out; where a server could read it otherwise than wanted, the edit is
refused, with the line that is in the way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rotation.mail.aliases import (
    BOM,
    FIRST_COUNTS,
    SERVERS,
    SPACE,
    Dialect,
    Entry,
    Line,
    Scan,
    fold,
    members,
    physical_lines,
    pick,
    scan,
)

LONGEST = 2000  # OpenSMTPD gives up on values of 2,048 bytes

_PLAINLY = "write it as 'name: address' at the start of a line, or remove it"

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]*")
_ADDRESS = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+'=&-]*(@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?)?")
_OWN_ENTRY = re.compile(rb'\s+"?[A-Za-z0-9_.+-]+"?\s*:(\s|$)')


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
    """The new file, and what each name held before (None: absent, or no plain list)."""

    text: bytes
    before: dict[str, tuple[str, ...] | None]


def edit(text: bytes, wanted: Mapping[str, Sequence[str]], dialect: Dialect) -> Edit:
    """Make each name of `wanted` an alias of exactly its addresses, in that order.

    An entry that the server already reads as wanted stays as it is, whatever its form. Any other is
    replaced, with its continuation lines, by one plain line; an absent one is appended. For
    Dialect.PLAIN all four servers have to agree. Raises EditRefused, with all reasons, when a name
    or address is unfit, a name has several entries, or no safe text can be made.
    """
    _refuse(_unfit(wanted))
    servers = SERVERS if dialect is Dialect.PLAIN else (dialect,)
    scans = {server: scan(text, server) for server in servers}
    lines = physical_lines(text)
    before: dict[str, tuple[str, ...] | None] = {}
    plan = _Plan(text, lines, dialect)
    problems: list[Blocker] = []
    for name, addresses in wanted.items():
        before[name] = _before(name, scans)
        if not _stands(name, tuple(addresses), scans):
            problems += plan.change(name, addresses, scans)
    if plan.empty and not problems and not _table_refused(dialect, scans):
        return Edit(text, before)
    _refuse([*problems, *_dangers(lines, dialect, scans)])
    new = plan.result()
    _verify(text, new, wanted, servers, dialect, plan)
    return Edit(new, before)


def _refuse(problems: Sequence[Blocker]) -> None:
    if problems:
        unique = dict.fromkeys(problems)
        raise EditRefused(sorted(unique, key=lambda problem: problem.line or 0))


def _unfit(wanted: Mapping[str, Sequence[str]]) -> list[Blocker]:
    found: list[Blocker] = []
    seen: dict[str, str] = {}
    for name, addresses in wanted.items():
        if not _NAME.fullmatch(name):
            found.append(
                Blocker(
                    None,
                    f"{name!r} is no alias name that every mail server reads unquoted",
                    "use letters, digits and . _ + -, and begin with a letter, a digit or _",
                )
            )
            continue
        twin = seen.setdefault(name.lower(), name)
        if twin != name:
            found.append(
                Blocker(None, f"{twin!r} and {name!r} are one alias", "mail servers ignore case")
            )
        if not addresses:
            found.append(
                Blocker(None, f"{name!r} would be left without an address", "name at least one")
            )
        for address in addresses:
            if not _ADDRESS.fullmatch(address) or ".." in address:
                found.append(
                    Blocker(
                        None, f"{address!r} is no plain address", "write it like alice@example.com"
                    )
                )
        if len(_line(name, addresses)) >= LONGEST:
            found.append(
                Blocker(
                    None,
                    f"the line of {name!r} would be {len(_line(name, addresses)):,} bytes long",
                    f"keep it under {LONGEST:,} bytes: OpenSMTPD reads no more",
                )
            )
    return found


def _line(name: str, addresses: Sequence[str]) -> bytes:
    return f"{name}: {', '.join(addresses)}".encode("ascii", "replace")


def _named(name: str, one: Scan, server: Dialect) -> list[Entry]:
    """Return all entries that carry the name, served or not."""
    found = [entry for entry in (*one.entries, *one.dropped) if entry.key == fold(name, server)]
    return sorted(found, key=lambda entry: entry.start)


def _stands(name: str, addresses: tuple[str, ...], scans: Mapping[Dialect, Scan]) -> bool:
    """Say whether every server reads the name as wanted, whichever of its entries it takes."""
    for server, one in scans.items():
        entries = _named(name, one, server)
        if not entries or any(members(entry.value) != addresses for entry in entries):
            return False
    return (
        len({tuple(e.line for e in _named(name, one, server)) for server, one in scans.items()})
        == 1
    )


def _before(name: str, scans: Mapping[Dialect, Scan]) -> tuple[str, ...] | None:
    found: set[tuple[str, ...] | None] = set()
    for server, one in scans.items():
        counts = pick(
            server, tuple(entry for entry in one.entries if entry.key == fold(name, server))
        )
        found.add(members(counts.value) if counts else None)
    return found.pop() if len(found) == 1 else None


def _table_refused(dialect: Dialect, scans: Mapping[Dialect, Scan]) -> bool:
    return dialect is Dialect.OPENSMTPD and bool(scans[dialect].fatal)


def _dangers(lines: list[Line], dialect: Dialect, scans: Mapping[Dialect, Scan]) -> list[Blocker]:
    """Find what makes it unsafe to write anything into this file."""
    found = [
        Blocker(
            line.number,
            "a NUL byte in this line makes servers lose what follows it",
            "remove the NUL byte",
        )
        for line in lines
        if b"\0" in line.body
    ]
    if dialect is Dialect.SENDMAIL:
        found += [
            Blocker(odd.line, f"this line {odd.what}", "split it into several aliases")
            for odd in scans[dialect].oddities
            if "too long" in odd.what
        ]
    return found


class _Plan:
    """The changes to the lines of one file."""

    def __init__(self, text: bytes, lines: list[Line], dialect: Dialect) -> None:
        self.text = text
        self.lines = lines
        self.dialect = dialect
        self.replaced: dict[int, bytes] = {}  # the number of an entry's first line -> its new bytes
        self.removed: set[int] = set()  # the numbers of its other lines
        self.appended: list[bytes] = []
        self.origin: list[int] = []  # the old number of each line that stays

    @property
    def empty(self) -> bool:
        return not self.replaced and not self.appended

    @property
    def gone(self) -> set[int]:
        """The numbers of all lines that the plan takes away."""
        return {*self.replaced, *self.removed}

    def change(
        self, name: str, addresses: Sequence[str], scans: Mapping[Dialect, Scan]
    ) -> list[Blocker]:
        """Plan the change of one name; return what stands in its way."""
        named = {server: _named(name, one, server) for server, one in scans.items()}
        heads = sorted({entry.line for entries in named.values() for entry in entries})
        if len(heads) > 1:
            others = ", ".join(str(head) for head in heads)
            return [
                Blocker(
                    head,
                    f"{name!r} has {len(heads)} entries (lines {others})",
                    "remove all but one of them",
                )
                for head in heads
            ]
        own = {
            number
            for entries in named.values()
            for entry in entries
            for number in self._numbers(entry)
        }
        problems = self._lookalikes(name, own, scans)
        if problems:
            return problems
        if not heads:
            return self._append(name, addresses)
        unread = [server.value for server, entries in named.items() if not entries]
        if unread:
            who = ", ".join(unread)
            return [
                Blocker(
                    heads[0],
                    f"{name!r} is not read as an entry by {who}",
                    _PLAINLY,
                )
            ]
        return self._replace(name, addresses, heads[0], own)

    def _numbers(self, entry: Entry) -> list[int]:
        starts = {start for start, _ in entry.pieces}
        return [
            line.number
            for line in self.lines[entry.line - 1 :]
            if line.start in starts and line.end <= entry.end
        ]

    def _lookalikes(self, name: str, own: set[int], scans: Mapping[Dialect, Scan]) -> list[Blocker]:
        """Find lines that a person takes for the entry but the server does not."""
        plain = re.escape(name.encode("ascii"))
        colon = re.compile(rb'\s*"?' + plain + rb'"?\s*:', re.IGNORECASE)
        bare = re.compile(plain + rb"[ \t]+[^ \t:]", re.IGNORECASE)
        heads = {entry.line for one in scans.values() for entry in one.entries}
        found = []
        for line in self.lines:
            body = line.body.removeprefix(BOM) if line.number == 1 else line.body
            if line.number in own or not body.strip(SPACE):
                continue
            if colon.match(body) or (bare.match(body) and line.number not in heads):
                what = f"looks like the entry of {name!r}, but {self._who()} reads it otherwise"
                found.append(
                    Blocker(
                        line.number,
                        what,
                        _PLAINLY,
                    )
                )
        return found

    def _who(self) -> str:
        return "some mail server" if self.dialect is Dialect.PLAIN else self.dialect.value

    def _replace(
        self, name: str, addresses: Sequence[str], head: int, own: set[int]
    ) -> list[Blocker]:
        for line in self.lines[
            head:
        ]:  # an indented line right behind belongs to it for some server
            if not line.indented or (line.comment and line.number not in own):
                break
            if self.dialect is Dialect.OPENSMTPD and _OWN_ENTRY.match(line.body):
                break
            own.add(line.number)
        problems = [
            Blocker(
                number,
                f"this line looks like an entry but is read as part of {name!r}",
                "remove its indentation",
            )
            for number in sorted(own - {head})
            if _OWN_ENTRY.match(self.lines[number - 1].body)
        ]
        problems += [
            Blocker(
                number,
                "a carriage return in the middle of this line is no line end",
                "use newlines",
            )
            for number in sorted(own)
            if b"\r" in self.lines[number - 1].body.rstrip(b"\r")
        ]
        stray = self._stray(max(own))
        if stray and self.dialect in (Dialect.SENDMAIL, Dialect.PLAIN):
            what = (
                f"this line is part of {name!r} for Postfix, and cut off from it for other servers"
            )
            problems.append(Blocker(stray, what, "join it to the entry, or remove it"))
        first = self.lines[head - 1]
        written = re.match(
            rb'\s*("?)(' + re.escape(name.encode("ascii")) + rb")\1(\s|:)",
            first.body,
            re.IGNORECASE,
        )
        if written is None:
            problems.append(Blocker(head, f"names {name!r} in a way not safe to change", _PLAINLY))
        else:  # the file's own spelling stays
            spelling = written[2].decode("ascii")
            self.replaced[head] = _line(spelling, addresses) + _ending(first, self.text)
        self.removed |= own - {head}
        return problems

    def _stray(self, last: int) -> int | None:
        """Return the number of an indented line that only comments part from the entry."""
        for line in self.lines[last:]:
            if line.indented and not line.comment:
                return line.number
            if line.body.strip(SPACE) and not line.comment:
                return None
        return None

    def _append(self, name: str, addresses: Sequence[str]) -> list[Blocker]:
        # Sendmail joins such lines, and so does OpenSMTPD's makemap(8) for a db: table.
        joins = self.dialect in (Dialect.SENDMAIL, Dialect.OPENSMTPD, Dialect.PLAIN)
        if joins and self.lines and self.lines[-1].body.endswith(b"\\"):
            what = f"the file ends in a backslash, which would join {name!r} to this line"
            return [Blocker(self.lines[-1].number, what, "remove the backslash")]
        self.appended.append(_line(name, addresses))
        return []

    def old_number(self, number: int) -> int | None:
        """Return which old line a line of the new text was, None for an appended one."""
        return self.origin[number - 1] if number <= len(self.origin) else None

    def result(self) -> bytes:
        """Return the new text."""
        out = bytearray()
        self.origin = [line.number for line in self.lines if line.number not in self.removed]
        for number in self.origin:
            line = self.lines[number - 1]
            out += self.replaced.get(number, self.text[line.start : line.end])
        if self.appended:
            ending = _file_ending(self.lines, self.text)
            if out and not out.endswith(b"\n"):
                out += ending
            for added in self.appended:
                out += added + ending
        return bytes(out)


def _ending(line: Line, text: bytes) -> bytes:
    """Return how a line ends: LF, CRLF, or not at all at the end of the file."""
    if not text[line.start : line.end].endswith(b"\n"):
        return b""
    return b"\r\n" if line.body.endswith(b"\r") else b"\n"


def _file_ending(lines: list[Line], text: bytes) -> bytes:
    ended = [ending for ending in (_ending(line, text) for line in lines[-2:]) if ending]
    return ended[-1] if ended else b"\n"


def _counting(server: Dialect, entries: Iterable[Entry], without: set[str]) -> dict[str, bytes]:
    """Return the value that counts for each name, without white space at its end."""
    found: dict[str, bytes] = {}
    for entry in entries:
        if entry.key not in without and not (server in FIRST_COUNTS and entry.key in found):
            found[entry.key] = entry.value.rstrip(SPACE)
    return found


def _verify(
    text: bytes,
    new: bytes,
    wanted: Mapping[str, Sequence[str]],
    servers: Sequence[Dialect],
    dialect: Dialect,
    plan: _Plan,
) -> None:
    """Read the result again: the wanted entries as wanted, every other one as it was."""
    problems: list[Blocker] = []
    for server in servers:
        old_scan, new_scan = scan(text, server), scan(new, server)
        if dialect is Dialect.OPENSMTPD:
            problems += [
                Blocker(plan.old_number(odd.line), f"this line {odd.what}", "correct or remove it")
                for odd in new_scan.fatal
            ]
        names = {fold(name, server) for name in wanted}
        # What a server took for an entry of its own among the lines that went away went with them.
        kept = (entry for entry in old_scan.entries if entry.line not in plan.gone)
        old = _counting(server, kept, names)
        now = _counting(server, new_scan.entries, names)
        for key in sorted(key for key in old.keys() | now.keys() if old.get(key) != now.get(key)):
            problems.append(
                Blocker(
                    None,
                    f"the change would alter what {server.value} reads for {key!r}",
                    "tidy the file by hand",
                )
            )
        for name, addresses in wanted.items():
            if not _stands(name, tuple(addresses), {server: new_scan}):
                problems.append(
                    Blocker(
                        None,
                        f"{server.value} would not read {name!r} as wanted",
                        "tidy the file by hand",
                    )
                )
    _refuse(problems)
