"""One run: look at a roster, tell everybody their news, remember who was told what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage

from rotation.dataclasses import replace
from rotation.errors import ApplyError, Problem, Where
from rotation.export.revisions import entries, record_name
from rotation.model import Roster
from rotation.notify import memory
from rotation.notify.memory import Memory
from rotation.notify.news import RECENT, ToldNews
from rotation.notify.parts import Delivery, everybody, renamed
from rotation.notify.program import tell_program
from rotation.notify.weekly import tell_weekly
from rotation.schedule.loaded import Loaded
from rotation.system import System

AHEAD = timedelta(days=92)
"""How far ahead people are told of changes, at least."""
FARTHEST = timedelta(days=400)
"""How far ahead, at most: no reminder reaches further."""
_BEYOND = timedelta(days=35)


def horizon(roster: Roster) -> timedelta:
    """How far ahead to look: as far as the longest reminder reaches, and then some."""
    return min(max(AHEAD, max(roster.remind, default=timedelta(0)) + _BEYOND), FARTHEST)


def notify(
    system: System, loaded: Loaded, now: datetime, post: Callable[[EmailMessage], None]
) -> tuple[list[Delivery], tuple[Problem, ...]]:
    """Tell everybody in a roster their news, and its program of handoffs; and what is odd.

    `post` hands a mail on, and raises ApplyError when it was not taken: then that person is told
    again by the next run, and nobody else is. Raises ApplyError when another run is at work.
    """
    from rotation.notify.letter import letters  # heavy: mostly there is nothing to tell

    name = record_name(system, loaded, "notify")
    roster = loaded.roster
    with system.alone(name):
        data = system.recorded(name)
        known, odd = _known(data, name)
        until = now + horizon(roster)
        since = min([now, *(told.at for told in known.people.values())]) if known else now
        # of what is long over nobody is told
        span = max(since, now - RECENT), until
        events, strange = entries(system, loaded, roster.roles, span, now, turns=True)
        if known is not None:
            known = replace(known, people=renamed(roster, known.people))
        people: dict[str, ToldNews] = dict(known.people) if known else {}
        outcomes: list[Delivery] = []
        on_duty: dict[str, tuple[str, ...]] = {}
        if roster.program:
            on_duty, outcomes = tell_program(system, loaded, known.on_duty if known else {}, now)
        safe = data is None
        failed: set[str] = set()
        for part in everybody(roster, known, events, now, until):
            last = part.last
            if part.key in failed:
                continue  # all of it is told by the next run
            if part.news:
                if not safe:
                    # what cannot be remembered is not told: it would be told for ever
                    system.record(name, data or b"")
                    safe = True
                try:
                    written = letters(
                        roster, part.person, last, part.news, events, system.host_name(), now,
                        part.lead,
                    )  # fmt: skip
                    for mail in written.mails:
                        post(mail)
                except ApplyError as error:
                    outcomes.append(Delivery(part.key, part.news, error.problems))
                    # kept as it was: the next run tells it
                    failed.add(part.key)
                    people[part.key] = known.people.get(part.key, last) if known else last
                    continue
                outcomes.append(Delivery(part.key, part.news))
                people[part.key] = part.after(people.get(part.key), written.invited)
            else:
                people[part.key] = part.after(people.get(part.key), None)
            if part.gone:
                people.pop(part.key, None)
            if part.news and known:
                # at once: whatever happens to the others, this person is not told twice
                system.record(name, memory.dump(replace(known, people=people)))
        weekly, more = tell_weekly(roster, known, events, now, post, system.host_name())
        people = {
            key: told for key, told in people.items() if key in roster.people or key in failed
        }
        system.record(name, memory.dump(Memory(now, until, people, on_duty, weekly)))
    return [*outcomes, *more], (*odd, *strange)


def _known(data: bytes | None, name: str) -> tuple[Memory | None, tuple[Problem, ...]]:
    if data is None:
        return None, ()
    try:
        return memory.parse(data), ()
    except ValueError:
        what = "the record of who was told what is damaged: a new one is begun"
        return None, (Problem(what, Where(name), "nobody is told of changes since the last run"),)
