"""What became of the mail for the targets' addresses since it was looked at last."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from rotation.clock.told import day_and_time
from rotation.errors import ApplyError, Problem, printable
from rotation.mail.recipients import own_domains
from rotation.plan import Hold, Wish, label
from rotation.system import System
from rotation.watch.delivery.client_lines import TELL, client_events
from rotation.watch.delivery.fates import Fates, Follow
from rotation.watch.delivery.formats import MailEvent, Seen, events
from rotation.watch.delivery.journal import MailJournal, journal
from rotation.watch.delivery.logs import DAY, LogFile, LogSource, LogSpan
from rotation.watch.delivery.places import places
from rotation.watch.delivery.record import last_look
from rotation.watch.delivery.times import written

_KEPT = timedelta(days=30)
"""How long what a set of rosters asked for is followed after it asked last, and how long is kept
how far a log was read that is away."""
_SLOW = timedelta(minutes=10)
"""How much later than its time a line may get into a log."""


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
    rosters: str = "",
) -> tuple[Fates, list[Problem]]:
    """What is known now of the mail for the addresses that are `wanted`, and what of the server's
    log could not be read.

    The first look goes a day back. Unless these are all (`whole`), what was known of others
    stays. `rosters` names the set that asks: what others ask for is followed with it, since the log
    is read once. Nothing is changed; keep what comes out under `NOTE`.
    """
    old = last_look(system)
    others = {} if old is None else {k: v for k, v in old.asked.items() if now - v[0] < _KEPT}
    before = others.pop(rosters, None)
    if not whole and old is not None:
        wanted = [*wanted, *(before[1] if before else old.troubles)]
    wanted = tuple(dict.fromkeys(address.lower() for address in wanted))
    asked = {**others, rosters: (now, wanted)}
    zone = ZoneInfo(system.zone() or "UTC")
    everybody = [address for _, addresses in asked.values() for address in addresses]
    follow = Follow(everybody, own_domains(system, config), old)
    # whom nobody asked for yet, nobody looked for in what was read
    anew = before is None and old is not None and bool(old.asked)
    logs, problems = _sources(system, server, config, old, now, zone, anew=anew)
    seen = Seen(server, old.seen if old is not None else None)
    read_line = client_events if server in TELL else events

    def told(source: LogSource) -> Iterator[MailEvent]:
        for line in source.lines():
            of_line = read_line(server, line, now, zone)
            seen.take(line, tells=bool(of_line))
            yield from (event for event in of_line if event.at >= source.horizon)

    # the same is told by several of them, or the later half by another one than the first
    for event in heapq.merge(*map(told, logs), key=lambda event: event.at):
        follow.take(event)
    # what is away for the moment, or cannot be asked, goes on from there
    before_now = old or Fates(now)
    marks = {path: mark for path, mark in before_now.marks.items() if now - mark.at < _KEPT}
    read = before_now.journal
    for source in logs:
        problems += [_unknown(problem, server) for problem in source.problems]
        if isinstance(source, LogFile) and source.mark is not None:
            marks[str(source.path)] = source.mark
        elif isinstance(source, MailJournal):
            read = source.position
    if not problems and all(isinstance(source, LogFile) and source.away for source in logs):
        what = f"what becomes of mail is not known: {server} writes a log that cannot be found"
        hint = "apt install rsyslog, or let journald keep a journal"
        problems.append(Problem(what, hint=hint))
    if seen.answer is False:
        what = f"there is no line of {server}'s in {_listed(logs)}"
        hint = "send a mail that leaves one: rotation ping; where else does syslog write them?"
        problems.append(_unknown(Problem(what, hint=hint), server))
    senders = tuple(follow.senders)
    fates = Fates(now, marks, follow.troubles, senders, read, seen.answer, asked, follow.tried)
    return fates, problems


def _sources(
    system: System,
    server: str,
    config: Path | None,
    old: Fates | None,
    now: datetime,
    zone: ZoneInfo,
    *,
    anew: bool,
) -> tuple[list[LogSource], list[Problem]]:
    """All that the server's log is read from, and what of it is not known; `anew` is all of it
    read from a day ago on, or from where others have come to, if that is earlier."""
    log_places = places(system, server, config)
    problems = [_unknown(problem, server) for problem in log_places.problems]
    marks = old.marks if old is not None else {}
    position = old.journal if old is not None else None
    gone = (path for path in log_places.away if str(path) in marks)
    paths = [*log_places.files, *(path for path in gone if now - marks[str(path)].at < _KEPT)]
    day = now - DAY if old is None else min(old.at, now - DAY)
    if anew:
        reached = [marks[str(path)].at for path in paths if str(path) in marks]
        reached += [position.at] if position is not None else []
        # one instant for all: what one tells of late, another may have set right before
        day = min([day, *(at - _SLOW for at in reached)])

    def when(line: str) -> datetime | None:
        return written(line, now, zone)

    sources: list[LogSource] = []
    for path in paths:
        mark = marks.get(str(path))
        since = day if mark is None or anew else mark.at
        sources.append(LogFile(system, path, mark, LogSpan(since, now, when, anew)))
    try:
        kept = log_places.syslog and journal(system)
    except ApplyError as error:
        kept = False
        problems += [_unknown(problem, server) for problem in error.problems]
    if kept:
        since = day if position is None or anew else position.at
        span, alone = LogSpan(since, now, when, anew), not log_places.files
        sources.append(MailJournal(system, log_places.facility, position, span, alone=alone))
    return sources, problems


def _listed(sources: Iterable[LogSource]) -> str:
    return ", ".join(str(s.path) if isinstance(s, LogFile) else "the journal" for s in sources)


def _unknown(problem: Problem, server: str) -> Problem:
    what = f"what becomes of mail is not known: {server}'s log: {problem.what}"
    return Problem(what, problem.where, problem.hint)


def tell(fates: Fates, who: Mapping[str, str], zone: ZoneInfo, rosters: str = "") -> list[Problem]:
    """What to say, to the set of rosters that asked, of the addresses that mail does not get to;
    times are in `zone`."""
    problems = []
    asked = fates.asked[rosters][1] if rosters in fates.asked else tuple(fates.troubles)
    for address, trouble in fates.troubles.items():
        if address in asked and trouble.late(fates.at):
            fate = "bounces" if trouble.bounced else "is put off for more than an hour"
            since = day_and_time(trouble.since, zone, weekday=False, named=True)
            said = printable(trouble.said)
            hint = f"since {since}; the log says: {said}"
            words = who.get(address, "whether on duty cannot be known")
            problems.append(Problem(f"mail for {address} ({words}) {fate}", hint=hint))
    return problems
