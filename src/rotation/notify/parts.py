"""Who is told what in one run: people, people who left, and addresses that are no longer theirs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from rotation.dataclasses import dataclass, replace
from rotation.errors import Problem
from rotation.export.ledger import RevisedEvent
from rotation.model import Person, Roster
from rotation.notify.memory import Memory
from rotation.notify.news import News, ToldNews, news
from rotation.notify.personal import PersonalDuty, duties

_ELSEWHERE = "Mail about your duties goes to another address of yours from now on."
_HERE = "Mail about your duties comes to this address from now on."
_LEFT = "You are no longer in this roster."


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one person's news: the mail was taken, or `problems` tell why not."""

    key: str
    news: News
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Tidings:
    """News for some addresses of a person; `lead` is said first.

    `settled`: what the person knows is then `news.after`; else these addresses alone were told.
    `gone`: nothing is to be remembered of the person any more.
    """

    key: str
    person: Person
    last: ToldNews
    news: News
    lead: str = ""
    settled: bool = True
    gone: bool = False

    def after(self, now: ToldNews | None, invited: frozenset[str] | None) -> ToldNews:
        """What is remembered of the person then; `now` is what was, `invited` the UIDs that their
        calendar holds, where mail went out."""
        before = now or self.last
        greeted = before.greeted or invited is not None
        held = self.last.invited if invited is None else invited
        if held is not None:
            held |= before.invited or frozenset()
        if not self.settled:
            return replace(before, invited=held, greeted=greeted)
        ahead = {duty.uid for duty in self.news.after.duties}
        return replace(
            self.news.after,
            email=self.person.email,
            name=self.person.name,
            invited=None if held is None else held & ahead,
            greeted=greeted,
        )


def renamed(roster: Roster, people: Mapping[str, ToldNews]) -> dict[str, ToldNews]:
    """What people know, under the keys that they have now: an address that is theirs tells."""
    known = dict(people)
    new = [person for key, person in roster.people.items() if key not in known]
    for old in [key for key in known if key not in roster.people]:
        for person in new:
            if person.key not in known and set(person.email) & set(known[old].email):
                known[person.key] = known.pop(old)
                break
    return known


def everybody(
    roster: Roster,
    known: Memory | None,
    events: Sequence[RevisedEvent],
    now: datetime,
    until: datetime,
) -> Iterator[Tidings]:
    """The news of everybody, those first who have to be told what leaves their calendar."""
    for key, last in (known.people if known else {}).items():
        if key not in roster.people:
            person = Person(key, last.email, last.name)
            leaving = news(last, (), now, until, (), handoffs=False)
            if last.email:
                yield Tidings(key, person, last, leaving, _LEFT, gone=True)
    for key, person in roster.people.items():
        told = known.told(key) if known else None
        mine = duties(events, key)
        if told is None or not told.email or set(told.email) == set(person.email):
            last = told or ToldNews(now, until, invited=frozenset())
            yield Tidings(key, person, last, _news(roster, told, mine, now, until))
            continue
        yield from _moved(roster, person, told, mine, now, until)


def _moved(
    roster: Roster,
    person: Person,
    told: ToldNews,
    mine: Sequence[PersonalDuty],
    now: datetime,
    until: datetime,
) -> Iterator[Tidings]:
    """The news of somebody with other addresses than before: to each what belongs to it."""
    old = tuple(email for email in told.email if email not in person.email)
    kept = tuple(email for email in person.email if email in told.email)
    new = tuple(email for email in person.email if email not in told.email)
    if old:
        leaving = news(told, (), now, until, (), handoffs=False)
        before = replace(person, email=old)
        yield Tidings(person.key, before, told, leaving, _ELSEWHERE, settled=False)
    if new:
        # to these addresses everything is new
        nothing = ToldNews(told.at, max(told.until, now), invited=frozenset())
        here = _news(roster, nothing, mine, now, until)
        yield Tidings(person.key, replace(person, email=new), nothing, here, _HERE, settled=False)
    change = _news(roster, told, mine, now, until)
    if kept:
        yield Tidings(person.key, replace(person, email=kept), told, change)
    # and nobody hears of it twice
    silent = News(change.after)
    yield Tidings(person.key, person, replace(told, invited=told.invited), silent)


def _news(
    roster: Roster,
    last: ToldNews | None,
    mine: Sequence[PersonalDuty],
    now: datetime,
    until: datetime,
) -> News:
    return news(last, mine, now, until, roster.remind, handoffs=roster.handoffs)
