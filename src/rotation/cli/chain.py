"""What `trace`, `audit`, `doctor` and `verify` share: who may get mail, and what follows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rotation.cli.context import Call, complain
from rotation.errors import Problem, RosterError, UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from rotation.model import Roster
    from rotation.route import Accepted, Trace, Via
    from rotation.schedule.final import Loaded

_VIA = "--via /path/roster.toml, or --via example.com=/path/roster.toml"


def who_may_get_it(
    call: Call, at: str | None, via: list[str]
) -> tuple[Accepted, list[Via], list[Roster]]:
    """Who should get mail now, other hosts' aliases, and the rosters of this host.

    A host that only sends its mail on needs no roster when `via` names one. Raises RosterError.
    """
    from rotation.route import accepted_at
    from rotation.route import via as aliases_of

    own: list[Loaded] = []
    try:
        own = call.load(at)
    except RosterError as error:
        if not via or any(_stands(problem) for problem in error.problems):
            raise
    pairs = _instants(call, own, at)
    others = []
    for text in via:
        domain, path = _via(text)
        theirs = _instants(call, Call(path, call.now, call.system).load(at), at)
        others.append(aliases_of(theirs, domain))
        pairs += theirs
    for one, _ in pairs:
        for problem in one.warnings:
            complain(problem, "warning")
    return accepted_at(pairs), others, [one.roster for one in own]


def instance(rosters: list[Roster], server: str | None = None) -> tuple[str | None, Path | None]:
    """The server and its configuration that the targets of the rosters name, if they do."""
    from rotation.model import CLIENTS, SERVERS

    known = (*SERVERS, *CLIENTS)
    if server is not None and server not in known:
        raise UsageError(
            Problem(f"unknown mail server {server!r}", hint=f"one of {', '.join(known)}")
        )
    targets = [target for roster in rosters for target in roster.targets]
    named = next((t for t in targets if t.server is not None or t.config is not None), None)
    if server is not None or named is None:
        return server, None
    return named.server, named.config


def follower(
    call: Call, accepted: Accepted, via: list[Via], name: str | None, config: Path | None
) -> Callable[[Sequence[str]], list[Trace]]:
    """What follows addresses on this host, for those who may get the mail."""
    from rotation.route import trace as follow

    def follower(addresses: Sequence[str]) -> list[Trace]:
        return follow(call.system, addresses, accepted, server=name, config=config, via=via)

    return follower


def _stands(problem: Problem) -> bool:
    """Whether a problem is about a roster that is there, not about there being none."""
    return problem.what not in ("no such roster", "no roster in this folder")


def _instants(call: Call, loaded: list[Loaded], at: str | None) -> list[tuple[Loaded, datetime]]:
    return [(one, call.when(at, one.roster.zone)) for one in loaded]


def _via(text: str) -> tuple[str | None, Path]:
    domain, equals, path = text.partition("=")
    if not equals or "/" in domain:
        domain, path = "", text
    if not path or (equals and not domain and path != text):
        raise UsageError(Problem(f"{text!r} names no roster", hint=_VIA))
    return domain or None, Path(path)
