"""What changes hands between two rosters, against a look at every instant that matters."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from rotation.roster.parse import parse
from rotation.schedule.difference import Handover, difference
from rotation.schedule.final import Schedule
from tests.schedule.oracle import Oracle
from tests.schedule.rosters import ROSTER, Asked, every_kind, load
from tests.schedule.test_properties import profile, schedules

WEEKLY = """
timezone = "Europe/London"
[people]
alice = "alice@example.com"
bob = "bob@example.com"
carol = "carol@example.com"
[[rotation]]
name = "weekly"
people = ["alice", "bob", "carol"]
every = "1 week"
start = 2026-01-05
handoff = "09:00"
"""


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def changes(old: str, new: str, exceptions: str = "") -> list[tuple[datetime, datetime, str, str]]:
    before = Schedule(parse(old.encode(), ROSTER))
    after = Schedule(parse(new.encode(), ROSTER, exceptions.encode()))
    found = difference(before, after, at("2026-01-05T09:00"), at("2026-02-02T09:00"))
    return [(c.start, c.end, " ".join(c.before), " ".join(c.after)) for c in found]


def test_a_person_taken_out_in_the_middle() -> None:
    assert changes(WEEKLY, WEEKLY.replace('"bob", ', "")) == [
        (at("2026-01-12T09:00"), at("2026-01-19T09:00"), "bob", "carol"),
        (at("2026-01-19T09:00"), at("2026-01-26T09:00"), "carol", "alice"),
        (at("2026-01-26T09:00"), at("2026-02-02T09:00"), "alice", "carol"),
    ]


def test_part_of_a_duty_and_a_gap() -> None:
    exceptions = '[[override]]\nstart = 2026-01-13T00:00:00\nend = 2026-01-14T00:00:00\nout = "bob"'
    assert changes(WEEKLY, WEEKLY, exceptions) == [
        (at("2026-01-13T00:00"), at("2026-01-14T00:00"), "bob", "")
    ]


def test_reasons_and_the_order_of_people_are_no_difference() -> None:
    old = WEEKLY.replace('"bob", "carol"', '["bob", "carol"]')
    new = WEEKLY.replace('"bob", "carol"', '["carol", "bob"]').replace('"weekly"', '"by week"')
    assert changes(old, new) == []


def test_a_role_that_only_one_of_them_has() -> None:
    roster = parse(WEEKLY.encode(), ROSTER)
    span = at("2026-01-05T09:00"), at("2026-01-12T09:00")
    assert difference(Schedule(roster), Schedule(roster, "backup"), *span) == [
        Handover("backup", *span, ("alice",), ())
    ]


@profile
@given(every_kind())
def test_a_roster_and_itself_do_not_differ(ask: Asked) -> None:
    for one, other in zip(schedules(ask.spec), schedules(ask.spec), strict=True):
        assert difference(one, other, ask.begin, ask.end) == []


@profile
@given(every_kind(), every_kind(), st.sampled_from(("duty", "backup")))
def test_it_is_what_one_sees_at_every_instant(ask: Asked, other: Asked, role: str) -> None:
    span = ask.begin, ask.end
    old, new = Schedule(load(ask.spec), role), Schedule(load(other.spec), role)
    found = difference(old, new, *span)
    marks = {
        *span,
        *Oracle(ask.spec, role, *span).marks(),
        *Oracle(other.spec, role, *span).marks(),
    }
    total = timedelta(0)
    for begin, end in pairwise(sorted(mark for mark in marks if span[0] <= mark <= span[1])):
        before, after = set(old.at(begin).people), set(new.at(begin).people)
        covering = [c for c in found if c.start <= begin and end <= c.end]
        if before == after:
            assert not any(c.start < end and begin < c.end for c in found)
            continue
        total += end - begin
        (change,) = covering
        assert (set(change.before), set(change.after)) == (before, after)
    assert sum((c.end - c.start for c in found), timedelta(0)) == total
    for one, two in pairwise(found):
        assert one.end <= two.start
        same = (set(one.before), set(one.after)) == (set(two.before), set(two.after))
        assert one.end < two.start or not same
    mirrored = [(c.start, c.end, set(c.after), set(c.before)) for c in found]
    back = difference(new, old, *span)
    assert [(c.start, c.end, set(c.before), set(c.after)) for c in back] == mirrored
