"""The iCalendar reader: shared cases, people, damage, hostile text, and other expanders."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil import rrule
from hypothesis import given, settings
from hypothesis import strategies as st

from rotation.calendars.read import Damage, NotACalendar, PersonNames, Reading, read

CASES = Path(__file__).parents[1] / "cases" / "calendars"
# where a case accepts more than one answer: recurring events keep their wall-clock end
ACCEPTED = {"a07_dtend_exact_dst": "wall"}
BERLIN = ZoneInfo("Europe/Berlin")
PEOPLE = {
    "alice": PersonNames(("alice@example.com",), "Alice Jones"),
    "bob": PersonNames(("bob@example.com", "b@example.net")),
    "carol": PersonNames(("carol@example.com",), "Carol Müller"),
    "jean": PersonNames(("shared@example.com",), "Jean Paul"),
    "paul": PersonNames(("shared@example.com",), "Paul"),
}
QUICK = settings(derandomize=True, max_examples=60, deadline=None)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def calendar(*events: list[str], head: list[str] | None = None) -> bytes:
    inside = [line for event in events for line in ("BEGIN:VEVENT", *event, "END:VEVENT")]
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", *(head or []), *inside, "END:VCALENDAR", ""]
    return "\r\n".join(lines).encode()


def reading(
    data: bytes,
    start: str = "2026-01-01T00:00Z",
    end: str = "2027-01-01T00:00Z",
    zone: ZoneInfo = BERLIN,
    match: str = "attendee-or-summary",
) -> Reading:
    window = instant(start), instant(end)
    return read(data, zone=zone, people=PEOPLE, start=window[0], end=window[1], match=match)


def spans(found: Reading) -> list[tuple[str, str, str]]:
    def short(at: datetime) -> str:
        return at.strftime("%m-%d %H:%M")

    return [(short(one.start), short(one.end), "+".join(one.people)) for one in found.occurrences]


def single(start: str, *more: str, summary: str = "alice") -> bytes:
    return calendar([f"SUMMARY:{summary}", f"DTSTART{start}", *more])


@pytest.mark.parametrize("name", sorted(path.stem for path in CASES.glob("*.json")))
def test_cases(name: str) -> None:
    case: dict[str, Any] = json.loads((CASES / f"{name}.json").read_text("utf-8"))
    expected = case["occurrences"]
    if name in ACCEPTED:
        (expected,) = (
            other["occurrences"]
            for other in case["also_accepted"]
            if other["why"] == ACCEPTED[name]
        )
    names = {one["summary"] for one in expected} | {"bad"}
    found = read(
        (CASES / f"{name}.ics").read_bytes(),
        zone=ZoneInfo(case["observer_zone"]),
        people={f"person{at}": PersonNames((), each) for at, each in enumerate(sorted(names))},
        start=instant(case["window"]["start"]),
        end=instant(case["window"]["end"]),
    )
    assert sorted(
        (one.start, one.end, one.summary, one.transparent) for one in found.occurrences
    ) == sorted(
        (
            instant(one["start"]),
            instant(one["end"]),
            one["summary"],
            one.get("transp") == "TRANSPARENT",
        )
        for one in expected
    )
    assert bool(found.damages) == (name == "f07_one_bad_event")


def test_one_occurrence_is_reassigned() -> None:
    data = calendar(
        ["UID:s", "SUMMARY:alice", "DTSTART:20210124T130000", "DURATION:PT9H", "RRULE:FREQ=DAILY"],
        [
            *("UID:s", "SUMMARY:bob", "DTSTART:20210127T130000", "DTEND:20210127T220000"),
            "RECURRENCE-ID:20210127T130000",
        ],
    )
    found = reading(
        data, "2021-01-26T00:00Z", "2021-01-29T00:00Z", zone=ZoneInfo("Asia/Yekaterinburg")
    )
    assert spans(found) == [
        ("01-26 08:00", "01-26 17:00", "alice"),
        ("01-27 08:00", "01-27 17:00", "bob"),
        ("01-28 08:00", "01-28 17:00", "alice"),
    ]
    assert [one.line for one in found.occurrences] == [3, 10, 3]


def test_all_day_weeks_follow_each_other_over_a_dst_change() -> None:
    day = ";VALUE=DATE:"
    data = calendar(
        ["SUMMARY:alice", f"DTSTART{day}20221030", f"DTEND{day}20221106"],
        ["SUMMARY:bob", f"DTSTART{day}20221106", f"DTEND{day}20221113"],
    )
    found = reading(
        data, "2022-10-01T00:00Z", "2022-12-01T00:00Z", zone=ZoneInfo("America/Chicago")
    )
    assert spans(found) == [
        ("10-30 05:00", "11-06 05:00", "alice"),
        ("11-06 05:00", "11-13 06:00", "bob"),
    ]


def test_a_window_is_half_open_and_finds_what_began_long_before() -> None:
    rule = ["DURATION:P7D", "RRULE:FREQ=WEEKLY;INTERVAL=2"]
    data = calendar(
        ["SUMMARY:alice", "DTSTART:20240603T090000Z", *rule],
        ["SUMMARY:bob", "DTSTART:20240610T090000Z", *rule],
    )
    assert spans(reading(data, "2024-06-19T12:00Z", "2024-06-19T12:00:01Z")) == [
        ("06-17 09:00", "06-24 09:00", "alice")
    ]
    assert spans(reading(data, "2024-06-24T09:00Z", "2024-06-24T09:00:01Z")) == [
        ("06-24 09:00", "07-01 09:00", "bob")
    ]
    assert spans(reading(data, "2024-06-24T08:59Z", "2024-06-24T09:00Z"))[0][2] == "alice"
    assert spans(reading(data, "2024-06-24T08:59Z", "2024-06-24T08:59Z")) == []


ZONED = ";TZID=Europe/Berlin:"
DAILY = "RRULE:FREQ=DAILY;COUNT=2"


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


MASTER = ["UID:1", "SUMMARY:alice", f"DTSTART{ZONED}20260105T090000", "DURATION:PT1H"]
MASTER += ["RRULE:FREQ=DAILY;COUNT=4"]


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
    late = [MASTER[0], "SUMMARY:bob", *MASTER[2:4], "DTSTAMP:20260102T000000Z"]
    found = reading(calendar(stale, late))
    assert [span[2] for span in spans(found)] == ["bob"]
    assert found.damages[0].line == 3


@pytest.mark.parametrize(
    ("summary", "attendees", "expected"),
    [
        ("alice", [], "alice"),
        ("On call: ALICE", [], "alice"),
        ("Alice's week", [], "alice"),
        ("@alice", [], "alice"),
        ("Alice  Jones, bob", [], "alice+bob"),
        ("bob/alice & bob", [], "bob+alice"),
        ("CAROL MU\u0308LLER", [], "carol"),
        ("Jean Paul", [], "jean"),
        ("Paul (for Jean Paul)", [], "paul+jean"),
        ("malice, bobby, alice_b", [], ""),
        ("Jean-Luc and Marie-paul", [], ""),
        ("alice@elsewhere.example", [], ""),
        ("alice.example.com", [], ""),
        ("O'bob", [], ""),
        ("nobody", [], ""),
        ("", [], ""),
        ("bob", ["mailto:alice@example.com"], "alice"),
        ("bob", ["MAILTO:Alice@EXAMPLE.com", "mailto:b@example.net"], "alice+bob"),
        ("bob", ["mailto:alice%40example.com"], "alice"),
        ("bob", ["mailto:mallory@example.org"], "bob"),
        ("x", ["mailto:shared@example.com"], ""),
        ("x", ["urn:uuid:1"], ""),
    ],
)
def test_people(summary: str, attendees: list[str], expected: str) -> None:
    data = calendar(
        [f"SUMMARY:{summary}", "DTSTART:20260105T090000Z", "DURATION:PT1H"]
        + [f'ATTENDEE;CN="bob: a;b":{address}' for address in attendees]
    )
    found = reading(data)
    assert [span[2] for span in spans(found)] == ([expected] if expected else [])
    assert len(found.damages) == (0 if expected else 1)


def test_what_people_are_matched_by() -> None:
    event = ["SUMMARY:bob", "DTSTART:20260105T090000Z", "DURATION:PT1H"]
    invited = calendar([*event, "ATTENDEE:mailto:alice@example.com"])
    assert spans(reading(invited, match="summary"))[0][2] == "bob"
    assert reading(calendar(event), match="attendee").occurrences == ()
    informed = calendar([*event, "ATTENDEE;ROLE=NON-PARTICIPANT:mailto:alice@example.com"])
    assert spans(reading(informed))[0][2] == "bob"
    by_parameter = calendar([*event, "ATTENDEE;EMAIL=alice@example.com:urn:uuid:1"])
    assert spans(reading(by_parameter))[0][2] == "alice"
    with pytest.raises(ValueError, match="match is 'name'"):
        reading(invited, match="name")


def test_an_event_that_names_nobody_is_told_once_with_the_nearest_name() -> None:
    found = reading(single(":20260105T090000Z", "DURATION:PT1H", DAILY, summary="carrol"))
    what = "the event 'carrol' names nobody known"
    assert found == Reading((), (Damage(3, what, "did you mean 'carol'?"),))
    outside = single(":20250105T090000Z", "DURATION:PT1H", summary="carrol")
    assert reading(outside).damages == ()


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        (["DTSTART:20260230T090000Z"], "'20260230T090000Z' does not exist"),
        (["DTSTART:tomorrow"], "'tomorrow' is not a date or time"),
        (["DTSTART"], "is not 'NAME:value'"),
        (["X-NOTHING:1"], "no DTSTART"),
        (["DTSTART:20260105T090000Z", "DTSTART:20260106T090000Z"], "more than one DTSTART"),
        (["DTSTART;TZID=Nowhere/Land:20260105T090000"], "TZID 'Nowhere/Land'"),
        (["DTSTART;TZID=../../etc/passwd:20260105T090000"], "TZID"),
        (["DTSTART:20260105T090000Z"], "no length"),
        (["DTSTART:20260105T090000Z", "DTEND:20260105T080000Z"], "ends before it starts"),
        (["DTSTART:20260105T090000Z", "DURATION:-PT1H"], "ends before it starts"),
        (["DTSTART:20260105T090000Z", "DURATION:P"], "'P' is not a duration"),
        (["DTSTART:20260105T090000Z", "DURATION:P99999999999D"], "too far away"),
        (["DTSTART:20260105T090000Z", "DTEND;VALUE=DATE:20260107"], "the other a time"),
        (["DTSTART:20260105T090000Z", "RRULE:FREQ=SOMETIMES"], "is not a rule"),
        (["DTSTART:20260105T090000Z", "RRULE:INTERVAL=2"], "has no FREQ"),
        (["DTSTART:20260105T090000Z", "RRULE:FREQ=DAILY;INTERVAL=0"], "never recurs"),
        (["DTSTART:20260105T090000Z", "RRULE:FREQ=DAILY;BYMOON=1"], "'BYMOON' is not known"),
        (["DTSTART;VALUE=DATE:20260105", "RRULE:FREQ=YEARLY;RSCALE=CHINESE"], "RSCALE"),
        (["DTSTART;VALUE=DATE:20260105", "BEGIN:VALARM"], "VALARM has no END"),
    ],
)
def test_a_damaged_event_is_told_with_its_line_and_spoils_no_other(
    lines: list[str], what: str
) -> None:
    good = ["SUMMARY:bob", "DTSTART:20260301T090000Z", "DURATION:PT1H"]
    found = reading(calendar(good, ["SUMMARY:al", " ice", *lines], good))
    assert [span[2] for span in spans(found)] == ["bob", "bob"]
    assert [damage.line for damage in found.damages] == [8]
    assert what in found.damages[0].what


def test_an_event_without_an_end_is_told_and_the_next_one_counts() -> None:
    whole = single(":20260105T090000Z", "DURATION:PT1H")
    broken = whole.replace(b"END:VEVENT\r\n", b"").replace(b"END:VCALENDAR\r\n", whole[30:])
    found = reading(broken)
    assert [(one.line, one.people) for one in found.occurrences] == [(7, ("alice",))]
    assert found.damages[0].line == 3
    cut = reading(whole[: whole.index(b"END:VCALENDAR")])
    assert len(cut.occurrences) == 1
    assert "cut short" in cut.damages[0].what
    assert cut.damages[0].line == len(whole[: whole.index(b"END:VCALENDAR")].splitlines())


@pytest.mark.parametrize(
    ("data", "like"),
    [
        (b"", "an empty file"),
        (b"\xef\xbb\xbf \r\n", "an empty file"),
        (b"<!DOCTYPE html><html><title>Sign\r\nin</title>", "an HTML page 'Sign in'"),
        (b"<?xml version='1.0'?><feed/>", "XML"),
        (b'{"error": 1}', "JSON"),
        (b"\x1f\x8b\x08", "a compressed file"),
        (b"a\x00b", "a binary file"),
        (b"BEGIN:VEVENT\r\nEND:VEVENT\r\n", "text that begins with 'BEGIN:VEVENT'"),
    ],
)
def test_what_is_no_calendar_says_what_it_is(data: bytes, like: str) -> None:
    with pytest.raises(NotACalendar, match=like):
        reading(data)


def test_a_naive_window_is_refused() -> None:
    now = datetime(2026, 1, 1)  # noqa: DTZ001
    with pytest.raises(ValueError, match="aware"):
        read(calendar(), zone=BERLIN, people={}, start=now, end=now)


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
    began = time.perf_counter()
    found = reading(data, "2090-01-01T00:00Z", "2090-02-01T00:00Z")
    assert time.perf_counter() - began < 5
    assert len(found.occurrences) == count
    if count == 0 and found.damages:
        assert "recurs too often" in found.damages[0].what


def test_costly_rules_do_not_hide_the_others() -> None:
    costly = ["SUMMARY:bob", "DTSTART:20100104T090000Z", "DURATION:PT1H"]
    costly += ["RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"]
    good = ["SUMMARY:alice", "DTSTART:20100104T090000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY"]
    data = calendar(*[costly] * 50, good)
    began = time.perf_counter()
    found = reading(data, "2090-01-01T00:00Z", "2090-02-01T00:00Z")
    assert time.perf_counter() - began < 10
    assert len(found.occurrences) == 31


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
