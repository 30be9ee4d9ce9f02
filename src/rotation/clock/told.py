"""Instants in words, to the minute: as people say them, and as commands take them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo


def moment(
    at: datetime, zone: ZoneInfo | None, now: datetime | None = None, *, named: bool = False
) -> str:
    """An instant as people say it, in `zone` (None: in its own): Mon 5 Jan 2026 09:00.

    Without the year where that is the one of `now`; with the zone's short name where `named`.
    """
    local = at if zone is None else at.astimezone(zone)
    this_year = now is not None and now.astimezone(local.tzinfo).year == local.year
    year = "" if this_year else f" {local.year}"
    return local.strftime(f"%a {local.day} %b{year} %H:%M{' %Z' if named else ''}")


def day_and_time(
    at: datetime, zone: ZoneInfo | None, *, weekday: bool = True, named: bool = False
) -> str:
    """The same with the date as commands take it: Mon 2026-01-05 09:00, or without `weekday`."""
    local = at if zone is None else at.astimezone(zone)
    day = f"{local:%a} " if weekday else ""
    return f"{day}{local:%Y-%m-%d %H:%M}{f' {local:%Z}' if named else ''}"
