"""Names of zones, as they are met in calendars, to the zones of the host."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

# files in a zoneinfo folder that are not zones, or count leap seconds
_NOT_ZONES = re.compile(r"posix|right/|localtime|factory", re.IGNORECASE)
_DISPLAYED = re.compile(
    r"\((?:UTC|GMT)(?:([+-])(\d\d):?(\d\d))?\)\s*(.{1,200})", re.ASCII | re.IGNORECASE
)
_MICROSOFT_UTC = frozenset({"tzone://microsoft/utc", "coordinated universal time"})


def iana(name: str) -> ZoneInfo | None:
    """A name of the IANA database, as it is written there."""
    if _NOT_ZONES.match(name):
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def prefixed(name: str) -> ZoneInfo | None:
    """`/mozilla.org/20050126_1/Europe/Berlin` and its like: the globally unique form of 3.2.19."""
    parts = name.split("/")
    if not name.startswith("/"):
        return None
    tails = ("/".join(parts[-length:]) for length in (3, 2, 1) if length < len(parts))
    return next((zone for tail in tails if (zone := iana(tail))), None)


def windows(name: str) -> ZoneInfo | None:
    """`W. Europe Standard Time` and its like, in any case, by the table of Unicode's CLDR."""
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    wanted = name.casefold()
    if wanted in _MICROSOFT_UTC:
        return iana("UTC")
    names = (region for known, region in WINDOWS_TO_OLSON.items() if known.casefold() == wanted)
    return next((zone for region in names if (zone := iana(region))), None)


def any_case(name: str) -> ZoneInfo | None:
    """A name of the IANA database in any case."""
    known = _iana_names().get(name.casefold())
    return iana(known) if known else None


def displayed(name: str) -> ZoneInfo | None:
    """`(UTC+01:00) Amsterdam, Berlin, Bern` and its like: zones as Windows shows them to people.

    Microsoft lists no such names beside the short ones, and they change. What they say is taken
    at its word: a Windows name without "Standard Time", or a city that the IANA database has, and
    it must have the offset that is written.
    """
    match = _DISPLAYED.fullmatch(name)
    if match is None:
        return None
    offset = timedelta(hours=int(match[2] or 0), minutes=int(match[3] or 0))
    if match[1] == "-":
        offset = -offset
    words = match[4].strip()
    if words.casefold() == "coordinated universal time" and not offset:
        return iana("UTC")
    bare = re.sub(r"\s*\([^)]*\)", "", words).removesuffix(" Time")
    candidates = [windows(f"{bare} Standard Time")]
    for city in words.split(","):
        wanted = city.strip().replace(" ", "_").casefold()
        ends = (known for end, known in sorted(_iana_names().items()) if end.endswith(f"/{wanted}"))
        candidates.extend(iana(known) for known in ends)
    return next((zone for zone in candidates if zone and _standard(zone) == offset), None)


def _standard(zone: ZoneInfo) -> timedelta | None:
    """The lesser of a zone's offsets in winter and in summer, as its own data has them now."""
    offsets = (datetime(2026, month, 1, tzinfo=zone).utcoffset() for month in (1, 7))
    return min(offset for offset in offsets if offset is not None)


@cache
def _iana_names() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}
