"""Recurrence rules far from where they begin, and where they end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

import pytest
from dateutil import rrule
from hypothesis import given, settings
from hypothesis import strategies as st

from rotation.calendars.read import PersonNames, read
from rotation.calendars.recur import Budget, Recurrence, TooMuchWork, parse
from tests.calendars.feeds import ZONED, calendar, instant, reading, single, spans
from tests.calendars.test_read_limits import CUSTOM

ALICE = {"alice": PersonNames(("Alice.Jones@Example.COM",))}
RULES = ["", ";BYDAY=MO", ";BYDAY=MO,WE,FR", ";BYMONTHDAY=31", ";BYMONTHDAY=-1", ";BYMONTH=2,8"]
RULES += [";BYHOUR=9,17", ";BYDAY=SU;WKST=SU", ";WKST=SU", ";BYDAY=TU,SU;WKST=TU"]
MONTHS = [";BYDAY=-1FR", ";BYDAY=2TU", ";BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", ";BYMONTHDAY=1,15"]
YEARS = [";BYYEARDAY=100,-1", ";BYWEEKNO=1,20", ";BYMONTH=3;BYDAY=-1SU", ";BYMONTH=2;BYMONTHDAY=29"]


@st.composite
def rules(draw: st.DrawFn) -> str:
    freq = draw(st.sampled_from(["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY"]))
    more = {"YEARLY": [*RULES, *YEARS], "MONTHLY": [*RULES, *MONTHS]}.get(freq, RULES)
    by = draw(st.sampled_from(more))
    if freq == "HOURLY" and "BYHOUR" in by:
        by = ""
    return f"FREQ={freq};INTERVAL={draw(st.integers(1, 7))}{by}"


@given(
    rules(),
    st.datetimes(datetime(2015, 1, 1), datetime(2018, 1, 1)),  # noqa: DTZ001
    st.integers(-20, 4000),
    st.sampled_from([None, None, 1, 2, 7, 40]),
    st.sampled_from([None, None, 100, 1500]),
)
@settings(derandomize=True, max_examples=400, deadline=None)
def test_a_rule_says_the_same_wherever_it_is_begun(
    rule: str, start: datetime, later: int, count: int | None, until: int | None
) -> None:
    start = start.replace(microsecond=0)
    low = start + timedelta(days=later)
    high = low + timedelta(days=400)
    last = None if until is None else start + timedelta(days=until)
    text = rule + (f";COUNT={count}" if count else "")
    parts = parse(text)
    expected = []
    # DTSTART is the first instance, also where the rule would not have it (RFC 5545, 3.8.5.3)
    stepped = rrule.rrulestr(rule, dtstart=start)
    every = [start, *(at for at in takewhile(lambda at: at <= high, stepped) if at > start)]
    for at in every[:count]:
        if low <= at <= high and (last is None or at <= last):
            expected.append(at)
    if parts.freq == 4 and len(expected) > 4000:
        return
    assert list(Recurrence(parts, start, last).between(low, high, Budget())) == expected


@pytest.mark.parametrize("until", [-400, -1, 0, 1, 5])
@pytest.mark.parametrize(
    ("start", "form"),
    [
        (";VALUE=DATE:20260301", "{:%Y%m%d}"),
        (":20260301T090000", "{:%Y%m%dT090000}"),
        (":20260301T090000", "{:%Y%m%d}"),
        (f"{ZONED}20260301T090000", "{:%Y%m%dT090000}"),
        (f"{ZONED}20260301T090000", "{:%Y%m%d}"),
    ],
)
def test_until_without_a_zone_is_a_time_of_the_clock(start: str, form: str, until: int) -> None:
    last = form.format(datetime(2026, 3, 1, tzinfo=UTC) + timedelta(days=until))
    length = "DURATION:P1D" if "DATE" in start else "DURATION:PT1H"
    data = calendar(["SUMMARY:alice", f"DTSTART{start}", length, f"RRULE:FREQ=DAILY;UNTIL={last}"])
    days = {begins.date() for begins in (o.start for o in reading(data).occurrences)}
    assert len(days) == max(0, until + 1)


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        # every fifth month from January 2020 on: March and August 2034
        ("MONTHLY;INTERVAL=5", ["03-13", "08-13"]),
        ("MONTHLY;INTERVAL=7;BYDAY=2MO", ["01-09", "08-14"]),
        ("MONTHLY;INTERVAL=11;BYMONTHDAY=-1", ["09-30"]),
        ("YEARLY;INTERVAL=7", ["01-13"]),
        ("YEARLY;INTERVAL=5;BYMONTH=6", []),
        ("WEEKLY;INTERVAL=13", ["03-27", "06-26", "09-25", "12-25"]),
    ],
)
def test_years_later_a_rule_still_knows_where_it_began(rule: str, days: list[str]) -> None:
    data = single(":20200113T090000Z", "DURATION:PT1H", f"RRULE:FREQ={rule}")
    found = reading(data, "2034-01-01T00:00Z", "2035-01-01T00:00Z")
    assert [start[:5] for start, _, _ in spans(found)] == days


@pytest.mark.parametrize("tzid", ["Europe/Berlin", "Office", "America/New_York", "Asia/Tokyo"])
@pytest.mark.parametrize("hour", [0, 9, 23])
def test_until_in_utc_is_an_instant_in_the_zone_of_its_series(tzid: str, hour: int) -> None:
    zone = ZoneInfo("Europe/Berlin" if tzid == "Office" else tzid)
    start = datetime(2026, 3, 25, hour, tzinfo=zone)
    for days in (0, 1, 6):
        # to the second, on both sides of the change of the clocks
        last = (start + timedelta(days=days)).astimezone(UTC)
        for second, count in ((0, days + 1), (-1, days)):
            until = last + timedelta(seconds=second)
            rule = f"RRULE:FREQ=DAILY;UNTIL={until:%Y%m%dT%H%M%SZ}"
            event = ["SUMMARY:alice", f"DTSTART;TZID={tzid}:20260325T{hour:02}0000"]
            data = calendar([*event, "DURATION:PT1H", rule], head=CUSTOM)
            for roster in (ZoneInfo("UTC"), ZoneInfo("Pacific/Auckland")):
                assert len(reading(data, zone=roster).occurrences) == count, (days, second)


def test_until_in_the_hour_that_comes_twice() -> None:
    # 02:30 is 00:30 UTC and, for whom the clock counts, 01:30 UTC again
    event = ["SUMMARY:alice", f"DTSTART{ZONED}20261024T023000", "DURATION:PT10M"]
    for until, count in (("20261025T002959Z", 1), ("20261025T003000Z", 2), ("20261026T012959Z", 2)):
        data = calendar([*event, f"RRULE:FREQ=DAILY;UNTIL={until}"])
        assert len(reading(data).occurrences) == count


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ("FREQ=WEEKLY;BYDAY=SA,SU", ["01", "02", "05", "06", "07", "08", "09"]),
        ("FREQ=WEEKLY;BYDAY=TH", ["02", "03", "04", "05", "06", "07", "09", "10"]),
        ("FREQ=DAILY;COUNT=3", ["04", "05", "06", "07", "08", "09", "10"]),
        ("FREQ=DAILY;INTERVAL=3", ["02", "03", "05", "06", "08", "09"]),
        ("FREQ=DAILY;UNTIL=20260103T080000Z", ["04", "05", "06", "07", "08", "09", "10"]),
        ("FREQ=DAILY;UNTIL=20260103T075959Z", ["03", "04", "05", "06", "07", "08", "09", "10"]),
        ("FREQ=DAILY;BYHOUR=10", ["01", "02", "03", "04", "05", "06", "07", "08", "09", "10"]),
    ],
)
def test_exrule_takes_instances_out(rule: str, days: list[str]) -> None:
    data = single(
        f"{ZONED}20260101T090000", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=10", f"EXRULE:{rule}"
    )
    assert [start[3:5] for start, _, _ in spans(reading(data))] == days
    # of what is added by date nothing is taken out
    added = data.replace(b"EXRULE", b"RDATE;TZID=Europe/Berlin:20260103T100000\r\nEXRULE")
    assert "01-03 09:00" in [start for start, _, _ in spans(reading(added))]


def test_an_address_in_capitals_on_either_side_is_the_same() -> None:
    start = ["DTSTART:20260105T090000Z", "DURATION:PT1H"]
    events = [
        ["SUMMARY:Duty", "ATTENDEE:MAILTO:ALICE.JONES@example.com", *start],
        ["SUMMARY:Duty", "ATTENDEE:mailto:alice.jones@example.com", *start],
        ["SUMMARY:Duty", "ATTENDEE;EMAIL=Alice.JONES@example.com:urn:x", *start],
        ["SUMMARY:alice.jones@EXAMPLE.com", *start],
    ]
    for event in events:
        found = read(
            calendar(event),
            zone=ZoneInfo("UTC"),
            people=ALICE,
            start=instant("2026-01-01T00:00Z"),
            end=instant("2027-01-01T00:00Z"),
        )
        assert [one.people for one in found.occurrences] == [("alice",)]


def test_work_is_bounded_whatever_a_rule_asks_for() -> None:
    start = datetime(2026, 1, 1)  # noqa: DTZ001
    budget = Budget(10_000)
    rule = Recurrence(parse("FREQ=MINUTELY"), start)
    with pytest.raises(TooMuchWork):
        list(rule.between(start, start + timedelta(days=30), budget))
    hours = Recurrence(parse("FREQ=HOURLY"), start)
    assert len(list(hours.between(start, start + timedelta(days=30), budget))) == 721
    assert 8_000 < budget.left < 9_000
    # what needs little is followed to the end, with nothing left
    budget.left = 0
    days = Recurrence(parse("FREQ=DAILY"), start)
    assert len(list(days.between(start, start + timedelta(days=30), budget))) == 31


@pytest.mark.parametrize("freq", ["HOURLY", "MINUTELY"])
def test_days_that_do_not_match_are_passed_over_whole(freq: str) -> None:
    rule = Recurrence(parse(f"FREQ={freq};BYMONTH=6"), datetime(2020, 6, 1))  # noqa: DTZ001
    budget = Budget()
    asked = datetime(2026, 7, 1), datetime(2026, 7, 1, 12)  # noqa: DTZ001
    assert list(rule.between(*asked, budget)) == []
    steps = 12 * (1 if freq == "HOURLY" else 60)
    assert Budget().left - budget.left <= steps + 366 + 31
