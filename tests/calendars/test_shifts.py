"""As much of a calendar as is needed, and no more of the machine than that."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import worlds as bench
from rotation.calendars.feeds import Feeds
from rotation.calendars.fetch import Copies
from rotation.calendars.shifts import around, glance
from rotation.host.network import fetcher
from rotation.host.real import Host
from rotation.roster.parse import parse
from tests.calendars.feeds import calendar

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
ROOT = Path(__file__).parents[2]
HEAD = 'timezone = "Europe/Berlin"\npeople = { alice = "a@example.com", bob = "b@example.com" }\n'
CALENDAR = '[[rotation]]\nname = "team"\ncalendar = "duty.ics"\n'
TURNS = (
    '[[rotation]]\nname = "turns"\npeople = ["alice", "bob"]\nevery = "{}"\nstart = 2026-01-05\n'
)
FEW = '[role.duty]\nload = "expected"\n'  # two people share it, and `check` need not say so
MORE = [
    *("", TURNS.format("1 week"), TURNS.format("6 months")),
    TURNS.format("1 month") + "priority = 1\n",
    TURNS.format("100 days") + "priority = -1\n",
    '[[shift]]\nstart = 2026-11-01\nend = 2026-11-30\npeople = ["bob"]\npriority = 2\n',
]


@given(
    st.lists(
        st.tuples(st.integers(-60, 60), st.integers(1, 90), st.sampled_from(["alice", "bob"])),
        max_size=8,
    ),
    st.lists(st.tuples(st.integers(-60, 60), st.integers(1, 20)), max_size=3),
    st.sampled_from(MORE),
    st.sampled_from(["", "RRULE:FREQ=WEEKLY;INTERVAL=5", "RRULE:FREQ=DAILY;COUNT=90"]),
)
@settings(derandomize=True, max_examples=150, deadline=None)
def test_a_glance_says_what_a_long_look_says(
    tmp_path_factory: pytest.TempPathFactory,
    duties: list[tuple[int, int, str]],
    leave: list[tuple[int, int]],
    more: str,
    rule: str,
) -> None:
    folder = tmp_path_factory.mktemp("glance")
    absences = '[[absence]]\ncalendar = "leave.ics"\n' if leave else ""
    rotation = "" if more and leave else CALENDAR  # then the turns alone
    (folder / "team.toml").write_text(HEAD + rotation + more + absences)
    events = []
    for day, days, who in duties:
        start = NOW + timedelta(days=day, hours=day % 5)
        events.append([f"SUMMARY:{who}", f"DTSTART:{start:%Y%m%dT%H%M%SZ}", f"DURATION:P{days}D"])
    if rule:
        events.append(["SUMMARY:bob", "DTSTART:20261001T120000Z", "DURATION:PT12H", rule])
    (folder / "duty.ics").write_bytes(calendar(*events))
    away = [
        ["SUMMARY:alice", f"DTSTART:{NOW + timedelta(days=day):%Y%m%dT%H%M%SZ}", f"DURATION:P{n}D"]
        for day, n in leave
    ]
    (folder / "leave.ics").write_bytes(calendar(*away))
    system = Host(folder / "state")
    roster = parse((folder / "team.toml").read_bytes(), folder / "team.toml")
    feeds = Feeds(system, Copies(system, fetcher(), NOW, often=False), [roster])
    short, long = (
        loaded.known_schedule("duty")
        for loaded in (
            glance(feeds, roster, NOW),
            around(feeds, roster, NOW, NOW),
        )
    )
    here = short.at(NOW)
    assert here == long.at(NOW)
    following, other = short.following(here), long.following(here)
    assert (following and (following.start, following.people)) == (
        other and (other.start, other.people)
    )


def test_a_glance_sees_whom_a_limit_keeps_from_stepping_in(tmp_path: Path) -> None:
    """A duty of bob's in the calendar, weeks ago, makes a week in alice's place too much."""
    text = (
        'timezone = "Europe/London"\n'
        'people = { alice = "a@example.com", bob = "b@example.com", carol = "c@example.com" }\n'
        "[role.duty]\nweekends = 4\n"
        '[[rotation]]\nname = "turns"\npeople = ["alice", "bob", "carol"]\nevery = "1 week"\n'
        "start = 2026-11-23\n"
        f"{CALENDAR}[[absence]]\nperson = 'alice'\nstart = 2026-11-23\nend = 2026-11-29\n"
    )
    (tmp_path / "team.toml").write_text(text)
    events = [
        [f"SUMMARY:{who}", f"DTSTART;VALUE=DATE:2026{day}", "DURATION:P1D"]
        for who, day in (("bob", 1107), ("bob", 1114), ("bob", 1121), ("carol", 1202))
    ]
    (tmp_path / "duty.ics").write_bytes(calendar(*events))
    roster = parse(text.encode(), tmp_path / "team.toml")
    feeds = Feeds(
        Host(tmp_path / "state"), Copies(Host(tmp_path), fetcher(), NOW, often=False), [roster]
    )
    for loaded in (glance(feeds, roster, NOW), around(feeds, roster, NOW, NOW)):
        assert loaded.known_schedule("duty").at(NOW).people == ("carol",)


def program(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "rotation", "--rosters", folder, *words],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "ROTATION_STATE": str(folder / "s")},
        cwd="/",
        check=False,
    )


def imported(stderr: str) -> set[str]:
    return {
        line.rpartition("|")[2].strip().partition(".")[0]
        if "rotation." not in line
        else line.rpartition("|")[2].strip()
        for line in stderr.splitlines()
        if line.startswith("import time:")
    }


HEAVY = {"icalendar", "dateutil", "http", "ssl", "netrc", "rotation.system.link"}


@pytest.mark.parametrize(
    ("more", "words", "never"),
    [
        (TURNS.format("1 week"), ["who"], HEAVY | {"rotation.calendars.read"}),
        (TURNS.format("1 week") + FEW, ["check"], HEAVY | {"rotation.calendars.read"}),
        (CALENDAR, ["who"], {"http", "ssl", "netrc"}),
    ],
)
def test_nothing_is_imported_that_a_roster_does_not_need(
    tmp_path: Path, more: str, words: list[str], never: set[str]
) -> None:
    (tmp_path / "team.toml").write_text(HEAD + more)
    (tmp_path / "duty.ics").write_bytes(
        calendar(["SUMMARY:bob", "DTSTART:20200101T000000Z", "DURATION:P1D", "RRULE:FREQ=DAILY"])
    )
    done = program(tmp_path, *words)
    assert done.returncode == 0, done.stderr
    modules = imported(done.stderr)
    assert "rotation.roster.load" in modules
    assert modules & never == set()


def test_who_of_a_hundred_thousand_events(tmp_path: Path) -> None:
    (tmp_path / "team.toml").write_text(HEAD + CALENDAR)
    (tmp_path / "duty.ics").write_bytes(bench.calendar(100_000, NOW))
    before = os.times()
    done = program(tmp_path, "who", "--at", "2026-11-24T10:00")
    after = os.times()
    assert done.returncode == 0, done.stderr
    assert "next" in done.stdout
    # processor time of a machine that may be busy with other tests; 0.6 s on an idle one
    spent = after.children_user + after.children_system
    assert spent - before.children_user - before.children_system < 4


def test_a_calendar_of_strangers_says_so_in_a_few_lines(tmp_path: Path) -> None:
    (tmp_path / "team.toml").write_text('fallback = ["bob"]\n' + HEAD + CALENDAR)
    strangers = [
        [f"SUMMARY:nobody {n}", f"DTSTART:20261124T{n % 24:02}0000Z", "DURATION:PT9H"]
        for n in range(200)
    ]
    (tmp_path / "duty.ics").write_bytes(calendar(*strangers))
    done = program(tmp_path, "who", "--at", "2026-11-24T10:00")
    lines = [line for line in done.stderr.splitlines() if line.startswith("warning:")]
    assert len(lines) == 11
    assert lines[-1] == "warning: and 190 more warnings of events in this calendar"


def test_where_the_duties_of_a_calendar_begin_and_end(tmp_path: Path) -> None:
    team = tmp_path / "team.toml"
    daily = ["SUMMARY:alice", "DTSTART:20261101T090000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY"]
    (tmp_path / "duty.ics").write_bytes(calendar(daily))
    (tmp_path / "other.ics").write_bytes(calendar([daily[0].replace("alice", "bob"), *daily[1:]]))

    def days(rest: str) -> list[tuple[int, tuple[str, ...]]]:
        team.write_text(HEAD + CALENDAR + rest)
        system = Host(tmp_path / "state")
        roster = parse(team.read_bytes(), team)
        feeds = Feeds(system, Copies(system, fetcher(), NOW, often=False), [roster])
        schedule = around(feeds, roster, NOW, NOW).known_schedule("duty")
        shifts = schedule.between(NOW - timedelta(days=23), NOW + timedelta(days=2))
        return [(s.start.day, s.people) for s in shifts if s.people and s.start is not None]

    assert [day for day, _ in days("")] == [*range(2, 27)]
    assert [day for day, _ in days("since = 2026-11-20\nuntil = 2026-11-22")] == [20, 21, 22]
    cut = days("since = 2026-11-20T10:30:00\nuntil = 2026-11-22T10:30:00")
    assert [day for day, _ in cut] == [20, 21, 22]
    # turns of the same name take over at their own start, another calendar stands beside it
    turns = TURNS.format("1 week").replace('"turns"', '"team"').replace("2026-01-05", "2026-11-23")
    # its midnight in Berlin is the evening before in UTC
    assert [day for day, who in days(turns) if who == ("alice",)] == [*range(2, 23), 22]
    both = days(CALENDAR.replace("duty.ics", "other.ics"))
    assert {who for _, who in both} == {("alice", "bob")}
