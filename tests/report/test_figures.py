"""The figures of a report, against counting minute by minute, and what must add up."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rotation.clock.days import NIGHT, nights
from rotation.clock.words import parse_window
from rotation.report import Figures, RoleTable, report
from rotation.roster.parse import parse
from rotation.schedule.loaded import Loaded
from tests.schedule.oracle import Oracle
from tests.schedule.oracle_clock import WallClock
from tests.schedule.oracle_spec import DAY
from tests.schedule.rosters import Asked, every_kind, load
from tests.schedule.test_properties import profile

MINUTE = timedelta(minutes=1)
ZERO = timedelta(0)
ROSTER = Path("/etc/rotation/team.toml")


def by_person(table: RoleTable) -> dict[str, Figures]:
    return {line.person: line.figures for line in table.lines if line.figures.time}


def days_off(ask: Asked) -> frozenset[date]:
    """Every third day of the span is a public holiday."""
    day = ask.begin.date()
    return frozenset(day + n * DAY for n in range(-1, 12) if (day + n * DAY).toordinal() % 3 == 0)


@settings(profile, max_examples=60)
@given(every_kind())
def test_figures_are_what_one_counts_minute_by_minute(ask: Asked) -> None:
    roster = load(ask.spec)
    off = days_off(ask)
    clock = WallClock(ask.spec.zone, ask.begin - DAY, ask.end + DAY)
    tables = report(Loaded(roster), roster.roles, ask.begin, ask.end, holidays=off)
    together: dict[str, set[datetime]] = {}
    for role, table in zip(roster.roles, tables, strict=False):
        time, night, weekend, holiday = (Counter[str]() for _ in range(4))
        longest, running, duties = Counter[str](), Counter[str](), Counter[str]()
        covered = 0
        for begin, end, people in Oracle(ask.spec, role, ask.begin, ask.end).timeline():
            for key in set(running) - people:
                del running[key]
            at = begin
            covered += (end - begin) // MINUTE if people else 0
            for key in people:
                duties[key] += key not in running
            while at < end:
                local = clock.local(at)
                for key in people:
                    together.setdefault(key, set()).add(at)
                    time[key] += 1
                    running[key] += 1
                    longest[key] = max(longest[key], running[key])
                    night[key] += local.hour >= 22 or local.hour < 6
                    weekend[key] += local.weekday() >= 5
                    holiday[key] += local.date() in off
                at += MINUTE
        found = by_person(table)
        assert set(found) == set(time)
        assert table.covered == covered * MINUTE
        for key, figures in found.items():
            assert figures.holiday is not None
            assert (figures.time, figures.night.time) == (time[key] * MINUTE, night[key] * MINUTE)
            assert figures.weekend.time == weekend[key] * MINUTE
            assert figures.holiday.time == holiday[key] * MINUTE
            assert (figures.duties, figures.longest) == (duties[key], longest[key] * MINUTE)
    if len(roster.roles) > 1:
        found = by_person(tables[-1])
        assert {key: len(times) * MINUTE for key, times in together.items()} == {
            key: figures.time for key, figures in found.items()
        }


@profile
@given(every_kind(), st.integers(1, 99))
def test_two_halves_make_the_whole(ask: Asked, percent: int) -> None:
    loaded, off = Loaded(load(ask.spec)), days_off(ask)
    middle = ask.begin + (ask.end - ask.begin) * percent / 100
    spans = ((ask.begin, ask.end), (ask.begin, middle), (middle, ask.end))
    for tables in zip(
        *(report(loaded, loaded.roster.roles, *span, holidays=off) for span in spans), strict=True
    ):
        whole, one, two = (by_person(table) for table in tables)
        assert tables[0].covered == tables[1].covered + tables[2].covered
        assert set(whole) == set(one) | set(two)
        for key, figures in whole.items():
            halves = [part[key] for part in (one, two) if key in part]
            assert figures.time == sum((h.time for h in halves), ZERO)
            assert figures.night.time == sum((h.night.time for h in halves), ZERO)
            assert figures.weekend.time == sum((h.weekend.time for h in halves), ZERO)
            holidays = [h.holiday.time for h in halves if h.holiday]
            assert figures.holiday
            assert figures.holiday.time == sum(holidays, ZERO)
            assert figures.longest <= sum((h.longest for h in halves), ZERO)
            assert figures.duties <= sum(h.duties for h in halves)


@profile
@given(every_kind())
def test_hours_add_up_to_what_is_covered(ask: Asked) -> None:
    loaded = Loaded(load(ask.spec))
    for role in loaded.roster.roles:
        (table,) = report(loaded, [role], ask.begin, ask.end)
        shifts = loaded.known_schedule(role).between(ask.begin, ask.end)
        served = sum(((s.end - s.start) * len(s.people) for s in shifts if s.start and s.end), ZERO)
        total = sum((line.figures.time for line in table.lines), ZERO)
        assert total == served
        if all(len(shift.people) <= 1 for shift in shifts):
            assert total == table.covered
        shares = [line.share for line in table.lines if line.share is not None]
        assert not shares or abs(sum(shares) - 1) < 1e-9
        fair = [line.fair for line in table.lines if line.fair is not None]
        assert not fair or abs(sum(fair) - 1) < 1e-6
        assert all(0 <= part <= 1 for part in (*shares, *fair))
        assert table.score is not None
        assert 0 <= table.score.balance <= 100


def weekly(zone: str = "Europe/London", **more: str) -> str:
    keys = "".join(f"{key} = {value}\n" for key, value in more.items())
    return (
        f'timezone = "{zone}"\n[people]\nann = "ann@example.com"\nbob = "bob@example.com"\n'
        'cat = "cat@example.com"\ndan = "dan@example.com"\n[[rotation]]\nname = "weekly"\n'
        f'people = ["ann", "bob", "cat"]\nevery = "1 week"\nstart = 2026-01-05\n{keys}'
    )


def lines(
    text: str, start: str, end: str, exceptions: str = ""
) -> dict[str, tuple[float, float | None]]:
    """Everybody's hours and fair share in percent."""
    roster = parse(text.encode(), ROSTER, exceptions.encode())
    span = (datetime.fromisoformat(at).replace(tzinfo=UTC) for at in (start, end))
    (table,) = report(Loaded(roster), ["duty"], *span)
    return {
        line.person: (
            line.figures.time / timedelta(hours=1),
            None if line.fair is None else round(100 * line.fair, 2),
        )
        for line in table.lines
    }


def test_a_week_in_which_the_clock_changes() -> None:
    for start, end, hours in (("2026-03-23", "2026-03-30", 167), ("2026-10-19", "2026-10-26", 169)):
        roster = parse(weekly().encode(), ROSTER)
        span = (datetime.fromisoformat(at).replace(tzinfo=ZoneInfo("Europe/London"))
                for at in (start, end))  # fmt: skip
        (table,) = report(Loaded(roster), ["duty"], *span)
        (line,) = [line for line in table.lines if line.figures.time]
        change = timedelta(hours=hours - 168)
        assert line.figures.time == timedelta(hours=hours)
        assert line.figures.night.time == timedelta(hours=56) + change
        assert line.figures.weekend.time == timedelta(hours=48) + change
        # the night from Sunday on began in the week before: eight are touched
        assert (line.figures.night.count, line.figures.weekend.count) == (8, 1)


def test_a_joiner_s_share_is_fair_from_the_day_of_joining() -> None:
    joined = weekly() + (
        '[[rotation]]\nname = "weekly"\npeople = ["ann", "bob", "cat", "dan"]\nevery = "1 week"\n'
        "start = 2026-02-16\n"
    )
    # 6 weeks among three, 4 weeks among four
    found = lines(joined, "2026-01-05T00:00", "2026-03-16T00:00")
    assert found["ann"] == (3 * 168, 30.0)
    assert found["dan"] == (168, 10.0)
    assert lines(joined, "2026-01-05T00:00", "2026-02-16T00:00").keys() == {"ann", "bob", "cat"}
    assert lines(joined, "2026-02-16T00:00", "2026-03-16T00:00")["dan"] == (168, 25.0)


def test_exceptions_change_hours_and_not_what_is_fair() -> None:
    exceptions = (
        "[[override]]\nstart = 2026-01-05T00:00:00Z\nend = 2026-01-12T00:00:00Z\n"
        'out = "ann"\nin = "dan"\n'
        '[[absence]]\nperson = "bob"\nstart = 2026-01-12T00:00:00Z\nend = 2026-01-19T00:00:00Z\n'
    )
    found = lines(weekly(), "2026-01-05T00:00", "2026-01-26T00:00", exceptions)
    third = 33.33
    assert found == {
        "ann": (0, third), "bob": (0, third), "cat": (2 * 168, third), "dan": (168, 0)
    }  # fmt: skip


def test_a_rotation_is_shared_among_its_own_people() -> None:
    text = weekly() + (
        '[[rotation]]\nname = "day"\npeople = ["dan"]\nevery = "1 week"\nstart = 2026-01-05\n'
        'hours = ["mon-fri 09:00-17:00"]\npriority = 1\n'
    )
    found = lines(text, "2026-01-05T00:00", "2026-01-26T00:00")
    assert found["dan"] == (120, round(100 * 40 / 168, 2))
    assert found["ann"] == (128, round(100 * 128 / 3 / 168, 2))


@pytest.mark.parametrize("text", ["22:00-06:00", "00:00-05:00", "01:30-01:30", "23:30-01:30"])
@pytest.mark.parametrize("zone", ["Europe/London", "Pacific/Apia", "America/Sao_Paulo"])
def test_nights_never_overlap(zone: str, text: str) -> None:
    night = parse_window(text)
    assert night is not None
    for year in (2011, 2018, 2026):
        begin = datetime(year, 1, 1, tzinfo=UTC)
        found = nights(begin, begin + 366 * DAY, ZoneInfo(zone), night)
        assert all(start < end for start, end in found)
        assert all(one[1] <= two[0] for one, two in pairwise(found))
    assert parse_window("22:00-06:00") == NIGHT


def test_who_is_hardly_a_member_hardly_counts() -> None:
    left = weekly() + (
        '[[rotation]]\nname = "weekly"\npeople = ["bob", "cat"]\nevery = "1 week"\n'
        'start = 2026-01-05\nhandoff = "01:00"\n'
    )
    roster = parse(left.encode(), ROSTER)
    start = datetime(2026, 1, 5, tzinfo=UTC)
    (table,) = report(Loaded(roster), ["duty"], start + timedelta(minutes=30), start + 14 * DAY)
    assert [line.person for line in table.lines] == ["ann", "bob", "cat"]
    assert table.score is not None
    assert table.score.balance == 100
