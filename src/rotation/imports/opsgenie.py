"""Opsgenie: a schedule of its configuration backup, or as its API gives one.

What is what: docs.opsgenie.com/docs/schedule-api, schedule-rotation-api and schedule-override-api;
the backup writes a schedule with `rotations` and `scheduleOverrideList` into one file each.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from rotation.imports.draft import NOWHERE, Draft, People, turns_of, zone_of
from rotation.imports.entry import JsonEntry, Strange
from rotation.imports.week import DAY, WEEK, windows
from rotation.model import Every, FixedShift, Unit, Window

_UNITS = {"hourly": Unit.HOUR, "daily": Unit.DAY, "weekly": Unit.WEEK}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def schedules(document: JsonEntry) -> list[JsonEntry]:
    """The schedules in a document, each with the overrides beside it; none where there are none."""
    if "rotations" in document:
        return [document]
    if "schedule" in document and "rotations" in document.entry("schedule"):
        inner = dict(document.entry("schedule").values)
        inner.setdefault("overrides", document.values.get("scheduleOverrideList"))
        return [JsonEntry(inner, "the schedule")]
    data = document.values.get("data")
    if isinstance(data, dict) and "rotations" in data:
        return [document.entry("data")]
    if isinstance(data, list) and all(isinstance(item, dict) for item in data):
        return [entry for entry in document.entries("data") if "rotations" in entry]
    return []


def draft(schedule: JsonEntry, people: People, now: datetime) -> Draft:
    """What the schedule says from `now` on. Raises Strange for what cannot be understood."""
    roster = Draft(schedule.text("name", "opsgenie"), zone_of(schedule.text("timezone")))
    names: dict[str, str] = {}
    for rotation in schedule.entries("rotations"):
        name = rotation.text("name", "") or "rotation"
        if "id" in rotation:
            names[rotation.text("id")] = name
        _rotation(roster, rotation, name, people, now)
    for override in schedule.entries("overrides"):
        _override(roster, override, len(schedule.entries("rotations")), people, now)
    if schedule.values.get("enabled") is False:
        roster.odd.append("the schedule was disabled")
    return roster


def _rotation(roster: Draft, entry: JsonEntry, name: str, people: People, now: datetime) -> None:
    until = entry.instant("endDate") if "endDate" in entry else None
    if until is not None and until <= now:
        roster.left.append(f"rotation {name!r}, which ended {until:%Y-%m-%d}")
        return
    turns: list[tuple[str, ...]] = []
    for participant in entry.entries("participants"):
        kind = participant.text("type")
        if kind == "none":
            turns.append(())
        elif kind == "user":
            email = participant.text("username", "")
            turns.append((people.key(participant.text("id", "") or email, email=email),))
        else:
            called = participant.text("name", "") or participant.text("id", "")
            roster.left.append(
                f"the {kind} {called!r} in rotation {name!r}: nobody has its turns; name people"
            )
            turns.append(())
    if not any(turns):
        roster.left.append(f"rotation {name!r}, in which there are no people")
        return
    kind, count = entry.text("type"), entry.number("length", 1)
    if kind not in _UNITS or not 1 <= count <= 1000:
        raise Strange(f"rotation {name!r} is {kind!r} with the length {count}")
    hours = _hours(entry.entry("timeRestriction")) if "timeRestriction" in entry else ()
    if hours is None:
        raise Strange(f"rotation {name!r} has a restriction without hours")
    begin = entry.instant("startDate")
    rotation = turns_of(name, turns, Every(count, _UNITS[kind]), begin, roster.zone, hours)
    roster.add(replace(rotation, until=until))


def _hours(restriction: JsonEntry) -> tuple[Window, ...] | None:
    """`time-of-day` is each day, `weekday-and-time-of-day` a stretch from one day to another."""
    listed = restriction.entries("restrictions")
    if "restriction" in restriction:
        listed.append(restriction.entry("restriction"))
    stretches = []
    for entry in listed:
        start, end = (
            entry.number(f"{edge}Hour", 0) * 60 + entry.number(f"{edge}Min", 0)
            for edge in ("start", "end")
        )
        if not (0 <= start <= DAY and 0 <= end <= DAY):
            raise Strange(f"{entry.label} has hours that no day has")
        if restriction.text("type") == "time-of-day":
            length = (end - start) % DAY or DAY
            stretches += [(day * DAY + start, length) for day in range(7)]
            continue
        first, last = (entry.text(f"{edge}Day").lower() for edge in ("start", "end"))
        if first not in _DAYS or last not in _DAYS:
            raise Strange(f"{entry.label} has no days of the week")
        start, end = _DAYS.index(first) * DAY + start, _DAYS.index(last) * DAY + end
        stretches.append((start, (end - start) % WEEK or WEEK))
    return windows(stretches)


def _override(
    roster: Draft, entry: JsonEntry, rotations: int, people: People, now: datetime
) -> None:
    start, end = entry.instant("startDate"), entry.instant("endDate")
    if end <= now or start >= end:
        return
    user = entry.entry("user")
    said = f"the override from {_local(start, roster.zone)} to {_local(end, roster.zone)}"
    if user.text("type", "user") != "user":
        roster.left.append(f"{said}, whose taker is no person")
        return
    email = user.text("username", "")
    if 0 < len(entry.entries("rotations")) < rotations:
        only = ", ".join(rotation.text("name", "?") for rotation in entry.entries("rotations"))
        roster.left.append(f"{said} by {email or user.text('id', '?')}, of {only} alone: `cover`")
        return
    key = people.key(user.text("id", "") or email, email=email)
    note = "override in Opsgenie"
    roster.shifts.append(FixedShift(start, end, (key,), NOWHERE, priority=1, note=note))


def _local(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
