"""`rotation who`: who is on duty."""

from __future__ import annotations

from typing import Annotated

import typer

from rotation.cli import output
from rotation.cli.context import call_of, complain, handled, leave, no_such_role, roles_of
from rotation.errors import Exit
from rotation.schedule.loaded import UnknownSchedule


@handled
def who(
    context: typer.Context,
    at: Annotated[str | None, typer.Option(help="Answer for another instant than now.")] = None,
    role: Annotated[str | None, typer.Option(help="Show only this role.")] = None,
    why: Annotated[bool, typer.Option("--why", help="Name the lines that decide.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Who is on duty, since when, until when, and who is next.

    Exit status 1 when a role that is shown has nobody on duty, or nobody can know who has it
    because a calendar cannot be read.
    """
    call = call_of(context)
    rosters = call.load(at, glance=True)
    answers, texts, nobody = [], [], False
    for loaded in rosters:
        for problem in loaded.warnings:
            complain(problem, "warning")
        instant = call.when(at, loaded.roster.zone)
        for name in roles_of(loaded.roster, role):
            schedule = loaded.schedule(name)
            if isinstance(schedule, UnknownSchedule):
                nobody = True
                answers.append(output.unknown_json(loaded.roster, name, instant))
                texts.append(output.unknown_text(loaded.roster, name))
                continue
            shift = schedule.at(instant)
            following = schedule.following(shift)
            nobody = nobody or not shift.people
            answers.append(output.who_json(loaded.roster, shift, following, instant))
            texts.append(output.who_text(loaded.roster, shift, following, call.now, why=why))
    if not answers and role is not None:
        raise no_such_role(role, [loaded.roster for loaded in rosters])
    if as_json:
        output.say_json(answers)
    else:
        for text in texts:
            print(text)
    leave(Exit.NO if nobody else Exit.OK)
