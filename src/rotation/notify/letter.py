"""The news for one person as one mail: words for them, and events for their calendar program."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from email.message import EmailMessage

from rotation.clock.told import moment
from rotation.export.icalendar import Invitation, invitation
from rotation.export.ledger import RevisedEvent
from rotation.mail.send import message
from rotation.model import Roster
from rotation.notify.news import News
from rotation.notify.personal import PersonalDuty

PARTS = 20
"""Events in one mail; most programs show the first only, and more are no help."""
_NEXT = 3


def letter(
    roster: Roster, key: str, news: News, entries: Sequence[RevisedEvent], host: str, now: datetime
) -> EmailMessage:
    """The mail that tells `key` the news; `host` completes addresses without a domain.

    Raises ApplyError for an address that is not vetted.
    """
    writer = _Writer(roster, key, entries, now)
    person = roster.people[key]
    organizer = _whole(roster.sender or "root", host)
    attendees = tuple(_whole(address, host) for address in person.email)
    calendars = [
        (
            method,
            invitation(
                Invitation(
                    duty.uid,
                    duty.sequence,
                    duty.start,
                    duty.end,
                    writer.title(duty),
                    "\n".join(writer.about(duty)),
                    organizer,
                    attendees,
                    now,
                ),
                method,
            ),
        )
        for method, duties in (("REQUEST", news.requests), ("CANCEL", news.cancels))
        for duty in duties
    ]
    return message(
        person.email,
        f"{roster.name}: {writer.subject(news)}",
        "\n".join(writer.body(news, len(calendars) - PARTS)),
        now,
        sender=roster.sender,
        calendars=calendars[:PARTS],
    )


def _whole(address: str, host: str) -> str:
    return address if "@" in address else f"{address}@{host}"


class _Writer:
    def __init__(
        self, roster: Roster, key: str, entries: Sequence[RevisedEvent], now: datetime
    ) -> None:
        self._roster, self._key, self._now = roster, key, now
        self._zone = roster.people[key].zone or roster.zone
        self._events = [entry.event for entry in entries]

    def subject(self, news: News) -> str:
        """The subject line: what changed, what has begun or ended, or else the next reminder."""
        said = []
        if news.added or news.moved or news.removed:
            said.append("your duties changed")
        if news.begun:
            said.append(f"on duty until {self._moment(news.begun[0].end)}")
        elif news.ended:
            said.append("your duty has ended")
        if news.reminders and not said:
            said.append(f"on duty from {self._moment(news.reminders[0].start)}")
        return ", ".join(said)

    def body(self, news: News, left_out: int) -> Iterator[str]:
        """The text, line by line."""
        for duty in news.begun:
            yield f"You are on duty now: {self._span(duty)}."
            if earlier := self._others(duty.role, end=duty.start):
                yield f"You take over from {earlier}."
            yield ""
        for duty in news.ended:
            heirs = self._others(duty.role, start=duty.end) or "nobody"
            yield f"Your duty ({duty.role}) ended at {self._moment(duty.end)}; next: {heirs}."
            yield ""
        if news.added or news.moved or news.removed:
            yield "Your duties changed:"
            yield ""
            for duty in news.added:
                yield f"  new    {self._span(duty)}"
                yield from self._why(duty)
            for before, duty in news.moved:
                yield f"  now    {self._span(duty)}"
                yield f"  was    {self._moment(before.start)} to {self._moment(before.end)}"
                yield from self._why(duty)
            for duty in news.removed:
                yield f"  gone   {self._span(duty)}"
                if there := self._there(duty):
                    yield f"         on duty then: {there}"
            yield ""
        if news.reminders:
            yield "You will be on duty:"
            yield ""
            for duty in news.reminders:
                yield f"  {self._span(duty)}"
                yield from self._why(duty)
            yield ""
        told = {duty.uid for duty in news.requests}
        coming = [d for d in news.after.duties if d.start > self._now and d.uid not in told]
        if coming:
            yield "Next after that:" if told else "Your next duties:"
            yield ""
            for duty in coming[:_NEXT]:
                yield f"  {self._span(duty)}"
            yield ""
        if left_out > 0:
            yield f"{left_out} more events are not attached: subscribe to the exported calendar."
            yield ""
        yield f"All times are those of {self._zone.key}."

    def title(self, duty: PersonalDuty) -> str:
        """One line about a duty, for a calendar."""
        roster = self._roster
        label = duty.role if duty.role == roster.name else f"{roster.name} {duty.role}"
        instead = f" for {' and '.join(duty.instead_of)}" if duty.instead_of else ""
        return f"{label}: {self._key}{instead}"

    def about(self, duty: PersonalDuty) -> Iterator[str]:
        """More about it."""
        yield f"{self._span(duty)} ({self._zone.key})"
        yield from (line.strip() for line in self._why(duty))

    def _why(self, duty: PersonalDuty) -> Iterator[str]:
        if duty.instead_of:
            yield f"         for {self._names(duty.instead_of)}"
        for note in duty.notes:
            yield f"         note: {note}"

    def _span(self, duty: PersonalDuty) -> str:
        return f"{self._moment(duty.start)} to {self._moment(duty.end)}, {duty.role}"

    def _moment(self, at: datetime) -> str:
        return moment(at, self._zone, self._now)

    def _names(self, keys: Sequence[str]) -> str:
        return ", ".join(self._roster.people[key].name or key for key in keys)

    def _there(self, duty: PersonalDuty) -> str:
        """Who is on duty in the time of a duty that went away."""
        return self._named(
            person
            for event in self._events
            if event.role == duty.role and event.start < duty.end and duty.start < event.end
            for person in event.people
        )

    def _others(
        self, role: str, *, start: datetime | None = None, end: datetime | None = None
    ) -> str:
        """Who else begins, or ends, at that instant."""
        return self._named(
            person
            for event in self._events
            if event.role == role and (event.start == start or event.end == end)
            for person in event.people
        )

    def _named(self, people: Iterator[str]) -> str:
        return self._names([key for key in dict.fromkeys(people) if key != self._key])
