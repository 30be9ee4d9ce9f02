"""`rotation check`: what is wrong or odd in the rosters."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from rotation.cli import output
from rotation.cli.context import Call, call_of, complain, handled, leave
from rotation.dataclasses import replace
from rotation.errors import (
    ApplyError,
    Exit,
    Problem,
    RosterError,
    Severity,
    UsageError,
    Where,
    printable,
)
from rotation.model.target import FileTarget, Kind
from rotation.model.target import files as file_targets
from rotation.roster.load import files, load, overrides_nobody_reads

if TYPE_CHECKING:
    from rotation.check import Checked, Finding
    from rotation.schedule.loaded import Loaded


@handled
def check(
    context: typer.Context,
    at: Annotated[str | None, typer.Option(help="Check as of another instant than now.")] = None,
    within: Annotated[
        int, typer.Option(help="Warn of what runs out within this many days.", min=0, max=366)
    ] = 30,
    nagios: Annotated[
        bool, typer.Option("--nagios", help="One status line, and the exit status of a plugin.")
    ] = False,
    against: Annotated[
        str | None,
        typer.Option(
            metavar="OLD",
            help="Instead, every shift that changes hands from an old version of the roster (or "
            "folder of rosters) to the present one; - is a roster on standard input.",
        ),
    ] = None,
    weeks: Annotated[
        int, typer.Option(help="How many weeks ahead --against looks.", min=1, max=520)
    ] = 8,
) -> None:
    """Everything that is wrong or odd in the rosters from now on, one line each.

    Exit status 1 when there is anything, 2 when a roster cannot be read. With --against, 1 when a
    shift changes hands. With --nagios 0, 1, 2 or 3, like
    any plugin.
    """
    call = call_of(context)
    if against is not None:
        from rotation.cli.check_against import compare

        if nagios:
            raise UsageError(Problem("--nagios and --against do not go together"))
        leave(Exit.NO if compare(call, against, at, timedelta(weeks=weeks)) else Exit.OK)
    results = outcomes(call, at, timedelta(days=within))
    if nagios:
        from rotation.cli.render.nagios import status

        code, line = status(results)
        output.say(line)
        raise SystemExit(code)
    faulty, unread = False, False
    for result in results:
        if isinstance(result, RosterError):
            for problem in result.problems:
                if _unread(problem):
                    complain(problem)
                    unread = True
                else:
                    faulty = True
                    _say("error", problem)
        else:
            for finding in result.findings:
                faulty = True
                _say(finding.severity.value, finding.problem)
    leave(Exit.USAGE if unread else Exit.NO if faulty else Exit.OK)


def outcomes(call: Call, at: str | None, within: timedelta) -> Iterator[Checked | RosterError]:
    """Roster by roster what is odd in it, or what is wrong with it.

    Raises UsageError for an `at` that is no instant.
    """
    from rotation.check import HORIZON, Finding, examine
    from rotation.mail.foresee import odd_lines, other_names

    span = call.ahead(at, HORIZON)
    readings: list[Loaded | RosterError] = []
    try:
        for file in files(call.system, call.rosters):
            try:
                readings += load(call.system, call.fetch, file, span, call.now).whole()
            except RosterError as error:
                readings.append(error)
    except RosterError as error:  # no roster at all
        readings.append(error)
    rosters = [reading for reading in readings if not isinstance(reading, RosterError)]
    shared = [*_collisions(call, rosters, at), *_never_read(call, rosters)]
    shared += [(rosters[0], finding) for finding in _lost_overrides(call) if rosters]
    for reading in readings:
        if isinstance(reading, RosterError):
            yield reading
        else:
            checked = examine(reading, call.when(at, reading.roster.zone), within)
            also = [finding for loaded, finding in shared if loaded is reading]
            targets = reading.roster.targets
            odd = [*odd_lines(call.system, targets), *other_names(call.system, targets)]
            also += [Finding(Severity.WARNING, problem) for problem in odd]
            also += _unreachable(call, reading)
            yield replace(checked, findings=(*checked.findings, *also))


def _unreachable(call: Call, loaded: Loaded) -> list[Finding]:
    """Addresses that this host cannot deliver to, of whoever may come into a target of it."""
    from rotation.check.view import Finding
    from rotation.errors import Severity
    from rotation.mail.recipients import Circles, strangers

    roster = loaded.roster
    everybody = [*roster.addresses(tuple(roster.people)), *roster.fallback_addresses]
    problems: list[Problem] = []
    circles = Circles(call.system)
    for target in roster.targets:
        with suppress(ApplyError):
            if isinstance(target, FileTarget) and call.system.status(target.path) is None:
                continue  # the roster of another host, looked at here
            addresses = dict.fromkeys((*everybody, *target.also))
            problems += circles.of(target, addresses)
            problems += strangers(call.system, target, addresses)
    return [Finding(Severity.WARNING, problem) for problem in problems]


def _collisions(call: Call, rosters: list[Loaded], at: str | None) -> list[tuple[Loaded, Finding]]:
    """What several targets will want of one place. A path that cannot be followed is no two."""
    from rotation.check.targets import collisions

    real = {}
    for target in (t for loaded in rosters for t in file_targets(loaded.roster.targets)):
        real[target.path] = target.path
        if target.kind is not Kind.FORWARD:
            with suppress(ApplyError):
                real[target.path] = call.system.real(target.path)
    now = call.now if at is None or not rosters else call.when(at, rosters[0].roster.zone)
    return list(collisions(rosters, real, now))


def _lost_overrides(call: Call) -> Iterator[Finding]:
    """What was agreed on and counts for nothing."""
    from rotation.check import Finding

    with suppress(ApplyError, RosterError):
        for path in overrides_nobody_reads(call.system, call.rosters):
            what = "no roster reads these overrides: what was agreed on here counts for nothing"
            hint = "give them the name of their roster, name them there (overrides), or remove them"
            yield Finding(Severity.WARNING, Problem(what, Where(str(path)), hint))


def _never_read(call: Call, rosters: list[Loaded]) -> Iterator[tuple[Loaded, Finding]]:
    """The lists that this host's mail server never reads."""
    from rotation.check import Finding
    from rotation.mail.lists import unread

    for loaded in rosters:
        for target in loaded.roster.targets:
            with suppress(ApplyError):
                if (problem := unread(call.system, target)) is not None:
                    yield loaded, Finding(Severity.ERROR, problem)


def _unread(problem: Problem) -> bool:
    """Whether a file cannot be read at all: then there is no finding about what it says."""
    return problem.where is None or problem.where.line is None


def _say(severity: str, problem: Problem) -> None:
    hint = f" ({problem.hint})" if problem.hint else ""
    output.say(printable(f"{problem.where}: {severity}: {problem.what}{hint}"))
