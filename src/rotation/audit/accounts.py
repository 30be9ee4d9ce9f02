"""Local accounts whose mail nobody reads, and the aliases that every host has to have.

Sources: RFC 5321 section 4.5.1 (postmaster), RFC 2142 section 5 (mailbox names), aliases(5) of each
server, passwd(5).
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from rotation.audit.judge import bad_ends, words
from rotation.audit.model import Fault, ToolFinding
from rotation.dataclasses import dataclass
from rotation.errors import ApplyError, Problem, Severity, Where
from rotation.mail.aliases import Dialect, read
from rotation.mail.detect import detect
from rotation.mail.server import ALIASES, MAILBOXES
from rotation.model import CLIENTS, SERVERS
from rotation.route.model import Trace, Verdict
from rotation.system import Account, Files, Look

_REQUIRED = ("root", "postmaster")
_WITHOUT_ALIASES = frozenset({"nullmailer", "esmtp", "ssmtp"})
"""Clients that read no aliases file."""
_LOST = frozenset({Verdict.DEAD, Verdict.LOOP})
_TEST = "rotation trace"
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Alias:
    """A name of an aliases file and its line."""

    name: str
    where: Where


@dataclass(frozen=True, slots=True)
class Accounts:
    """What the host has: spools that hold mail, `.forward` files, aliases."""

    spools: tuple[tuple[Path, int, Account | None], ...]
    forwards: tuple[tuple[Path, Account], ...]
    aliases: tuple[Alias, ...]

    @property
    def addresses(self) -> list[str]:
        """All that has to be followed."""
        names = [alias.name for alias in self.aliases]
        return [*_REQUIRED, *(account.name for _, account in self.forwards), *names]


def look(system: Look) -> Accounts:
    """Look at the accounts of a host; what cannot be read is left out."""
    accounts = list(_accounts(system))
    return Accounts(tuple(_spools(system)), tuple(_forwards(system, accounts)), _aliases(system))


def _accounts(system: Look) -> Iterator[Account]:
    passwd = _quietly(system.read, Path("/etc/passwd"))
    text = passwd.data.decode("utf-8", "surrogateescape") if passwd else ""
    for line in text.splitlines():
        account = system.account(line.partition(":")[0]) if ":" in line else None
        if account is not None:
            yield account


def _spools(system: Look) -> Iterator[tuple[Path, int, Account | None]]:
    seen = set()
    for folder in MAILBOXES:
        real = _quietly(system.real, folder)
        if real is None or real in seen:
            continue
        seen.add(real)
        for name in _quietly(system.names, real) or []:
            path = real / name
            status = _quietly(system.status, path, follow=False)
            if status is None or name.startswith(".") or name.endswith((".lock", ".pop")):
                continue
            if stat.S_ISREG(status.st_mode) and status.st_size:
                yield path, status.st_size, system.account(name)


def _forwards(system: Files, accounts: Sequence[Account]) -> Iterator[tuple[Path, Account]]:
    seen = set()
    for account in accounts:
        path = account.home / ".forward"
        status = _quietly(system.status, path, follow=False)
        if status is not None and path not in seen:
            seen.add(path)
            yield path, account


def _aliases(system: Files) -> tuple[Alias, ...]:
    name = _quietly(detect, system)
    if name in _WITHOUT_ALIASES:
        return ()
    dialect = Dialect[name.upper()] if name in SERVERS else Dialect.PLAIN
    aliases: dict[str, Alias] = {}
    for path in ALIASES:
        file = _quietly(system.read, path)
        if file is None:
            continue
        for entry in read(file.data, dialect).entries:
            aliases.setdefault(entry.key, Alias(entry.key, Where(str(path), entry.line)))
    return tuple(aliases.values())


def _quietly(ask: Callable[..., _T], *args: object, **options: object) -> _T | None:
    try:
        return ask(*args, **options)
    except ApplyError:
        return None


def judge_accounts(accounts: Accounts, traces: Mapping[str, Trace]) -> Iterator[ToolFinding]:
    """Everything wrong with the accounts."""
    reported: set[str] = set()
    yield from _required(accounts, traces, reported)
    yield from _judge_spools(accounts, traces)
    for path, account in accounts.forwards:
        trace = traces.get(account.name)
        if trace is None or trace.good or account.name in _REQUIRED:
            continue
        ends = words(trace)
        if account.person and not _lost(trace):
            what = f"{account.name}'s mail is forwarded: {ends}"
            yield _finding(Severity.NOTE, Fault.FORWARD, what, Where(str(path)), None, account.name)
        else:
            severity = Severity.ERROR if _lost(trace) else Severity.WARNING
            what = f"the mail of {account.name} does not end at the person on duty: {ends}"
            hint = f"'{account.name}: root' in the aliases file, and remove {path}"
            yield _finding(severity, Fault.FORWARD, what, Where(str(path)), hint, account.name)
    for alias in accounts.aliases:
        trace = traces.get(alias.name)
        if trace is None or alias.name in _REQUIRED:
            continue
        lost = [end for end in _lost(trace) if end not in reported]
        if lost:
            reported.update(lost)
            what = f"the alias {alias.name!r} ends nowhere: {words(trace, _LOST)}"
            hint = f"'{alias.name}: root', or take it out"
            yield _finding(Severity.ERROR, Fault.ALIAS, what, alias.where, hint, alias.name)


def _required(
    accounts: Accounts, traces: Mapping[str, Trace], reported: set[str]
) -> Iterator[ToolFinding]:
    aliases = {alias.name: alias.where for alias in accounts.aliases}
    forwards = {account.name: Where(str(path)) for path, account in accounts.forwards}
    sources = {
        "root": "RFC 2142 section 5 has such names end at a person",
        "postmaster": "RFC 5321 section 4.5.1 requires it",
    }
    for name in _REQUIRED:
        trace = traces.get(name)
        if trace is None or trace.good:
            continue
        if name == "postmaster" and trace.server in CLIENTS:
            continue  # the RFC speaks of hosts that take mail
        where = aliases.get(name) or forwards.get(name)
        ends = words(trace)
        new = [end for end in bad_ends(trace) if end not in reported]
        reported.update(bad_ends(trace))
        if name == "postmaster" and where is not None and not new:
            continue  # the alias leads to root, of whom this was said already
        if where is None:
            what = f"{name} has no alias, and its mail does not end at the person on duty: {ends}"
        else:
            what = f"mail for {name} does not end at the person on duty: {ends}"
        lead = "all-system-notifications" if name == "root" else "root"
        hint = f"'{name}: {lead}' in the aliases file ({sources[name]})"
        if name == "root":
            hint = _lead(trace)
        severity = Severity.ERROR if _lost(trace) or name == "root" else Severity.WARNING
        yield _finding(severity, Fault.REQUIRED, what, where, hint, name)


def _lead(trace: Trace) -> str:
    """What to do about root's mail: nothing, perhaps, where it leaves for the central alias."""
    ends = [step.end for step in trace.ends if step.end is not None]
    leaving = [end for end in ends if end.verdict is Verdict.LEAVES and "@" in end.who]
    if not leaving or len(leaving) < len(ends):
        return "rotation forward ADDRESS, with the address that rotates"
    end = leaving[0]
    return (
        f"if {end.who} is the address that rotates: rotation audit --to {end.who}, or "
        f"--via {end.domain}=ROSTER with a copy of its roster; else: rotation forward ADDRESS"
    )


def _judge_spools(accounts: Accounts, traces: Mapping[str, Trace]) -> Iterator[ToolFinding]:
    for path, size, account in accounts.spools:
        if account is None:
            what = f"{size} bytes of mail for {path.name!r}, who has no account: nobody reads it"
            hint = "find out who sends it, give it an alias, then remove the file"
            yield _finding(Severity.WARNING, Fault.SPOOL, what, Where(str(path)), hint, path.name)
        elif not account.person:
            what = f"{size} bytes of mail lie in the mailbox of {account.name}: nobody reads it"
            hint = f"read it (mail -f {path}); '{account.name}: root' in the aliases file"
            yield _finding(
                Severity.WARNING, Fault.SPOOL, what, Where(str(path)), hint, account.name
            )


def _lost(trace: Trace) -> list[str]:
    return [
        step.end.who for step in trace.ends if step.end is not None and step.end.verdict in _LOST
    ]


def _finding(
    severity: Severity, fault: Fault, what: str, where: Where | None, hint: str | None, name: str
) -> ToolFinding:
    test = f"{_TEST} {name}"
    return ToolFinding(severity, fault, "accounts", Problem(what, where, hint), test, address=name)
