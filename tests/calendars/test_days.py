"""Events of whole days, and what TZIDs mean: what the programs of offices write."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from tests.calendars.feeds import calendar, reading, single, spans
from tests.calendars.test_read_limits import CUSTOM

DAYS = ["UID:e", "SUMMARY:bob", "DTSTART;VALUE=DATE:20260601", "RRULE:FREQ=DAILY;COUNT=5"]
HOUR = ["UID:e", "SUMMARY:bob", "DTSTART;TZID=Europe/Berlin:20260601T000000", "DURATION:PT1H"]
ROSTERS = ["Pacific/Honolulu", "Europe/London", "Europe/Berlin", "Pacific/Kiritimati"]
# the second of June, as calendars name it
SECOND = [
    *(";VALUE=DATE:20260602", ":20260602", ":20260602T000000", ":20260602T000000Z"),
    *(";TZID=Europe/Athens:20260602T000000", ";TZID=Pacific/Kiritimati:20260602T000000"),
    *(";TZID=Office:20260602T000000", ";TZID=Nowhere:20260602T000000", ";TZID=:20260602T000000"),
    *(";TZID=Pacific/Pago_Pago:20260602T233000", ";TZID=Customized Time Zone:20260602T000000"),
]


def office(name: str, offset: str = "+0900") -> list[str]:
    return [
        *("BEGIN:VTIMEZONE", f"TZID:{name}", "BEGIN:STANDARD", "DTSTART:16010101T000000"),
        *(f"TZOFFSETFROM:{offset}", f"TZOFFSETTO:{offset}", "END:STANDARD", "END:VTIMEZONE"),
    ]


def days(data: bytes, zone: str) -> list[tuple[str, str]]:
    found = reading(data, zone=ZoneInfo(zone))
    assert found.damages == ()
    local = [one.start.astimezone(ZoneInfo(zone)) for one in found.occurrences]
    assert all(start.hour == 0 for start in local)
    return [
        (f"{start:%d}", "+".join(one.people))
        for start, one in zip(local, found.occurrences, strict=True)
    ]


@pytest.mark.parametrize("zone", ROSTERS)
@pytest.mark.parametrize("second", SECOND)
def test_a_series_of_days_is_compared_by_the_day_as_written(zone: str, second: str) -> None:
    gone = calendar([*DAYS, f"EXDATE{second}"], head=CUSTOM)
    assert days(gone, zone) == [("01", "bob"), ("03", "bob"), ("04", "bob"), ("05", "bob")]
    alice = ["UID:e", "SUMMARY:alice", "DTSTART;VALUE=DATE:20260602", f"RECURRENCE-ID{second}"]
    for data in (calendar(DAYS, alice, head=CUSTOM), calendar(alice, DAYS, head=CUSTOM)):
        assert days(data, zone)[:3] == [("01", "bob"), ("02", "alice"), ("03", "bob")]
    off = [*alice, "STATUS:CANCELLED"]
    assert days(calendar(DAYS, off, head=CUSTOM), zone) == days(gone, zone)
    both = calendar([*DAYS, f"EXDATE{second}"], alice, head=CUSTOM)
    assert days(both, zone) == days(gone, zone)
    added = calendar(["UID:e", "SUMMARY:bob", DAYS[2], f"RDATE{second}"], head=CUSTOM)
    assert days(added, zone) == [("01", "bob"), ("02", "bob")]


@pytest.mark.parametrize("zone", ROSTERS)
@pytest.mark.parametrize("second", SECOND)
def test_all_later_days_of_a_series(zone: str, second: str) -> None:
    alice = ["UID:e", "SUMMARY:alice", "DTSTART;VALUE=DATE:20260602"]
    alice += [f"RECURRENCE-ID;RANGE=THISANDFUTURE{second}"]
    people = [who for _, who in days(calendar(DAYS, alice, head=CUSTOM), zone)]
    assert people == ["bob", "alice", "alice", "alice", "alice"]
    # and one day of those later ones is somebody else's again
    third = "RECURRENCE-ID;TZID=Nowhere:20260603T000000"
    carol = ["UID:e", "SUMMARY:carol", "DTSTART;VALUE=DATE:20260603", third]
    people = [who for _, who in days(calendar(DAYS, alice, carol, head=CUSTOM), zone)]
    assert people == ["bob", "alice", "carol", "alice", "alice"]


def test_a_time_in_utc_that_is_no_midnight_is_one_of_the_rosters_clock() -> None:
    data = calendar([*DAYS, "EXDATE:20260601T220000Z"])
    assert [day for day, _ in days(data, "Europe/Berlin")] == ["01", "03", "04", "05"]


def test_of_two_changes_of_one_day_the_newer_counts_however_it_names_the_day() -> None:
    changes = [
        ["UID:e", f"SUMMARY:{who}", "DTSTART;VALUE=DATE:20260602", f"RECURRENCE-ID{how}", sequence]
        for who, how, sequence in (
            ("alice", ";TZID=Nowhere:20260602T000000", "SEQUENCE:2"),
            ("carol", ";VALUE=DATE:20260602", "SEQUENCE:1"),
        )
    ]
    for order in (changes, changes[::-1]):
        assert days(calendar(DAYS, *order), "Europe/Berlin")[1] == ("02", "alice")


@pytest.mark.parametrize("name", ["Nowhere", ""])
def test_a_series_of_times_needs_the_zone(name: str) -> None:
    said = f"TZID {name!r}" if name else "a TZID in it is empty"
    series = [*HOUR, "RRULE:FREQ=DAILY;COUNT=3"]
    other = ["UID:e", "SUMMARY:alice", f"RECURRENCE-ID;TZID={name}:20260602T000000"]
    found = reading(calendar(series, [*other, "DTSTART:20260602T100000Z", "DURATION:PT1H"]))
    assert [who for _, _, who in spans(found)] == ["bob"] * 3
    assert said in found.damages[0].what
    assert found.damages[0].line == 10
    for more in (f"EXDATE;TZID={name}:20260602T000000", f"RDATE;TZID={name}:20260605T000000"):
        found = reading(calendar([*series, more]))
        assert found.occurrences == ()
        assert said in found.damages[0].what
    start = f"DTSTART;TZID={name}:20260601T000000"
    found = reading(calendar(["SUMMARY:bob", start, "DURATION:PT1H"]))
    assert said in found.damages[0].what
    # what replaces an instance of nothing stands for itself, and needs it no more
    alone = reading(calendar([*other, "DTSTART:20260602T100000Z", "DURATION:PT1H"]))
    assert len(alone.occurrences) == 1


def test_all_later_times_of_a_series_by_their_day() -> None:
    zoned = ";TZID=Europe/Berlin:"
    series = ["UID:e", "SUMMARY:bob", f"DTSTART{zoned}20260601T090000", "DURATION:PT1H"]
    alice = ["UID:e", "SUMMARY:alice", f"DTSTART{zoned}20260602T100000", "DURATION:PT1H"]
    alice += ["RECURRENCE-ID;VALUE=DATE;RANGE=THISANDFUTURE:20260602"]
    for zone in map(ZoneInfo, ROSTERS):
        found = reading(calendar([*series, "RRULE:FREQ=DAILY;COUNT=3"], alice), zone=zone)
        assert [(start, who) for start, _, who in spans(found)] == [
            ("06-01 07:00", "bob"),
            ("06-02 08:00", "alice"),
            ("06-03 08:00", "alice"),
        ]


@pytest.mark.parametrize("end", ["DTEND;VALUE=DATE:20260601", "DURATION:P0D", "DURATION:PT0S"])
def test_days_without_length_last_that_day(end: str) -> None:
    event = ["SUMMARY:bob", "DTSTART;VALUE=DATE:20260601", end]
    assert spans(reading(calendar(event))) == [("05-31 22:00", "06-01 22:00", "bob")]
    series = reading(calendar([*event, "RRULE:FREQ=WEEKLY;COUNT=2"]))
    assert [start for start, _, _ in spans(series)] == ["05-31 22:00", "06-07 22:00"]
    before = ["SUMMARY:bob", "DTSTART;VALUE=DATE:20260601", "DTEND;VALUE=DATE:20260531"]
    assert "ends before it starts" in reading(calendar(before)).damages[0].what


NINE = "20260705T090000"


@pytest.mark.parametrize(
    ("tzid", "parameter"),
    [
        ("Head office\\, Berlin", '"Head office, Berlin"'),
        ("Head office\\, Berlin", "Head office\\, Berlin"),
        ("Head office, Berlin", '"Head office, Berlin"'),
        ("a\\;b\\\\c", '"a;b\\c"'),
        ("(UTC+01:00) Amsterdam\\, Berlin", '"(UTC+01:00) Amsterdam, Berlin"'),
        ("(UTC+01:00) Amsterdam, Berlin", '"(UTC+01:00) Amsterdam, Berlin"'),
        ("W. Europe Standard Time", "W. Europe Standard Time"),
        ("berlin", "berlin"),
        ("Customized Time Zone", "Customized Time Zone"),
    ],
)
def test_a_calendars_own_zone_wins_over_a_guess(tzid: str, parameter: str) -> None:
    data = single(f";TZID={parameter}:{NINE}", "DURATION:PT1H")
    head = "\r\n".join(office(tzid))
    data = data.replace(b"VERSION:2.0\r\n", f"VERSION:2.0\r\n{head}\r\n".encode())
    assert spans(reading(data)) == [("07-05 00:00", "07-05 01:00", "alice")]


def test_zones_that_differ_in_case_are_two() -> None:
    head = [*office("Site", "+0900"), *office("SITE", "-0300")]
    events = [
        ["SUMMARY:alice", f"DTSTART;TZID={name}:{NINE}", "DURATION:PT1H"]
        for name in ("Site", "SITE", "site")
    ]
    found = reading(calendar(*events, head=head))
    assert [start for start, _, _ in spans(found)] == ["07-05 00:00", "07-05 12:00"]
    assert "TZID 'site' is neither" in found.damages[0].what


def test_a_zone_of_its_own_that_is_damaged_is_not_replaced_by_a_guess() -> None:
    name = "(UTC+01:00) Amsterdam, Berlin"
    head = [line for line in office(name) if not line.startswith("TZOFFSETTO")]
    event = ["SUMMARY:alice", f'DTSTART;TZID="{name}":{NINE}', "DURATION:PT1H"]
    found = reading(calendar(event, head=head))
    assert found.occurrences == ()
    assert "has no TZOFFSETTO (line 3)" in found.damages[0].what


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (";VALUE=PERIOD:20260603T100000Z/20260603T140000Z", ("06-03 10:00", "06-03 14:00")),
        (";VALUE=PERIOD:20260603T100000Z/PT4H", ("06-03 10:00", "06-03 14:00")),
        # each in the zone that it is written in, over a change of its clocks
        (
            ";VALUE=PERIOD;TZID=Europe/Berlin:20261024T120000/20261025T120000",
            ("10-24 10:00", "10-25 11:00"),
        ),
        (";VALUE=PERIOD;TZID=Europe/Berlin:20261024T120000/P1D", ("10-24 10:00", "10-25 11:00")),
        (";VALUE=PERIOD;TZID=Europe/Berlin:20261024T120000/PT24H", ("10-24 10:00", "10-25 10:00")),
        (
            ";VALUE=PERIOD;TZID=Europe/Berlin:20261024T120000/20261025T120000Z",
            ("10-24 10:00", "10-25 12:00"),
        ),
        # floating: on the clock of the series
        (";VALUE=PERIOD:20261031T120000/20261101T120000", ("10-31 17:00", "11-01 18:00")),
    ],
)
def test_a_period_ends_at_its_own_instant(value: str, expected: tuple[str, str]) -> None:
    start = ";TZID=America/Chicago:20260601T090000"
    found = reading(single(start, "DURATION:PT1H", f"RDATE{value}"))
    assert spans(found)[1][:2] == expected


@pytest.mark.parametrize(
    ("tzid", "utc"),
    [
        ("tzone://Microsoft/Utc", "09:00"),
        ('"tzone://Microsoft/Utc"', "09:00"),
        ("Coordinated Universal Time", "09:00"),
        ("(UTC+01:00) Amsterdam, Berlin, Bern", "07:00"),
        ("Office: \u00fcber 9", "00:00"),
        ("\"The ^'Office^' ^^1\"", "00:00"),
    ],
)
def test_names_of_zones_that_hold_colons_and_carets(tzid: str, utc: str) -> None:
    head = [*office("Office: \u00fcber 9"), *office('The "Office" ^1')]
    event = ["SUMMARY:bob", f"DTSTART;TZID={tzid}:20260705T090000"]
    event += [f"DTEND;TZID={tzid}:20260705T100000", f"RDATE;TZID={tzid}:20260706T090000"]
    data = calendar([*event, f"EXDATE;TZID={tzid}:20260706T090000"], head=head)
    assert [start for start, *_ in spans(reading(data))] == [f"07-05 {utc}"]
