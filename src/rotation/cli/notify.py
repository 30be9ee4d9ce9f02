"""`rotation notify`: mail people what concerns their own duties."""

from __future__ import annotations

import sys
from email.message import EmailMessage
from typing import Annotated

import typer

from rotation.cli import output
from rotation.cli.context import call_of, complain, handled, leave
from rotation.cli.monitor import monitored
from rotation.cli.once import said_once
from rotation.cli.render.mail import show
from rotation.errors import ApplyError, Exit, Problem, UsageError, Where, printable
from rotation.roster.load import Terms
from rotation.schedule.loaded import Loaded
from rotation.system import DryRun, System


@said_once("notify")
@handled
def notify(
    context: typer.Context,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the mails, send and remember nothing.")
    ] = False,
    at: Annotated[
        str | None, typer.Option(help="Rehearse another instant; with --dry-run.")
    ] = None,
) -> None:
    """Mail those, and only those, whose own duties changed since the last run, with the events for
    their calendar; remind of duties that are near; tell who hands over and who takes over.

    The first run mails nobody. Exit status 3 when the mail server did not take a mail; the next
    run mails those people again.
    """
    call = call_of(context)
    if at is not None and not dry_run:
        raise UsageError(
            Problem("--at would tell people what is not true now", hint="add --dry-run to rehearse")
        )
    from rotation.mail.send import send  # heavy: the other commands do without
    from rotation.notify.run import FARTHEST
    from rotation.notify.run import notify as tell

    system: System = DryRun(call.system) if dry_run else call.system
    rosters = call.load(at, f"+{FARTHEST.days}d", Terms(trusted=True, often=True))
    with monitored(call, rosters, "notify", rehearsal=dry_run) as run:
        status = Exit.OK
        for loaded in rosters:
            for problem in loaded.warnings:
                complain(problem, "warning")
            if loaded.unknown:
                run.complain(_unsure(loaded))
                status = Exit.FAILED
                continue

            def post(mail: EmailMessage) -> None:
                send(system, mail)
                if isinstance(system, DryRun):
                    show(mail)

            try:
                outcomes, odd = tell(system, loaded, call.when(at, loaded.roster.zone), post)
            except ApplyError as error:
                outcomes, odd = [], ()
                status = Exit.FAILED
                for problem in error.problems:
                    run.complain(problem)
            for problem in odd:
                complain(problem, "warning")
            for outcome in outcomes:
                for problem in outcome.problems:
                    run.complain(problem)
                    status = Exit.FAILED
                if not outcome.problems and not isinstance(system, DryRun):
                    _tell(system, f"{loaded.roster.name}: told {outcome.key}")
        leave(status)


def _unsure(loaded: Loaded) -> Problem:
    return Problem(
        f"nobody is told: the calendar of {', '.join(sorted(loaded.unknown))} could not be read",
        Where(str(loaded.roster.path)),
        "the next run that can read it tells what changed",
    )


def _tell(system: System, line: str) -> None:
    """A line for whoever watches; cron's mail would go to whoever is on duty."""
    if sys.stdout.isatty():
        output.say(line)
    else:
        system.log(printable(line))
