"""`rotation check`: what is wrong or odd in the rosters."""

from __future__ import annotations

import typer

from rotation.check import Finding, Severity, findings
from rotation.cli import output
from rotation.cli.context import call_of, handled, leave
from rotation.errors import Exit, RosterError


@handled
def check(context: typer.Context) -> None:
    """Everything that is wrong or odd in the rosters, one line each.

    Exit status 1 when there is anything, 2 when there is nothing that could be checked.
    """
    call = call_of(context)
    try:
        found = [finding for one in call.load() for finding in findings(one, call.now)]
    except RosterError as error:
        if any(problem.where is None or problem.where.line is None for problem in error.problems):
            raise  # a file that cannot be read: no finding about what it says
        found = [Finding(Severity.ERROR, problem) for problem in error.problems]
    for finding in found:
        problem = finding.problem
        hint = f" ({problem.hint})" if problem.hint else ""
        output.say(f"{problem.where}: {finding.severity.value}: {problem.what}{hint}")
    leave(Exit.NO if found else Exit.OK)
