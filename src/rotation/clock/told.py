"""Instants in words: those that people read, and those that they can type back."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo


def moment(
    at: datetime, zone: ZoneInfo | None, now: datetime | None = None, *, named: bool = False
) -> str:
    """An instant as people say it, in `zone` (None: in its own): Mon 5 Jan 2026 09:00.

    Without the year where that is the one of `now`; with the zone's short name where `named`.
    """
    local = _local(at, zone)
    this_year = now is not None and now.astimezone(local.tzinfo).year == local.year
    year = "" if this_year else f" {local.year}"
    return f"{local:%a} {local.day} {local:%b}{year} {_time(local, named=named)}"


def dated(at: datetime, zone: ZoneInfo | None, *, weekday: bool = True, named: bool = False) -> str:
    """An instant with its date as commands take it, in `zone` (None: in its own): Mon 2026-01-05
    09:00."""
    local = _local(at, zone)
    day = f"{local:%a} " if weekday else ""
    return f"{day}{local:%Y-%m-%d} {_time(local, named=named)}"


def _local(at: datetime, zone: ZoneInfo | None) -> datetime:
    return at if zone is None else at.astimezone(zone)


def _time(local: datetime, *, named: bool) -> str:
    seconds = f":{local:%S}" if local.second else ""
    return f"{local:%H:%M}{seconds}{f' {local:%Z}' if named else ''}"
