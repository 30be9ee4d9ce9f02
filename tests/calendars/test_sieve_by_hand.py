"""What the sieve passes over, told of calendars that were made for it."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest

from bench import worlds as bench
from rotation.calendars.read import read
from rotation.calendars.repair import prepared
from rotation.calendars.sieve import Sieve
from tests.calendars.feeds import BERLIN, calendar, reading
from tests.calendars.sieved import ENDS, NOW, OLD, PEOPLE, RULES, ZONES, both, written
from tests.calendars.test_read_limits import CUSTOM


def forms() -> list[list[str]]:
    """Events of every form in which one may be passed over, each with an end of its own."""
    random = Random(1)
    lengths = ["DURATION:PT1H", "DURATION:P3W", "DURATION:PT100000M", "", "DTEND+1", "DTEND+40"]
    made = []
    for rule in ["", *RULES]:
        for end in ENDS if rule else [""]:
            for interval in ["", ";INTERVAL=5"] if rule else [""]:
                for length in random.sample(lengths, 2) if rule else lengths:
                    day, zone = random.choice([-2, -40, -85, -700, -999, 60]), random.choice(ZONES)
                    lines = [
                        "SUMMARY:alice",
                        f"DTSTART{written(day, zone, random.choice([0, 23]))}",
                    ]
                    if length.startswith("DTEND"):
                        other = zone if "DATE" in zone else random.choice(ZONES[:5])
                        lines.append(f"DTEND{written(day + int(length[5:]), other, 23)}")
                    else:
                        lines += [length] if length else []
                    lines += [f"RRULE:{rule}{interval}{end}"] if rule else []
                    made.append(lines)
    return made


def test_every_instant_of_a_duty_finds_it() -> None:
    """The first and the last instant of duties, where a sieve that is too coarse would fail."""
    wide, second, found = timedelta(days=3000), timedelta(seconds=1), 0
    random = Random(2)
    for lines in forms():
        text = calendar(lines, OLD, head=CUSTOM)
        every = read(
            text, zone=BERLIN, people=PEOPLE, start=NOW - wide, end=NOW + wide, sift=False
        ).occurrences
        chosen = [*every[:1], *every[-1:], *random.sample(every, min(len(every), 2))]
        for one in chosen:
            found += 1
            for at in (one.start, one.end - second):
                kept = b"".join(piece.data for piece in Sieve(text, at, at + second).pieces())
                assert lines[1].encode() in kept, (lines, at)
    assert found > 500


def test_what_is_surely_over_is_passed_over() -> None:
    passed = sum(
        lines[1].encode() not in b"".join(piece.data for piece in sieve.pieces())
        for lines in forms()
        for at in [NOW + timedelta(days=30_000)]
        for sieve in [Sieve(calendar(lines, OLD), at, at)]
    )
    assert passed > len(forms()) / 4


@pytest.mark.parametrize(
    "end",
    [
        *("", "DURATION:P3W", "DTEND;VALUE=DATE:20000301", "RRULE:FREQ=DAILY;COUNT=300"),
        *("RRULE:FREQ=WEEKLY;BYDAY=MO,TU;COUNT=300", "RRULE:FREQ=MONTHLY;COUNT=20"),
        *("RRULE:FREQ=YEARLY;COUNT=2", "RRULE:FREQ=DAILY;INTERVAL=5;COUNT=99"),
        *("RRULE:FREQ=YEARLY;UNTIL=20200101", "RRULE:FREQ=MONTHLY;BYMONTHDAY=31;UNTIL=20251231"),
    ],
)
def test_whatever_end_can_be_told_it_is_passed_over_behind_it(end: str) -> None:
    event = ["UID:1", "SUMMARY:alice", "DTSTART;VALUE=DATE:20000131", *filter(None, [end])]
    pieces = Sieve(calendar(event, OLD), NOW, NOW + timedelta(days=7)).pieces()
    assert b"20000131" not in b"".join(piece.data for piece in pieces)


@pytest.mark.parametrize(
    "hidden",
    [
        *("RRU\r\n LE:FREQ=DAILY", "rrule:freq=daily", 'RRULE;X="UNTIL=20200101":FREQ=DAILY'),
        *("RRULE:FREQ=DAILY;X-UNTIL=20200101", "RRULE:FREQ=DAILY;COUNT=99\r\n 99"),
        *("RRULE:FREQ=DAILY;UNT\r\n\r\n IL=20300101", "RDA\r\n\tTE:20261124T090000Z"),
        *("D\r\n TEND:20261130T000000Z", "dtend:20261130T000000Z", 'DTEND;X=":":20261130T000000Z'),
        *("DURATIO\r\n N:P9999D", "duration:p9999d", "DURATION:P1400W\r\nDESCRIPTION:a\r\n b"),
        *("DTEND :20261130T000000Z", "DURATION;X=1:P9999D", "RRULE:FREQ=DAILY;COUNT=-1"),
        *("RRULE:FREQ=MONTHLY;BYMONTHDAY=30;COUNT=350", "RRULE:FREQ=DAILY;BYMONTH=11;COUNT=850"),
        *("RRULE:FREQ=DAILY\r\nBEGIN:VALARM\r\nREPEAT:1\r\nEND:VALARM", "RRULE:FREQ=HOURLY"),
    ],
)
def test_what_an_old_event_hides_is_found(hidden: str) -> None:
    timed = "TEND" in hidden.upper() or "DURATIO" in hidden.upper()
    start = "DTSTART:20000131T090000Z" if timed else "DTSTART;VALUE=DATE:20000131"
    hides = ["UID:1", "SUMMARY:alice", start, *hidden.split("\r\n")]
    data = calendar(OLD, hides, OLD).replace(b"\r\n\r\n", b"\r\n \r\n")
    sieved, every = both(data, NOW - timedelta(hours=30), NOW + timedelta(days=7))
    assert sieved.occurrences == every.occurrences != ()


def test_an_event_that_cannot_be_dated_is_told_wherever_it_lies() -> None:
    old = ["SUMMARY:alice", "DURATION:PT1H"]
    data = calendar(
        [*old, "DTSTART:20000101T090000Z", "RRULE:FREQ=SOMETIMES"],
        [*old, "DTSTART:yesterday"],
        old,
        [*old, "DTSTART;TZID=Nowhere:20000101T090000"],
        [*old, "DTSTART:20000101T090000Z"],
    )
    assert [damage.line for damage in reading(data).damages] == [3, 9, 14]


def test_an_event_far_away_counts_where_it_has_to_do_with_one_that_is_near() -> None:
    here = ["UID:1", "SUMMARY:alice", "DTSTART:20261124T090000Z", "DURATION:P1D"]
    moved = ["UID:1", "SUMMARY:alice", "DTSTART:20200101T090000Z", "DURATION:P1D", "SEQUENCE:1"]
    assert len(reading(calendar(here)).occurrences) == 1
    for uid in ("UID:1", "uid:1", "UID;X=a:1", "UID:\\1", "U\r\n ID:1", "UID:1 ", 'UID;X=":":1'):
        assert reading(calendar(here, [uid, *moved[1:]], OLD)).occurrences == ()


def test_a_hundred_thousand_events_are_looked_through_at_once() -> None:
    data = bench.calendar(100_000, NOW)
    start, end = NOW - timedelta(days=10), NOW + timedelta(days=10)
    sieve = Sieve(prepared(data), start, end)
    left = sum(len(piece.data) for piece in sieve.pieces())
    assert left < len(data) / 50


def test_most_of_a_calendar_is_passed_over_and_no_line_number_is_lost() -> None:
    data = bench.calendar(2_000, NOW)
    found = reading(data, "2026-11-20T00:00Z", "2026-11-28T00:00Z", zone=BERLIN)
    lines = data.split(b"\r\n")
    assert found.occurrences
    for one in found.occurrences:
        assert lines[one.line - 1] == b"BEGIN:VEVENT"
        assert lines[one.line] == b"UID:" + one.uid.encode()


@pytest.mark.parametrize(
    "head",
    [
        *("BEGIN:VTIMEZONE\nTZID:Other", "BEGIN:VTIMEZONE\nTZID:Office", "BEGIN:VTODO"),
        *("BEGIN:X-BOX", "BEGIN:VTODO\n" + "BEGIN:VALARM\n" * 30 + "X:y"),
        *("BEGIN:X-BOX\n" * 30 + "X:y", "BEGIN:X-BOX\nEND:X-BOX\nBEGIN:VEVENT\nBEGIN:X-BOX"),
    ],
)
def test_what_is_not_closed_before_an_event_that_is_passed_over(head: str) -> None:
    old = ["DTSTART:20000101T090000Z", "DURATION:PT1H", "SUMMARY:alice"]
    new = ["DTSTART;TZID=Office:20261124T090000", "DURATION:PT1H", "SUMMARY:bob"]
    data = calendar(old, old, new, head=head.split("\n"))
    second = b"\r\n".join(line.encode() for line in CUSTOM) + b"\r\nBEGIN:VEVENT"
    data = second.join(data.rsplit(b"BEGIN:VEVENT", 1))
    sieved, every = both(data, NOW - timedelta(days=9), NOW + timedelta(days=9))
    assert sieved.occurrences == every.occurrences
    assert set(sieved.damages) <= set(every.damages)


@pytest.mark.parametrize(
    "tail",
    [
        *("END:VCALENDAR", "END:VEVENT\nEND:VCALENDAR", "END:VEVENT", "", "END:VALARM\nEND:VEVENT"),
        *("END:VEVENT\nEND:VEVENT", "END:VEVENT\nX:y", "END:VEVENT \nEND:VCALENDAR", "END:VEVENTS"),
        *("END:VCALENDAR\nBEGIN:VCALENDAR\nEND:VCALENDAR", "end:vevent\nend:vcalendar"),
    ],
)
def test_where_an_event_that_is_passed_over_ends(tail: str) -> None:
    lines = ["BEGIN:VCALENDAR", "BEGIN:VEVENT", *OLD]
    data = "\n".join([*lines, *tail.split("\n"), ""]).encode()
    sieved, every = both(data, NOW, NOW + timedelta(days=1))
    assert set(sieved.damages) <= set(every.damages)
    assert [one for one in every.damages if "cut short" in one.what] == [
        one for one in sieved.damages if "cut short" in one.what
    ]
