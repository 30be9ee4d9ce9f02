"""One VEVENT to a value: when it is, how long, how it recurs, whom it may name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from rotation.calendars.recur import Parts, Recurrence, parse
from rotation.calendars.repair import Component, Property, plain, quoted
from rotation.calendars.zones import UTC_ZONE, Zone, Zones, day

_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?", re.ASCII | re.IGNORECASE)
_DURATION = re.compile(
    r"([+-]?)P(?=\w)(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?",
    re.ASCII | re.IGNORECASE,
)
_ONCE = (
    *("UID", "SUMMARY", "DTSTART", "DTEND", "DURATION", "RECURRENCE-ID", "STATUS"),
    *("SEQUENCE", "DTSTAMP", "LAST-MODIFIED", "TRANSP"),
)
_MANY = ("RRULE", "EXRULE", "RDATE", "EXDATE", "ATTENDEE")
_WANTED = frozenset(_ONCE + _MANY)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Moment:
    """A date or a time as written. `local` is naive in `zone`; a date is its midnight there."""

    local: datetime
    zone: Zone
    is_date: bool = False
    floating: bool = False

    @property
    def utc(self) -> datetime:
        """The instant, in UTC."""
        return self.zone.to_utc(self.local)

    def within(self, zone: Zone) -> Moment:
        """This moment; a floating one is in `zone`."""
        return Moment(self.local, zone, self.is_date) if self.floating else self


@dataclass(frozen=True, slots=True)
class Length:
    """How long something takes from its start on.

    With `zone` it ends `wall` after its start on the clock of that zone: DTEND. Without, `wall`
    is added on the start's own clock and `exact` after that: DURATION, whose weeks and days are
    nominal and whose hours are exact (section 3.3.6). That RFC 5545 has recurring events with a
    DTEND last equally long (3.8.5.3), whatever the clock shows then, is not followed: a duty that
    ends at 09:00 ends at 09:00 on every day of the year.
    """

    wall: timedelta
    exact: timedelta = timedelta(0)
    zone: Zone | None = None

    def end(self, local: datetime, zone: Zone) -> datetime:
        """The end (UTC) of what begins at `local` in `zone`."""
        if self.zone is None:
            return zone.to_utc(local + self.wall) + self.exact
        begin, end = zone.to_utc(local), self.zone.to_utc(local + self.wall)
        if end <= begin and self.wall > timedelta(0) and self.zone == zone:
            # the start does not exist and was moved forward by the gap, past the end
            return begin + self.wall
        return end


@dataclass(frozen=True, slots=True)
class Event:
    """A VEVENT that can be understood.

    `finish` is its own end, in UTC. `revision`, of which the greatest counts, is the SEQUENCE, the
    time of change, and whether it was called off by METHOD:CANCEL.
    """

    line: int
    uid: str
    summary: str
    attendees: tuple[str, ...]
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
    found: dict[str, list[Property]] = {}
    for each in component.properties(_WANTED):
        found.setdefault(each.name, []).append(each)
    for name in _ONCE:
        if len(found.get(name, ())) > 1:
            raise ValueError(f"it has more than one {name}")
    one = {name: values[0] for name, values in found.items()}
    if "DTSTART" not in one:
        raise ValueError("it has no DTSTART")
    start = _moment(one["DTSTART"], one["DTSTART"].value, zones)
    length, finish = _length(one, start, zones)
    id_property = one.get("RECURRENCE-ID")
    scope = id_property.parameters.get("RANGE", "").upper() if id_property else ""
    if scope not in ("", "THISANDFUTURE"):
        raise ValueError(f"RANGE={plain(scope)[:40]} is not supported")
    return Event(
        line=component.line,
        uid=_text(one.get("UID")),
        summary=plain(_text(one.get("SUMMARY"))),
        attendees=tuple(_attendees(found.get("ATTENDEE", []))),
        start=start,
        finish=finish,
        length=length,
        rules=tuple(parse(each.value) for each in found.get("RRULE", ())),
        not_rules=tuple(parse(each.value) for each in found.get("EXRULE", ())),
        rdates=tuple(
            _rdate(each, text, zones)
            for each in found.get("RDATE", ())
            for text in each.value.split(",")
            if text.strip()
        ),
        exdates=tuple(
            _moment(each, text, zones)
            for each in found.get("EXDATE", ())
            for text in each.value.split(",")
            if text.strip()
        ),
        recurrence_id=_moment(id_property, id_property.value, zones) if id_property else None,
        and_future=bool(scope),
        cancelled=_word(one.get("STATUS")) == "CANCELLED",
        transparent=_word(one.get("TRANSP")) == "TRANSPARENT",
        revision=(
            _number(one.get("SEQUENCE")),
            _word(one.get("LAST-MODIFIED") or one.get("DTSTAMP")),
            False,
        ),
    )


def _text(found: Property | None) -> str:
    """The TEXT (section 3.3.11) of a property, "" where there is none."""
    if found is None:
        return ""
    return _ESCAPE.sub(lambda pair: "\n" if pair[1] in "nN" else pair[1], found.value)


def _word(found: Property | None) -> str:
    return found.value.strip().upper() if found else ""


def _number(found: Property | None) -> int:
    value = found.value.strip() if found else ""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 20 else 0


def _attendees(found: list[Property]) -> list[str]:
    """Calendar addresses, and the EMAIL parameter (RFC 7986 section 6.2) beside them.

    Those who are copied for information only (section 3.2.16) are left out.
    """
    return [
        text
        for each in found
        if each.parameters.get("ROLE", "").upper() != "NON-PARTICIPANT"
        for text in (each.value, each.parameters.get("EMAIL", ""))
        if text
    ]


def _moment(found: Property, text: str, zones: Zones) -> Moment:
    """DATE and DATE-TIME, sections 3.3.4 and 3.3.5; the form decides, not VALUE.

    Raises ValueError where it is neither, OverflowError where it has no instant in UTC.
    """
    parts = _TIME.fullmatch(text.strip())
    if parts is None:
        raise ValueError(f"{found.name}: {quoted(text)} is not a date or time")
    try:
        local = datetime(  # noqa: DTZ001
            int(parts[1]),
            int(parts[2]),
            int(parts[3]),
            int(parts[4] or 0),
            int(parts[5] or 0),
            59 if parts[6] == "60" else int(parts[6] or 0),
        )
    except ValueError as error:
        raise ValueError(f"{found.name}: {quoted(text)} does not exist: {error}") from error
    if parts[4] is None:
        moment = Moment(local, zones.home, is_date=True)
    elif parts[7]:
        moment = Moment(local, UTC_ZONE)
    elif tzid := found.parameters.get("TZID"):
        moment = Moment(local, zones.find(tzid))
    else:
        moment = Moment(local, zones.floating, floating=True)
    moment.zone.to_utc(local)
    return moment


def _duration(name: str, text: str) -> Length:
    """DURATION, section 3.3.6."""
    parts = _DURATION.fullmatch(text.strip())
    if parts is None:
        raise ValueError(f"{name}: {quoted(text)} is not a duration")
    sign = -1 if parts[1] == "-" else 1
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in parts.groups()[1:])
    return Length(
        sign * timedelta(weeks=weeks, days=days),
        sign * timedelta(hours=hours, minutes=minutes, seconds=seconds),
    )


def _length(one: dict[str, Property], start: Moment, zones: Zones) -> tuple[Length, datetime]:
    """How long an event is, and its end in UTC; the defaults of section 3.6.1."""
    if "DTEND" in one:
        end = _moment(one["DTEND"], one["DTEND"].value, zones)
        if end.is_date != start.is_date:
            raise ValueError("one of DTSTART and DTEND is a date, the other a time")
        length = _until_then(start, end)
        # its own end is the instant that is written, unless the start was moved past it
        finish = end.utc
        return length, finish if finish > start.utc else length.end(start.local, start.zone)
    if "DURATION" in one:
        length = _duration("DURATION", one["DURATION"].value)
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


def _rdate(found: Property, text: str, zones: Zones) -> tuple[Moment, Length | None]:
    """One value of RDATE, section 3.8.5.2: a date, a time, or a PERIOD (3.3.9)."""
    begin, slash, rest = text.partition("/")
    start = _moment(found, begin, zones)
    if not slash:
        return start, None
    if rest.strip()[:1].upper() in ("P", "+", "-"):
        return start, _duration("RDATE", rest)
    return start, _until_then(start, _moment(found, rest, zones))


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
