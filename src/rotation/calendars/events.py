"""One VEVENT to a value: when it is, how long, how it recurs, whom it may name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from rotation.calendars.moments import Length, Moment, duration, moment
from rotation.calendars.people import Attendee
from rotation.calendars.recur import Parts, Recurrence, parse
from rotation.calendars.repair import Component, Property, plain, unescaped
from rotation.calendars.titles import called_off, folded
from rotation.calendars.zones import UTC_ZONE, Zones, day
from rotation.dataclasses import dataclass

_ONCE = (
    *("UID", "SUMMARY", "DTSTART", "DTEND", "DURATION", "RECURRENCE-ID", "STATUS"),
    *("SEQUENCE", "DTSTAMP", "LAST-MODIFIED", "TRANSP"),
)
_MANY = ("RRULE", "EXRULE", "RDATE", "EXDATE", "ATTENDEE")
_WANTED = frozenset(_ONCE + _MANY)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Event:
    """A VEVENT that can be understood.

    `finish` is its own end, in UTC. `revision`, of which the greatest counts, is the SEQUENCE, the
    time of change, and whether it was called off by METHOD:CANCEL.
    """

    line: int
    uid: str
    summary: str
    attendees: tuple[Attendee, ...]
    start: Moment
    finish: datetime
    length: Length
    rules: tuple[Parts, ...]
    not_rules: tuple[Parts, ...]
    rdates: tuple[tuple[Moment, Length | None], ...]
    exdates: tuple[Moment, ...]
    recurrence_id: Moment | None
    and_future: bool
    cancelled: bool
    transparent: bool
    revision: tuple[int, str, bool]

    def recurrences(self, parts: tuple[Parts, ...]) -> list[tuple[Recurrence, datetime | None]]:
        """Each rule with the start to run from, and its UNTIL as an instant where it is one."""
        return [
            (Recurrence(rule, self.start.local, local), instant)
            for rule in parts
            for local, instant in [_until(rule.until, self.start)]
        ]


def event(component: Component, zones: Zones) -> Event:
    """The event that a VEVENT describes.

    Raises ValueError or OverflowError where it is damaged; the message says how. An end that is
    not after its start is no damage here.
    """
    if component.fault:
        raise ValueError(component.fault)
    properties: dict[str, list[Property]] = {}
    for each in component.properties(_WANTED):
        properties.setdefault(each.name, []).append(each)
    for name in _ONCE:
        if len(properties.get(name, ())) > 1:
            raise ValueError(f"it has more than one {name}")
    single = {name: values[0] for name, values in properties.items()}
    if "DTSTART" not in single:
        raise ValueError("it has no DTSTART")
    start = moment(single["DTSTART"], single["DTSTART"].value, zones)
    length, finish = _length(single, start, zones)
    id_property = single.get("RECURRENCE-ID")
    scope = id_property.parameters.get("RANGE", "").upper() if id_property else ""
    if scope not in ("", "THISANDFUTURE"):
        raise ValueError(f"RANGE={plain(scope)[:40]} is not supported")
    summary = plain(_text(single.get("SUMMARY")))
    return Event(
        line=component.line,
        uid=_text(single.get("UID")),
        summary=summary,
        attendees=tuple(_attendees(properties.get("ATTENDEE", []))),
        start=start,
        finish=finish,
        length=length,
        rules=tuple(parse(each.value) for each in properties.get("RRULE", ())),
        not_rules=tuple(parse(each.value) for each in properties.get("EXRULE", ())),
        rdates=tuple(
            _rdate(each, text, start, zones)
            for each in properties.get("RDATE", ())
            for text in each.value.split(",")
            if text.strip()
        ),
        exdates=tuple(
            moment(each, text, zones, anywhere=start.is_date)
            for each in properties.get("EXDATE", ())
            for text in each.value.split(",")
            if text.strip()
        ),
        recurrence_id=moment(id_property, id_property.value, zones, anywhere=True)
        if id_property
        else None,
        and_future=bool(scope),
        cancelled=_word(single.get("STATUS")) in ("CANCELLED", "CANCELED")
        or called_off(folded(summary)),
        transparent=_word(single.get("TRANSP")) == "TRANSPARENT",
        revision=(
            _number(single.get("SEQUENCE")),
            _word(single.get("LAST-MODIFIED") or single.get("DTSTAMP")),
            False,
        ),
    )


def labels(component: Component) -> Iterator[str]:
    """The title and the categories (section 3.8.1.2) of a VEVENT, damaged or not, folded."""
    try:
        for label in component.properties(frozenset({"SUMMARY", "CATEGORIES"})):
            yield folded(plain(unescaped(label.value)))
    except ValueError:  # a line that is no property: what comes before it still says something
        pass


def _text(line: Property | None) -> str:
    """The TEXT of a property, "" where there is none."""
    return unescaped(line.value) if line else ""


def _word(line: Property | None) -> str:
    return line.value.strip().upper() if line else ""


def _number(line: Property | None) -> int:
    value = line.value.strip() if line else ""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 20 else 0


def _attendees(properties: list[Property]) -> Iterator[Attendee]:
    """Those who are invited, without those who are told of it only (section 3.2.16).

    The EMAIL parameter (RFC 7986 section 6.2) is an address beside the value.
    """
    for each in properties:
        said = {name: each.parameters.get(name, "") for name in ("ROLE", "PARTSTAT", "CN", "EMAIL")}
        if said["ROLE"].upper() != "NON-PARTICIPANT":
            refused = said["PARTSTAT"].upper() in ("DECLINED", "DELEGATED")
            addresses = tuple(text for text in (each.value, said["EMAIL"]) if text)
            yield Attendee(addresses, said["CN"], refused)


def _length(
    properties: dict[str, Property], start: Moment, zones: Zones
) -> tuple[Length, datetime]:
    """How long an event is, and its end in UTC; the defaults of section 3.6.1.

    Days without any length last the day that they begin: some programs take the end as the last
    day.
    """
    if "DTEND" in properties:
        end = moment(properties["DTEND"], properties["DTEND"].value, zones)
        if end.is_date != start.is_date:
            raise ValueError("one of DTSTART and DTEND is a date, the other a time")
        if start.is_date and end.local == start.local:
            end = Moment(end.local + timedelta(days=1), end.zone, is_date=True)
        length = _until_then(start, end)
        # its own end is the instant that is written, unless the start was moved past it
        finish = end.utc
        return length, finish if finish > start.utc else length.end(start.local, start.zone)
    if "DURATION" in properties:
        length = duration("DURATION", properties["DURATION"].value)
        if start.is_date and not (length.wall or length.exact):
            length = Length(timedelta(days=1))
    else:
        length = Length(timedelta(days=1 if start.is_date else 0))
    return length, length.end(start.local, start.zone)


def _until_then(start: Moment, end: Moment) -> Length:
    """From `start` to `end` on the clock of `end`.

    An end in UTC is an instant without a clock of its own and belongs to the start's; a series
    in UTC has no clock at all.
    """
    if UTC_ZONE in (start.zone, end.zone) and start.zone != end.zone:
        return Length(start.zone.to_local(end.utc) - start.local, zone=start.zone)
    return Length(end.local - start.local, zone=end.zone)


def _rdate(rdate: Property, text: str, start: Moment, zones: Zones) -> tuple[Moment, Length | None]:
    """One value of RDATE, section 3.8.5.2: a date, a time, or a PERIOD (3.3.9).

    A period ends at its own instant, whatever the clock of the series shows then.
    """
    begin, slash, rest = text.partition("/")
    date_or_time = moment(rdate, begin, zones, anywhere=start.is_date and not slash)
    if not slash:
        return date_or_time, None
    begun = date_or_time.within(start.zone)
    if rest.strip()[:1].upper() in ("P", "+", "-"):
        end = duration("RDATE", rest).end(begun.local, begun.zone)
    else:
        end = moment(rdate, rest, zones).within(start.zone).utc
    return begun, Length(timedelta(0), end - begun.utc)


def _until(until: date | datetime | None, start: Moment) -> tuple[datetime | None, datetime | None]:
    """UNTIL as the last naive start, and as an instant where it is one.

    Section 3.3.10 wants UTC with a zoned DTSTART and a date with a date. A local time with a
    zoned DTSTART is local there; a date includes its whole day.
    """
    if until is None:
        return None, None
    if not isinstance(until, datetime):
        return day(until) + timedelta(days=1) - _SECOND, None
    if until.tzinfo is None:
        return (day(until) if start.is_date else until), None
    until = until.astimezone(UTC)
    if start.is_date:
        # midnight in UTC is how a mere date is written; any other time is one of the clock
        here = until if until.time() == datetime.min.time() else start.zone.to_local(until)
        return day(here), None
    # with room for an hour that comes twice; the instant decides
    return start.zone.to_local(until) + timedelta(hours=3), until
