"""`rotation audit`: which tools of this host mail whom, and what is wrong with that."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from rotation.cli import output
from rotation.cli.context import Call, call_of, complain, handled, leave
from rotation.dataclasses import replace
from rotation.errors import Exit, NoRoster, Problem, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rotation.audit.audit import Audit
    from rotation.audit.carry import FixOutcome
    from rotation.audit.fix import FileFix
    from rotation.route import Accepted, Trace, Via
    from rotation.schedule.loaded import Loaded
    from rotation.system import System


@handled
def audit(
    context: typer.Context,
    to: Annotated[
        list[str] | None,
        typer.Option(help="Mail that ends at this address is right; needs no roster then."),
    ] = None,
    via: Annotated[
        list[str] | None,
        typer.Option(help="[DOMAIN=]PATH: a roster of the host that mail leaves for."),
    ] = None,
    server: Annotated[str | None, typer.Option(help="The mail server; detected unless named.")] = (
        None
    ),
    fix: Annotated[bool, typer.Option("--fix", help="Change what can be changed safely.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --fix: do not ask.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With --fix: show the changes, make none.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Every mailing tool of this host: whom it mails, whether it would, where that mail ends.

    Then the silent failures, each with what to change and how to test it; cron, run-parts folders
    and local accounts too. Exit status 1 when there is an error or a warning.
    """
    from rotation.audit.carry import carry_out
    from rotation.audit.fix import plan_fixes
    from rotation.cli.render import audit as rendered

    if (yes or dry_run) and not fix:
        raise UsageError(Problem("--yes and --dry-run go with --fix", hint="rotation audit --fix"))
    call = call_of(context)
    system = call.system

    def look() -> Audit:
        return _audit(call, system, to or [], via or [], server)

    audit = look()
    changes = plan_fixes(system, audit.findings, audit.right)
    outcomes: list[FixOutcome] = []
    if not as_json:
        rendered.show(audit, changes if not fix else ())
    if fix:
        if not as_json:
            rendered.show_changes(audit, changes)
        if changes and not dry_run and _agreed(yes, len(changes)):
            outcomes = carry_out(system, changes, f"{call.now:%Y%m%dT%H%M%SZ}")
            _report(system, outcomes, quiet=as_json)
            audit = look()
        elif changes and dry_run:
            outcomes = _rehearse(system, changes, quiet=as_json)
    if as_json:
        output.say_json(rendered.audit_json(audit, changes, outcomes))
    if not dry_run and any(outcome.problems for outcome in outcomes):
        leave(Exit.FAILED)
    leave(Exit.OK if audit.good else Exit.NO)


def _agreed(yes: bool, count: int) -> bool:
    """Whether the changes are wanted."""
    if yes:
        return True
    if not sys.stdin.isatty():
        raise UsageError(
            Problem("nobody is there to be asked; nothing was changed", hint="add --yes")
        )
    files = "this file" if count == 1 else f"these {count} files"
    return typer.confirm(f"Change {files}?", err=True)


def _rehearse(system: System, changes: Sequence[FileFix], *, quiet: bool) -> list[FixOutcome]:
    """Those of the changes that would be refused; the copies that would be kept are said."""
    from rotation.audit.carry import carry_out
    from rotation.cli.render import rehearsal
    from rotation.system import Diff, DryRun

    dry = DryRun(system)
    refused = [outcome for outcome in carry_out(dry, changes, "DATE") if outcome.problems]
    for outcome in refused:
        for problem in outcome.problems:
            complain(problem)
    if not quiet:
        # the differences have been shown already
        rehearsal.show(action for action in dry.actions if not isinstance(action, Diff))
    return refused


def _report(system: System, outcomes: list[FixOutcome], *, quiet: bool) -> None:
    """Say what was changed, on the terminal or in the system log, and what could not be."""
    for outcome in outcomes:
        for problem in outcome.problems:
            complain(problem)
        if outcome.problems:
            continue
        kept = f", before: {outcome.backup}" if outcome.backup else ""
        line = f"changed {outcome.change.path} ({outcome.change.names}{kept})"
        after = dict.fromkeys(tool.after for tool in outcome.change.tools if tool.after)
        if not quiet:
            output.say(line)
            for command in after:
                output.say(f"  then: {command}")
        if not sys.stdout.isatty():
            system.log(line)


def _audit(call: Call, system: System, to: list[str], via: list[str], server: str | None) -> Audit:
    from rotation.audit.audit import audit as run
    from rotation.audit.table import load_tools
    from rotation.cli.chain import instance
    from rotation.route import trace

    accepted, others, own = _who(call, to, via)
    name, config = instance(call, own, server)

    def follow(addresses: Sequence[str]) -> list[Trace]:
        return trace(system, addresses, accepted, server=name, config=config, via=others)

    targets = [target for loaded in own for target in loaded.roster.targets]
    aliases = [target.name for target in targets if target.name is not None]
    tools = load_tools(call.system)
    return run(system, tools, follow, ["root", *to, *aliases])


def _who(call: Call, to: list[str], via: list[str]) -> tuple[Accepted, list[Via], list[Loaded]]:
    """Who should get the mail: those on duty, and the addresses named with --to."""
    from rotation.cli.chain import own_rosters, who_may_get_it
    from rotation.route import Accepted, Verdict

    for address in to:
        if not address.strip() or not address.isprintable() or " " in address:
            raise UsageError(
                Problem(f"{address!r} is not an address", hint="--to duty@example.com")
            )
    try:
        own = own_rosters(call.load, via)
        accepted, others = who_may_get_it(call, own, None, via)
    except NoRoster as error:
        if not to:
            raise
        if call.named:
            for problem in error.problems:
                complain(problem)
            call.unread += error.problems
        accepted, others, own = Accepted(), [], []
    named = {address.lower(): (Verdict.DUTY, "named with --to") for address in to}
    return replace(accepted, ends={**accepted.ends, **named}), others, own
