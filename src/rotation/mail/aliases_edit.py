"""Changing entries of an aliases file without disturbing another byte. Bytes in, bytes out.

An entry is written in the one form that all four servers read alike: one ASCII line
`name: addr, addr` of less than 2,000 bytes, without quotes, comments or continuation. The result is
read again before it is handed out; where a server could read it otherwise than wanted, the edit is
refused, with the line that is in the way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from rotation.mail.aliases import members, scan
from rotation.mail.aliases_plan import Blocker, LinePlan, Scans, named, one_line
from rotation.mail.grammar.model import (
    FIRST_COUNTS,
    SERVERS,
    SPACE,
    Dialect,
    Entry,
    Oddity,
    fold,
    pick,
)

LONGEST = 2000  # OpenSMTPD gives up on values of 2,048 bytes

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]*")
_ADDRESS = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+'=&-]*(@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?)?")
_MAY_BE_OPEN = re.compile(rb'["(\[\\]')
_BY_HAND = "tidy the file by hand once"


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
    plan = LinePlan(text, dialect, scans)
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
        length = len(one_line(name, addresses))
        if length >= LONGEST:
            what = f"the line of {name!r} would be {length:,} bytes long"
            found.append(Blocker(None, what, f"keep it under {LONGEST:,}: OpenSMTPD reads no more"))
    return found


def _stands(name: str, addresses: Sequence[str], scans: Scans) -> bool:
    """Say whether every server reads the name as wanted, whichever of its entries it takes."""
    carriers = [named(name, server, scans) for server in scans]
    right = all(members(e.value) == tuple(addresses) for entries in carriers for e in entries)
    lines = {tuple(e.line for e in entries) for entries in carriers}
    return right and all(carriers) and len(lines) == 1


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


def _misread(new: bytes, wanted: Mapping[str, Sequence[str]], plan: LinePlan) -> list[Blocker]:
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
