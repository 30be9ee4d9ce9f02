"""`rotation schedule`: the final schedule."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from rotation.cli import output
from rotation.cli.context import call_of, complain, handled, in_order, leave, no_such_role, roles_of
from rotation.clock.local import minute
from rotation.errors import Exit, Problem, UsageError, at_once
from rotation.roster.load import Terms
from rotation.schedule.loaded import UnknownSchedule

SPAN = timedelta(days=28)
"""How far ahead the schedule is shown unless told otherwise."""


@handled
def schedule(
    context: typer.Context,
    start: Annotated[str | None, typer.Option("--from", help="From when; default now.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="To when; default 4 weeks on.")] = None,
    role: Annotated[str | None, typer.Option(help="Show only this role.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """The final schedule: every shift and every gap, after absences and overrides.

    Exit status 1 when the schedule of a role is unknown, because a calendar cannot be read.
    """
    call = call_of(context)

    def asked(zone: ZoneInfo) -> tuple[datetime, datetime]:
        # what was asked for is shown to the second; of the present, the minute will do
        with at_once() as each:
            with each:
                begin = minute(call.now) if start is None else call.when(start, zone)
            with each:
                stop = None if end is None else call.when(end, zone)
        return begin, begin + SPAN if stop is None else stop

    rosters = call.load_ahead(asked, Terms(exact=True))
    answers: list[object] = []
    rows: list[tuple[str, ...]] = []
    gaps: list[int] = []
    shown, unknown = False, False
    for loaded in rosters:
        roster = loaded.roster
        for problem in loaded.warnings:
            complain(problem, "warning")
        begin, stop = asked(roster.zone)
        if start is None and stop <= begin:
            what = f"--to is in the past: {output.iso(stop, roster.zone)}"
            raise UsageError(Problem(what, hint="say --from too, for what was"))
        in_order(begin, stop, roster.zone)
        for name in roles_of(roster, role):
            shown = True
            final = loaded.schedule(name)
            if isinstance(final, UnknownSchedule):
                unknown = True
                answers.append(output.unknown_shift_json(roster, name, begin, stop))
                gaps.append(len(rows))
                rows.append(
                    (
                        roster.name,
                        name,
                        output.moment(begin, roster.zone, call.now, named=True),
                        output.moment(stop, roster.zone, call.now, named=True),
                        "** unknown **",
                        "its calendar cannot be read",
                    )
                )
                continue
            for shift in final.between(begin, stop):
                answers.append(output.shift_json(roster, shift))
                if not shift.people:
                    gaps.append(len(rows))
                rows.append(
                    (
                        roster.name,
                        shift.role,
                        output.moment(shift.start, roster.zone, call.now, named=True),
                        output.moment(shift.end, roster.zone, call.now, named=True),
                        output.names(shift.people) if shift.people else "** nobody **",
                        shift.why,
                    )
                )
    if not shown and role is not None:
        raise no_such_role(role, [loaded.roster for loaded in rosters])
    if as_json:
        output.say_json(answers)
    else:
        output.table(("roster", "role", "from", "to", "on duty", "why"), rows, gaps)
    leave(Exit.NO if unknown else Exit.OK)
