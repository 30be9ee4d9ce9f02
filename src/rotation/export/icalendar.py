"""Events to iCalendar text (RFC 5545, RFC 7986), and what such a text said before.

What calendar programs need, beyond the standard: UTC times, so that no VTIMEZONE has to be
understood; nothing that makes a week look busy; a name and a refresh interval in both the new and
the old way; no METHOD, ORGANIZER or ATTENDEE, which belong to invitations (section 3.8.4.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import icalendar
from icalendar import vText

from rotation.errors import printable
from rotation.export.events import ShiftEvent
from rotation.export.ledger import RevisedEvent, Revision
from rotation.model import Roster

PRODUCT = "-//rotation//rotation//EN"
REFRESH = timedelta(hours=1)
_COLOUR, _APPLE_COLOUR = "steelblue", "#4682B4"


def calendar(name: str, entries: Sequence[RevisedEvent], alarms: Sequence[timedelta] = ()) -> bytes:
    """A calendar to be subscribed to or imported, called `name`, with the entries as they come.

    `alarms` are how long before each event to remind of it. The same entries give the same bytes.
    """
    made = icalendar.Calendar()
    made.add("PRODID", PRODUCT)
    made.add("VERSION", "2.0")
    made.add("CALSCALE", "GREGORIAN")
    # as text: the library escapes it only in the properties that it knows to hold text
    made.add("NAME", text(name))
    made.add("X-WR-CALNAME", text(name))
    zones = {entry.roster.zone.key for entry in entries}
    if len(zones) == 1:
        made.add("X-WR-TIMEZONE", text(zones.pop()))
    # RFC 7986 section 5.7: it has no default type
    made.add("REFRESH-INTERVAL", REFRESH, parameters={"VALUE": "DURATION"})
    made.add("X-PUBLISHED-TTL", "PT1H")
    made.add("COLOR", _COLOUR)
    made.add("X-APPLE-CALENDAR-COLOR", _APPLE_COLOUR)
    for entry in entries:
        made.add_component(component(entry, alarms))
    return bytes(made.to_ical())


def component(entry: RevisedEvent, alarms: Sequence[timedelta] = ()) -> icalendar.Event:
    """One VEVENT."""
    event, revision = entry.event, entry.revision
    made = icalendar.Event()
    made.add("UID", text(event.uid))
    made.add("DTSTAMP", revision.modified)
    made.add("LAST-MODIFIED", revision.modified)
    made.add("SEQUENCE", revision.sequence)
    made.add("DTSTART", event.start)
    made.add("DTEND", event.end)
    made.add("SUMMARY", text(event.summary))
    made.add("DESCRIPTION", text("\n".join(_details(entry.roster, event))))
    made.add("CATEGORIES", [text(word) for word in dict.fromkeys((event.roster, event.role))])
    made.add("STATUS", "CONFIRMED")
    # a week on duty is no week without meetings
    made.add("TRANSP", "TRANSPARENT")
    made.add("X-MICROSOFT-CDO-BUSYSTATUS", "FREE")
    for before in alarms:
        alarm = icalendar.Alarm()
        alarm.add("ACTION", "DISPLAY")
        alarm.add("DESCRIPTION", text(event.summary))
        alarm.add("TRIGGER", -before)
        made.add_component(alarm)
    return made


@dataclass(frozen=True, slots=True)
class Invitation:
    """A duty that one person has, or no longer has; `at` is when it is said.

    `organizer` and `attendees` are vetted addresses with a domain.
    """

    uid: str
    sequence: int
    start: datetime
    end: datetime
    summary: str
    description: str
    organizer: str
    attendees: tuple[str, ...]
    at: datetime


def invitation(one: Invitation, method: str) -> bytes:
    """An iTIP message (RFC 5546 section 3.2): REQUEST puts a duty into a calendar, CANCEL takes it
    out. One event in each, as the standard wants."""
    made = icalendar.Calendar()
    made.add("PRODID", PRODUCT)
    made.add("VERSION", "2.0")
    made.add("CALSCALE", "GREGORIAN")
    made.add("METHOD", method)
    event = icalendar.Event()
    event.add("UID", text(one.uid))
    event.add("DTSTAMP", one.at)
    event.add("LAST-MODIFIED", one.at)
    event.add("SEQUENCE", one.sequence)
    event.add("DTSTART", one.start)
    event.add("DTEND", one.end)
    event.add("SUMMARY", text(one.summary))
    event.add("DESCRIPTION", text(one.description))
    event.add("STATUS", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    event.add("TRANSP", "TRANSPARENT")
    event.add("X-MICROSOFT-CDO-BUSYSTATUS", "FREE")
    event.add("ORGANIZER", _address(one.organizer), parameters={"CN": "rotation"})
    for attendee in one.attendees:
        # a duty is no question: no answer is wanted
        parameters = {"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "FALSE"}
        event.add("ATTENDEE", _address(attendee), parameters=parameters)
    made.add_component(event)
    return bytes(made.to_ical())


def _address(address: str) -> icalendar.vCalAddress:
    return icalendar.vCalAddress(f"mailto:{address}")


def text(words: str) -> vText:
    """A value of type TEXT (section 3.3.11), which holds no control characters but line ends."""
    return vText("\n".join(printable(line) for line in words.split("\n")))


def _details(roster: Roster, event: ShiftEvent) -> list[str]:
    lines = [f"On duty: {_named(roster, event.people)}"]
    if event.instead_of:
        lines.append(f"Instead of: {_named(roster, event.instead_of)}")
    start, end = (at.astimezone(roster.zone) for at in (event.start, event.end))
    lines.append(f"{_local(start)} to {_local(end)} ({roster.zone.key})")
    lines.append(f"Because of: {event.why}")
    lines.extend(f"Note: {note}" for note in event.notes)
    return lines


def _named(roster: Roster, keys: Sequence[str]) -> str:
    names = ((key, roster.people[key].name) for key in keys)
    return ", ".join(f"{name} ({key})" if name else key for key, name in names)


def _local(at: datetime) -> str:
    return f"{at:%a} {at.day} {at:%b} {at.year} {at:%H:%M}"


def said(data: bytes) -> dict[str, Revision]:
    """What a calendar that was written here says of its events; nothing of an empty file.

    Raises ValueError for anything that was not written here.
    """
    if not data.strip():
        return {}
    if PRODUCT.encode() not in data[:1000]:
        raise ValueError("not written here")
    made = icalendar.Calendar.from_ical(data)
    if made.name != "VCALENDAR" or made.get("PRODID") != PRODUCT:
        raise ValueError("not written here")
    found = made.walk("VEVENT")
    revisions = {}
    for one in found:
        revision = _said(one)
        if revision is not None:
            revisions[str(one.get("UID", ""))] = revision
    return revisions


def _said(one: icalendar.Component) -> Revision | None:
    start, end, modified = (_instant(one, name) for name in ("DTSTART", "DTEND", "LAST-MODIFIED"))
    sequence = one.get("SEQUENCE")
    if start is None or end is None or modified is None or not isinstance(sequence, int):
        return None
    return Revision(start, end, str(one.get("SUMMARY", "")), int(sequence), modified)


def _instant(one: icalendar.Component, name: str) -> datetime | None:
    value = getattr(one.get(name), "dt", None)
    aware = isinstance(value, datetime) and value.tzinfo is not None
    return value.astimezone(UTC) if isinstance(value, datetime) and aware else None
