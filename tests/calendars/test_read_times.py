"""The iCalendar reader: what a time, a length, a zone and an override mean."""

from __future__ import annotations

import pytest

from tests.calendars.feeds import DAILY, ZONED, calendar, reading, single, spans

MASTER = ["UID:1", "SUMMARY:alice", f"DTSTART{ZONED}20260105T090000", "DURATION:PT1H"]
MASTER += ["RRULE:FREQ=DAILY;COUNT=4"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        # hours are exact, days are not: seven days here last 167 hours
        ([f"{ZONED}20260323T090000", "DURATION:PT168H"], [("03-23 08:00", "03-30 08:00")]),
        ([f"{ZONED}20260323T090000", "DURATION:p1w"], [("03-23 08:00", "03-30 07:00")]),
        # a start in the gap is moved forward, and an end that this passes with it
        (
            [f"{ZONED}20260328T023000", f"DTEND{ZONED}20260328T030000", DAILY],
            [("03-28 01:30", "03-28 02:00"), ("03-29 01:30", "03-29 02:00")],
        ),
        # an end on another clock stays on it; one in UTC goes by the clock of the start
        (
            [f"{ZONED}20260307T090000", "DTEND;TZID=America/New_York:20260307T090000", DAILY],
            [("03-07 08:00", "03-07 14:00"), ("03-08 08:00", "03-08 13:00")],
        ),
        (
            [f"{ZONED}20260328T090000", "DTEND:20260328T160000Z", DAILY],
            [("03-28 08:00", "03-28 16:00"), ("03-29 07:00", "03-29 15:00")],
        ),
        # an end that is written in UTC is that instant, also in the hour that comes twice
        ([f"{ZONED}20261025T010000", "DTEND:20261025T013000Z"], [("10-24 23:00", "10-25 01:30")]),
        # Windows names, names in any case, floating times, and UTC with a TZID
        (
            [";TZID=W. Europe Standard Time:20260705T090000", "DURATION:PT1H"],
            [("07-05 07:00", "07-05 08:00")],
        ),
        (
            [";TZID=europe/berlin:20260705T090000", "DURATION:PT1H"],
            [("07-05 07:00", "07-05 08:00")],
        ),
        ([":20260705T090000", "DURATION:PT1H"], [("07-05 07:00", "07-05 08:00")]),
        ([f"{ZONED}20260705T090000Z", "DURATION:PT1H"], [("07-05 09:00", "07-05 10:00")]),
        # DTSTART is the first of COUNT, also where the rule would not have it
        (
            [f"{ZONED}20260103T090000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=2"],
            [("01-03 08:00", "01-03 09:00"), ("01-05 08:00", "01-05 09:00")],
        ),
        # UNTIL as a date with a time of day, as many programs write it for all-day events
        (
            [";VALUE=DATE:20260703", "RRULE:FREQ=DAILY;UNTIL=20260704T215959Z"],
            [("07-02 22:00", "07-03 22:00"), ("07-03 22:00", "07-04 22:00")],
        ),
        (
            [":20260105T090000Z", "DURATION:PT1H", "RDATE;VALUE=PERIOD:20260107T090000Z/PT3H"],
            [("01-05 09:00", "01-05 10:00"), ("01-07 09:00", "01-07 12:00")],
        ),
        (
            [f"{ZONED}20260105T090000", "DURATION:PT1H", DAILY, "EXDATE;VALUE=DATE:20260105"],
            [("01-06 08:00", "01-06 09:00")],
        ),
        (
            [f"{ZONED}20260105T090000", "DURATION:PT1H", "RRULE:FREQ=DAILY;UNTIL=20260101T000000Z"],
            [],
        ),
        # the last start allowed is before the first: a date, and a local time as some write it
        ([";VALUE=DATE:20260105", "RRULE:FREQ=DAILY;UNTIL=20260104"], []),
        (
            [f"{ZONED}20260105T090000", "DURATION:PT1H", "RRULE:FREQ=DAILY;UNTIL=20260105T085959"],
            [],
        ),
        (
            [f"{ZONED}20260105T090000", "DURATION:PT1H", "RRULE:FREQ=DAILY;UNTIL=20260105T090000"],
            [("01-05 08:00", "01-05 09:00")],
        ),
    ],
)
def test_times(lines: list[str], expected: list[tuple[str, str]]) -> None:
    found = reading(single(*lines))
    assert [span[:2] for span in spans(found)] == expected
    assert found.damages == ()


def test_x_wr_timezone_is_for_floating_times_only() -> None:
    head = ["X-WR-TIMEZONE:America/New_York"]
    rule = ["DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=2"]
    data = calendar(
        ["SUMMARY:alice", "DTSTART:20260304T090000Z", *rule],
        ["SUMMARY:bob", "DTSTART:20260304T090000", *rule],
        ["SUMMARY:carol", "DTSTART;VALUE=DATE:20260304"],
        head=head,
    )
    starts = [(span[0], span[2]) for span in spans(reading(data))]
    assert starts == [
        ("03-03 23:00", "carol"),
        ("03-04 09:00", "alice"),
        ("03-04 14:00", "bob"),
        ("03-11 09:00", "alice"),
        ("03-11 13:00", "bob"),
    ]


def test_an_x_wr_timezone_that_nothing_explains_is_told_once_where_it_matters() -> None:
    floating = [["SUMMARY:bob", f"DTSTART:2026030{day}T090000", "DURATION:PT1H"] for day in (4, 5)]
    others = [["SUMMARY:alice", "DTSTART:20260304T090000Z", "DURATION:PT1H"]]
    others += [["SUMMARY:carol", "DTSTART;VALUE=DATE:20260304"]]
    head = ["X-WR-TIMEZONE:Nowhere/Else"]
    told = reading(calendar(*floating, *others, head=head))
    assert [span[0] for span in spans(told) if span[2] == "bob"] == ["03-04 08:00", "03-05 08:00"]
    (damage,) = told.damages
    assert damage.line == 1
    assert damage.what == "X-WR-TIMEZONE 'Nowhere/Else' is no time zone that is known"
    assert reading(calendar(*others, head=head)).damages == ()


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        # the zone of the override counts on from where it starts
        (
            [[";RANGE=THISANDFUTURE", "20260107", ";TZID=America/New_York:20260107T090000", ""]],
            ["05 08 alice", "06 08 alice", "07 14 bob", "08 14 bob"],
        ),
        # one day inside a changed future, whichever comes first in the file
        (
            [
                ["", "20260107", f"{ZONED}20260107T120000", ""],
                [";RANGE=THISANDFUTURE", "20260106", f"{ZONED}20260106T100000", ""],
            ],
            ["05 08 alice", "06 09 bob", "07 11 bob", "08 09 bob"],
        ),
        ([["", "20260106", f"{ZONED}20260106T090000", "CANCELLED"]], ["05", "07", "08"]),
        ([["", "20260106", f"{ZONED}20260106T090000", "CANCELED"]], ["05", "07", "08"]),
        # moved there from outside the window, and out of it
        ([["", "20260108", f"{ZONED}20270108T090000", ""]], ["05", "06", "07"]),
        # an instance that is not there: the override stands for itself
        ([["", "20260206", f"{ZONED}20260206T090000", ""]], ["05", "06", "06", "07", "08"]),
    ],
)
def test_overrides(overrides: list[list[str]], expected: list[str]) -> None:
    events = [
        [
            *("UID:1", "SUMMARY:bob", f"RECURRENCE-ID{scope}{ZONED}{day}T090000"),
            *(f"DTSTART{start}", "DURATION:PT1H", f"STATUS:{status or 'CONFIRMED'}"),
        ]
        for scope, day, start, status in overrides
    ]
    for data in (calendar(MASTER, *events), calendar(*reversed(events), MASTER)):
        found = [f"{start[3:8]} {who}" for start, _, who in spans(reading(data))]
        assert len(found) == len(expected)
        assert all(a.startswith(b) for a, b in zip(sorted(found), expected, strict=True))


def test_an_exdate_removes_an_override_and_a_new_revision_the_old() -> None:
    gone = [*MASTER, f"EXDATE{ZONED}20260106T090000"]
    override = ["UID:1", "SUMMARY:bob", f"RECURRENCE-ID{ZONED}20260106T090000"]
    override += [f"DTSTART{ZONED}20260106T090000", "DURATION:PT2H"]
    assert [span[2] for span in spans(reading(calendar(gone, override)))] == ["alice"] * 3
    newer = [MASTER[0], "SUMMARY:carol", *MASTER[2:4], "SEQUENCE:1"]
    assert [span[2] for span in spans(reading(calendar(MASTER, newer)))] == ["carol"]
    # one UID for two events by mistake: both count
    twice = [MASTER[0], "SUMMARY:carol", f"DTSTART{ZONED}20260201T090000", "DURATION:PT1H"]
    assert len(spans(reading(calendar(MASTER, MASTER, twice)))) == 5
    stale = [*MASTER[:4], "DTSTAMP:20260101T000000Z"]
    late = [MASTER[0], "SUMMARY:bob", "DTSTAMP:20260102T000000Z"]
    revised = calendar(stale, [*late, *MASTER[2:4]])
    assert [span[2] for span in spans(reading(revised))] == ["bob"]
    assert reading(revised).damages == ()
    late += [f"DTSTART{ZONED}20260201T090000", "DURATION:PT1H"]
    found = reading(calendar(stale, late))
    assert [span[2] for span in spans(found)] == ["bob"]
    assert found.damages[0].line == 3


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", "07-05 07:00"),
        ("(GMT+01:00) Brussels, Copenhagen, Madrid, Paris", "07-05 07:00"),
        ("(UTC) Dublin, Edinburgh, Lisbon, London", "07-05 08:00"),
        ("(UTC+00:00) Dublin, Edinburgh, Lisbon, London", "07-05 08:00"),
        ("(UTC-05:00) Eastern Time (US & Canada)", "07-05 13:00"),
        ("(UTC-08:00) Pacific Time (US & Canada)", "07-05 16:00"),
        ("(UTC-07:00) Arizona", "07-05 16:00"),
        ("(UTC-03:30) Newfoundland", "07-05 11:30"),
        ("(UTC-06:00) Central America", "07-05 15:00"),
        ("(UTC+05:30) Chennai, Kolkata, Mumbai, New Delhi", "07-05 03:30"),
        ("(UTC+05:45) Kathmandu", "07-05 03:15"),
        ("(UTC+10:00) Canberra, Melbourne, Sydney", "07-04 23:00"),
        ("(UTC+09:00) Osaka, Sapporo, Tokyo", "07-05 00:00"),
        ("(UTC) Coordinated Universal Time", "07-05 09:00"),
    ],
)
def test_zones_as_windows_shows_them(name: str, start: str) -> None:
    found = reading(single(f';TZID="{name}":20260705T090000', "DURATION:PT1H"))
    assert [span[0] for span in spans(found)] == [start]


@pytest.mark.parametrize(
    "name",
    [
        *("(UTC+02:00) Amsterdam", "(UTC+01:00) Nowhere", "(UTC+01:00)", "(UTC+99:00) Berlin"),
        *("(UTC+01:00) ../Berlin", "(UTC+01:00) ,,,", "(UTC+01:00) Europe/Berlin", "Amsterdam"),
    ],
)
def test_a_zone_that_is_not_sure_is_not_guessed(name: str) -> None:
    found = reading(single(f';TZID="{name}":20260705T090000', "DURATION:PT1H"))
    assert spans(found) == []
    assert "nor a known time zone" in found.damages[0].what


def test_a_message_that_calls_off_what_another_announced() -> None:
    announced = calendar(MASTER)
    for more in ([], ["SEQUENCE:1"]):
        called_off = calendar([*MASTER, *more], head=["METHOD:CANCEL"])
        assert spans(reading(announced + called_off)) == []
        assert spans(reading(called_off + announced)) == []
    assert len(spans(reading(calendar(MASTER, head=["METHOD:CANCEL"]) + calendar(MASTER[1:])))) == 4
    one = [*MASTER[:4], f"RECURRENCE-ID{ZONED}20260106T090000"]
    one[2] = f"DTSTART{ZONED}20260106T090000"
    days = [
        start[:5]
        for start, _, _ in spans(reading(announced + calendar(one, head=["METHOD:CANCEL"])))
    ]
    assert days == ["01-05", "01-07", "01-08"]
    newer = calendar([*MASTER, "SEQUENCE:2"])
    assert len(spans(reading(calendar(MASTER, head=["METHOD:CANCEL"]) + newer))) == 4
