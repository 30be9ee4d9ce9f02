"""Local dates and times to instants, in the one way that every rule of time needs.

Sources: PEP 495 (`fold`), RFC 5545 section 3.3.5 for local times that do not exist or exist
twice. All instants that leave this module are aware and in UTC unless said otherwise.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


class NotATime(ValueError):
    """A local time that does not exist, or exists twice; the message shows both readings."""


def resolve(local: datetime, zone: ZoneInfo, *, last: bool = False) -> datetime:
    """The instant (UTC) of a naive local time in `zone`.

    A time that does not exist is moved forward by the gap (02:30 becomes 03:30). One that exists
    twice is the first, or with `last` the last: ends of duty hours use that.
    """
    first = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if not last:
        return first
    second = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    # in a gap fold=1 lies before fold=0; only in a repeated hour it is the later one
    return max(first, second)


def resolve_strict(local: datetime, zone: ZoneInfo) -> datetime:
    """The instant (UTC) of a naive local time that a person typed.

    Raises NotATime where the time does not exist or exists twice, with both readings.
    """
    first = local.replace(tzinfo=zone, fold=0)
    second = local.replace(tzinfo=zone, fold=1)
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(UTC)
    early, late = sorted((first.astimezone(UTC), second.astimezone(UTC)))
    readings = " or ".join(at.astimezone(zone).isoformat() for at in (early, late))
    exists = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == local
    trouble = (
        "exists twice (ambiguous local time)"
        if exists
        else "does not exist (nonexistent local time)"
    )
    raise NotATime(f"{local:%Y-%m-%d %H:%M} {trouble} in {zone.key}: write {readings}")


def to_local(instant: datetime, zone: ZoneInfo) -> datetime:
    """The naive local time of an instant in `zone`."""
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)


def minute(instant: datetime) -> datetime:
    """The beginning of the minute that an instant lies in: people plan in minutes."""
    return instant.replace(second=0, microsecond=0)


def midnight(day: date, minutes: int = 0) -> datetime:
    """The naive local time `minutes` after the midnight that begins `day` (1440: the next)."""
    return datetime.combine(day, time()) + timedelta(minutes=minutes)


def day_begins(day: date, zone: ZoneInfo) -> datetime:
    """The instant (UTC) at which a local day begins."""
    return resolve(midnight(day), zone)


def stored(text: str) -> datetime:
    """The instant (UTC) that was written down in ISO 8601; ValueError where it has no offset."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"no offset: {text}")
    return at.astimezone(UTC)


def add_months(local: datetime, months: int) -> datetime:
    """`local` moved by whole months; a day that the month lacks becomes its last (clamped)."""
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    return local.replace(
        year=year, month=month + 1, day=min(local.day, monthrange(year, month + 1)[1])
    )
