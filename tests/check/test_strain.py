"""Rest, weekends in a row, and shares that an order does not meet."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from rotation.changes.assign import assign
from rotation.changes.book import Book, Stamp
from rotation.changes.trades import cover
from rotation.check import examine
from rotation.check.view import View
from rotation.clock.days import Stretch, joined
from rotation.clock.typed import parse_when
from rotation.model import Limits
from rotation.report import report, suggest
from rotation.roster.parse import parse
from rotation.schedule.loaded import Loaded
from rotation.schedule.strain import long_runs, short_rests, strained
from tests.check.roster_blocks import NOW, absence, override, roster_text, rotation
from tests.schedule.test_properties import profile

LONDON = ZoneInfo("Europe/London")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
START = datetime(2026, 11, 2, tzinfo=UTC)  # a Monday


def loaded(text: str, exceptions: str = "") -> Loaded:
    return Loaded(parse(text.encode(), Path("team.toml"), exceptions.encode()))


def said(text: str, exceptions: str = "") -> list[str]:
    found = examine(loaded(text, exceptions), NOW).findings
    return [finding.problem.what for finding in found]


RESTED = '[role.duty]\nrest = "11 hours"\n'
DAYS = rotation(every="1 day", handoff='"09:00"')


def test_a_cover_between_two_duties_leaves_too_little_rest() -> None:
    text = roster_text(DAYS, RESTED)
    assert said(text) == []
    # p4 has the day that begins on the 25th at 09:00, p0 the next one
    cover = override("2026-11-25T21:00:00", "2026-11-25T23:00:00", "p4", "p0")
    assert [line for line in said(text, cover) if "of rest" in line] == [
        "'p0' has 10 hours of rest from 2026-11-25 23:00 GMT to 2026-11-26 09:00 GMT, not the "
        "11 hours that the role 'duty' should leave"
    ]


def test_two_weekends_in_a_row() -> None:
    text = roster_text(rotation(handoff='"09:00"'), "[role.duty]\nweekends = 1\n")
    assert said(text) == []
    # p1 has the week until the 30th
    found = said(text, override("2026-11-30T09:00:00", "2026-12-07T09:00:00", "p2", "p1"))
    assert [line for line in found if "weekend" in line] == [
        "'p1' has the role 'duty' on more than 1 weekend in a row, from 2026-11-28 00:00 GMT to "
        "2026-12-07 00:00 GMT"
    ]


def test_three_in_a_row_where_two_may_be() -> None:
    text = roster_text(rotation(0, 0, 0, 1, 1, 2, 3, 4), "[role.duty]\nweekends = 2\n")
    (line,) = [line for line in said(text) if "weekend" in line]
    assert line.startswith("'p0' has the role 'duty' on more than 2 weekends in a row")
    assert line.endswith(" (and 5 more within a year)")


def test_who_would_have_too_little_is_not_suggested() -> None:
    start, end = START + 7 * DAY, START + 14 * DAY
    text = roster_text(rotation(), "[role.duty]\nweekends = 1\n")
    one = suggest(loaded(text), "duty", start, end)
    # whoever has the week before or after would have two weekends in a row
    before, after = (
        loaded(text).known_schedule("duty").at(at).people[0] for at in (start - DAY, end)
    )
    busy = dict(one.busy)
    assert busy[before] == busy[after] == "more than 1 weekend in a row"
    assert before not in [candidate.person for candidate in one.ranking]
    assert len(one.ranking) == 2
    rested = suggest(loaded(roster_text(DAYS, RESTED)), "duty", START + 9 * HOUR, START + 12 * HOUR)
    assert all("rest" not in why for _, why in rested.busy)
    night = suggest(
        loaded(roster_text(rotation(every="12 hours"), RESTED)), "duty", START, START + HOUR
    )
    assert all("rest" not in why for _, why in night.busy)
    tight = suggest(
        loaded(roster_text(rotation(every="12 hours"), '[role.duty]\nrest = "20 hours"\n')),
        "duty", START, START + 12 * HOUR,
    )  # fmt: skip
    assert [why for _, why in tight.busy].count("less than 20 hours of rest") == 2


stretch = st.tuples(st.integers(0, 900), st.integers(1, 60))


@profile
@given(st.lists(stretch, max_size=12), st.integers(1, 40), st.integers(1, 3))
def test_pauses_and_runs_are_what_one_counts_hour_by_hour(
    spans: list[tuple[int, int]], rest: int, most: int
) -> None:
    duties = joined((START + s * HOUR, START + (s + n) * HOUR) for s, n in spans)
    on = [any(s <= START + h * HOUR < e for s, e in duties) for h in range(1000)]
    pauses, last = [], None
    for hour, busy in enumerate(on):
        if busy and last is not None and 0 < hour - last - 1 < rest:
            pauses.append((START + (last + 1) * HOUR, START + hour * HOUR))
        last = hour if busy else last
    assert short_rests(duties, rest * HOUR) == pauses
    weekends = [any(on[start : start + 48]) for start in range(5 * 24, 900, 7 * 24)]
    runs, first = [], None
    for number, busy in enumerate([*weekends, False]):
        first = number if busy and first is None else first
        if not busy and first is not None:
            if number - first > most:
                runs.append((weekend(first)[0], weekend(number - 1)[1]))
            first = None
    assert long_runs(duties, most, LONDON) == runs


def weekend(number: int) -> Stretch:
    begin = START + (5 + 7 * number) * DAY
    return begin, begin + 2 * DAY


def test_what_was_so_already_is_nobodys_fault() -> None:
    limits = Limits(rest=11 * HOUR, weekends=1)
    tired = [(START, START + HOUR), (START + 2 * HOUR, START + 3 * HOUR)]
    assert strained(tired, [*tired, (START + 2 * DAY, START + 3 * DAY)], limits, LONDON) is None
    assert strained(tired, [*tired, (START + 4 * HOUR, START + DAY)], limits, LONDON) == (
        "less than 11 hours of rest",
        (START + 3 * HOUR, START + 4 * HOUR),
    )
    assert strained([], [(START, START + 13 * DAY)], limits, LONDON) == (
        "more than 1 weekend in a row",
        (weekend(0)[0], weekend(1)[1]),
    )


SHARES = roster_text(rotation(0, 1, 2, every="1 week")).replace(
    'p2 = "p2@example.com"', 'p2 = { email = "p2@example.com", share = 0.5 }'
)


def test_a_share_that_the_order_does_not_meet() -> None:
    (line,) = [line for line in said(SHARES) if "by everybody's share" in line]
    assert line == (
        "'p2' has 33% of the places in rotation 'weekly', and by everybody's share 20% are meant"
    )
    met = SHARES.replace('["p0", "p1", "p2"]', '["p0", "p1", "p2", "p0", "p1"]')
    assert not [line for line in said(met) if "by everybody's share" in line]


def fair(text: str, exceptions: str = "") -> dict[str, float]:
    roster = loaded(text, exceptions)
    (table,) = report(roster, ["duty"], START, START + 210 * DAY)
    return {line.person: round(line.fair or 0, 3) for line in table.lines}


def test_a_report_measures_against_the_share_that_was_meant() -> None:
    assert fair(SHARES) == {"p0": 0.4, "p1": 0.4, "p2": 0.2}
    met = SHARES.replace('["p0", "p1", "p2"]', '["p0", "p1", "p2", "p0", "p1"]')
    assert fair(met) == {"p0": 0.4, "p1": 0.4, "p2": 0.2}
    twice = roster_text(rotation(0, 1, 0, 2))
    assert fair(twice) == {"p0": 0.5, "p1": 0.25, "p2": 0.25}
    assert fair(twice, absence("p0", "2026-12-01", "2027-02-01")) == fair(twice)


def test_whoever_is_meant_to_have_more_is_suggested_before_somebody_with_as_much() -> None:
    # p0 and p3 are equally far from the week; p0 has twice as much and is meant to
    text = roster_text(rotation(0, 1, 2, 3, 0, 4))
    ranking = suggest(loaded(text), "duty", START + 14 * DAY, START + 21 * DAY).ranking
    loads = {candidate.person: candidate.load for candidate in ranking}
    assert max(loads.values()) - min(loads.values()) <= 14 * DAY


def test_a_hint_is_a_command_that_can_be_pasted() -> None:
    text = roster_text(rotation(0, 1, 2, 3, 4), rotation(1, 2, 3, 4, 0, name="b", role='"backup"'))
    swap = override("2026-12-07T00:00:00", "2026-12-08T00:00:00", "p3", "p4")
    found = examine(loaded(text, swap), NOW).findings
    (hint,) = [f.problem.hint or "" for f in found if "at once" in f.problem.what]
    command = hint.split(";")[0].split()
    assert command[:6] == ["rotation", "cover", "SOMEBODY", "--for", "p4", "--role"]
    start, end = (parse_when(command[n], NOW, LONDON) for n in (8, 10))
    data = text.encode()
    book = Book(loaded(text, swap), data, swap.encode())
    stamp = Stamp("root", NOW)
    change = cover(book, "p1", "p4", stamp, role=command[6], start=start, end=end)
    assert not [f for f in examine(change.after, NOW).findings if "at once" in f.problem.what]


def test_a_command_says_which_of_two_hours_it_means() -> None:
    view = View(loaded(roster_text(rotation())), NOW, 30 * DAY)
    first, second = datetime(2027, 10, 31, 0, 30, tzinfo=UTC), datetime(2027, 10, 31, 2, tzinfo=UTC)
    assert view.cover("p0", "duty", first, second) == (
        "rotation cover SOMEBODY --for p0 --from 2027-10-31T01:30+01:00 --to 2027-10-31T02:00"
    )


def test_a_zone_without_summer_time_is_named_where_a_rotation_has_it() -> None:
    text = roster_text(rotation(timezone='"EST"'))
    (found,) = [
        f.problem for f in examine(loaded(text), NOW).findings if "summer" in f.problem.what
    ]
    assert "the time zone 'EST' has no summer time" in found.what
    assert found.where is not None
    assert found.where.line == 9
    assert found.hint == 'name a place: timezone = "America/New_York"'


def test_a_gap_is_filled_by_the_command_of_its_hint() -> None:
    text = roster_text(rotation(0, 1, 2, 3, 4), rotation(1, 2, 3, 4, 0, name="b", role='"backup"'))
    text = text.replace("fallback", "# fallback")
    off = override("2026-12-07T00:00:00", "2026-12-08T00:00:00", "p3", "")
    off = "\n".join(line for line in off.splitlines() if not line.startswith("in"))
    found = examine(loaded(text, off), NOW).findings
    (hint,) = [f.problem.hint or "" for f in found if "nobody has the role" in f.problem.what]
    command = hint.partition("for this once: ")[2].split()
    assert command[:3] == ["rotation", "assign", "SOMEBODY"]
    assert command[3:5] == ["--role", "duty"]
    start, end = (parse_when(command[n], NOW, LONDON) for n in (6, 8))
    book = Book(loaded(text, off), text.encode(), off.encode())
    change = assign(book, ["p0"], start, end, Stamp("root", NOW), role="duty")
    assert not [f for f in examine(change.after, NOW).findings if "nobody" in f.problem.what]
