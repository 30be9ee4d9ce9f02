"""The changes to the lines of one aliases file, and what stands in their way."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain, islice, takewhile
from typing import NamedTuple

from rotation.mail.aliases_text import AliasesText
from rotation.mail.grammar.model import (
    FIRST_COUNTS,
    SPACE,
    STRAY,
    Dialect,
    Entry,
    Line,
)

_ENTRY = re.compile(rb'(\s+"?[A-Za-z0-9_.+-]+"?\s*:(\s|$)|"?[A-Za-z0-9_.+-]+"?\s*:)')
_POSTMAP_ENTRY = re.compile(rb"\s+[^\s,#]+@[^\s,]+[ \t]+[^\s,]")
_WRITTEN = re.compile(rb'\s*("?)([A-Za-z0-9._+@-]+)\1(\s|:)')
"""How an entry is written whose name may be kept; between the quotes, if any, is the name."""
_PLAINLY = "write it plainly, at the start of a line and without quotes, or remove it"


class Blocker(NamedTuple):
    """One reason why an edit is refused: the line (None: the file), what is wrong, what to do."""

    line: int | None
    what: str
    hint: str


class LinePlan:
    """The changes to the lines of one file."""

    def __init__(self, old: AliasesText) -> None:
        self.old = old
        self.replaced: dict[int, bytes] = {}  # the number of an entry's first line -> its new bytes
        self.removed: set[int] = set()  # the numbers of its other lines
        self.appended: list[bytes] = []

    @property
    def empty(self) -> bool:
        """Whether nothing has to be changed."""
        return not self.replaced and not self.appended

    def result(self) -> bytes:
        """Return the new text."""
        parts, done = [], 0
        for number in sorted({*self.replaced, *self.removed}):
            line = self.old.line(number)
            parts += [self.old.text[done : line.start], self.replaced.get(number, b"")]
            done = line.end
        parts.append(self.old.text[done:])
        if self.appended:
            ending = _usual_ending(self.old.lines, self.old.text)
            last = next((part for part in reversed(parts) if part), b"\n")
            if not last.endswith(b"\n"):
                parts.append(ending)
            parts += [added + ending for added in self.appended]
        return b"".join(parts)

    def was(self, number: int) -> int | None:
        """The number in the old text of a line of the new one; None for one that is appended."""
        for gone in sorted(self.removed):
            if gone > number:
                break
            number += 1
        return number if self.old.lines and number <= self.old.lines[-1].number else None

    def change(self, name: str, addresses: Sequence[str]) -> list[Blocker]:
        """Plan the change of one name; return what stands in its way."""
        carriers = {server: self.old.named(name, server) for server in self.old.scans}
        carried = [entry for entries in carriers.values() for entry in entries]
        heads = sorted({entry.line for entry in carried})
        if len(heads) > 1:
            what = f"{name!r} has {len(heads)} entries: lines {', '.join(map(str, heads))}"
            return [Blocker(head, what, "remove all but one of them") for head in heads]
        own = {
            n for entries in carriers.values() for entry in entries for n in self._numbers(entry)
        }
        problems = self._lookalikes(name, own)
        unread = [server.value for server, entries in carriers.items() if heads and not entries]
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
        lines = chain([self.old.line(entry.line)], self.old.behind(entry.line))
        for line in takewhile(lambda at: at.start < entry.end, lines):
            if line.start in starts:
                yield line.number

    def _lookalikes(self, name: str, own: set[int]) -> list[Blocker]:
        """Find lines that a person takes for the entry but the server does not."""
        who = "some mail server" if self.old.dialect is Dialect.PLAIN else self.old.dialect.value
        what = f"looks like the entry of {name!r}, but {who} reads it otherwise"
        return [
            Blocker(number, what, _PLAINLY)
            for number in self.old.lookalikes.get(name.lower(), ())
            if number not in own
        ]

    def _replace(
        self, name: str, addresses: Sequence[str], head: int, own: set[int]
    ) -> list[Blocker]:
        own = own | self._directly_behind(head, own)
        problems = [
            problem for number in sorted(own) for problem in self._unsafe(name, number, head)
        ]
        problems += self._cut_off(name, max(own))
        first = self.old.line(head)
        written = _WRITTEN.match(first.body)
        if written is None or written[2].lower() != name.lower().encode("ascii"):
            what = f"names {name!r} in a way that is not safe to change"
            return [*problems, Blocker(head, what, _PLAINLY)]
        spelling = written[2].decode("ascii")  # the file's own stays
        self.replaced[head] = one_line(spelling, addresses, self.old.dialect) + _ending(
            first, self.old.text
        )
        self.removed |= own - {head}
        return problems

    def _directly_behind(self, head: int, own: set[int]) -> set[int]:
        """Return the indented lines right behind the entry: to some server they belong to it."""
        numbers = set()
        for line in self.old.behind(head):
            if not line.indented or (line.comment and line.number not in own):
                break
            if self.old.dialect is Dialect.OPENSMTPD and line.number in self.old.served_lines:
                break  # this server does read it as an entry of its own
            numbers.add(line.number)
        return numbers

    def _unsafe(self, name: str, number: int, head: int) -> Iterator[Blocker]:
        body = self.old.line(number).body
        entry = _POSTMAP_ENTRY if self.old.dialect is Dialect.POSTMAP else _ENTRY
        if number != head and entry.match(body):
            what = f"looks like an entry of its own but is read as part of {name!r}"
            yield Blocker(number, what, "remove what joins it, or the whole line")
        elif number != head and self.old.dialect is Dialect.PLAIN and body[:1] not in (b" ", b"\t"):
            what = f"is read as part of {name!r} by some mail servers only"
            yield Blocker(number, what, "join it to the entry, or remove what joins it")
        if b"\r" in body.rstrip(b"\r"):
            yield Blocker(number, "has a carriage return in its middle", "end lines with newlines")

    def _cut_off(self, name: str, last: int) -> list[Blocker]:
        """Return a line that people mean for a part of the entry, and this server does not."""
        if self.old.dialect is Dialect.OPENSMTPD:
            behind = islice(self.old.behind(last), 1)
            what = f"may be meant as a part of {name!r}, but is read as an entry of its own"
            return [
                Blocker(line.number, what, "join it to the entry, or remove it")
                for line in behind
                if line.number in self.old.served_lines
                and line.indented
                and not _ENTRY.match(line.body)
            ]
        if self.old.dialect is not Dialect.SENDMAIL:
            return []
        # It makes an error of an indented line behind a blank one; Postfix would join it.
        strays = {
            odd.line for odd in self.old.scans[self.old.dialect].oddities if odd.what == STRAY
        }
        for line in self.old.behind(last):
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
        joins = self.old.dialect not in FIRST_COUNTS
        if joins and self.old.lines and self.old.lines[-1].body.endswith(b"\\"):
            what = f"ends in a backslash, which would join the new entry of {name!r} to it"
            return [Blocker(self.old.lines[-1].number, what, "remove the backslash")]
        self.appended.append(one_line(name, addresses, self.old.dialect))
        return []

    def dangers(self) -> list[Blocker]:
        """What in lines that are not ours stops every change of this file.

        A server that is known shows in its own index what it makes of such lines; where none is,
        lines after a NUL byte would be lost on some. On one kind of line Sendmail hangs.
        """
        dangers = [
            Blocker(odd.line, odd.what, "split it, or remove it")
            for server, seen in self.old.scans.items()
            if server is Dialect.SENDMAIL
            for odd in seen.fatal
        ]
        if self.old.dialect is Dialect.PLAIN:
            end = self.old.lines[-1].number if self.old.lines else 0
            last = end if self.appended else max(self.replaced, default=0)
            what, hint = "has a NUL byte: servers lose what follows it", "remove the NUL byte"
            dangers += [
                Blocker(line.number, what, hint)
                for line in self.old.lines
                if line.number <= last and b"\0" in line.body
            ]
        return dangers


def one_line(name: str, addresses: Sequence[str], dialect: Dialect) -> bytes:
    """An entry in the one form that all servers read alike; in a table of postmap's, in its."""
    colon = "" if dialect is Dialect.POSTMAP else ":"
    return f"{name}{colon} {', '.join(addresses)}".encode("ascii", "replace")


def _ending(line: Line, text: bytes) -> bytes:
    """Return how a line ends: LF, CRLF, or not at all at the end of the file."""
    if not text[line.start : line.end].endswith(b"\n"):
        return b""
    return b"\r\n" if line.body.endswith(b"\r") else b"\n"


def _usual_ending(lines: Sequence[Line], text: bytes) -> bytes:
    """Return how the last line ends, or the one before it where the last does not."""
    endings = [ending for line in lines[-2:] if (ending := _ending(line, text))]
    return endings[-1] if endings else b"\n"
