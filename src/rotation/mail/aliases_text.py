"""An aliases file, read once: its lines, and what each server that matters makes of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property

from rotation.mail.aliases import members, scan
from rotation.mail.grammar.model import (
    FIRST_COUNTS,
    SERVERS,
    SPACE,
    Dialect,
    Entry,
    Line,
    Oddity,
    fold,
    physical_lines,
    pick,
)

_MAY_BE_OPEN = re.compile(rb'["(\[\\]')

Members = tuple[str, ...]


class AliasesText:
    """The text of an aliases file for one server, or (Dialect.PLAIN) for all four of them."""

    def __init__(self, text: bytes, dialect: Dialect) -> None:
        self.text, self.dialect = text, dialect
        self.lines: list[Line] = physical_lines(text)
        servers = SERVERS if dialect is Dialect.PLAIN else (dialect,)
        self.scans = {server: scan(text, server) for server in servers}

    @cached_property
    def served_lines(self) -> frozenset[int]:
        """The lines at which some server begins an entry that it serves."""
        return frozenset(entry.line for seen in self.scans.values() for entry in seen.entries)

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

    def named(self, name: str, server: Dialect) -> list[Entry]:
        """All entries that carry the name, served or not, in file order."""
        seen, key = self.scans[server], fold(name, server)
        entries = [entry for entry in (*seen.entries, *seen.dropped) if entry.key == key]
        return sorted(entries, key=lambda entry: entry.start)

    def served(self, name: str) -> bool:
        """Whether any server serves an entry of the name."""
        return any(
            entry.key == fold(name, server)
            for server, seen in self.scans.items()
            for entry in seen.entries
        )

    def held(self, name: str) -> Members | None:
        """The addresses of the name where all servers agree on them."""
        answers = set()
        for server, seen in self.scans.items():
            served = tuple(entry for entry in seen.entries if entry.key == fold(name, server))
            counts = pick(server, served)
            answers.add(members(counts.value) if counts else None)
        return answers.pop() if len(answers) == 1 else None

    def stands(self, name: str, addresses: Sequence[str]) -> bool:
        """Whether every server reads the name as wanted, whichever of its entries it takes."""
        carriers = [self.named(name, server) for server in self.scans]
        right = all(members(e.value) == tuple(addresses) for entries in carriers for e in entries)
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
