"""`rotation verify`: the trip wire on the chain of root's mail."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from rotation.cli import output
from rotation.cli.alarm import mail_alarm
from rotation.cli.context import Call, call_of, complain, handled, leave
from rotation.errors import ApplyError, Exit, Problem, RosterError
from rotation.roster.load import Terms

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from rotation.schedule.loaded import Loaded
    from rotation.watch.baseline import Baseline
    from rotation.watch.verify import Follow, Pairs, Verified


@handled
def verify(
    context: typer.Context,
    accept: Annotated[
        bool, typer.Option("--accept", help="Remember the chain as it is now as the right one.")
    ] = False,
    alarm: Annotated[
        str | None,
        typer.Option(help="Mail what is wrong to this address at another host, once a day."),
    ] = None,
    via: Annotated[
        list[str] | None,
        typer.Option(help="[DOMAIN=]PATH: a roster of the host that root's mail leaves for."),
    ] = None,
) -> None:
    """Compare every target and the chain from root with what they should be, and were; look into
    the mail server's log for what became of the mail.

    Silent while all is well. The first such run remembers the steps of the chain and its
    files (owner, mode, links, content); later runs report every change on stderr until it is
    taken back or accepted. Exit status 1 when something is wrong or has changed.
    """
    from rotation.watch.alarm import check_address

    call = call_of(context)
    if alarm is not None:
        check_address(alarm)
    from rotation.cli.chain import own_rosters
    from rotation.cli.delivery import undelivered
    from rotation.cli.monitor import monitored

    baseline = _baseline(call)
    own: list[Loaded] = []
    try:
        own = own_rosters(lambda: call.load_ahead(_recently(call), Terms(trusted=True)), via or [])
    except RosterError as error:
        _blind(call, baseline, alarm, error.problems)
        raise
    with monitored(call, own, "verify") as run:
        try:
            verified, follow = _verified(call, baseline, own, via or [])
        except (RosterError, ApplyError) as error:
            _blind(call, baseline, alarm, error.problems)
            raise
        problems = list(dict.fromkeys((*verified.wrong, *(() if accept else verified.changed))))
        for problem in problems:
            run.complain(problem)
        problems = [*call.unread, *problems]
        if verified.changed and not accept:
            complain(Problem("the chain is not what it was", hint=baseline.accept), "note")
        for what in verified.ours:
            output.say(f"changed by rotation: {what}")
        followed = bool(verified.record.marks)  # else there is nothing to remember
        if followed and (accept or (not verified.known and not problems)):
            _remember(baseline, verified, accept)
        elif verified.renewed is not None:
            baseline.remember(verified.renewed)
        else:
            baseline.needed()
        _alarm(call, alarm, problems, follow)
        lost = undelivered(call, own, alarm)
        run.problems += lost
        leave(Exit.NO if problems or lost else Exit.OK)


def _recently(call: Call) -> Callable[[ZoneInfo], tuple[datetime, datetime]]:
    """From as long ago as an apply may be due until now."""
    from rotation.watch.runs import LONGEST

    return lambda zone: (call.now - LONGEST, call.now)


def _baseline(call: Call) -> Baseline:
    """What is remembered for the rosters of this call, which are named from the root from now on,
    so that they are the same from every folder."""
    from rotation.watch.baseline import Baseline

    call.rosters = call.named_from_root
    return Baseline(call.system, call.sets, call.rosters, call.command)


def _blind(call: Call, baseline: Baseline, alarm: str | None, problems: Sequence[Problem]) -> None:
    """What is left to say where nothing can be compared: which files have changed."""
    changed = _files_since(baseline)
    for problem in changed:
        complain(problem)
    _alarm(call, alarm, (*problems, *changed), None)


def _verified(
    call: Call, baseline: Baseline, own: list[Loaded], via: list[str]
) -> tuple[Verified, Follow]:
    from rotation.cli.chain import elsewhere, follower, instance, warn
    from rotation.mail.detect import detect
    from rotation.route import accepted_at
    from rotation.watch.servers import stopped
    from rotation.watch.verify import verify as compare

    theirs, others = elsewhere(call, None, via, Terms(trusted=True))
    warn(own)
    name, config = instance(call, own)

    def follow(pairs: Pairs) -> Follow:
        return follower(call, accepted_at([*pairs, *theirs]), others, name, config)

    now = [(loaded, call.now) for loaded in own]
    down = tuple(stopped(call.system, name or detect(call.system), config))
    return compare(baseline, own, follow, call.now, down), follow(now)


def _files_since(baseline: Baseline) -> list[Problem]:
    """What has changed of the files, where nothing more can be looked at."""
    from rotation.watch.verify import files_since

    try:
        return files_since(baseline)
    except ApplyError as error:
        return list(error.problems)


def _remember(baseline: Baseline, verified: Verified, accept: bool) -> None:
    if accept:
        for problem in verified.changed:
            output.say(f"accepted: {problem.where}: {problem.what}")
        output.say(f"remembered: {len(verified.record.marks)} files of the chain")
    baseline.remember(verified.record)


def _alarm(call: Call, to: str | None, problems: Sequence[Problem], follow: Follow | None) -> None:
    """Mail the alarm; one that cannot be mailed is said, and hides nothing."""
    from rotation.watch.alarm import chain_words, direct

    if to is None:
        return
    with suppress(ApplyError):  # a server that cannot be asked is no reason not to try it
        if follow is not None and not direct(follow([to])[0]):
            what = f"mail for {to} does not leave this host straight away"
            complain(Problem(what, hint=f"see: rotation trace {to}"), "warning")
    mail_alarm(call, to, problems, chain_words(socket.gethostname(), call.command))
