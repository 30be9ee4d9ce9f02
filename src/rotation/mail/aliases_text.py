"""An aliases file, read once: its lines, and what each server that matters makes of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from rotation.mail.aliases import looked_at, members, scan
from rotation.mail.grammar.model import (
    BOM,
    FIRST_COUNTS,
    SERVERS,
    SPACE,
    Dialect,
    Entry,
    Line,
    Oddity,
    fold,
    pick,
)
from rotation.mail.grammar.sections import odd_lines

_FULL = re.compile(rb'\s*"?([A-Za-z0-9._+@-]+)"?\s*:')
_BARE = re.compile(rb"([A-Za-z0-9._+@-]+)[ \t]+[^ \t:]")
_MAY_BE_OPEN = re.compile(rb'["(\[\\]')

Members = tuple[str, ...]


class AliasesText:
    """The text of an aliases file for one server, or (Dialect.PLAIN) for all four of them.

    With `names` (ASCII), it knows no more of the file than what can matter for them. `like` is
    another reading of the same text: looking for lines that are not plain takes most of the time.
    """

    def __init__(
        self,
        text: bytes,
        dialect: Dialect,
        names: Collection[str] | None = None,
        like: AliasesText | None = None,
    ) -> None:
        self.text, self.dialect = text, dialect
        self._odd: list[int] | None = None if like is None else like._odd
        parts = looked_at(text, dialect, names, self._odd_lines)
        self.lines: list[Line] = [line for section in parts for line in section]
        self._at = {line.number: at for at, line in enumerate(self.lines)}
        servers = SERVERS if dialect is Dialect.PLAIN else (dialect,)
        self.scans = {server: scan(text, server, parts) for server in servers}

    def _odd_lines(self, text: bytes) -> list[int]:
        if self._odd is None:
            self._odd = list(odd_lines(text))
        return self._odd

    def line(self, number: int) -> Line:
        """The line of that number, which is known."""
        return self.lines[self._at[number]]

    def behind(self, number: int) -> Iterator[Line]:
        """The lines behind that line, as far as they are known."""
        for at in range(self._at[number] + 1, len(self.lines)):
            number += 1
            if self.lines[at].number != number:
                break
            yield self.lines[at]

    @cached_property
    def served_lines(self) -> frozenset[int]:
        """The lines at which some server begins an entry that it serves."""
        return frozenset(entry.line for seen in self.scans.values() for entry in seen.entries)

    @cached_property
    def lookalikes(self) -> Mapping[str, list[int]]:
        """The lines that a person takes for an entry, by the name in lower case."""
        lines: dict[str, list[int]] = {}
        for line in self.lines:
            body = line.body.removeprefix(BOM) if line.number == 1 else line.body
            alike = _FULL.match(body)
            if alike is None and line.number not in self.served_lines:
                alike = _BARE.match(body)
            if alike is not None:
                lines.setdefault(alike[1].decode("ascii").lower(), []).append(line.number)
        return lines

    @cached_property
    def fatal(self) -> list[Oddity]:
        """For what the server at hand refuses the whole file.

        That OpenSMTPD would does not count while nobody knows that it is the one: it refuses every
        file with continuation lines.
        """
        unknown = self.dialect is Dialect.PLAIN
        return [
            oddity
            for server, seen in self.scans.items()
            if not (unknown and server is Dialect.OPENSMTPD)
            for oddity in seen.fatal
        ]

    @property
    def names(self) -> set[str]:
        """The ASCII names of all entries that it knows: those alone are found by their bytes."""
        keys = {entry.key for seen in self.scans.values() for entry in seen.entries}
        return {key for key in keys if key.isascii()}

    def named(self, name: str, server: Dialect) -> list[Entry]:
        """All entries that carry the name, served or not, in file order."""
        return [entry for entry, _ in self._carriers[server].get(fold(name, server), ())]

    def served(self, name: str) -> bool:
        """Whether any server serves an entry of the name."""
        return any(self._serving(name, server) for server in self.scans)

    def held(self, name: str) -> Members | None:
        """The addresses of the name where all servers agree on them."""
        answers = set()
        for server in self.scans:
            counts = pick(server, self._serving(name, server))
            answers.add(members(counts.value) if counts else None)
        return answers.pop() if len(answers) == 1 else None

    def _serving(self, name: str, server: Dialect) -> tuple[Entry, ...]:
        carriers = self._carriers[server].get(fold(name, server), ())
        return tuple(entry for entry, served in carriers if served)

    @cached_property
    def _carriers(self) -> Mapping[Dialect, Mapping[str, list[tuple[Entry, bool]]]]:
        """For each server the entries of each name, in file order, and whether they are served."""
        carriers: dict[Dialect, dict[str, list[tuple[Entry, bool]]]] = {}
        for server, seen in self.scans.items():
            by_name = carriers[server] = {}
            both = [(entry, True) for entry in seen.entries]
            both += [(entry, False) for entry in seen.dropped]
            for entry, served in sorted(both, key=lambda pair: pair[0].start):
                by_name.setdefault(entry.key, []).append((entry, served))
        return carriers

    def stands(self, name: str, addresses: Sequence[str]) -> bool:
        """Whether every server reads the name as wanted, whichever of its entries it takes."""
        carriers = [self.named(name, server) for server in self.scans]
        values = {entry.value for entries in carriers for entry in entries}
        right = all(members(value) == tuple(addresses) for value in values)
        lines = {tuple(e.line for e in entries) for entries in carriers}
        return right and all(carriers) and len(lines) == 1

    def counting(self, server: Dialect, without: Iterable[int] = ()) -> dict[str, bytes]:
        """The value that counts for each name, without white space that means nothing.

        Entries that begin in the lines `without` are left out.
        """
        left_out = set(without)
        values: dict[str, bytes] = {}
        for entry in self.scans[server].entries:
            if entry.line in left_out or (server in FIRST_COUNTS and entry.key in values):
                continue
            # behind an open quote, comment or backslash Postfix takes it for a part of the value
            open_ended = server is Dialect.POSTFIX and _MAY_BE_OPEN.search(entry.value)
            values[entry.key] = entry.value if open_ended else entry.value.rstrip(SPACE)
        return values
