"""What the sieve passes over, the reader would have found nothing in."""

from __future__ import annotations

import re
from datetime import timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from rotation.calendars.read import NotACalendar
from tests.calendars.sieved import ENDS, NOW, RULES, ZONES, both, written
from tests.calendars.test_read_limits import CUSTOM
from tests.drawn import few, number, pick

# days from the window at which an event may begin: inside, around its edges, far away
DAYS = [0, 1, -1, *range(-12, 13, 3), 40, -40, 200, -200, 366, -366, -2000, 2000, -12000]
HEADS = [[], [], [], ["X-WR-TIMEZONE:Pacific/Kiritimati"], ["METHOD:CANCEL"]]
HARM = ["fold", "lower", "blank", "cut", "drop", "space"]
UIDS = ["s1", "s2", "s3", "S1", "s1", "s3 ", "s\\,1", "", None, None, None]
FAR = [40, -40, 200, -200, -366, -900, -2000, 2000, -12000]
TITLES = ["alice", "alice", "bob", "bob", "mallory", "bob for alice", "Canceled: alice"]
TITLES += ["alice then bob", "bob vacation"]
WORDS: list[tuple[str, ...]] = [(), (), (), ("BOB",), ("vacation", "for")]
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


def an_event(draw: st.DrawFn) -> str:
    zone, day = pick(draw, ZONES), pick(draw, pick(draw, (DAYS, FAR)))
    uid = pick(draw, UIDS)
    hour = pick(draw, [0, 9, 23])
    lines = [f"SUMMARY:{pick(draw, TITLES)}"]
    lines.append(f"DTSTART{written(day, zone, hour)}")
    lines += [] if uid is None else [f"UID:{uid}"]
    kind = pick(draw, ["DTEND", "DTEND", "DURATION", "DURATION", "none"])
    if kind == "DTEND":
        end, other = pick(draw, [1, 1, 3, 30, 500, 0, -1]), pick(draw, ZONES)
        lines.append(f"DTEND{written(day + end, pick(draw, [zone, zone, other]), hour)}")
    elif kind == "DURATION":
        lines.append(f"DURATION:{pick(draw, LENGTHS)}")
    if number(draw, 0, 2) == 0:
        lines.append(f"RRULE:{pick(draw, RULES)}{pick(draw, ENDS)}")
    if number(draw, 0, 5) == 0:
        scope = pick(draw, ["", "", ";RANGE=THISANDFUTURE"])
        that, other = pick(draw, DAYS), pick(draw, [zone, zone, *ZONES])
        lines.append(f"RECURRENCE-ID{scope}{written(that, other, hour)}")
    if number(draw, 0, 5) == 0:
        lines.append(f"RDATE{written(pick(draw, DAYS), zone, hour)}")
    if number(draw, 0, 3) == 0:
        other = pick(draw, [zone, zone, *ZONES])
        lines.append(f"EXDATE{written(pick(draw, DAYS), other, hour)}")
    if number(draw, 0, 3) == 0:
        lines.append(f"SEQUENCE:{number(draw, 0, 3)}")
    if number(draw, 0, 3) == 0:
        lines.append(pick(draw, OTHERS))
    Random(number(draw, 0, 999)).shuffle(lines)
    return "\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT"])


@st.composite
def calendars(draw: st.DrawFn) -> bytes:
    """A calendar, and then the harm that programs and hands do to one."""
    head = ["BEGIN:VCALENDAR", "VERSION:2.0"]
    head += pick(draw, HEADS)
    head += pick(draw, [[], CUSTOM])
    text = "\n".join(
        [*head, *(an_event(draw) for _ in range(number(draw, 3, 7))), "END:VCALENDAR", ""]
    )
    random = Random(draw(st.integers(0, 2**16)))
    harm = few(draw, HARM, 0, 2)
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
    ends = pick(draw, (b"\n", b"\r\n", b"\r\n", b"\r\r\n", b"\r"))
    data = data.replace(b"\n", ends)
    return data if number(draw, 0, 9) else data.decode("utf-8", "replace").encode("utf-16")


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


@st.composite
def events(draw: st.DrawFn) -> list[str]:
    return [an_event(draw) for _ in range(number(draw, 1, 6))]


@given(events(), st.sampled_from(DAYS))
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
