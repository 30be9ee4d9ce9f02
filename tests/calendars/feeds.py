"""Calendars as the tests of the reader write them, and what comes out in short."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from rotation.calendars.read import PersonNames, Reading, read

BERLIN = ZoneInfo("Europe/Berlin")
PEOPLE = {
    "alice": PersonNames(("alice@example.com",), "Alice Jones"),
    "bob": PersonNames(("bob@example.com", "b@example.net")),
    "carol": PersonNames(("carol@example.com",), "Carol Müller"),
    "jean": PersonNames(("shared@example.com",), "Jean Paul"),
    "paul": PersonNames(("shared@example.com",), "Paul"),
}
ZONED = ";TZID=Europe/Berlin:"
DAILY = "RRULE:FREQ=DAILY;COUNT=2"


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
