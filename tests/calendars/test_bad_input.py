"""Calendars that mean harm or are broken, as `apply` meets them: told, and nothing is lost."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.calendars.feeds import calendar, reading
from tests.calendars.places import Place

GOOD = ["UID:good", "SUMMARY:alice", "DTSTART:20261123T090000Z", "DURATION:P7D"]
WHEN = ["DTSTART:20261123T090000Z", "DURATION:P7D"]
FIRST = datetime(2026, 11, 1, 9)  # noqa: DTZ001


NEXT = ["UID:next", "SUMMARY:bob", "DTSTART:20261130T090000Z", "DURATION:P7D"]


def changed(number: int, scope: str) -> list[str]:
    """A change of the duty of one day, a minute later than the change of the day before."""
    day = FIRST + timedelta(minutes=number)
    start = f"{day + timedelta(minutes=1):%Y%m%dT%H%M%SZ}"
    return [
        *("UID:series", "SUMMARY:bob", f"RECURRENCE-ID{scope}:{day:%Y%m%dT%H%M%SZ}"),
        *(f"DTSTART:{start}", "DURATION:PT1M"),
    ]


SERIES = ["UID:series", "SUMMARY:bob", f"DTSTART:{FIRST:%Y%m%dT%H%M%SZ}", "DURATION:PT1M"]
SERIES += ["RRULE:FREQ=MINUTELY;COUNT=10000"]
NESTED = ";RANGE=THISANDFUTURE"


def overridden(scope: str) -> list[list[str]]:
    """A series of which every instance is changed."""
    return [SERIES, *(changed(number, scope) for number in range(10_000))]


BAD: dict[str, tuple[list[list[str]], str]] = {
    "every second for ever": (
        [["SUMMARY:bob", "DTSTART:20200101T000000Z", "RRULE:FREQ=SECONDLY", "DURATION:PT1S"]],
        "it recurs too often to be followed",
    ),
    "a rule that never matches": (
        [["SUMMARY:bob", *WHEN, "RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30"]],
        "it recurs too often to be followed",
    ),
    "a zone that does not exist": (
        [["SUMMARY:bob", "DTSTART;TZID=Middle/Earth:20261123T090000", "DURATION:P7D"]],
        "TZID 'Middle/Earth' is neither defined in the calendar nor a known time zone",
    ),
    "a zone that is a path": (
        [["SUMMARY:bob", "DTSTART;TZID=../../../etc/passwd:20261123T090000", "DURATION:P7D"]],
        "nor a known time zone",
    ),
    "NUL bytes": ([["SUMMARY:b\0o\0b", *WHEN], ["\0", "SUMMARY:\0", *WHEN]], "names nobody known"),
    "NUL bytes in a date": ([["SUMMARY:bob", "DTSTART:2026\x001123T090000Z"]], "is not a date"),
    "strangers": ([["SUMMARY:mallory", *WHEN]], "the event 'mallory' names nobody known"),
    "a pipe": ([["SUMMARY:|/bin/sh", "ATTENDEE:mailto:|/bin/sh", *WHEN]], "'|/bin/sh' names"),
    "an include": ([["SUMMARY::include:/etc/passwd", *WHEN]], "names nobody known"),
    "a file": ([["SUMMARY:/etc/passwd", "ATTENDEE:/etc/passwd", *WHEN]], "names nobody known"),
    "an address": (
        [["SUMMARY:mallory@example.org", "ATTENDEE:mailto:mallory@example.org", *WHEN]],
        "names nobody known",
    ),
    "a header": ([[r"SUMMARY:x\r\nBcc: mallory@example.org", *WHEN]], "Bcc: mallory@example.org'"),
    "a terminal's commands": ([["SUMMARY:\x1b]0;x\x07\x1b[2J", *WHEN]], "names nobody known"),
    "events inside of events": ([["BEGIN:VEVENT"] * 5_000], "VEVENT has no END"),
    "a very long line": ([["SUMMARY:" + "x" * 3_000_000, *WHEN]], "xxx...' names nobody known"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_bad_is_told_and_what_is_good_counts(tmp_path: Path, name: str) -> None:
    tell(tmp_path, *BAD[name])


@pytest.mark.parametrize("scope", ["", NESTED])
def test_ten_thousand_overrides_are_followed(tmp_path: Path, scope: str) -> None:
    tell(tmp_path, [*overridden(scope), NEXT], "")


def tell(tmp_path: Path, events: list[list[str]], what: str) -> None:
    place = Place(tmp_path, "duty.ics")
    (tmp_path / "duty.ics").write_bytes(calendar(*events, GOOD))
    done = place.run("apply")
    assert what in done.stderr
    assert place.held() == "alice@example.com"
    assert all(char.isprintable() or char == "\n" for char in done.output)
    assert "  --> " + str(tmp_path / "duty.ics") in done.stderr or not what


def test_ten_thousand_nested_overrides_mean_what_they_say() -> None:
    found = reading(
        calendar(*overridden(NESTED)), "2026-11-01T00:00Z", "2026-11-30T00:00Z"
    ).occurrences
    assert len(found) == 10_000
    assert {one.end - one.start for one in found} == {timedelta(minutes=1)}
    assert found[0].start.minute == 1


def test_a_calendar_that_is_bad_as_a_whole_leaves_the_target(tmp_path: Path) -> None:
    place = Place(tmp_path, "duty.ics")
    place.target.write_text("bob@example.com\n")
    for data in (b"", b"\0" * 1000, b"<html>", b"BEGIN:VEVENT", bytes(range(256)) * 100):
        (tmp_path / "duty.ics").write_bytes(data)
        done = place.run("apply", status=3)
        assert "no BEGIN:VCALENDAR in it: it looks like" in done.stderr
        assert place.held() == "bob@example.com"
