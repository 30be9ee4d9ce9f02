"""Points and lengths of time as an iCalendar writes them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from rotation.calendars.repair import Property, quoted
from rotation.calendars.zones import UTC_ZONE, Unexplained, Zone, Zones
from rotation.dataclasses import dataclass

_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?", re.ASCII | re.IGNORECASE)
_DURATION = re.compile(
    r"([+-]?)P(?=\w)(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?",
    re.ASCII | re.IGNORECASE,
)


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


def moment(source: Property, text: str, zones: Zones, *, anywhere: bool = False) -> Moment:
    """DATE and DATE-TIME, sections 3.3.4 and 3.3.5; the form decides, not VALUE.

    `anywhere`: its zone may be unexplained. Raises ValueError where it is neither, OverflowError
    where it has no instant in UTC.
    """
    parts = _TIME.fullmatch(text.strip())
    if parts is None:
        raise ValueError(f"{source.name}: {quoted(text)} is not a date or time")
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
        raise ValueError(f"{source.name}: {quoted(text)} does not exist: {error}") from error
    if parts[4] is None:
        written = Moment(local, zones.home, is_date=True)
    elif parts[7]:
        written = Moment(local, UTC_ZONE)
    elif (tzid := source.parameters.get("TZID")) is not None:
        written = Moment(local, zones.find(tzid))
    else:
        written = Moment(local, zones.floating, floating=True)
    if not (anywhere and isinstance(written.zone, Unexplained)):
        written.zone.to_utc(local)
    return written


def duration(name: str, text: str) -> Length:
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
