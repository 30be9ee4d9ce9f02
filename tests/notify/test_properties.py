"""Random rosters that change while time goes on: who is told, and what their calendars hold."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from rotation.export.revisions import record_name
from rotation.host.real import Host
from rotation.notify import letter, run
from rotation.notify.memory import parse
from rotation.notify.run import horizon, notify
from rotation.schedule.loaded import Loaded
from tests.drawn import number, pick
from tests.export.lint import events, lint
from tests.schedule.oracle_spec import Away, Rot, Spec
from tests.schedule.parts import PEOPLE, Moment, a_moment, a_rotation, a_span, an_override
from tests.schedule.rosters import load
from tests.schedule.test_properties import profile

Spans = list[tuple[datetime, datetime]]


@dataclass(frozen=True)
class Story:
    """A roster as it is at some instants, one after the other."""

    chapters: tuple[tuple[datetime, Spec], ...]


@st.composite
def stories(draw: st.DrawFn) -> Story:
    moment = a_moment(draw)
    made = [a_rotation(draw, moment, ("day", "week"), f"r{n}") for n in range(number(draw, 1, 2))]
    roles = ("duty", "duty", "backup")
    made = [replace(rot, role=pick(draw, roles), priority=number(draw, 0, 1)) for rot in made]
    chapters = []
    at = moment.at - timedelta(days=2)
    for _ in range(number(draw, 2, 4)):
        chapters.append((at, chapter(draw, moment, tuple(made))))
        at += timedelta(minutes=pick(draw, (0, 5, 60, 600, 1500, 6000)))
    return Story(tuple(chapters))


def chapter(draw: st.DrawFn, moment: Moment, made: tuple[Rot, ...]) -> Spec:
    changes = tuple(an_override(draw, moment) for _ in range(number(draw, 0, 2)))
    people = [pick(draw, PEOPLE) for _ in range(number(draw, 0, 2))]
    aways = tuple(Away(person, *a_span(draw, moment)) for person in people)
    return Spec(moment.zone, PEOPLE, made, changes=changes, aways=aways)


def joined(found: Iterator[tuple[datetime, datetime]]) -> Spans:
    made: Spans = []
    for start, end in sorted(found):
        if made and start <= made[-1][1]:
            made[-1] = made[-1][0], max(end, made[-1][1])
        else:
            made.append((start, end))
    return made


def on_duty(one: Loaded, role: str, key: str, begin: datetime, end: datetime) -> Spans:
    return joined(
        (shift.start, shift.end)
        for shift in (one.known_schedule(role).between(begin, end) if begin < end else ())
        if key in shift.people and shift.start and shift.end
    )


def cut(found: Iterator[tuple[datetime, datetime]], begin: datetime, end: datetime) -> Spans:
    spans = ((max(start, begin), min(stop, end)) for start, stop in found)
    return joined((start, stop) for start, stop in spans if start < stop)


@dataclass
class Client:
    """Somebody's calendar program, which does what it is told by mail (RFC 5546)."""

    held: dict[str, tuple[int, str, datetime, datetime]] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)

    def take(self, mail: EmailMessage) -> None:
        touched = set()
        for part in mail.walk():
            if part.get_content_type() != "text/calendar":
                continue
            data = part.get_payload(decode=True)
            assert isinstance(data, bytes)
            assert not lint(data, method=True)
            method = part.get_param("method")
            assert f"\r\nMETHOD:{method}\r\n".encode() in data
            (event,) = events(data)
            uid, number = event["UID"], int(event["SEQUENCE"])
            assert uid not in touched, "one event, two words on it in one mail"
            touched.add(uid)
            assert number > self.seen.get(uid, -1), "an older message than the last"
            self.seen[uid] = number
            if method == "CANCEL":
                self.held.pop(uid, None)
            else:
                role = event["SUMMARY"].split(":")[0].split()[1]
                self.held[uid] = (number, role, stamp(event["DTSTART"]), stamp(event["DTEND"]))

    def spans(self, role: str) -> Iterator[tuple[datetime, datetime]]:
        return ((start, end) for _, held, start, end in self.held.values() if held == role)


def stamp(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.fixture(autouse=True)
def near(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look less far ahead, which saves time."""
    monkeypatch.setattr(run, "AHEAD", timedelta(days=9))
    monkeypatch.setattr(run, "_BEYOND", timedelta(0))
    # so that a calendar holds all that there is, and can be compared
    monkeypatch.setattr(letter, "INVITED", 10_000)


@settings(
    profile, max_examples=80, phases=(Phase.generate,), suppress_health_check=list(HealthCheck)
)
@given(story=stories())
def test_those_and_only_those_whose_duties_changed(story: Story) -> None:
    with tempfile.TemporaryDirectory() as folder:
        host = Host(Path(folder))
        clients = {key: Client() for key in PEOPLE}
        last: tuple[Loaded, datetime] | None = None
        for now, spec in story.chapters:
            one = Loaded(replace(load(spec), handoffs=False))
            mails: list[EmailMessage] = []
            outcomes, odd = notify(host, one, now, mails.append)
            assert odd == ()
            until = now + horizon(one.roster)
            told = {outcome.key for outcome in outcomes}
            assert len(mails) >= len(outcomes)
            for mail in mails:
                clients[str(mail["To"]).partition("@")[0]].take(mail)
            wanted = set()
            before, seen = last or (one, datetime.min.replace(tzinfo=UTC))
            for key, client in clients.items():
                for role in ("duty", "backup"):
                    if on_duty(before, role, key, now, seen) != on_duty(one, role, key, now, seen):
                        wanted.add(key)
                    assert cut(client.spans(role), now, seen) == on_duty(one, role, key, now, seen)
            subscribe(host, one, clients, seen)
            assert told == wanted
            last = one, until


def subscribe(host: Host, one: Loaded, clients: dict[str, Client], begin: datetime) -> None:
    """What nobody is told of, for it only came into view, they have from the exported calendar."""
    data = host.recorded(record_name(host, one, "notify"))
    assert data is not None
    for key, told in parse(data).people.items():
        for duty in told.duties:
            if duty.start >= begin:
                clients[key].held[duty.uid] = (duty.sequence, duty.role, duty.start, duty.end)
                clients[key].seen[duty.uid] = duty.sequence
