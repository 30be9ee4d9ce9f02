"""The iCalendar reader: shared cases, people, damage."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from rotation.calendars.read import Damage, NotACalendar, PersonNames, Reading, read
from tests.calendars.feeds import BERLIN, DAILY, calendar, instant, reading, single, spans

CASES = Path(__file__).parents[1] / "cases" / "calendars"
# where a case accepts more than one answer: recurring events keep their wall-clock end
ACCEPTED = {"a07_dtend_exact_dst": "wall"}


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
        ("Paul, Jean Paul", [], "paul+jean"),
        ("Paul (for Jean Paul)", [], "paul"),
        ("bob for Alice Jones and Carol M\u00fcller, jean paul", [], "bob+jean"),
        ("On duty for alice and bob", [], "alice+bob"),
        ("malice, bobby, alice_b", [], ""),
        ("Jean-Luc and Marie-paul", [], ""),
        ("alice@elsewhere.example", [], ""),
        ("alice.example.com", [], ""),
        ("O'bob", [], ""),
        ("nobody", [], ""),
        ("", [], ""),
        ("bob", ["mailto:alice@example.com"], "alice"),
        ("x", ["MAILTO:Alice@EXAMPLE.com", "mailto:b@example.net"], "alice+bob"),
        ("bob", ["mailto:alice@example.com", "mailto:b@example.net"], "bob"),
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
    # a title that names only somebody who is not invited is questioned
    questioned = (summary, expected) == ("bob", "alice")
    assert len(found.damages) == (1 if questioned or not expected else 0)


def test_who_has_no_name_is_not_whoever_comes_without_one() -> None:
    event = ["SUMMARY:x", "ATTENDEE:mailto:mallory@example.org", "ATTENDEE;CN=:urn:x"]
    assert reading(calendar([*event, "DTSTART:20260105T090000Z", "DURATION:PT1H"])).damages


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
