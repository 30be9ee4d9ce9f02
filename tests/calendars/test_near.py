"""What is kept of a large calendar says what the calendar says, and of no other bytes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import worlds
from rotation.calendars.kept import Kept
from rotation.calendars.near import LARGE, REACH, NearNow, near
from rotation.calendars.read import NotACalendar, Reading, read
from rotation.host.real import Host
from tests.calendars.feeds import BERLIN
from tests.calendars.sieved import NOW, PEOPLE
from tests.calendars.test_sieve import DAYS, calendars

LARGE_CALENDAR = worlds.calendar(1_000, NOW)
WEEK = timedelta(days=7)


def now_of(state: Path, by: timedelta = timedelta(0)) -> NearNow:
    """What a run remembers of the calendar `team` that much later."""
    host, now = Host(state), NOW + by
    return NearNow(host, Kept(host, now), now, "team")


def told(data: bytes, remembered: NearNow | None = None, by: timedelta = timedelta(0)) -> Reading:
    start, end = NOW + by - WEEK, NOW + by + WEEK
    known = remembered.covering(data, start, end) if remembered else None
    assert (known is None) == (remembered is None)
    return read(data, zone=BERLIN, people=PEOPLE, start=start, end=end, sift=known or True)


@given(
    calendars(),
    st.sampled_from(DAYS),
    st.sampled_from([0, 1, 40]),
    st.sampled_from([0, 3, 30, 400]),
    st.sampled_from([0, 1, 60, 3_000]),
)
@settings(derandomize=True, max_examples=250, deadline=None)
def test_what_is_near_says_the_same_of_every_window_in_it(
    data: bytes, day: int, length: int, before: int, after: int
) -> None:
    start = NOW + timedelta(days=day)
    end = start + timedelta(days=length, seconds=1)
    try:
        anew = read(data, zone=BERLIN, people=PEOPLE, start=start, end=end)
    except NotACalendar:
        return
    known = near(data, start - timedelta(days=before), end + timedelta(days=after))
    kept = read(data, zone=BERLIN, people=PEOPLE, start=start, end=end, sift=known or True)
    assert kept == anew  # damages and line numbers too


@pytest.mark.parametrize("days", [-49, -1, 0, 30, 49, 51, 4_000])
def test_a_later_run_knows_the_same(tmp_path: Path, days: int) -> None:
    by = timedelta(days=days)
    first = told(LARGE_CALENDAR, now_of(tmp_path))
    assert first == told(LARGE_CALENDAR) != Reading((), ())
    assert (tmp_path / "team.near").stat().st_size < len(LARGE_CALENDAR) / 4
    before = (tmp_path / "team.near").stat().st_ino
    assert told(LARGE_CALENDAR, now_of(tmp_path, by), by) == told(LARGE_CALENDAR, by=by)
    same = (tmp_path / "team.near").stat().st_ino == before
    assert same == (abs(by) < REACH / 2)


def test_any_edit_makes_it_anew(tmp_path: Path) -> None:
    told(LARGE_CALENDAR, now_of(tmp_path))
    for edited in (
        LARGE_CALENDAR.replace(b"SUMMARY:alice", b"SUMMARY:bobby").replace(b"bobby", b"bob"),
        LARGE_CALENDAR.replace(b"SUMMARY:bob", b"SUMMARY:zoe"),  # of the same length
        LARGE_CALENDAR.replace(b"SEQUENCE:0\r\n", b""),
        LARGE_CALENDAR + b"\r\n",
    ):
        assert told(edited, now_of(tmp_path)) == told(edited)


@pytest.mark.parametrize(
    "harm",
    [
        lambda note: note[:-1],
        lambda note: note[: len(note) // 2],
        lambda note: b"",
        lambda note: b"\n\n\n",
        lambda note: note.replace(b"SUMMARY:alice", b"SUMMARY:mallory"),
        lambda note: note.replace(b'"cuts": [[0, 1]', b'"cuts": [[0, 9]'),
        lambda note: note.partition(b"\n")[2],
    ],
)
def test_a_note_that_is_not_whole_is_not_used(tmp_path: Path, harm: object) -> None:
    told(LARGE_CALENDAR, now_of(tmp_path))
    path = tmp_path / "team.near"
    path.write_bytes(harm(path.read_bytes()))  # type: ignore[operator]
    assert told(LARGE_CALENDAR, now_of(tmp_path)) == told(LARGE_CALENDAR)


def test_a_note_of_somebody_else_is_not_used(tmp_path: Path) -> None:
    known = now_of(tmp_path)
    told(LARGE_CALENDAR, known)
    path = tmp_path / "team.near"
    forged = path.read_bytes()
    told(LARGE_CALENDAR.replace(b"alice", b"zoe"), now_of(tmp_path))
    path.write_bytes(forged)
    path.chmod(0o666)
    other = LARGE_CALENDAR.replace(b"alice", b"zoe")
    assert told(other, now_of(tmp_path)) == told(other)
    assert path.stat().st_mode & 0o777 == 0o600, "it was made anew"


def test_nothing_is_kept_of_a_small_calendar_nor_of_other_years(tmp_path: Path) -> None:
    known, far = now_of(tmp_path), NOW + 2 * REACH
    assert known.covering(LARGE_CALENDAR[: LARGE - 1], NOW, NOW + WEEK) is None
    assert known.covering(LARGE_CALENDAR, NOW, far) is None
    assert not (tmp_path / "team.near").exists()
