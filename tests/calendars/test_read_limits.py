"""The iCalendar reader against hostile text, rules without end, and other expanders."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from dateutil import rrule
from hypothesis import given, settings
from hypothesis import strategies as st

from rotation.calendars.read import NotACalendar
from tests.calendars.feeds import ZONED, calendar, reading, single, spans

CUSTOM = """BEGIN:VTIMEZONE
TZID:Office
BEGIN:STANDARD
DTSTART:19701025T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19700329T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
END:VTIMEZONE""".splitlines()
QUICK = settings(derandomize=True, max_examples=60, deadline=None)


def test_hostile_text_stays_text() -> None:
    summary = r"alice\nBcc: root\, |/bin/sh\;" + "\x1b[2J\u202e\x00"
    data = single(":20260105T090000Z", "DURATION:PT1H", "UID:a|b", summary=summary)
    (one,) = reading(data).occurrences
    assert one.people == ("alice",)
    assert one.summary == "alice Bcc: root, |/bin/sh; [2J"
    nobody = single(":20260105T090000Z", "DURATION:PT1H", summary="x\\ny" * 100)
    assert "\n" not in reading(nobody).damages[0].what
    latin = single(":20260105T090000Z", "DURATION:PT1H", summary="Carol Müller \x81")
    assert spans(reading(latin.decode().encode("latin-1")))[0][2] == "carol"
    assert spans(reading(latin.decode().encode("utf-16")))[0][2] == "carol"
    assert spans(reading(latin.replace(b"\r\n", b"\r")))[0][2] == "carol"


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        (["DURATION:PT8H", "RRULE:FREQ=DAILY"], 31),
        (["DURATION:PT8H", "RRULE:FREQ=WEEKLY;BYDAY=MO,TU;COUNT=999999999999"], 10),
        (["DURATION:PT8H", "RRULE:FREQ=DAILY;COUNT=9999999999"], 31),
        (["DURATION:PT1H", "RRULE:FREQ=HOURLY"], 31 * 24),
        (["DURATION:PT1S", "RRULE:FREQ=SECONDLY"], 0),
        (["DURATION:PT1H", "RRULE:FREQ=MINUTELY;BYDAY=MO;COUNT=99999999"], 0),
        (["DURATION:PT1H", "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"], 0),
        (["DURATION:PT1H", "RRULE:FREQ=HOURLY;BYDAY=MO;BYSETPOS=2;COUNT=9999"], 0),
        (["DURATION:PT1H", "RRULE:FREQ=YEARLY;INTERVAL=5000"], 0),
        (["DURATION:P100000D"], 1),
        (["DURATION:P100000D", "RRULE:FREQ=YEARLY"], 81),
    ],
)
def test_rules_without_end_answer_at_once_in_2090(lines: list[str], count: int) -> None:
    data = single(f"{ZONED}20100104T090000", *lines)
    found = reading(data, "2090-01-01T00:00Z", "2090-02-01T00:00Z")
    assert len(found.occurrences) == count
    if count == 0 and found.damages:
        assert "recurs too often" in found.damages[0].what


def test_costly_rules_do_not_hide_the_others() -> None:
    costly = ["SUMMARY:bob", "DTSTART:20100104T090000Z", "DURATION:PT1H"]
    costly += ["RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"]
    good = ["SUMMARY:alice", "DTSTART:20100104T090000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY"]
    data = calendar(*[costly] * 50, good)
    found = reading(data, "2090-01-01T00:00Z", "2090-02-01T00:00Z")
    assert len(found.occurrences) == 31


PIECES = [b"\r\n", b"\n ", b";", b":", b'"', b"\xff", b"\x00", b"0", b"-1", b"99999999", b"P"]
PIECES += [b"BEGIN:VEVENT\r\n", b"END:VEVENT\r\n", b"RRULE:FREQ=HOURLY\r\n", b"00010101T000000Z"]
PIECES += [b"TZID=", b"UNTIL=", b"COUNT=", b"BYDAY=53MO;", b"BYMONTH=2;BYMONTHDAY=30;", b"\xd9\xa3"]


@pytest.mark.parametrize("seed", range(100))
def test_whatever_the_bytes_are_there_is_an_answer(seed: int) -> None:
    random = Random(seed)
    rule = ["DURATION:P1D", "RRULE:FREQ=WEEKLY;BYDAY=MO"]
    event = ["UID:1", "SUMMARY:alice", f"DTSTART{ZONED}20260105T090000", *rule]
    data = bytearray(calendar(event, [*event, f"EXDATE{ZONED}20260112T090000"], head=CUSTOM))
    for _ in range(random.randint(1, 6)):
        at = random.randrange(len(data))
        data[at : at + random.choice([0, 0, 1, 20])] = random.choice(PIECES)
    try:
        found = reading(bytes(data))
    except NotACalendar:
        return
    assert {one.people for one in found.occurrences} <= {("alice",)}
    assert all("\n" not in damage.what for damage in found.damages)


@given(
    st.datetimes(datetime(1981, 1, 1), datetime(2090, 1, 1)),  # noqa: DTZ001
    st.sampled_from(["PT5H", "P1D", "P2W"]),
)
@QUICK
def test_a_vtimezone_is_what_it_says(start: datetime, length: str) -> None:
    # 1996 on: the rules above are those that Berlin has now
    start = start.replace(year=max(start.year, 1996), day=min(start.day, 28), microsecond=0)
    event = [f"DURATION:{length}", "RRULE:FREQ=DAILY;INTERVAL=9"]
    answers = [
        reading(
            calendar(
                ["SUMMARY:alice", f"DTSTART;TZID={name}:{start:%Y%m%dT%H%M%S}", *event],
                head=CUSTOM,
            ),
            f"{start.year}-01-01T00:00Z",
            f"{start.year + 1}-12-01T00:00Z",
        )
        for name in ("Office", "Europe/Berlin")
    ]
    assert spans(answers[0]) == spans(answers[1]) != []


ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "UTC"]
FREQUENCIES = {"DAILY": rrule.DAILY, "WEEKLY": rrule.WEEKLY}


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2024, 1, 1)),  # noqa: DTZ001
    st.sampled_from(ZONES),
    st.sampled_from(sorted(FREQUENCIES)),
    st.integers(1, 5),
    st.sampled_from([None, 1, 30, 400]),
    st.integers(1, 14),
    st.integers(0, 2500),
)
@QUICK
def test_simple_series_like_brute_force(
    start: datetime,
    zone: str,
    frequency: str,
    interval: int,
    count: int | None,
    days: int,
    later: int,
) -> None:
    start, place = start.replace(minute=30, second=0, microsecond=0), ZoneInfo(zone)
    rule = f"RRULE:FREQ={frequency};INTERVAL={interval}" + (f";COUNT={count}" if count else "")
    data = single(f";TZID={zone}:{start:%Y%m%dT%H%M%S}", f"DURATION:P{days}D", rule)
    low = start.replace(tzinfo=UTC) + timedelta(days=later)
    high = low + timedelta(days=60)
    expected = []
    for at in rrule.rrule(
        FREQUENCIES[frequency],  # type: ignore[arg-type]
        dtstart=start,
        interval=interval,
        count=count,
    ):
        if at > high.replace(tzinfo=None) + timedelta(days=2):
            break
        begin, end = (
            local.replace(tzinfo=place).astimezone(UTC) for local in (at, at + timedelta(days=days))
        )
        if begin < high and end > low:
            expected.append((begin, end))
    narrow = reading(data, low.isoformat(), high.isoformat()).occurrences
    assert [(one.start, one.end) for one in narrow] == expected
    wide = reading(data, "2019-01-01T00:00Z", "2040-01-01T00:00Z").occurrences
    assert [one for one in wide if one.start < high and one.end > low] == list(narrow)


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(-2, 30), st.booleans(), st.booleans())),
    st.sets(st.integers(0, 9), max_size=2),
    st.integers(0, 20),
)
@QUICK
def test_overrides_like_recurring_ical_events(
    changes: list[tuple[int, int, bool, bool]], without: set[int], first: int
) -> None:
    icalendar = pytest.importorskip("icalendar")
    expander = pytest.importorskip("recurring_ical_events")

    def at(name: str, day: int, hour: int) -> str:
        start = datetime(2026, 6, 1) + timedelta(days=day, hours=hour)  # noqa: DTZ001
        return f"{name};TZID=Europe/Berlin:{start:%Y%m%dT%H%M%S}"

    events = [["UID:1", "SUMMARY:alice", at("DTSTART", 0, 9), "DURATION:P1D"]]
    events[0] += ["RRULE:FREQ=DAILY;COUNT=20", *(at("EXDATE", day, 9) for day in without)]
    for day, shift, future, cancelled in {change[0]: change for change in changes}.values():
        scope = ";RANGE=THISANDFUTURE" if future else ""
        if day not in without:
            events.append(["UID:1", "SUMMARY:bob", at(f"RECURRENCE-ID{scope}", day, 9)])
            events[-1] += [at("DTSTART", day, 9 + shift), "DURATION:PT4H"]
            events[-1] += ["STATUS:CANCELLED"] * cancelled
    data = calendar(*events, head=["PRODID:x"])
    low = datetime(2026, 6, 1, tzinfo=UTC) + timedelta(days=first)
    high = low + timedelta(days=5)
    every = expander.of(icalendar.Calendar.from_ical(data)).between(
        low - timedelta(days=20), high + timedelta(days=20)
    )
    expected = sorted(
        (one.start.astimezone(UTC), one.end.astimezone(UTC), str(one["SUMMARY"]))
        for one in every
        if one.get("STATUS") != "CANCELLED" and one.start < high and one.end > low
    )
    found = reading(data, low.isoformat(), high.isoformat()).occurrences
    assert sorted((one.start, one.end, one.summary) for one in found) == expected


def test_a_series_goes_on_to_the_end_of_the_calendar() -> None:
    data = single(":20240101T090000Z", "DURATION:PT1H", "RRULE:FREQ=YEARLY")
    last = reading(data, "9998-01-01T00:00Z", "9999-12-31T22:00Z")
    assert [at.start.year for at in last.occurrences] == [9998, 9999]
    first = reading(data, "0001-01-02T00:00Z", "2025-06-01T00:00Z")
    assert [at.start.year for at in first.occurrences] == [2024, 2025]
