"""`rotation ping`: a test mail through the real chain."""

from __future__ import annotations

import re
import secrets
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rotation.cli import output
from rotation.cli.context import Call, call_of, complain, handled, leave
from rotation.clock.words import parse_duration
from rotation.errors import ApplyError, Exit, Problem, UsageError, Where

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rotation.system import Login
    from rotation.watch.ping import Box, Inbox

_LONGEST = 3600


@handled
def ping(
    context: typer.Context,
    address: Annotated[str, typer.Argument(help="Where to send it.")] = "root",
    maildir: Annotated[Path | None, typer.Option(help="Wait for it in this Maildir.")] = None,
    mbox: Annotated[Path | None, typer.Option(help="Wait for it in this mbox file.")] = None,
    imap: Annotated[
        str | None, typer.Option(help="HOST[:PORT]: wait for it in this IMAP account.")
    ] = None,
    user: Annotated[str | None, typer.Option(help="The user of the IMAP account.")] = None,
    password_file: Annotated[
        Path | None, typer.Option(help="A file with the password, for its owner's eyes only.")
    ] = None,
    wait: Annotated[str, typer.Option(help="How long to wait: 60s, 5m.")] = "60s",
) -> None:
    """Send a marked test mail through the real chain and wait for it to arrive.

    Without a mailbox, waits in the mailboxes on this host in which such mail ends. Exit status 1
    when it has not arrived in time.
    """
    call = call_of(context)
    seconds = _seconds(wait)
    login = _login(call, imap, user, password_file)
    leave(send_marked(call, address, seconds, _named(call, maildir, mbox, login)))


def send_marked(call: Call, address: str, seconds: int, named: Sequence[Box | Inbox] = ()) -> Exit:
    """Send it and wait in the mailboxes `named`, else in those of this host that it ends in.

    Nothing is sent where trace knows that it would not arrive, or where a mailbox cannot be looked
    into. Raises UsageError and ApplyError.
    """
    from rotation.mail.send import send
    from rotation.route import Accepted, trace
    from rotation.watch.ping import boxes_of, marked_mail, refusals
    from rotation.watch.ping import wait as wait_for

    mark = secrets.token_hex(8)
    host = re.sub(r"[^A-Za-z0-9.-]", "", socket.gethostname()) or "localhost"
    try:
        mail = marked_mail(address, mark, host, call.now)
    except ApplyError as error:
        raise UsageError(error.problems) from None
    way = None
    try:
        way = trace(call.system, [address], Accepted())[0]
    except ApplyError as error:
        if not named:  # with a mailbox to look into, the mail itself tells
            raise UsageError(error.problems) from None
    refused = [] if way is None else refusals(way)
    for problem in refused:
        complain(problem)
    if refused:
        complain(Problem("nothing was sent", hint=f"see: rotation trace {address}"), "note")
        return Exit.NO
    boxes = named if named or way is None else boxes_of(call.system, way)
    for box in boxes:
        box.has(call.system, mark)  # a wrong password is told before anything is sent
    send(call.system, mail)
    output.say(f"sent to {address}: subject `{mail['Subject']}`")
    if not boxes:
        what = f"mail for {address} does not end in a mailbox on this host: "
        what += "nothing here can prove that it arrives"
        complain(Problem(what, hint="look there, or name it: --imap HOST --user U"), "note")
        return Exit.OK
    arrived = wait_for(call.system, boxes, mark, seconds, time.sleep, time.monotonic)
    for box in boxes:
        if box in arrived:
            output.say(f"arrived: {box}, after {arrived[box]:.1f} s")
        else:
            complain(
                Problem(
                    f"not in {box} after {seconds} s",
                    hint=f"see: mailq, the mail log, rotation trace {address}",
                )
            )
    return Exit.OK if len(arrived) == len(boxes) else Exit.NO


def _seconds(text: str) -> int:
    text = text.strip()
    length = parse_duration(f"{text}s" if text.isdecimal() else text)
    seconds = int(length.total_seconds()) if length else 0 if text in ("0", "0s") else -1
    if not 0 <= seconds <= _LONGEST:
        raise UsageError(
            Problem(f"{text!r} is not a time to wait", hint="60s or 5m, an hour at most")
        )
    return seconds


def _login(call: Call, imap: str | None, user: str | None, file: Path | None) -> Login | None:
    from rotation.system import Login, Trust

    if imap is None:
        if user is not None or file is not None:
            raise UsageError(Problem("--user and --password-file go with --imap"))
        return None
    if user is None or file is None:
        raise UsageError(Problem("--imap needs --user and --password-file"))
    host, _, port = imap.rpartition(":") if re.search(r":\d+$", imap) else (imap, "", "993")
    secret = call.system.read(file, trust=Trust.SOMEBODY)
    if secret is None:
        raise UsageError(Problem("there is no such file", Where(str(file))))
    if secret.attributes.st_mode & 0o077:
        hint = f"chmod 600 {file}"
        raise UsageError(Problem("others can read the password", Where(str(file)), hint))
    password = secret.data.decode("utf-8", "replace").split("\n")[0].rstrip("\r")
    return Login(host, user, password, int(port))


def _named(
    call: Call, maildir: Path | None, mbox: Path | None, login: Login | None
) -> Sequence[Box | Inbox]:
    from rotation.watch.ping import Inbox, check_box

    if len([place for place in (maildir, mbox, login) if place is not None]) > 1:
        raise UsageError(Problem("one mailbox at a time: --maildir, --mbox or --imap"))
    try:
        if login is not None:
            return [Inbox(login, call.search)]
        if maildir is not None:
            return [check_box(call.system, maildir.absolute(), maildir=True)]
        if mbox is not None:
            return [check_box(call.system, mbox.absolute(), maildir=False)]
    except ApplyError as error:
        raise UsageError(error.problems) from None
    return []
