"""`rotation trace`: where mail to an address ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from rotation.cli import output
from rotation.cli.chain import follower, instance, own_rosters, who_may_get_it
from rotation.cli.context import call_of, handled, leave
from rotation.errors import ApplyError, Exit, Problem, UsageError

if TYPE_CHECKING:
    pass


@handled
def trace(
    context: typer.Context,
    addresses: Annotated[list[str], typer.Argument(help="A local name or an address.")],
    via: Annotated[
        list[str] | None,
        typer.Option(
            help="[DOMAIN=]PATH: a roster of the host that mail leaves for; goes on with its alias."
        ),
    ] = None,
    at: Annotated[
        str | None, typer.Option(help="Who is on duty at another instant than now.")
    ] = None,
    server: Annotated[str | None, typer.Option(help="The mail server; detected unless named.")] = (
        None
    ),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Follow mail to its ends as this host's mail server would, with the line of every step.

    Exit status 1 unless every end is the person on duty, an address that a target always copies,
    or the fallback while nobody is on duty.
    """
    from rotation.cli.render import trace as rendered

    call = call_of(context)
    for address in addresses:
        if not address.strip():
            raise UsageError(Problem("an empty address", hint="rotation trace root"))
    own = own_rosters(lambda: call.load(at), via or [])
    accepted, others = who_may_get_it(call, own, at, via or [])
    name, config = instance(call, own, server)
    try:
        traces = follower(call, accepted, others, name, config)(addresses)
    except ApplyError as error:  # nothing was to be applied here
        raise UsageError(error.problems) from None
    if as_json:
        output.say_json([rendered.trace_json(trace) for trace in traces])
    else:
        for trace in traces:
            rendered.show(trace)
    leave(Exit.OK if all(trace.good for trace in traces) else Exit.NO)
