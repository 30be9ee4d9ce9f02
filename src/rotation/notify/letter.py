"""The news for one person as mails: words for them, and events for their calendar program."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage

from rotation.dataclasses import dataclass
from rotation.export.ledger import RevisedEvent
from rotation.model import Person, Roster
from rotation.notify.envelope import Envelope, is_phone, sender_for
from rotation.notify.news import News, ToldNews
from rotation.notify.personal import PersonalDuty
from rotation.notify.words import Writer

INVITED = 3
"""To how many of the next duties somebody is invited: each is a mail of its own."""


@dataclass(frozen=True, slots=True)
class Letters:
    """The mails that tell somebody their news, the summary first; and the UIDs of the duties that
    their calendar holds then."""

    mails: tuple[EmailMessage, ...]
    invited: frozenset[str]


def letters(
    roster: Roster,
    person: Person,
    last: ToldNews,
    news: News,
    entries: Sequence[RevisedEvent],
    host: str,
    now: datetime,
    lead: str = "",
) -> Letters:
    """All that changed in one mail, and an invitation of its own for each of the next duties.

    The first event is another form of the summary: calendar programs read one event of a mail.
    `lead` is said before all else. `last` is what the person knew; `host` completes addresses
    without a domain. Addresses of
    phones get the text alone. Raises ApplyError for an address that is not vetted.
    """
    writer = Writer(roster, person, entries, now)
    desk = tuple(email for email in person.email if not is_phone(email))
    phones = tuple(email for email in person.email if is_phone(email))
    sender = sender_for(roster, desk)
    chosen = _chosen(last, news)
    envelope = Envelope(roster, person, sender, host, now)
    parts = (
        [
            envelope.invitation(method, duty, writer.title(duty), writer.about(duty))
            for method, duty in chosen
        ]
        if desk
        else []
    )
    told = sum(method == "REQUEST" for method, _ in chosen)
    lines = writer.body(news, len(news.requests) - told, first=not last.greeted)
    body = "\n".join([*((lead, "") if lead else ()), *lines])
    subject = f"{roster.name}: {writer.subject(news)}"
    mails = []
    if desk:
        mails.append(envelope.mail(desk, subject, body, "summary", parts[:1]))
        for (method, duty), part in zip(chosen[1:], parts[1:], strict=True):
            state = "" if method == "REQUEST" else "cancelled: "
            words = "\n".join((*writer.about(duty), "", writer.zone_line))
            title = f"{roster.name}: {state}{writer.span(duty)}"
            mails.append(envelope.mail(desk, title, words, duty.uid, [part]))
    if phones:
        mails.append(envelope.mail(phones, subject, body, "text", []))
    gone = {duty.uid for method, duty in chosen if method == "CANCEL"}
    there = {duty.uid for method, duty in chosen if method == "REQUEST"}
    return Letters(tuple(mails), ((last.invited or frozenset()) - gone) | there)


def _chosen(last: ToldNews, news: News) -> list[tuple[str, PersonalDuty]]:
    """The duties to put into a calendar, and those to take out of it, with the method of each.

    What somebody was invited to is kept true for ever; of what is new, the next duties alone.
    """
    invited = last.invited
    coming = sorted(duty.start for duty in news.after.duties)
    farthest = coming[:INVITED][-1:]
    near = {duty.uid for duty in (*news.begun, *news.reminders)}
    near |= {d.uid for d in news.requests if not farthest or d.start <= farthest[0]}
    requests = [d for d in news.requests if d.uid in near or d.uid in (invited or ())]
    others = [d for d in news.cancels if invited is not None and d.uid not in invited][:INVITED]
    cancels = [d for d in news.cancels if invited is None or d.uid in invited or d in others]
    return [*(("REQUEST", duty) for duty in requests), *(("CANCEL", duty) for duty in cancels)]
