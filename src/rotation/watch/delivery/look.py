"""What became of the mail for the targets' addresses since it was looked at last."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from rotation.errors import ApplyError, Problem, Where, printable
from rotation.mail.recipients import own_domains
from rotation.plan import Hold, Wish, label
from rotation.system import System
from rotation.watch.delivery.fates import Fates, Follow
from rotation.watch.delivery.formats import events
from rotation.watch.delivery.logs import DAY, files, journal, read, read_journal
from rotation.watch.delivery.record import last_look
from rotation.watch.delivery.times import written

_LAST = 50
"""Lines of a log's end, one of which says when it was written last."""


def whose(wishes: Iterable[Wish]) -> dict[str, str]:
    """Whose mail is watched: each address, and each alias, with who that is in words."""
    addresses: dict[str, str] = {}
    for wish in wishes:
        if not isinstance(wish, Hold):
            continue
        for address in wish.addresses:
            addresses.setdefault(address.lower(), _who(wish, address))
        if wish.target.name is not None:
            addresses.setdefault(wish.target.name.lower(), label(wish.target))
    return addresses


def _who(hold: Hold, address: str) -> str:
    if hold.owner:
        return "who gets what bounces"
    role = hold.target.role
    for key in hold.shift.people:
        if address in hold.roster.people[key].email:
            return f"{key}, on duty" if role == "duty" else f"{key}, on duty as {role}"
    if address in hold.target.also:
        return "always copied"
    return f"as {hold.target.bounced}" if hold.lost else "the fallback"


def look(
    system: System,
    server: str,
    config: Path | None,
    wanted: Iterable[str],
    now: datetime,
    *,
    whole: bool = True,
) -> tuple[Fates, list[Problem]]:
    """What is known now of the mail for the addresses that are `wanted`, and what of the server's
    log could not be read.

    The first look goes a day back. Unless these are all (`whole`), what was known of others
    stays. Nothing is changed; keep what comes out under `NOTE`.
    """
    old = last_look(system)
    if not whole and old is not None:
        wanted = [*wanted, *old.troubles]
    zone = ZoneInfo(system.zone() or "UTC")
    follow = Follow(wanted, own_domains(system, config), old)
    horizon = datetime.min.replace(tzinfo=UTC) if old is not None else now - DAY
    since = old.at if old is not None else now - DAY
    problems: list[Problem] = []
    last: deque[str] = deque(maxlen=_LAST)

    def take(line: str) -> None:
        if line:
            last.append(line)
        for event in events(server, line, now, zone):
            if event.at >= horizon:
                follow.take(event)

    marks = {}
    paths = files(system, server, config)
    for path in paths:
        before = old.marks.get(str(path)) if old is not None else None
        try:
            marks[str(path)], whole = read(
                system, path, before, take, min(since, now - DAY), lambda x: written(x, now, zone)
            )
        except ApplyError as error:
            problems += [_unknown(problem, server) for problem in error.problems]
            if before is not None:
                marks[str(path)] = before
            continue
        if not whole and before is None:
            what = f"of {server}'s log of the last day only the end was read: what became of "
            what += "earlier mail is not known"
            problems.append(Problem(what, Where(str(path)), "let logrotate rotate it more often"))
        elif not whole:
            what = f"{server}'s log was replaced, and what it held last is nowhere beside it: "
            what += "what became of that mail is not known"
            problems.append(Problem(what, Where(str(path)), "let logrotate keep a few old ones"))
    if journal(system):
        # a file may be dead, and what is newer than its last line in the journal alone
        newest = max((at for line in last if (at := written(line, now, zone))), default=since)
        alive = newest > since
        last.clear()
        try:
            read_journal(system, since if problems else max(since, newest), take)
            if last:
                problems = []
        except ApplyError as error:
            if not alive:
                problems += [_unknown(problem, server) for problem in error.problems]
    elif not paths:
        what = f"what becomes of mail is not known: {server} writes a log that cannot be found"
        hint = "apt install rsyslog, or let journald keep a journal"
        problems.append(Problem(what, hint=hint))
    return Fates(now, marks, follow.troubles, tuple(follow.senders)), problems


def _unknown(problem: Problem, server: str) -> Problem:
    what = f"what becomes of mail is not known: {server}'s log: {problem.what}"
    return Problem(what, problem.where, problem.hint)


def tell(fates: Fates, who: Mapping[str, str], zone: ZoneInfo) -> list[Problem]:
    """What to say of the addresses that mail does not get to; times are in `zone`."""
    problems = []
    for address, trouble in fates.troubles.items():
        if trouble.late(fates.at):
            fate = "bounces" if trouble.bounced else "is put off for more than an hour"
            since = trouble.since.astimezone(zone)
            said = printable(trouble.said)
            hint = f"since {since:%Y-%m-%d %H:%M %Z}; the log says: {said}"
            words = who.get(address, "whether on duty cannot be known")
            problems.append(Problem(f"mail for {address} ({words}) {fate}", hint=hint))
    return problems
