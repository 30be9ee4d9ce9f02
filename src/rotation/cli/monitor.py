"""The second way out: whoever watches from outside hears how `apply`, `verify` and `notify` end.

Cron mails root what a command says, root's mail is the alias, and the alias is the person of last
week when `apply` has failed.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from rotation.cli.alarm import mail_alarm
from rotation.cli.context import Call, complain
from rotation.dataclasses import dataclass, field
from rotation.errors import ApplyError, Exit, Problem, RotationError
from rotation.schedule.loaded import Loaded


@dataclass
class Run:
    """One run of a command that is watched: what it complained of, for the alarm."""

    problems: list[Problem] = field(default_factory=list)

    def complain(self, problem: Problem) -> None:
        """Say on stderr what is wrong, and remember it."""
        complain(problem)
        self.problems.append(problem)


@contextmanager
def monitored(
    call: Call, rosters: list[Loaded], command: str, *, rehearsal: bool = False
) -> Iterator[Run]:
    """What is done inside is told to the monitors of the rosters: that it begins, and how it ends.

    That a monitor cannot be reached is no error. A rehearsal is told to nobody.
    """
    run = Run(list(call.unread))
    told = () if rehearsal else [loaded.roster for loaded in rosters]
    pings = dict.fromkeys(roster.ping for roster in told if roster.ping)
    alarms = dict.fromkeys(roster.alarm for roster in told if roster.alarm)
    for ping in pings:
        _knock(call, ping, "start")
    status = Exit.FAILED
    try:
        yield run
        status = Exit.OK
    except SystemExit as ended:
        status = Exit(ended.code) if isinstance(ended.code, int) else Exit.FAILED
        raise
    except RotationError as error:
        status = error.status
        run.problems += error.problems
        raise
    finally:
        status = status.worse(call.status)
        for ping in pings:
            _knock(call, ping, "" if status is Exit.OK else str(int(status)))
        for alarm in alarms:
            _alarm(call, alarm, command, status, run.problems)


def _knock(call: Call, ping: str, word: str) -> None:
    """Tell a dead-man's switch: `/start`, the address itself for success, `/STATUS` for failure."""
    from rotation.system.link import parse_link

    page, mark, query = ping.partition("?")
    with suppress(ApplyError):
        call.knock(parse_link(f"{page.rstrip('/')}/{word}{mark}{query}" if word else ping))


def _alarm(call: Call, to: str, command: str, status: Exit, problems: list[Problem]) -> None:
    from rotation.watch.alarm import Words

    if status is Exit.OK:
        problems = []
    elif not problems:
        problems = [Problem(f"rotation {command} ended with status {int(status)}")]
    host = socket.gethostname()
    words = Words(
        f"alarm-{command}",
        f"rotation {command} on {host} ended with status {int(status)}",
        f"rotation {command} on {host} is right again",
        f"The last `rotation {command}` on {host} ended with status {int(status)}. While it fails, "
        "mail goes where it went before.",
        f"`rotation {command}` on {host} has done its work again.",
        f"There: {call.command} {command}; {call.command} doctor.",
    )
    mail_alarm(call, to, problems, words)
