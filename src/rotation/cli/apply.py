"""`rotation apply`: make every target true."""

from __future__ import annotations

import sys
from contextlib import suppress
from datetime import datetime
from typing import Annotated

import typer

from rotation.cli import output
from rotation.cli.context import call_of, complain, handled, leave
from rotation.cli.monitor import monitored
from rotation.cli.once import said_once
from rotation.errors import ApplyError, Exit, Problem, UsageError
from rotation.plan import Hold, Leave, Unknown, label, plan
from rotation.roster.load import Terms
from rotation.system import DryRun, System


@said_once("apply")
@handled
def apply(
    context: typer.Context,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the changes, make none.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Only say whether something would change (status 1).")
    ] = False,
    at: Annotated[
        str | None, typer.Option(help="Rehearse another instant; with --dry-run or --check.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Make every target hold the addresses of whoever is on duty.

    Silent when nothing changes, one line when something does. Exit status 3 when a
    target could not be changed; it stays as it was.
    """
    call = call_of(context)
    rehearsal = dry_run or check
    if at is not None and not rehearsal:
        raise UsageError(
            Problem(
                "--at would fill the targets for another time than now",
                hint="add --dry-run or --check to rehearse another instant",
            )
        )
    from rotation.mail.apply import carry_out  # the other commands start without it
    from rotation.mail.foresee import other_names
    from rotation.mail.recipients import strangers
    from rotation.watch.delivery.record import failing

    system = DryRun(call.system) if rehearsal else call.system
    rosters = call.load(at, terms=Terms(trusted=True, often=True, glance=True))
    with monitored(call, rosters, "apply", rehearsal=rehearsal) as run:
        status = Exit.OK
        for problem in (problem for loaded in rosters for problem in loaded.warnings):
            complain(problem, "warning")
        pairs = [(loaded, call.when(at, loaded.roster.zone)) for loaded in rosters]
        for problem in other_names(
            system, [t for loaded in rosters for t in loaded.roster.targets]
        ):
            complain(problem, "warning")
        outcomes = carry_out(system, plan(pairs, failing(call.system)))
        lines = []
        for outcome in outcomes:
            for problem in outcome.problems:
                run.complain(problem)
            match outcome.wish:
                case Hold() as hold:
                    for problem in strangers(system, hold.target, hold.addresses):
                        complain(problem, "warning")
                    for problem in _stand_in(hold):
                        complain(problem, "warning")
                    status = status.worse(Exit.FAILED if outcome.problems else Exit.OK)
                    if outcome.changed:
                        lines.append(output.change_line(hold, outcome, call.now))
                case Leave():
                    status = status.worse(Exit.NO)
                case Unknown():
                    status = status.worse(Exit.FAILED)
        if as_json:
            output.say_json([output.outcome_json(outcome) for outcome in outcomes])
        elif isinstance(system, DryRun) and dry_run:
            _show(system, lines)
        else:
            for line in lines:
                print(line)
        if not rehearsal:
            plans = [loaded.roster for loaded in rosters]
            call.tidy(*(path for roster in plans for path in (roster.path, roster.overrides_file)))
            _note_run(system, call.now, status.worse(call.status), call.sets[0])
        if not rehearsal and not sys.stdout.isatty():
            for line in lines:
                system.log(line)
        leave(status.worse(Exit.NO) if check and lines else status)


def _stand_in(hold: Hold) -> list[Problem]:
    """That others get the mail too, since it does not get to whoever is on duty."""
    if not hold.lost:
        return []
    what = f"mail for {', '.join(hold.lost)} does not arrive: as long as that lasts, "
    what += f"{label(hold.target)} mails {hold.target.bounced} as well"
    return [Problem(what, hold.target.where, "rotation verify says why; rotation doctor --dns")]


def _note_run(system: System, now: datetime, status: Exit, rosters: str) -> None:
    """Write down that there was a run, for `doctor`; no run fails for that."""
    from rotation.watch.runs import applied

    with suppress(ApplyError):
        applied(system, now, status, rosters)


def _show(system: DryRun, lines: list[str]) -> None:
    """What a dry run found: the lines that would be printed, and what it did not do."""
    from rotation.cli.render import rehearsal

    for line in lines:
        print(f"would change {line}")
    rehearsal.show(system.actions, inputs=True)
