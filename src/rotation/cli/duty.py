"""Who is on duty, as `rotation who` tells it, without the command line, which costs more."""

from __future__ import annotations

from rotation.cli import output
from rotation.cli.context import Calling, call_of, complain, handled, leave, no_such_role, roles_of
from rotation.errors import Exit
from rotation.roster.load import Terms
from rotation.schedule.loaded import UnknownSchedule


@handled
def tell(context: Calling, at: str | None, role: str | None, *, why: bool, as_json: bool) -> None:
    """Print who is on duty at an instant as typed (None: now), and end with the exit status.

    Every role, or one; with `why` the lines that decide.
    """
    call = call_of(context)
    rosters = call.load(at, terms=Terms(glance=True))
    answers: list[object] = []
    texts: list[str] = []
    nobody = False
    for loaded in rosters:
        for problem in loaded.warnings:
            complain(problem, "warning")
        roster, instant = loaded.roster, call.when(at, loaded.roster.zone)
        for name in roles_of(roster, role):
            schedule = loaded.schedule(name)
            if isinstance(schedule, UnknownSchedule):
                nobody = True
                if as_json:
                    answers.append(output.unknown_json(roster, name, instant))
                texts.append(output.unknown_text(roster, name))
                continue
            shift = schedule.at(instant)
            following = schedule.following(shift)
            nobody = nobody or not shift.people
            if as_json:
                answers.append(output.who_json(roster, shift, following, instant))
            texts.append(output.who_text(roster, shift, following, call.now, why=why))
    if not texts and role is not None:
        raise no_such_role(role, [loaded.roster for loaded in rosters])
    if as_json:
        output.say_json(answers)
    else:
        for text in texts:
            print(text)
    leave(Exit.NO if nobody else Exit.OK)
