"""One run: look at a roster, tell everybody their news, remember who was told what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage

from rotation.errors import ApplyError, Problem, Where
from rotation.export.revisions import entries, record_name
from rotation.model import Roster
from rotation.notify import memory
from rotation.notify.memory import Memory
from rotation.notify.news import RECENT, News, ToldNews, news
from rotation.notify.personal import duties
from rotation.schedule.loaded import Loaded
from rotation.system import System

AHEAD = timedelta(days=92)
"""How far ahead people are told of changes, at least."""
FARTHEST = timedelta(days=400)
"""How far ahead, at most: no reminder reaches further."""
_BEYOND = timedelta(days=35)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one person's news: the mail was taken, or `problems` tell why not."""

    key: str
    news: News
    problems: tuple[Problem, ...] = ()


def horizon(roster: Roster) -> timedelta:
    """How far ahead to look: as far as the longest reminder reaches, and then some."""
    return min(max(AHEAD, max(roster.remind, default=timedelta(0)) + _BEYOND), FARTHEST)


def notify(
    system: System, loaded: Loaded, now: datetime, post: Callable[[EmailMessage], None]
) -> tuple[list[Delivery], tuple[Problem, ...]]:
    """Tell everybody in a roster their news; and what is odd.

    `post` hands a mail on, and raises ApplyError when it was not taken: then that person is told
    again by the next run, and nobody else is. Raises ApplyError when another run is at work.
    """
    from rotation.notify.letter import letter  # heavy: mostly there is nothing to tell

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
        people: dict[str, ToldNews] = dict(known.people) if known else {}
        outcomes: list[Delivery] = []
        for key in roster.people:
            last = known.told(key) if known else None
            told = news(
                last,
                duties(events, key),
                now,
                until,
                roster.remind,
                handoffs=roster.handoffs,
            )
            if told:
                if data is not None and not outcomes:
                    # what cannot be remembered is not told: it would be told for ever
                    system.record(name, data)
                try:
                    post(letter(roster, key, told, events, system.host_name(), now))
                except ApplyError as error:
                    outcomes.append(Delivery(key, told, error.problems))
                    people[key] = last or ToldNews(now, until)
                    continue
                outcomes.append(Delivery(key, told))
            people[key] = told.after
            if told and known:
                # at once: whatever happens to the others, this person is not told twice
                system.record(name, memory.dump(Memory(known.at, known.until, people)))
        people = {key: told for key, told in people.items() if key in roster.people}
        system.record(name, memory.dump(Memory(now, until, people)))
    return outcomes, (*odd, *strange)


def _known(data: bytes | None, name: str) -> tuple[Memory | None, tuple[Problem, ...]]:
    if data is None:
        return None, ()
    try:
        return memory.parse(data), ()
    except ValueError:
        what = "the record of who was told what is damaged: a new one is begun"
        return None, (Problem(what, Where(name), "nobody is told of changes since the last run"),)
