"""`rotation checker ack`: what is wrong is known until a date."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from rotation.cli import output
from rotation.cli.checker.options import Rehearse, state_of_checkers
from rotation.cli.context import call_of, handled
from rotation.cli.render import rehearsal
from rotation.clock.told import day_and_time
from rotation.errors import Problem, UsageError
from rotation.system import DryRun, System


@handled
def ack(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The checker.")],
    pattern: Annotated[
        str | None,
        typer.Argument(
            help="Lines that match it, now and later (grep -E). Default: what is wrong now."
        ),
    ] = None,
    until: Annotated[str, typer.Option(help="friday, 2026-12-01, +3d; now: take it back.")] = "",
    dry_run: Rehearse = False,
) -> None:
    """Say that what is wrong is known until a date: until then it is not told as news again.

    The next mail says so, and one comes when the date is past and it is still wrong.
    """
    from rotation.checkers.ack import FILE, read_acks, render_acks, with_acks
    from rotation.checkers.state import read_states

    call = call_of(context)
    if not until:
        raise UsageError(
            Problem("until when?", hint="--until friday, or a date; now takes it back")
        )
    zone = ZoneInfo(call.system.zone() or "UTC")
    end = call.when(until, zone)
    if pattern is not None:
        _vet(call.system, pattern)
    folder = state_of_checkers() / name
    state = read_states(call.system, state_of_checkers()).get(name)
    if state is None:
        raise UsageError(
            Problem(f"no checker {name!r} has run here", hint="see: rotation checker status")
        )
    present = read_acks(call.system, folder)
    acks = with_acks(present, state, pattern, end, call.now)
    if pattern is None and end > call.now and not state.wrong and not state.failing:
        hint = "name the lines: rotation checker ack NAME PATTERN --until DATE"
        raise UsageError(Problem(f"nothing is wrong in the last mail of {name}", hint=hint))
    system: System = DryRun(call.system) if dry_run else call.system
    with system.lock(folder):
        path = folder / FILE
        system.replace(path, render_acks(acks, zone), system.read(path, follow=False), mode=0o600)
    if isinstance(system, DryRun):
        rehearsal.show(system.actions)
        return
    when = day_and_time(end, zone)
    for known in acks:
        if known not in present:
            output.say(f"{name}: known until {when}: {known.text}")
    if end <= call.now:
        output.say(f"{name}: {len(present) - len(acks)} taken back, {len(acks)} known")


def _vet(system: System, pattern: str) -> None:
    from rotation.checkers.texts import line_fault

    if fault := line_fault(pattern):
        raise UsageError(Problem(f"the pattern {fault}"))
    if "\t" in pattern:
        raise UsageError(Problem("the pattern holds a tab", hint="write [[:blank:]]"))
    grep = system.program("grep")
    if grep is not None and (said := system.ask([grep, "-E", "-e", pattern])).status > 1:
        raise UsageError(Problem(f"the pattern is not a regular expression: {said.said}"))
