"""What `trace`, `audit`, `doctor` and `verify` share: who may get mail, and what follows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rotation.cli.context import Call, complain
from rotation.dataclasses import replace
from rotation.errors import NoRoster, Problem, UsageError
from rotation.roster.load import ASKED, Terms, read_files

if TYPE_CHECKING:
    from datetime import datetime

    from rotation.route import Accepted, Trace, Via
    from rotation.schedule.loaded import Loaded

_VIA = "--via /path/roster.toml, or --via example.com=/path/roster.toml"


def own_rosters(load: Callable[[], list[Loaded]], via: list[str]) -> list[Loaded]:
    """The rosters of this host, as `load` has them.

    A host that only sends its mail on needs none when `via` names one. Raises RosterError.
    """
    try:
        return load()
    except NoRoster:
        if not via:
            raise
        return []


def who_may_get_it(
    call: Call, own: list[Loaded], at: str | None, via: list[str], terms: Terms = ASKED
) -> tuple[Accepted, list[Via]]:
    """Who should get mail now, and other hosts' aliases. Raises RosterError."""
    from rotation.route import accepted_at

    theirs, others = elsewhere(call, at, via, terms)
    warn(own)
    return accepted_at([*_instants(call, own, at), *theirs]), others


def elsewhere(
    call: Call, at: str | None, via: list[str], terms: Terms = ASKED
) -> tuple[list[tuple[Loaded, datetime]], list[Via]]:
    """The rosters of other hosts, each at its instant, and the aliases that those hosts have by
    them. Raises RosterError."""
    from rotation.route import via as aliases_of

    pairs: list[tuple[Loaded, datetime]] = []
    others = []
    for text in via:
        domain, path = _via(text)
        theirs = _instants(call, replace(call, rosters=path).load(at, terms=terms), at)
        warn([loaded for loaded, _ in theirs])
        others.append(aliases_of(theirs, domain))
        pairs += theirs
    return pairs, others


def warn(rosters: list[Loaded]) -> None:
    """Say what is odd about the calendars of rosters."""
    for loaded in rosters:
        for problem in loaded.warnings:
            complain(problem, "warning")


def instance(
    call: Call, own: list[Loaded], server: str | None = None
) -> tuple[str | None, Path | None]:
    """The server and its configuration that the targets of the rosters name, if they do.

    A configuration can name programs (Exim's ${run}), so a roster that others could change may not
    name one. Raises RosterError.
    """
    from rotation.model import CLIENTS, SERVERS
    from rotation.model.target import files

    known = (*SERVERS, *CLIENTS)
    if server is not None and server not in known:
        raise UsageError(
            Problem(f"unknown mail server {server!r}", hint=f"one of {', '.join(known)}")
        )
    targets = [
        (loaded.roster.path, target)
        for loaded in own
        for target in files(loaded.roster.targets)
        if target.server is not None or target.config is not None
    ]
    if server is not None or not targets:
        return server, None
    path, named = targets[0]
    if named.config is not None:
        read_files(call.system, path, trusted=True)
    return named.server, named.config


def follower(
    call: Call, accepted: Accepted, via: list[Via], name: str | None, config: Path | None
) -> Callable[[Sequence[str]], list[Trace]]:
    """What follows addresses on this host, for those who may get the mail."""
    from rotation.route import trace as follow

    def follower(addresses: Sequence[str]) -> list[Trace]:
        return follow(call.system, addresses, accepted, server=name, config=config, via=via)

    return follower


def _instants(call: Call, rosters: list[Loaded], at: str | None) -> list[tuple[Loaded, datetime]]:
    return [(loaded, call.when(at, loaded.roster.zone)) for loaded in rosters]


def _via(text: str) -> tuple[str | None, Path]:
    domain, equals, path = text.partition("=")
    if not equals or "/" in domain:
        domain, path = "", text
    if not path or (equals and not domain and path != text):
        raise UsageError(Problem(f"{text!r} names no roster", hint=_VIA))
    return domain or None, Path(path)
