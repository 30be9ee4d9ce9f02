"""Opsgenie: a schedule of its configuration backup, or as its API gives one.

What is what: docs.opsgenie.com/docs/schedule-api, schedule-rotation-api and schedule-override-api;
the backup writes a schedule with `rotations` and `scheduleOverrideList` into one file each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from rotation.clock.told import day_and_time
from rotation.dataclasses import replace
from rotation.imports.draft import MOST, NOWHERE, Draft, People, turns_of, zone_of
from rotation.imports.entry import JsonEntry, Strange
from rotation.imports.week import DAY, WEEK, windows
from rotation.model import Every, FixedShift, Override, Roster, Rotation, Unit, Window
from rotation.schedule.final import Schedule

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
    rotations: dict[str, Rotation | None] = {}
    for entry in schedule.entries("rotations"):
        name = entry.text("name", "") or "rotation"
        rotation = _rotation(roster, entry, name, people, now)
        for known in filter(None, (entry.text("id", ""), name)):
            rotations.setdefault(known, rotation)
    for override in schedule.entries("overrides"):
        every = len(schedule.entries("rotations"))
        _override(roster, override, rotations, every, people, now)
    if schedule.values.get("enabled") is False:
        roster.odd.append("the schedule was disabled")
    return roster


def _rotation(
    roster: Draft, entry: JsonEntry, name: str, people: People, now: datetime
) -> Rotation | None:
    """The rotation as it stands in the roster then, if it does."""
    until = entry.instant("endDate") if "endDate" in entry else None
    if until is not None and until <= now:
        roster.left.append(f"rotation {name!r}, which ended {until:%Y-%m-%d}")
        return None
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
        return None
    kind, count = entry.text("type"), entry.number("length", 1)
    if kind not in _UNITS or not 1 <= count <= 1000:
        raise Strange(f"rotation {name!r} is {kind!r} with the length {count}")
    hours = _hours(entry.entry("timeRestriction")) if "timeRestriction" in entry else ()
    if hours is None:
        raise Strange(f"rotation {name!r} has a restriction without hours")
    begin = entry.instant("startDate")
    rotation = turns_of(name, turns, Every(count, _UNITS[kind]), begin, roster.zone, hours)
    roster.add(replace(rotation, until=until))
    return roster.rotations[-1]


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
    roster: Draft,
    entry: JsonEntry,
    rotations: Mapping[str, Rotation | None],
    every: int,
    people: People,
    now: datetime,
) -> None:
    start, end = entry.instant("startDate"), entry.instant("endDate")
    if end <= now or start >= end:
        return
    user = entry.entry("user")
    at, until = (day_and_time(when, roster.zone, weekday=False) for when in (start, end))
    said = f"the override from {at} to {until}"
    if user.text("type", "user") != "user":
        roster.left.append(f"{said}, whose taker is not a person")
        return
    email = user.text("username", "")
    of = entry.entries("rotations")
    key = people.key(user.text("id", "") or email, email=email)
    if not 0 < len(of) < every:
        note = "override in Opsgenie"
        roster.shifts.append(FixedShift(start, end, (key,), NOWHERE, priority=1, note=note))
        return
    for only in of:
        name = only.text("name", "")
        rotation = rotations.get(only.text("id", ""), rotations.get(name))
        label = f"{said} by {key}, of {name or only.text('id', '?')!r} alone"
        if rotation is None:
            roster.left.append(f"{label}: that rotation is not carried over")
            continue
        try:
            some = _override_of(roster, rotation, (max(start, now), end), key)
        except _TooManyError:
            roster.left.append(f"{label}: too many turns; see `rotation cover` and `assign`")
            continue
        if not some:
            roster.left.append(f"{label}: that rotation has no hours then")
        elif rotation.hours:
            roster.odd.append(f"{label}: {key} has only the hours of that rotation")


class _TooManyError(Exception):
    """A plan cannot be followed turn by turn for that long."""


def _override_of(
    draft: Draft, rotation: Rotation, span: tuple[datetime, datetime], key: str
) -> bool:
    """Put somebody in the place of whomever one rotation has on duty, in its hours alone; False
    where none of them are in the span. Raises _TooManyError, and then nothing is changed.

    Whoever is on duty by another rotation as well stays so.
    """
    whole = _alone(draft, [replace(rotation, turns=((key,),))])
    turns = _alone(draft, [rotation])
    others = _alone(draft, [r for r in draft.rotations if r.name != rotation.name])
    hours = (piece for piece in whole.places(*span) if piece.duties)
    some, looked_at = False, 0
    overrides: list[Override] = []
    for piece in (piece for o in hours for piece in turns.places(o.start, o.end)):
        some = True
        for beside in others.places(piece.start, piece.end):
            looked_at += 1
            if looked_at > MOST or len(draft.overrides) + len(overrides) >= MOST:
                raise _TooManyError
            leaving = [person for person in piece.duties if person not in (key, *beside.duties)]
            if not leaving and key in (*piece.duties, *beside.duties):
                continue
            outs: list[str | None] = [*leaving] or [None]
            note = f"override of {rotation.name} in Opsgenie"
            overrides += [
                Override(beside.start, beside.end, NOWHERE, out=out, in_=key, note=note)
                for out in outs
            ]
    draft.overrides += overrides
    return some


def _alone(draft: Draft, rotations: Sequence[Rotation]) -> Schedule:
    """What some of the rotations say, and nothing else."""
    return Schedule(Roster(draft.name, Path(draft.name), draft.zone, {}, (), tuple(rotations)))
