"""Events to iCalendar text (RFC 5545, RFC 7986), and what such a text said before.

What calendar programs need, beyond the standard: UTC times, so that no VTIMEZONE has to be
understood; nothing that makes a week look busy; a name and a refresh interval in both the new and
the old way; no METHOD, ORGANIZER or ATTENDEE, which belong to invitations (section 3.8.4.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import icalendar
from icalendar import vText

from rotation.clock.told import moment
from rotation.dataclasses import dataclass
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
    feed = icalendar.Calendar()
    feed.add("PRODID", PRODUCT)
    feed.add("VERSION", "2.0")
    feed.add("CALSCALE", "GREGORIAN")
    # as text: the library escapes it only in the properties that it knows to hold text
    feed.add("NAME", text(name))
    feed.add("X-WR-CALNAME", text(name))
    zones = {entry.roster.zone.key for entry in entries}
    if len(zones) == 1:
        feed.add("X-WR-TIMEZONE", text(zones.pop()))
    # RFC 7986 section 5.7: it has no default type
    feed.add("REFRESH-INTERVAL", REFRESH, parameters={"VALUE": "DURATION"})
    feed.add("X-PUBLISHED-TTL", "PT1H")
    feed.add("COLOR", _COLOUR)
    feed.add("X-APPLE-CALENDAR-COLOR", _APPLE_COLOUR)
    for entry in entries:
        feed.add_component(component(entry, alarms))
    return bytes(feed.to_ical())


def component(entry: RevisedEvent, alarms: Sequence[timedelta] = ()) -> icalendar.Event:
    """One VEVENT."""
    event, revision = entry.event, entry.revision
    vevent = icalendar.Event()
    vevent.add("UID", text(event.uid))
    vevent.add("DTSTAMP", revision.modified)
    vevent.add("LAST-MODIFIED", revision.modified)
    vevent.add("SEQUENCE", revision.sequence)
    vevent.add("DTSTART", event.start)
    vevent.add("DTEND", event.end)
    vevent.add("SUMMARY", text(event.summary))
    vevent.add("DESCRIPTION", text("\n".join(_details(entry.roster, event))))
    vevent.add("CATEGORIES", [text(word) for word in dict.fromkeys((event.roster, event.role))])
    vevent.add("STATUS", "CONFIRMED")
    # a week on duty is no week without meetings
    vevent.add("TRANSP", "TRANSPARENT")
    vevent.add("X-MICROSOFT-CDO-BUSYSTATUS", "FREE")
    for before in alarms:
        alarm = icalendar.Alarm()
        alarm.add("ACTION", "DISPLAY")
        alarm.add("DESCRIPTION", text(event.summary))
        alarm.add("TRIGGER", -before)
        vevent.add_component(alarm)
    return vevent


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
    organizer_name: str = "rotation"
    attendee_name: str | None = None


def invitation(duty: Invitation, method: str) -> bytes:
    """An iTIP message (RFC 5546 section 3.2): REQUEST puts a duty into a calendar, CANCEL takes it
    out. One event in each, as the standard wants."""
    message = icalendar.Calendar()
    message.add("PRODID", PRODUCT)
    message.add("VERSION", "2.0")
    message.add("CALSCALE", "GREGORIAN")
    message.add("METHOD", method)
    event = icalendar.Event()
    event.add("UID", text(duty.uid))
    event.add("DTSTAMP", duty.at)
    event.add("LAST-MODIFIED", duty.at)
    event.add("SEQUENCE", duty.sequence)
    event.add("DTSTART", duty.start)
    event.add("DTEND", duty.end)
    event.add("SUMMARY", text(duty.summary))
    event.add("DESCRIPTION", text(duty.description))
    event.add("STATUS", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    event.add("TRANSP", "TRANSPARENT")
    event.add("X-MICROSOFT-CDO-BUSYSTATUS", "FREE")
    event.add("ORGANIZER", _address(duty.organizer), parameters={"CN": _cn(duty.organizer_name)})
    for attendee in duty.attendees:
        # a duty is no question: no answer is wanted
        parameters = {"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "FALSE"}
        if duty.attendee_name:
            parameters["CN"] = _cn(duty.attendee_name)
        event.add("ATTENDEE", _address(attendee), parameters=parameters)
    message.add_component(event)
    return bytes(message.to_ical())


def _cn(name: str) -> str:
    # a parameter's value holds no quotation mark and no control character (RFC 5545, 3.2)
    return printable(name).replace('"', "'")


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
    lines.append(f"{moment(start, None)} to {moment(end, None)} ({roster.zone.key})")
    lines.append(f"Because of: {event.why}")
    lines.extend(f"Note: {note}" for note in event.notes)
    return lines


def _named(roster: Roster, keys: Sequence[str]) -> str:
    names = ((key, roster.people[key].name) for key in keys)
    return ", ".join(f"{name} ({key})" if name else key for key, name in names)


def said(data: bytes) -> dict[str, Revision]:
    """What a calendar that was written here says of its events; nothing of an empty file.

    Raises ValueError for anything that was not written here.
    """
    if not data.strip():
        return {}
    if PRODUCT.encode() not in data[:1000]:
        raise ValueError("not written here")
    feed = icalendar.Calendar.from_ical(data)
    if feed.name != "VCALENDAR" or feed.get("PRODID") != PRODUCT:
        raise ValueError("not written here")
    vevents = feed.walk("VEVENT")
    revisions = {}
    for vevent in vevents:
        revision = _said(vevent)
        if revision is not None:
            revisions[str(vevent.get("UID", ""))] = revision
    return revisions


def _said(vevent: icalendar.Component) -> Revision | None:
    start, end, modified = (
        _instant(vevent, name) for name in ("DTSTART", "DTEND", "LAST-MODIFIED")
    )
    sequence = vevent.get("SEQUENCE")
    if start is None or end is None or modified is None or not isinstance(sequence, int):
        return None
    return Revision(start, end, str(vevent.get("SUMMARY", "")), int(sequence), modified)


def _instant(vevent: icalendar.Component, name: str) -> datetime | None:
    value = getattr(vevent.get(name), "dt", None)
    aware = isinstance(value, datetime) and value.tzinfo is not None
    return value.astimezone(UTC) if isinstance(value, datetime) and aware else None
