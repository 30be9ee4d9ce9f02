"""What `verify` says of the mail that left: whether it got to whoever is on duty."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from rotation.cli.alarm import mail_alarm
from rotation.cli.chain import instance
from rotation.cli.context import Call
from rotation.cli.once import say_once
from rotation.errors import ApplyError, Problem

if TYPE_CHECKING:
    from rotation.schedule.loaded import Loaded


def undelivered(call: Call, own: list[Loaded], alarm: str | None) -> list[Problem]:
    """Look into the server's log, say what is wrong once, mail an alarm of its own; what is
    wrong. A log that cannot be read, or a client that keeps none, is a warning."""
    from rotation.mail.detect import detect
    from rotation.model import CLIENTS, SERVERS
    from rotation.plan import Hold, plan
    from rotation.watch.alarm import delivery_words
    from rotation.watch.delivery.client_lines import TELL
    from rotation.watch.delivery.clients import unknown
    from rotation.watch.delivery.look import look, tell, whose
    from rotation.watch.delivery.record import NOTE, failing

    name, config = instance(call, own)
    server = name or detect(call.system)
    wishes = plan([(loaded, call.now) for loaded in own], failing(call.system))
    who = whose(wishes)
    # of whom nobody can know whether they are on duty, nothing is forgotten
    whole = not call.unread and all(isinstance(wish, Hold) for wish in wishes)
    if server in CLIENTS and server not in TELL and who:
        say_once(call, "delivery", [(unknown(server), "warning")])
    if server not in (*SERVERS, *TELL) or not who:
        return []
    rosters = str(call.place)  # those of the same name in two folders are two
    with call.system.alone(NOTE):
        try:
            fates, unread = look(
                call.system, server, config, who, call.now, whole=whole, rosters=rosters
            )
            call.system.record(NOTE, fates.dump())
        except ApplyError as error:
            say_once(call, "delivery", [(problem, "warning") for problem in error.problems])
            return []
    problems = tell(fates, who, own[0].roster.zone, rosters)
    told = [*((problem, "error") for problem in problems), *((p, "warning") for p in unread)]
    say_once(call, "delivery", told)
    if alarm is not None:
        mail_alarm(call, alarm, problems, delivery_words(socket.gethostname(), call.command))
    return problems
