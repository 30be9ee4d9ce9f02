"""Time zones by their IANA names, with a hint for what is none."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

from rotation.errors import closest, did_you_mean
from rotation.toml.table import Table

_ABBREVIATION = re.compile(r"[A-Za-z]{2,5}([+-]?\d{1,2})?\Z", re.ASCII)


def read_zone(table: Table, *, required: str | None = None) -> ZoneInfo | None:
    """The zone that `timezone` names; `required` is the hint given when it is missing."""
    name = table.text("timezone", required=required)
    if name is None:
        return None
    if (hint := zone_hint(name)) is not None:
        table.report("timezone", f"unknown time zone {name!r}", hint)
        return None
    return ZoneInfo(name)


def zone_hint(name: str) -> str | None:
    """What to write instead of a name that is no zone; None for one that is."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # unknown, a folder, or no relative path
        return _hint(name)
    return None


def _hint(name: str) -> str:
    """What to write instead. An abbreviation is never taken for a misspelling of another one: they
    are many hours apart (CEST and EST)."""
    from zoneinfo import available_timezones

    places = {zone for zone in available_timezones() if "/" in zone}
    cities = {zone.rsplit("/", 1)[-1]: zone for zone in sorted(places, reverse=True)}
    wanted = name.strip().replace(" ", "_")
    guess = cities.get(wanted.title())
    if guess is None and not _ABBREVIATION.match(name):
        guess = closest(wanted, places)
        city = closest(wanted.rsplit("/", 1)[-1], cities)
        guess = guess or (cities[city] if city else None)
    if guess is not None:
        return did_you_mean(guess)
    example = 'an IANA name, as in timezone = "Europe/London"'
    if _ABBREVIATION.match(name):
        return f"an abbreviation is not a zone, and may stand for several: {example}"
    return example
