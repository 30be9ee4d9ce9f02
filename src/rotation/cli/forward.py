"""`rotation forward`: root's mail to one address, on any mail server."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rotation import address as gate
from rotation.cli import output
from rotation.cli.context import Call, call_of, complain, handled, leave
from rotation.errors import ApplyError, Exit, Problem, UsageError
from rotation.model import SERVERS
from rotation.system import Diff, DryRun

if TYPE_CHECKING:
    from rotation.route.model import Step, Trace

_WAIT = 60
"""Seconds that `--ping` waits, as `rotation ping` does."""


@handled
def forward(
    context: typer.Context,
    address: Annotated[str, typer.Argument(help="Where root's mail is to go.")],
    server: Annotated[str | None, typer.Option(help="The mail server; detected unless named.")] = (
        None
    ),
    ping: Annotated[
        bool, typer.Option("--ping", help="Then send a test mail, as `rotation ping` does.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the change, make none.")] = False,
) -> None:
    """Make root's mail go to an address, by this host's own rule, and prove it.

    That is root's .forward, or the `root:` alias that beats it; on a host that only sends, the
    rule of its client. Exit status 3 when that fails; nothing has
    changed then.
    """
    from rotation.cli.chain import instance
    from rotation.mail.detect import detect
    from rotation.mail.server import ALIASES

    call = call_of(context)
    if (fault := gate.fault(address)) is not None:
        raise UsageError(Problem(f"{address!r} {fault[0]}", hint=fault[1]))
    instance(call, [], server)  # vets the name
    name = server or detect(call.system)
    if name is None:
        hint = "install a client that only sends: apt install msmtp-mta"
        raise ApplyError(Problem("there is no mail server on this host", hint=hint))
    before = _trace(call, name, address)
    if _leads(before, address):
        output.say(f"root's mail goes to {address} already")
    else:
        _local(before, address)
        ways = [_alias(before)]
        if ways == [None] and name in SERVERS:
            ways += [path for path in ALIASES if call.system.status(path) is not None][:1]
        for number, alias in enumerate(ways, 1):
            problem = _try(call, name, address, alias, yes=yes, dry_run=dry_run)
            if problem is None:
                break
            if number == len(ways):
                raise ApplyError(problem)
            complain(problem, "note")
        if dry_run:
            return
        output.say(f"root's mail goes to {address} now")
        if not sys.stdout.isatty():
            call.system.log(f"root's mail goes to {address} now")
    if ping:
        from rotation.cli.ping import send_marked

        leave(send_marked(call, "root", _WAIT))
    output.say("now see it arrive: rotation ping")
    leave(Exit.OK)


def _try(
    call: Call, name: str, address: str, alias: Path | None, *, yes: bool, dry_run: bool
) -> Problem | None:
    """Show one way, ask, change, prove. What is wrong with it, and then it is taken back."""
    from rotation.cli.render import rehearsal
    from rotation.mail.forward import forward as change
    from rotation.mail.forward import take_back

    rehearsed = DryRun(call.system)
    change(rehearsed, name, address, alias)
    rehearsal.show(rehearsed.actions)
    if dry_run:
        return None
    if not yes:
        _ask()
    paths = [action.path for action in rehearsed.actions if isinstance(action, Diff)]
    kept = {path: call.system.read(path) for path in paths}
    change(call.system, name, address, alias)
    after = _trace(call, name, address)
    if _leads(after, address):
        return None
    if alias is None:  # an alias that its server answers right stays
        take_back(call.system, kept)
    ends = "; ".join(f"{step.end.who}: {step.end.why}" for step in after.ends if step.end)
    what = f"with that, root's mail would not go to {address}, but end at {ends}"
    return Problem(what, hint="see: rotation trace root")


def _local(trace: Trace, address: str) -> None:
    """Raises ApplyError where root's mail leaves a full server whatever an alias says."""
    from rotation.route.model import Stop

    end = trace.step.end
    if trace.server in SERVERS and end is not None and end.stop is Stop.REMOTE:
        what = (
            f"{trace.server} sends root's mail on before it reads an alias or a .forward: {end.why}"
        )
        hint = "make root's mail local, or let the host that it goes to have the alias"
        if trace.server == "postfix":
            hint = f"postconf -e 'virtual_alias_maps = inline:{{root={address}}}'; postfix reload"
        raise ApplyError(Problem(what, hint=hint))


def _trace(call: Call, name: str, address: str) -> Trace:
    from rotation.route import Accepted, Verdict, trace

    accepted = Accepted({address.lower(): (Verdict.DUTY, "where it is to go")})
    return trace(call.system, ["root"], accepted, server=name)[0]


def _leads(trace: Trace, address: str) -> bool:
    """Whether all of root's mail comes by the address, and none of it is lost behind that."""
    from rotation.route import Verdict

    lost = {Verdict.DEAD, Verdict.LOOP, Verdict.UNSURE}
    ends = [step.end for step in trace.ends if step.end is not None]
    sound = bool(ends) and not any(end.verdict in lost for end in ends)
    return sound and _through(trace.step, address.lower())


def _through(step: Step, address: str) -> bool:
    if step.text.lower() == address:
        return True
    if step.end is not None:
        return address in step.end.names
    return bool(step.children) and all(_through(child, address) for child in step.children)


def _alias(trace: Trace) -> Path | None:
    """The aliases file that root has an entry in, if any."""
    first = next(iter(trace.step.children), None)
    if first is None or first.how != "alias" or first.where is None:
        return None
    # a rule of the server's configuration is no file of aliases
    return Path(first.where.file) if first.where.file.startswith("/") else None


def _ask() -> None:
    if not sys.stdin.isatty():
        what = "nobody is there to be asked; nothing was changed"
        raise UsageError(Problem(what, hint="add --yes"))
    if not typer.confirm("Change this?", err=True):
        leave(Exit.NO)
