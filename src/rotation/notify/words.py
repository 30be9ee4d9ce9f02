"""What a mail about one's own duties says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from rotation.clock.told import moment
from rotation.export.ledger import RevisedEvent
from rotation.model import Person, Roster
from rotation.notify.news import News
from rotation.notify.personal import PersonalDuty

_NEXT = 3
_FIRST = (
    "This is the first mail of its kind to you. Your calendar takes such duties in by itself once",
    "it knows the sender: in Google Calendar, open the invitation and say that you know the",
    "sender, or put the sender into your contacts; elsewhere, accept it once. No answer is",
    "expected.",
)


class Writer:
    """Words for one person, in their zone, as of an instant."""

    def __init__(
        self, roster: Roster, person: Person, entries: Sequence[RevisedEvent], now: datetime
    ) -> None:
        self._roster, self._key, self._now = roster, person.key, now
        self._zone = person.zone or roster.zone
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

    def body(self, news: News, left_out: int, *, first: bool) -> Iterator[str]:
        """The text, line by line; `first`: they never had a mail of ours."""
        for duty in news.begun:
            yield f"You are on duty now: {self.span(duty)}."
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
                yield f"  new    {self.span(duty)}"
                yield from self._why(duty)
            for before, duty in news.moved:
                yield f"  now    {self.span(duty)}"
                yield f"  was    {self._moment(before.start)} to {self._moment(before.end)}"
                yield from self._why(duty)
            for duty in news.removed:
                yield f"  gone   {self.span(duty)}"
                if there := self._there(duty):
                    yield f"         on duty then: {there}"
            yield ""
        if news.reminders:
            yield "You will be on duty:"
            yield ""
            for duty in news.reminders:
                yield f"  {self.span(duty)}"
                yield from self._why(duty)
            yield ""
        told = {duty.uid for duty in news.requests}
        coming = [d for d in news.after.duties if d.start > self._now and d.uid not in told]
        if coming:
            yield "Next after that:" if told else "Your next duties:"
            yield ""
            for duty in coming[:_NEXT]:
                yield f"  {self.span(duty)}"
            yield ""
        if left_out > 0:
            yield f"{left_out} more duties come without an invitation: subscribe to the exported"
            yield "calendar, which has them all."
            yield ""
        if first:
            yield from _FIRST
            yield ""
        yield self.zone_line

    @property
    def zone_line(self) -> str:
        """Which clock it is."""
        return f"All times are those of {self._zone.key}."

    def title(self, duty: PersonalDuty) -> str:
        """One line about a duty, for a calendar."""
        roster = self._roster
        label = duty.role if duty.role == roster.name else f"{roster.name} {duty.role}"
        instead = f" for {' and '.join(duty.instead_of)}" if duty.instead_of else ""
        return f"{label}: {self._key}{instead}"

    def about(self, duty: PersonalDuty) -> Iterator[str]:
        """More about it."""
        yield f"{self.span(duty)} ({self._zone.key})"
        yield from (line.strip() for line in self._why(duty))

    def _why(self, duty: PersonalDuty) -> Iterator[str]:
        if duty.instead_of:
            yield f"         for {self._names(duty.instead_of)}"
        for note in duty.notes:
            yield f"         note: {note}"

    def span(self, duty: PersonalDuty) -> str:
        """From when to when, and what."""
        return f"{self._moment(duty.start)} to {self._moment(duty.end)}, {duty.role}"

    def _moment(self, at: datetime) -> str:
        return moment(at, self._zone, self._now)

    def _names(self, keys: Sequence[str]) -> str:
        people = self._roster.people
        return ", ".join((people[key].name if key in people else None) or key for key in keys)

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
