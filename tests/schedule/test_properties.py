"""The engine against the oracle, on random rosters around the instants at which clocks jump."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rotation.schedule.final import Schedule
from rotation.schedule.shift import Shift
from tests.drawn import pick
from tests.schedule.oracle import Oracle
from tests.schedule.oracle_spec import DAY, Away, Change, Rot, Spec
from tests.schedule.parts import PEOPLE, Moment, a_rotation
from tests.schedule.rosters import (
    Asked,
    every_kind,
    exceptional,
    grids,
    load,
    mixed,
    modern,
    superseded,
    windowed,
)

TICK = datetime.resolution
Piece = tuple[datetime, datetime, frozenset[str]]

profile = settings(
    derandomize=True,
    deadline=None,
    database=None,
    report_multiple_bugs=False,
    max_examples=120,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def pieces(shifts: Iterable[Shift]) -> list[Piece]:
    """Who is on duty, whatever the reason."""
    found: list[Piece] = []
    for shift in shifts:
        assert shift.start is not None
        assert shift.end is not None
        people = frozenset(shift.people)
        assert len(people) == len(shift.people), "somebody is on duty twice"
        if found and found[-1][2] == people:
            found[-1] = (found[-1][0], shift.end, people)
        else:
            found.append((shift.start, shift.end, people))
    return found


def instants(ask: Asked, marks: Sequence[datetime], picks: Sequence[int]) -> list[datetime]:
    """Some instants of the span: marks and what is just before and after them."""
    found = []
    for place in picks:
        mark = marks[place % len(marks)]
        found += [mark, mark - TICK, mark + timedelta(minutes=place % 97)]
    return [at for at in found if ask.begin <= at < ask.end]


def schedules(spec: Spec) -> list[Schedule]:
    """A schedule for each role."""
    roster = load(spec)
    return [Schedule(roster, role) for role in roster.roles]


picks = st.lists(st.integers(0, 10_000), min_size=3, max_size=3)


def agree(ask: Asked) -> None:
    for schedule in schedules(ask.spec):
        oracle = Oracle(ask.spec, schedule.role, ask.begin, ask.end)
        assert pieces(schedule.between(ask.begin, ask.end)) == oracle.timeline()


@profile
@given(grids())
def test_turns_agree_with_the_oracle(ask: Asked) -> None:
    agree(ask)


@pytest.mark.parametrize("handoff", [time(0), time(3, 30)])
@pytest.mark.parametrize("count", [1, 2, 3, 5, 6, 7, 8, 12, 25])
def test_the_day_that_samoa_skipped(count: int, handoff: time) -> None:
    begin = datetime(2011, 12, 28, tzinfo=UTC)
    turns = tuple((person,) for person in PEOPLE)
    rot = Rot("r", turns, count, "hour", date(2011, 12, 25), handoff)
    agree(Asked(Spec("Pacific/Apia", PEOPLE, (rot,)), begin, begin + 5 * DAY))


@profile
@given(windowed())
def test_windows_agree_with_the_oracle(ask: Asked) -> None:
    agree(ask)


@profile
@given(superseded())
def test_later_blocks_agree_with_the_oracle(ask: Asked) -> None:
    agree(ask)


@profile
@given(exceptional())
def test_absences_and_overrides_agree_with_the_oracle(ask: Asked) -> None:
    agree(ask)


@profile
@given(exceptional(), st.sampled_from(PEOPLE), st.sampled_from(PEOPLE), st.booleans())
def test_what_was_agreed_on_does_not_depend_on_who_is_away(
    ask: Asked, leaving: str, coming: str, later: bool
) -> None:
    agreed = Change(ask.begin, ask.end, leaving, coming if coming != leaving else None)
    changes = (*ask.spec.changes, agreed) if later else (agreed, *ask.spec.changes)
    away = Away(leaving, ask.begin - DAY, ask.end + DAY)
    there = replace(ask.spec, changes=changes)
    there = replace(there, aways=tuple(a for a in there.aways if a.person != leaving))
    gone = replace(there, aways=(*there.aways, away))
    one, two = (Schedule(load(spec)).between(ask.begin, ask.end) for spec in (there, gone))
    assert pieces(one) == pieces(two)
    agree(replace(ask, spec=gone))


@profile
@given(mixed())
def test_whole_rosters_agree_with_the_oracle(ask: Asked) -> None:
    agree(ask)


@profile
@given(modern())
def test_zones_recurring_absences_and_roles_apart_agree_with_the_oracle(ask: Asked) -> None:
    agree(ask)


@profile
@given(mixed())
def test_every_role_is_found(ask: Asked) -> None:
    assert {schedule.role for schedule in schedules(ask.spec)} == set(ask.spec.roles)


@profile
@given(every_kind())
def test_between_tiles_the_span(ask: Asked) -> None:
    for schedule in schedules(ask.spec):
        found = schedule.between(ask.begin, ask.end)
        assert found[0].start == ask.begin
        assert found[-1].end == ask.end
        for one in found:
            assert one.start is not None
            assert one.end is not None
            assert one.start < one.end
        for one, other in pairwise(found):
            assert one.end == other.start
            assert (set(one.people), one.why) != (set(other.people), other.why)


@profile
@given(every_kind(), picks)
def test_at_agrees_with_between(ask: Asked, picks: list[int]) -> None:
    for schedule in schedules(ask.spec):
        found = schedule.between(ask.begin, ask.end)
        marks = [one.start for one in found if one.start is not None]
        for at in instants(ask, marks, picks):
            (covering,) = [
                one for one in found if one.start and one.end and one.start <= at < one.end
            ]
            here = schedule.at(at)
            assert (here.people, here.why) == (covering.people, covering.why)


@profile
@given(every_kind(), picks)
def test_at_gives_the_whole_extent(ask: Asked, picks: list[int]) -> None:
    for schedule in schedules(ask.spec):
        oracle = Oracle(ask.spec, schedule.role, ask.begin, ask.end)
        timeline = oracle.timeline()
        for at in sorted(set(instants(ask, oracle.marks(), picks))):
            here = schedule.at(at)
            assert set(here.people) == oracle.at(at)
            assert here.start is None or here.start <= at
            assert here.end is None or at < here.end
            _extent(schedule, here)
            (run,) = [piece for piece in timeline if piece[0] <= at < piece[1]]
            _within(here, run, ask)


def extent(shift: Shift) -> tuple[datetime | None, datetime | None, frozenset[str]]:
    """What two looks at the same shift must agree on; a gap may have several reasons in turn."""
    return shift.start, shift.end, frozenset(shift.people)


def _extent(schedule: Schedule, here: Shift) -> None:
    """A shift is the same from wherever in it one looks, and its neighbours end with it."""
    if here.start is not None:
        assert extent(schedule.at(here.start)) == extent(here)
        assert schedule.at(here.start - TICK).end == here.start
    if here.end is not None:
        assert extent(schedule.at(here.end - TICK)) == extent(here)
        after = schedule.at(here.end)
        assert after.start == here.end
        assert here.people or after.people, "two gaps adjoin"


def _within(here: Shift, run: Piece, ask: Asked) -> None:
    """A shift lies inside the stretch with those people, and a gap is all of it."""
    start, end, people = run
    if start > ask.begin:
        assert here.start is not None
        assert here.start >= start
        assert people or here.start == start
    if end < ask.end:
        assert here.end is not None
        assert here.end <= end
        assert people or here.end == end
    if not people and start == ask.begin:
        assert here.start is None or here.start <= start
    if not people and end == ask.end:
        assert here.end is None or here.end >= end


@profile
@given(grids())
def test_at_a_handoff_exactly_the_incoming_are_on_duty(ask: Asked) -> None:
    (rot,) = ask.spec.rotations
    (schedule,) = schedules(ask.spec)
    oracle = Oracle(ask.spec, rot.role, ask.begin, ask.end)
    walked = oracle.walked[0][0]
    inside = [at for at in sorted(set(walked.handoffs)) if ask.begin <= at < ask.end]
    for handoff in inside[:5] + inside[-5:]:
        (incoming,) = walked.turns(handoff, None)
        shift = schedule.at(handoff)
        assert shift.people == rot.turns[incoming % len(rot.turns)]
        assert shift.start == handoff
        outgoing = walked.turns(handoff - TICK, None)
        before = schedule.at(handoff - TICK)
        assert before.people == (rot.turns[outgoing[0] % len(rot.turns)] if outgoing else ())
        assert before.end == handoff


@st.composite
def present(draw: st.DrawFn) -> Spec:
    """One rotation that has begun."""
    zone = pick(draw, ("Europe/London", "America/Chicago", "Asia/Kathmandu"))
    moment = Moment(zone, datetime(2026, 3, 1, tzinfo=UTC), (60, 90, 120, 150))
    return Spec(zone, PEOPLE, (a_rotation(draw, moment, units=("day", "week", "month")),))


@pytest.mark.parametrize("year", [2090, 2500])
@settings(profile, max_examples=8)
@given(spec=present(), days=st.integers(0, 8))
def test_the_far_future(year: int, spec: Spec, days: int) -> None:
    (rot,) = spec.rotations
    begin = datetime(year, 3, 24, tzinfo=UTC) + days * DAY
    end = begin + timedelta(days=4)
    oracle = Oracle(spec, rot.role, begin, end)
    schedule = Schedule(load(spec), rot.role)
    assert pieces(schedule.between(begin, end)) == oracle.timeline()
    for at in oracle.marks()[:-1]:
        assert set(schedule.at(at).people) == oracle.at(at)


@profile
@given(every_kind(), picks)
def test_following_is_the_next_shift_with_people(ask: Asked, picks: list[int]) -> None:
    for schedule in schedules(ask.spec):
        oracle = Oracle(ask.spec, schedule.role, ask.begin, ask.end)
        timeline = oracle.timeline()
        for at in instants(ask, oracle.marks(), picks):
            shift = schedule.at(at)
            found = schedule.following(shift)
            if shift.end is None:
                assert found is None
                continue
            manned = [
                max(start, shift.end) for start, end, people in timeline
                if end > shift.end and people
            ]  # fmt: skip
            if shift.end < ask.end and manned:
                assert found is not None
                assert found.start == manned[0]
                assert set(found.people) == oracle.at(manned[0])
            elif found is not None:
                assert found.people
                assert found.start is not None
                assert found.start >= ask.end
            if found is not None and found.start is not None:
                assert extent(found) == extent(schedule.at(found.start))
