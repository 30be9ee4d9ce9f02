"""Who has the next weeks, to everybody, where the roster asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage

from rotation.clock.local import midnight, resolve, to_local
from rotation.clock.told import moment
from rotation.errors import ApplyError, Problem
from rotation.export.ledger import RevisedEvent
from rotation.model import Person, Roster
from rotation.notify.memory import Memory
from rotation.notify.news import News, ToldNews
from rotation.notify.parts import Delivery

AHEAD = timedelta(days=28)
_MOST = 60
"""Lines; a role with short turns would fill pages."""


def tell_weekly(
    roster: Roster,
    known: Memory | None,
    events: Sequence[RevisedEvent],
    now: datetime,
    post: Callable[[EmailMessage], None],
    host: str,
) -> tuple[datetime | None, list[Delivery]]:
    """When everybody was told last, and what became of the mails, if it is time for them.

    The first run only notes the time. A mail that was not taken is not sent again: the next week's
    says more. `host` is this host's name.
    """
    due = _due(roster, now)
    if due is None:
        return None, []
    last = known.weekly if known else None
    if last is None or last >= due:
        return last or now, []
    from rotation.notify.envelope import Envelope, is_phone, sender_for

    outcomes = []
    for key, person in roster.people.items():
        desk = [email for email in person.email if not is_phone(email)]
        if not desk:
            continue
        body = "\n".join(_lines(roster, person, events, now))
        subject = f"{roster.name}: who has the next weeks"
        problems: tuple[Problem, ...] = ()
        try:
            envelope = Envelope(roster, person, sender_for(roster, desk), host, now)
            post(envelope.mail(desk, subject, body, "weekly", []))
        except ApplyError as error:
            problems = error.problems
        outcomes.append(Delivery(key, News(ToldNews(now, now)), problems))
    return due, outcomes


def _due(roster: Roster, now: datetime) -> datetime | None:
    """The last of the weekly instants that is not after `now`."""
    if roster.weekly is None:
        return None
    (weekday,) = roster.weekly.days
    today = to_local(now, roster.zone).date()
    for back in range(8):
        day = today - timedelta(back)
        if day.weekday() == weekday:
            at = resolve(midnight(day) + timedelta(minutes=roster.weekly.start), roster.zone)
            if at <= now:
                return at
    return None


def _lines(
    roster: Roster, person: Person, events: Sequence[RevisedEvent], now: datetime
) -> Iterator[str]:
    zone = person.zone or roster.zone
    for role in roster.roles:
        coming = [
            entry.event
            for entry in events
            if entry.event.role == role and entry.event.end > now
            and entry.event.start < now + AHEAD
        ]  # fmt: skip
        yield f"{role}:"
        yield ""
        for event in coming[:_MOST]:
            who = ", ".join(roster.people[key].name or key for key in event.people)
            instead = [roster.people[key].name or key for key in event.instead_of]
            whose = f" for {' and '.join(instead)}" if instead else ""
            yield f"  {moment(event.start, zone, now)} to {moment(event.end, zone, now)}"
            yield f"      {who}{whose}"
        if len(coming) > _MOST:
            yield f"  and {len(coming) - _MOST} more"
        yield ""
    yield f"All times are those of {zone.key}."
