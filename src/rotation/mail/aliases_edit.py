"""Changing entries of an aliases file without disturbing another byte. Bytes in, bytes out.

An entry is written in the one form that all four servers read alike: one ASCII line
`name: addr, addr` of less than 2,000 bytes, without quotes, comments or continuation. The result is
read again before it is handed out; where a server could read it otherwise than wanted, the edit is
refused, with the line that is in the way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rotation.dataclasses import dataclass, field
from rotation.mail.aliases_plan import Blocker, LinePlan, one_line
from rotation.mail.aliases_text import AliasesText
from rotation.mail.grammar.model import ADDRESSED, Dialect, Oddity, fold

LONGEST = 2000  # OpenSMTPD gives up on values of 2,048 bytes

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]*")
_DOMAIN = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")
_ADDRESS = re.compile(
    r"[A-Za-z0-9_][A-Za-z0-9._+'=&-]*(@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?)?"
    r"|\+[0-9][A-Za-z0-9._+=-]*@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?"
)
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


def edit(
    text: bytes,
    wanted: Mapping[str, Sequence[str]],
    dialect: Dialect,
    *,
    compiled: bool = False,
    whole: bool = False,
) -> Edit:
    """Make each name of `wanted` an alias of exactly its addresses, in that order.

    An entry that the server already reads as wanted stays as it is, whatever its form. Any other is
    replaced, with its continuation lines, by one plain line; an absent one is appended. For
    Dialect.PLAIN all four servers have to agree. With `compiled`, an index that is made of the
    text tells what the server makes of lines for which it would refuse the file itself. With
    `whole`, every line is looked at instead of those alone that can matter: slower, and the same.
    Raises EditRefused, with all reasons, when a name or address is unfit, a name has several
    entries, or no safe text can be made.
    """
    _refuse(_unfit(wanted, dialect))
    old = AliasesText(text, dialect, None if whole else wanted.keys())
    plan = LinePlan(old)
    problems = [
        problem
        for name, addresses in wanted.items()
        if not old.stands(name, addresses)
        for problem in plan.change(name, addresses)
    ]
    before = {name: old.held(name) for name in wanted}
    absent = frozenset(name for name in wanted if not old.served(name))
    faults = old.fatal if compiled else []
    if plan.empty and not problems and (compiled or not old.fatal):
        return Edit(text, before, absent)
    _refuse([*problems, *plan.dangers()])
    result = plan.result()
    new = AliasesText(result, dialect, None if whole else wanted.keys())
    before_and_after = old, new
    if not whole:
        # of what lies beside the change, all that has its name: another entry may count then
        ours = {name.lower() for name in wanted}
        beside = {name for name in old.names | new.names if name.lower() not in ours}
        before_and_after = (
            AliasesText(text, dialect, beside, like=old),
            AliasesText(result, dialect, beside, like=new),
        )
    _refuse([*_unwanted(new, plan, wanted, faults), *_altered(*before_and_after, plan, wanted)])
    return Edit(result, before, absent)


def _refuse(problems: Sequence[Blocker]) -> None:
    if problems:
        unique = dict.fromkeys(problems)
        raise EditRefused(sorted(unique, key=lambda problem: problem.line or 0))


def _unfit(wanted: Mapping[str, Sequence[str]], dialect: Dialect) -> list[Blocker]:
    """Check names and addresses once more, whoever vetted them: a mistake here runs commands."""
    problems: list[Blocker] = []
    seen: dict[str, str] = {}
    for name, addresses in wanted.items():
        local, at, domain = name.rpartition("@")
        whole = at and dialect in ADDRESSED and _DOMAIN.fullmatch(domain)
        if not _NAME.fullmatch(local if whole else name):
            what = f"{name!r} is not an alias name that every mail server reads without quotes"
            hint = "use letters, digits and . _ + -, and begin with a letter, a digit or _"
            problems.append(Blocker(None, what, hint))
            continue
        twin = seen.setdefault(name.lower(), name)
        if twin != name:
            what = f"{twin!r} and {name!r} are one alias"
            problems.append(Blocker(None, what, "mail servers ignore case: keep one of them"))
        if not addresses:
            what = f"{name!r} would be left without an address"
            problems.append(Blocker(None, what, "name at least one"))
        for address in addresses:
            if not _ADDRESS.fullmatch(address) or ".." in address:
                what = f"{address!r} is not a plain address"
                problems.append(Blocker(None, what, "write it like alice@example.com"))
        length = len(one_line(name, addresses, dialect))
        if length >= LONGEST:
            what = f"the line of {name!r} would be {length:,} bytes long"
            problems.append(
                Blocker(None, what, f"keep it under {LONGEST:,}: OpenSMTPD reads no more")
            )
    return problems


def _unwanted(
    new: AliasesText,
    plan: LinePlan,
    wanted: Mapping[str, Sequence[str]],
    faults: Iterable[Oddity],
) -> Iterator[Blocker]:
    """Whether the wanted entries are so, and no server refuses the file."""
    for odd in new.fatal:
        number = plan.was(odd.line)
        if Oddity(number or 0, odd.what) not in faults:
            yield Blocker(number, odd.what, "correct this line, or remove it")
    for name, addresses in wanted.items():
        if not new.stands(name, addresses):
            who = "some mail server" if new.dialect is Dialect.PLAIN else new.dialect.value
            yield Blocker(None, f"{who} would not read {name!r} as wanted", _BY_HAND)


def _altered(
    old: AliasesText, new: AliasesText, plan: LinePlan, wanted: Mapping[str, Sequence[str]]
) -> Iterator[Blocker]:
    """Whether every other entry is as it was."""
    # what a server took for an entry of its own among the lines that went away went with them
    gone = {*plan.replaced, *plan.removed}
    for server in new.scans:
        ours = {fold(name, server) for name in wanted}
        was, now = old.counting(server, gone), new.counting(server)
        for key in sorted((was.keys() | now.keys()) - ours):
            if was.get(key) != now.get(key):
                what = f"the change would alter what {server.value} reads for {key!r}"
                yield Blocker(None, what, _BY_HAND)
