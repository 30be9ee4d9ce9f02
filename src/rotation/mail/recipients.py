"""Whether mail for the addresses of a target can arrive at all: what this host knows of them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Set
from contextlib import suppress
from pathlib import Path

from rotation.errors import ApplyError, Problem
from rotation.mail.aliases import Dialect, read
from rotation.mail.detect import detect
from rotation.mail.postfix import settings
from rotation.mail.server import ALIASES
from rotation.model.target import FileTarget, Kind, Target
from rotation.plan import label
from rotation.system import Look

_LOCAL_NAMES = Path("/etc/mail/local-host-names")
_ROOT = "root"
_OF_ALIASES = (Kind.ALIASES, Kind.INCLUDE)
_MEMBER = re.compile(rb"(?:^|(?<=,))\s*([\w.+-]+(?:@[a-z0-9.-]+)?)\s*(?=,|$)")


def own_domains(look: Look, config: Path | None = None) -> frozenset[str]:
    """The domains, in lower case, whose mail this host certainly keeps.

    Its own name, and what Postfix's `mydestination` (postconf(5)) or Sendmail's class w
    (/etc/mail/local-host-names) says; there can be more. `config` is an instance of Postfix.
    """
    domains = {*_surely_own(look)}
    server = detect(look)
    if server == "postfix" and (postconf := look.program("postconf")) is not None:
        option = () if config is None or look.names(config) is None else ("-c", str(config))
        reads = settings(look, config if option else None)
        answer = look.ask([postconf, *option, "-hx", "mydestination"], reads=reads)
        words = answer.out.replace(",", " ").split() if answer.status == 0 else []
        domains |= {word.lower() for word in words if ":" not in word and "/" not in word}
    if server == "sendmail" and (names := look.read(_LOCAL_NAMES)) is not None:
        lines = names.data.decode("ascii", "replace").splitlines()
        domains |= {word.lower() for line in lines if (word := line.partition("#")[0].strip())}
    return frozenset(domains)


class Circles:
    """Finds addresses that lead back to where the mail comes from: mail for them bounces.

    One for all targets of a run: whoever has a thousand of them has the same few people in them.
    """

    def __init__(self, look: Look) -> None:
        self._look = look
        self._home = _surely_own(look)
        self._domains: dict[Path | None, frozenset[str]] = {}
        self._members: dict[tuple[Path, Dialect, str], tuple[str, ...]] = {}

    def of(self, target: Target, addresses: Iterable[str]) -> Iterator[Problem]:
        """Those that are the target's own alias, one that includes it, or root, whose mail is what
        goes to the target; also by way of other aliases of the same file."""
        name = (target.name or "").lower()
        ends: frozenset[str] | None = None
        for address in addresses:
            local, at, domain = _parts(address)
            # what follows a `+` counts only where nothing has the whole name
            names = {local, local.partition("+")[0]}
            if at and any(f"{each}@{domain}" == name for each in names):
                yield _circle(target, f"{address} is the address itself")
                continue
            if ends is None:
                ends = _including(self._look, target) | {name} - {""}
            if names & ends or (at and _ROOT in names):
                if not at or domain in self._own(target):
                    who = "root" if _ROOT in names else "the alias itself"
                    yield _circle(target, f"{address} is {who}{' on this host' if at else ''}")
            # of other addresses the server would have to be asked, in each run
            elif (not at or domain in self._home) and (way := self._way(target, local, ends)):
                back = f"leads back to the alias itself ({' -> '.join(way)})"
                yield _circle(target, f"{address} {back}")

    def _own(self, target: Target) -> frozenset[str]:
        config = target.config if isinstance(target, FileTarget) else None
        if config not in self._domains:
            try:
                self._domains[config] = own_domains(self._look, config)
            except ApplyError:  # a server that cannot be asked
                self._domains[config] = self._home
        return self._domains[config]

    def _way(self, target: Target, start: str, ends: Set[str]) -> tuple[str, ...] | None:
        """The aliases from `start` to one of the ends, through this host's aliases files as its
        mail server reads them; None where none leads there. What cannot be read leads nowhere."""
        if not ends or not isinstance(target, FileTarget) or target.kind not in _OF_ALIASES:
            return None
        files = [target.path] if target.kind is Kind.ALIASES else ALIASES
        server = (target.server or detect(self._look) or "").upper()
        dialect = Dialect[server] if server in Dialect.__members__ else Dialect.PLAIN
        ways: dict[str, tuple[str, ...]] = {start: (start,)}
        fresh = {start}
        while fresh:
            reached: dict[str, tuple[str, ...]] = {}
            for file in files:
                self._read(file, dialect, fresh)
                for name in fresh:
                    for member in self._members[file, dialect, name]:
                        local, at, domain = _parts(member)
                        if not at or domain in self._own(target):
                            reached.setdefault(local, (*ways[name], local))
            for name in reached.keys() & ends:
                return reached[name]
            fresh = reached.keys() - ways.keys()
            ways |= {name: reached[name] for name in fresh}
        return None

    def _read(self, file: Path, dialect: Dialect, names: Iterable[str]) -> None:
        """See to it that the members of these aliases of a file are known."""
        fresh = [name for name in names if (file, dialect, name) not in self._members]
        if not fresh:
            return
        text = None
        with suppress(ApplyError):
            text = self._look.read(file)
        wanted = {part for name in fresh for part in (name, name.partition("+")[0])}
        reading = read(text.data if text else b"", dialect, wanted)
        for name in fresh:
            entry = reading.winner(name) or reading.winner(name.partition("+")[0])
            members = _MEMBER.findall(entry.value.lower() if entry else b"")
            self._members[file, dialect, name] = tuple(m.decode("ascii") for m in members)


def _parts(address: str) -> tuple[str, str, str]:
    """In lower case: the local part, the `@` or nothing, the domain or nothing."""
    local, at, domain = address.lower().rpartition("@")
    return (local, at, domain) if at else (domain, "", "")


def _including(look: Look, target: Target) -> frozenset[str]:
    """The names, in lower case, whose entries in this host's aliases files include the target."""
    if not isinstance(target, FileTarget) or target.kind is not Kind.INCLUDE:
        return frozenset()
    include = b":include:" + os.fsencode(target.path)
    entry = rb'^[ \t]*"?([^\s:"#]+)"?[ \t]*:(?:.|\n[ \t])*' + re.escape(include) + rb'(?=[\s,"]|\Z)'
    names: set[str] = set()
    for file in ALIASES:
        with suppress(ApplyError):
            aliases = look.read(file)
            if aliases is not None and include in aliases.data:
                those = re.findall(entry, aliases.data, re.MULTILINE)
                names |= {name.decode("ascii", "replace").lower() for name in those}
    return frozenset(names)


def _circle(target: Target, what: str) -> Problem:
    return Problem(
        f"{what}: mail for {label(target)} would go round in circles, so it is left as it is",
        target.where,
        "give the address of a person's mailbox, or a local user's bare name",
    )


def strangers(look: Look, target: Target, addresses: Iterable[str]) -> Iterator[Problem]:
    """The bare local names that neither an account nor an alias of this host answers for: their
    mail bounces, unless the mail server knows them from elsewhere."""
    for address in addresses:
        if "@" in address or look.account(address.lower()) is not None:
            continue
        files = [*ALIASES]
        if isinstance(target, FileTarget) and target.kind is Kind.ALIASES:
            files = [target.path]
        if not any(_has(look, file, address) for file in files):
            yield Problem(
                f"no account and no alias of this host is called {address!r}: mail for it bounces",
                target.where,
                "correct the name in [people], or give a full address",
            )


def _surely_own(look: Look) -> frozenset[str]:
    """The domains, in lower case, that are this host whatever its mail server says."""
    return frozenset({"localhost", look.host_name().lower()})


def _has(look: Look, file: Path, name: str) -> bool:
    """Whether an aliases file has an entry of that name, in whatever spelling."""
    try:
        aliases = look.read(file)
    except ApplyError:
        return True  # nobody can tell
    entry = rb'^[ \t]*"?' + re.escape(name.encode()) + rb'"?[ \t]*:'
    return aliases is not None and bool(re.search(entry, aliases.data, re.M | re.I))
