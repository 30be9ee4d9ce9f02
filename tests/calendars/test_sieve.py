"""What the sieve passes over, the reader would have found nothing in."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import worlds as bench
from rotation.calendars.read import NotACalendar, PersonNames, Reading, read
from rotation.calendars.repair import prepared
from rotation.calendars.sieve import Sieve
from tests.calendars.feeds import BERLIN, calendar, reading
from tests.calendars.test_read_limits import CUSTOM

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
PEOPLE = {name: PersonNames((f"{name}@example.com",)) for name in ("alice", "bob")}
# days from the window at which an event may begin: inside, around its edges, far away
DAYS = [0, 1, -1, *range(-12, 13, 3), 40, -40, 200, -200, 366, -366, -2000, 2000, -12000]
OLD = ["DTSTART:20000101T090000Z", "DURATION:PT1H", "SUMMARY:alice"]
HEADS = [[], [], [], ["X-WR-TIMEZONE:Pacific/Kiritimati"], ["METHOD:CANCEL"]]
HARM = ["fold", "lower", "blank", "cut", "drop", "space"]
UIDS = ["s1", "s2", "s3", "S1", "s1", "s3 ", "s\\,1", "", None, None, None]
FAR = [40, -40, 200, -200, -366, -900, -2000, 2000, -12000]
TITLES = ["alice", "alice", "bob", "bob", "mallory", "bob for alice", "Canceled: alice"]
TITLES += ["alice then bob", "bob vacation"]
WORDS: list[tuple[str, ...]] = [(), (), (), ("BOB",), ("vacation", "for")]
ZONES = ["", "", ";TZID=Europe/Berlin", ";TZID=Europe/Berlin", ";VALUE=DATE"]
ZONES += [";TZID=Europe/Berlin", ";TZID=Pacific/Kiritimati", ";TZID=Pacific/Pago_Pago"]
ZONES += [";TZID=Office", ';TZID="(UTC+01:00) Amsterdam, Berlin"', ";TZID=Nowhere", ";VALUE=DATE"]
LENGTHS = ["P1D", "P3D", "P3D"]
LENGTHS += [
    "PT1H",
    "P1D",
    "p1w",
    "P400D",
    "PT9000H",
    "-PT1H",
    "P",
    "PT600000M",
    "+P1W",
    "P1DT2H3M4S",
]
RULES = ["FREQ=DAILY", "FREQ=WEEKLY;INTERVAL=3", "FREQ=MONTHLY;BYMONTHDAY=31", "FREQ=YEARLY"]
RULES += ["FREQ=WEEKLY;BYDAY=MO,TU;WKST=SU", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29", "FREQ=SOMETIMES"]
RULES += ["FREQ=MONTHLY", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "freq=hourly;interval=7"]
ENDS = ["", ";COUNT=1", ";COUNT=5", ";COUNT=90", ";COUNT=0", ";count=3", ";COUNT=-1", ";X-COUNT=1"]
ENDS += [";COUNT=2;COUNT=9", ";UNTIL=20200101", ";UNTIL=20261125T000000Z", ";UNTIL=20261120"]
ENDS += [";UNTIL=20261118T235959", ";UNTIL=never", ";X-UNTIL=20200101", ";UNTIL=20200101,20300101"]
OTHERS = ["STATUS:CANCELLED", "TRANSP:TRANSPARENT", "DESCRIPTION:END:VEVENT", "DTSTAMP:x", "X:y"]
OTHERS += ["DESCRIPTION:a\\nDTSTART:20261124", "ATTENDEE:mailto:bob@example.com", "SEQUENCE:7"]
OTHERS += ["BEGIN:VALARM\nTRIGGER:-PT1H\nDURATION:PT5M\nDTSTART:20261124T000000Z\nEND:VALARM"]
OTHERS += ["BEGIN:VALARM\nEND:VALARM\nBEGIN:VALARM\nEND:VALARM", "BEGIN:VALARM", "END:VALARM"]
OTHERS += ["END:VEVENT", "BEGIN:X-BOX\nEND:X-BOX", "BEGIN:X-BOX", "DTSTART:20261124T090000Z", "Û:ÿ"]
OTHERS += ["BEGIN:VTIMEZONE\nTZID:Office", "END:VCALENDAR\nBEGIN:VCALENDAR", "BEGIN:VTODO", "\x00"]
OTHERS += [
    "UID:s1",
    "DURATION:P300D",
    "DTEND:20261124T090000Z",
    "RRULE:FREQ=DAILY",
    "beg\u0131n:vevent",
]


def written(day: int, zone: str, hour: int) -> str:
    local = NOW.replace(tzinfo=None) + timedelta(days=day)
    if zone == ";VALUE=DATE":
        return f"{zone}:{local:%Y%m%d}"
    return f"{zone}:{local:%Y%m%d}T{hour:02}0000{'' if zone else 'Z'}"


@st.composite
def events(draw: st.DrawFn, hostile: bool = True) -> str:
    zone, day = (
        draw(st.sampled_from(ZONES)),
        draw(st.sampled_from(draw(st.sampled_from([DAYS, FAR])))),
    )
    uid = draw(st.sampled_from(UIDS))
    hour = draw(st.sampled_from([0, 9, 23]))
    lines = [f"SUMMARY:{draw(st.sampled_from(TITLES))}"]
    lines.append(f"DTSTART{written(day, zone, hour)}")
    lines += [] if uid is None else [f"UID:{uid}"]
    kind = draw(st.sampled_from(["DTEND", "DTEND", "DURATION", "DURATION", "none"]))
    if kind == "DTEND":
        end, other = draw(st.sampled_from([1, 1, 3, 30, 500, 0, -1])), draw(st.sampled_from(ZONES))
        lines.append(f"DTEND{written(day + end, draw(st.sampled_from([zone, zone, other])), hour)}")
    elif kind == "DURATION":
        lines.append(f"DURATION:{draw(st.sampled_from(LENGTHS))}")
    if draw(st.integers(0, 2)) == 0:
        lines.append(f"RRULE:{draw(st.sampled_from(RULES))}{draw(st.sampled_from(ENDS))}")
    if draw(st.integers(0, 5)) == 0:
        scope = draw(st.sampled_from(["", "", ";RANGE=THISANDFUTURE"]))
        that, other = draw(st.sampled_from(DAYS)), draw(st.sampled_from([zone, zone, *ZONES]))
        lines.append(f"RECURRENCE-ID{scope}{written(that, other, hour)}")
    if draw(st.integers(0, 5)) == 0:
        lines.append(f"RDATE{written(draw(st.sampled_from(DAYS)), zone, hour)}")
    if draw(st.integers(0, 3)) == 0:
        other = draw(st.sampled_from([zone, zone, *ZONES]))
        lines.append(f"EXDATE{written(draw(st.sampled_from(DAYS)), other, hour)}")
    if draw(st.integers(0, 3)) == 0:
        lines.append(f"SEQUENCE:{draw(st.integers(0, 3))}")
    if hostile and draw(st.integers(0, 3)) == 0:
        lines.append(draw(st.sampled_from(OTHERS)))
    lines = draw(st.permutations(lines))
    return "\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT"])


@st.composite
def calendars(draw: st.DrawFn) -> bytes:
    """A calendar, and then the harm that programs and hands do to one."""
    head = ["BEGIN:VCALENDAR", "VERSION:2.0"]
    head += draw(st.sampled_from(HEADS))
    head += draw(st.sampled_from([[], CUSTOM]))
    text = "\n".join(
        [*head, *draw(st.lists(events(), min_size=3, max_size=7)), "END:VCALENDAR", ""]
    )
    random = Random(draw(st.integers(0, 2**16)))
    harm = draw(st.sets(st.sampled_from(HARM), max_size=2))
    if "lower" in harm:
        text = re.sub(r"^[A-Z-]+", lambda n: random.choice([n[0], n[0].lower()]), text, flags=re.M)
    lines = text.split("\n")
    if "drop" in harm:
        del lines[random.randrange(len(lines))]
    if "space" in harm:
        at = random.randrange(len(lines))
        lines[at] += random.choice([" ", "\t", "\u00a0", ":", ";", '"', "\x0b"])
    if "blank" in harm:
        lines.insert(random.randrange(len(lines)), random.choice(["", " ", "\r", "\x00"]))
    if "fold" in harm:
        lines = [
            line[:at] + random.choice(["\n ", "\n\t", "\n\n "]) + line[at:]
            for line in lines
            for at in [random.randrange(len(line) + 1)]
        ]
    data = "\n".join(lines).encode()
    if "cut" in harm:
        data = data[: random.randrange(len(data))]
    ends = draw(st.sampled_from([b"\n", b"\r\n", b"\r\n", b"\r\r\n", b"\r"]))
    data = data.replace(b"\n", ends)
    return data if draw(st.integers(0, 9)) else data.decode("utf-8", "replace").encode("utf-16")


def both(data: bytes, start: datetime, end: datetime, **more: Any) -> tuple[Reading, Reading]:
    sieved, every = (
        read(data, zone=BERLIN, people=PEOPLE, start=start, end=end, every=each, **more)
        for each in (False, True)
    )
    return sieved, every


@given(
    calendars(),
    st.sampled_from(DAYS),
    st.sampled_from([0, 1, 40, 400]),
    st.sampled_from(WORDS),
    st.sampled_from(WORDS),
    st.booleans(),
)
@settings(derandomize=True, max_examples=500, deadline=None)
def test_a_calendar_says_the_same_with_the_sieve_and_without(
    data: bytes, day: int, length: int, only: tuple[str, ...], ignore: tuple[str, ...], away: bool
) -> None:
    start = NOW + timedelta(days=day)
    more = {"only": only, "ignore": ignore, "away": away}
    try:
        sieved, every = both(data, start, start + timedelta(days=length, seconds=1), **more)
    except NotACalendar:
        return
    assert sieved.occurrences == every.occurrences
    assert set(sieved.damages) <= set(every.damages)


@given(st.lists(events(), min_size=1, max_size=6), st.sampled_from(DAYS))
@settings(derandomize=True, max_examples=200, deadline=None)
def test_what_lies_in_the_window_is_told_with_the_sieve_too(made: list[str], day: int) -> None:
    text = "\n".join(["BEGIN:VCALENDAR", *made, "END:VCALENDAR", ""])
    start = NOW + timedelta(days=day)
    sieved, every = both(text.encode(), start, start + timedelta(days=1))
    lines = text.split("\n")
    near = {f"{start + timedelta(days=by):%Y%m%d}" for by in range(-2, 4)}
    for damage in set(every.damages) - set(sieved.damages):
        event = lines[damage.line - 1 : lines.index("END:VEVENT", damage.line)]
        begins = [line for line in event if line.startswith("DTSTART")]
        assert not any(day in line for day in near for line in begins), (damage, event)


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
            text, zone=BERLIN, people=PEOPLE, start=NOW - wide, end=NOW + wide, every=True
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
