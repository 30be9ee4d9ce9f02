"""PagerDuty: a schedule as its REST API (v2) gives one, with its overrides and users.

GET /schedules/{id} (with `since` and `until`, its overrides too), GET /schedules/{id}/overrides,
GET /users. The API lists the layers from the highest to the lowest.
"""

from __future__ import annotations

from datetime import datetime, time

from rotation.dataclasses import replace
from rotation.imports.draft import NOWHERE, Draft, People, every_of, turns_of, zone_of
from rotation.imports.entry import JsonEntry, Strange
from rotation.imports.week import DAY, windows
from rotation.model import FixedShift, Window


def schedules(document: JsonEntry) -> list[JsonEntry]:
    """The schedules in a document that come with their layers."""
    if "schedule" in document and "schedule_layers" in document.entry("schedule"):
        return [document.entry("schedule")]
    if "schedules" in document and isinstance(document.values["schedules"], list):
        return [entry for entry in document.entries("schedules") if "schedule_layers" in entry]
    return [document] if "schedule_layers" in document else []


def overrides(document: JsonEntry) -> list[JsonEntry]:
    """The overrides in an answer of their own."""
    if "overrides" in document and isinstance(document.values["overrides"], list):
        return document.entries("overrides")
    return []


def draft(schedule: JsonEntry, more: list[JsonEntry], people: People, now: datetime) -> Draft:
    """What the schedule, and the overrides `more`, say from `now` on. Raises Strange."""
    roster = Draft(schedule.text("name", "pagerduty"), zone_of(schedule.text("time_zone")))
    layers = schedule.entries("schedule_layers")
    for number, layer in enumerate(layers):
        _layer(roster, layer, len(layers) - 1 - number, people, now)
    rendered: list[JsonEntry] = []
    if "override_subschedule" in schedule:
        rendered = schedule.entry("override_subschedule").entries("rendered_schedule_entries")
    seen = set()
    for override in (*rendered, *more):
        start, end = override.instant("start"), override.instant("end")
        user = override.entry("user")
        key = people.key(user.text("id"), user.text("summary", "") or user.text("name", ""))
        if end > now and start < end and (start, end, key) not in seen:
            seen.add((start, end, key))
            note = "override in PagerDuty"
            shift = FixedShift(start, end, (key,), NOWHERE, priority=len(layers), note=note)
            roster.shifts.append(shift)
    if not rendered and not more:
        roster.odd.append(
            "no overrides were in the file: ask for them with since and until, or /overrides"
        )
    return roster


def _layer(roster: Draft, layer: JsonEntry, priority: int, people: People, now: datetime) -> None:
    name = layer.text("name", "") or "layer"
    until = layer.instant("end") if "end" in layer else None
    if until is not None and until <= now:
        roster.left.append(f"layer {name!r}, which ended {until:%Y-%m-%d}")
        return
    turns = [_user(member.entry("user"), people) for member in layer.entries("users")]
    every = every_of(layer.number("rotation_turn_length_seconds"))
    if not turns or every is None:
        why = "in which there are no people" if not turns else "whose turns are not whole hours"
        roster.left.append(f"layer {name!r}, {why}")
        return
    begin, since = layer.instant("rotation_virtual_start"), layer.instant("start")
    if begin.second:
        roster.odd.append(f"layer {name!r} began within a minute: taken for its beginning")
    hours = _hours(roster, name, layer)
    if hours is None:
        return
    rotation = turns_of(name, turns, every, begin, roster.zone, hours, priority)
    roster.add(replace(rotation, until=until, since=since if since > begin else None))


def _user(user: JsonEntry, people: People) -> tuple[str, ...]:
    name = user.text("summary", "") or user.text("name", "")
    return (people.key(user.text("id"), name, user.text("email", "")),)


def _hours(roster: Draft, name: str, layer: JsonEntry) -> tuple[Window, ...] | None:
    """The restrictions of a layer; None, and why, where they cannot be written."""
    stretches = []
    for entry in layer.entries("restrictions"):
        at, seconds = entry.text("start_time_of_day"), entry.number("duration_seconds")
        try:
            clock = time.fromisoformat(at.removesuffix("Z"))
        except ValueError:
            raise Strange(f"{entry.label} begins at {at!r}") from None
        if clock.second or seconds % 60 or seconds <= 0:
            roster.left.append(f"layer {name!r}, whose hours are not in whole minutes")
            return None
        start, length = clock.hour * 60 + clock.minute, seconds // 60
        if entry.text("type") == "weekly_restriction":
            day = entry.number("start_day_of_week")
            if not 1 <= day <= 7:
                raise Strange(f"{entry.label} has no day of the week")
            stretches.append(((day - 1) * DAY + start, length))
        elif entry.text("type") == "daily_restriction":
            stretches += [(day * DAY + start, min(length, DAY)) for day in range(7)]
        else:
            raise Strange(f"{entry.label} is a {entry.text('type')!r}")
    return windows(stretches) if stretches else ()
