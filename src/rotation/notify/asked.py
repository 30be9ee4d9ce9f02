"""The mails of an offer: what each person could do about it, and that somebody has taken it.

They tell and decide nothing: what an answer to them says is never read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from email.message import EmailMessage
from shlex import quote

from rotation.changes.offers import Asked
from rotation.clock.told import moment
from rotation.clock.typed import as_typed
from rotation.model import Roster
from rotation.model.records import Offer
from rotation.notify.envelope import Envelope, sender_for
from rotation.schedule.difference import Handover


def asking(
    roster: Roster, offer: Offer, asked: Asked, now: datetime, command: str, host: str
) -> EmailMessage:
    """The mail that asks one person; `command` is how rotation is called on this host, whose
    name is `host`.

    Raises ApplyError for an address that is not vetted.
    """
    words = _Words(roster, asked.person, now)
    span = words.span(offer.start, offer.end)
    taking = f"{command} take {quote(offer.id or '')} {quote(asked.person)}"

    def lines() -> Iterator[str]:
        yield f"{words.name(offer.person)} asks for somebody to take this duty:"
        yield ""
        yield f"  {span}, {offer.role}"
        yield ""
        if asked.trades:
            yield "You could give one of yours for it, and serve then instead:"
            yield ""
            for duty in asked.trades:
                yield f"  {words.span(duty.start, duty.end)}"
                yield f"      {taking} --with {as_typed(duty.start, roster.zone)}"
            yield ""
        if asked.gift:
            yield f"{'Or take' if asked.trades else 'You could take'} it and give nothing:"
            yield ""
            yield f"      {taking}"
            yield ""
        if asked.hindered:
            yield f"You could not, as things are: {asked.hindered}."
            yield ""
        yield "Nothing changes until somebody says yes with such a command; an answer to this mail"
        yield "does nothing. The offer is open until the duty begins."
        yield ""
        yield words.footer

    subject = f"{roster.name}: {words.name(offer.person)} offers a duty, {words.at(offer.start)}"
    return _mail(roster, asked.person, subject, lines(), now, host)


def taken(
    roster: Roster,
    offer: Offer,
    taker: str,
    hands: Iterable[Handover],
    now: datetime,
    command: str,
    host: str,
) -> list[EmailMessage]:
    """The mails that tell whoever made an offer and whoever took it what changes hands;
    `command` and `host` as `asking` has them.

    Raises ApplyError for an address that is not vetted.
    """
    listed = list(hands)
    mails = []
    for person in (offer.person, taker):
        words = _Words(roster, person, now)

        def lines(words: _Words = words) -> Iterator[str]:
            yield f"{words.name(taker)} has taken what {words.name(offer.person)} offered:"
            yield ""
            for handed in listed:
                yield f"  {words.span(handed.start, handed.end)}, {handed.role}"
                yield f"      was {words.names(handed.before)}, now {words.names(handed.after)}"
            yield ""
            yield f"To take it back: {command} undo {quote(offer.id or '')}"
            yield ""
            yield words.footer

        subject = f"{roster.name}: {words.name(taker)} takes the duty of {words.at(offer.start)}"
        mails.append(_mail(roster, person, subject, lines(), now, host))
    return mails


def _mail(
    roster: Roster, person: str, subject: str, lines: Iterable[str], now: datetime, host: str
) -> EmailMessage:
    to = roster.people[person]
    envelope = Envelope(roster, to, sender_for(roster, to.email), host, now)
    return envelope.mail(to.email, subject, "\n".join(lines), subject, [])


class _Words:
    """How one person is told of times and people."""

    def __init__(self, roster: Roster, person: str, now: datetime) -> None:
        self._roster, self._now = roster, now
        self._zone = roster.people[person].zone or roster.zone

    @property
    def footer(self) -> str:
        """Which zone the times are in."""
        zone = self._roster.zone
        if zone == self._zone:
            return f"All times are those of {zone.key}."
        return f"Times are those of {self._zone.key}; in commands, of {zone.key}."

    def name(self, key: str) -> str:
        """A person, by full name where there is one."""
        return self._roster.people[key].name or key

    def names(self, keys: Iterable[str]) -> str:
        """People, or that there is nobody."""
        return ", ".join(self.name(key) for key in keys) or "nobody"

    def span(self, start: datetime, end: datetime) -> str:
        """From when to when."""
        return f"{self.at(start)} to {self.at(end)}"

    def at(self, instant: datetime) -> str:
        """An instant, with the year where it is not this one."""
        return moment(instant, self._zone, self._now)
