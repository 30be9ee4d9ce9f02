"""Who should take a shift, against looking at everybody's duties one by one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from rotation.report import Candidate, rank, suggest
from rotation.roster.parse import parse
from rotation.schedule.loaded import Loaded
from tests.check.roster_blocks import absence, override, roster_text, rotation
from tests.schedule.rosters import Asked, exceptional, load, mixed
from tests.schedule.test_properties import profile

DAY = timedelta(days=1)


def days(before: float | None, after: float | None, load: float = 0, who: str = "x") -> Candidate:
    one, other = (None if side is None else side * DAY for side in (before, after))
    return Candidate(who, one, other, load * DAY)


def test_the_order_of_candidates() -> None:
    ordered = (
        days(None, None, who="never on duty"),
        days(None, 60, who="a duty on one side, far away"),
        days(30, None, who="a duty on one side"),
        days(30, 40, who="the farther of two equally near"),
        days(40, 30, 1, who="the same, with more duty"),
        days(30, 30, who="the nearer"),
        days(1, None, who="just had one"),
    )
    assert rank(reversed(ordered)) == ordered
    assert [candidate.distance for candidate in ordered[:3]] == [None, 60 * DAY, 30 * DAY]
    same = (days(3, 3, who="a"), days(3, 3, who="b"))
    assert rank(same) == same


@settings(profile, max_examples=20)
@given(st.one_of(exceptional(), mixed()), st.integers(0, 80), st.integers(1, 60))
def test_nobody_who_is_busy_and_everybody_else(ask: Asked, wait: int, hours: int) -> None:
    loaded = Loaded(load(ask.spec))
    start = ask.begin + wait * timedelta(hours=1)
    end = start + hours * timedelta(hours=1)
    for role in loaded.roster.roles:
        found = suggest(loaded, role, start, end)
        free = {candidate.person for candidate in found.ranking}
        busy = dict(found.busy)
        assert not free & set(busy)
        on_duty = {
            other: {p for s in loaded.known_schedule(other).between(start, end) for p in s.people}
            for other in loaded.roster.roles
        }
        away = {a.person for a in loaded.roster.absences if a.start < end and start < a.end}
        assert set(found.now) == on_duty[role]
        for key in free:
            assert key not in away
            assert all(key not in people for people in on_duty.values())
        for key, why in busy.items():
            role_of = {f"has the role {other!r} then": other for other in on_duty}
            if why == "on duty then":
                assert key in on_duty[role]
            elif why == "away":
                assert key in away
            else:
                assert key in on_duty[role_of[why]]
        for candidate in found.ranking:
            _check_distances(loaded, role, start, end, candidate)


def _check_distances(
    loaded: Loaded, role: str, start: datetime, end: datetime, candidate: Candidate
) -> None:
    """The person begins a duty at each distance, and has none between."""
    schedule = loaded.known_schedule(role)
    tick = datetime.resolution
    if candidate.before is not None and candidate.before < 300 * DAY:  # else cut by the year
        begin = start - candidate.before
        assert candidate.person in schedule.at(begin).people
        assert candidate.person not in schedule.at(begin - tick).people
        serving = [candidate.person in s.people for s in schedule.between(begin, start)]
        # one stretch of duty, then none any more
        assert serving == sorted(serving, reverse=True)
    if candidate.after is not None:
        begin = start + candidate.after
        assert candidate.person in schedule.at(begin).people
        between = schedule.between(end, begin) if end < begin else []
        assert all(candidate.person not in s.people for s in between)


def test_people_of_the_time_and_no_others() -> None:
    text = roster_text(rotation(0, 1, 2), rotation(0, 1, 3, start="2026-06-01"), people=5)
    exceptions = override("2026-06-08", "2026-06-09", "p1", "p4") + absence(
        "p0", "2026-06-20", "2026-06-20"
    )
    loaded = Loaded(parse(text.encode(), Path("team.toml"), exceptions.encode()))
    monday = datetime(2026, 6, 8, 12, tzinfo=UTC)
    found = suggest(loaded, "duty", monday, monday + DAY)
    # p2 has left, p4 only stands in and is on duty, p1 is free again
    assert found.now == ("p4",)
    assert {candidate.person for candidate in found.ranking} == {"p0", "p1", "p3"}
    earlier = datetime(2026, 5, 30, 12, tzinfo=UTC)
    across = suggest(loaded, "duty", earlier, earlier + 5 * DAY)
    assert {c.person for c in across.ranking} | {key for key, _ in across.busy} == {
        "p0", "p1", "p2", "p3"
    }  # fmt: skip


def test_duties_are_looked_for_a_leap_year_on_either_side() -> None:
    days = ("2027-01-09", "2027-01-10", "2029-01-11", "2029-01-12")
    text = roster_text(
        *(
            f'[[shift]]\nstart = {day}T12:00:00\nend = {day}T18:00:00\npeople = ["p{number}"]\n'
            for number, day in enumerate(days)
        ),
        zone="UTC",
    )
    loaded = Loaded(parse(text.encode(), Path("team.toml")))
    start = datetime(2028, 1, 11, tzinfo=UTC)
    found = suggest(loaded, "duty", start, start + DAY)
    around = {c.person: (c.before, c.after) for c in found.ranking}
    assert around == {"p1": (365.5 * DAY, None), "p2": (None, 366.5 * DAY)}


def test_whoever_is_away_in_hours_that_recur_is_busy_in_those_alone() -> None:
    fridays = '[[absence]]\nperson = "p1"\nhours = ["fri 22:00-06:00"]\n'
    text = roster_text(rotation(0, 1, 2), people=3)
    loaded = Loaded(parse(text.encode(), Path("team.toml"), fridays.encode()))
    saturday = datetime(2026, 6, 13, tzinfo=UTC)
    for hour, away in ((-4, False), (-1, True), (3, True), (8, False)):
        start = saturday + timedelta(hours=hour)
        busy = dict(suggest(loaded, "duty", start, start + timedelta(hours=1)).busy)
        assert (busy.get("p1") == "away") is away, start
