"""GoAlert: a schedule with its targets, rotations and overrides, as its GraphQL API gives them.

The names are those of its schema; docs/recipes.md has the query. A rotation there keeps who is on
duty now and when the next handoff is, and its turns are counted from there.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from rotation.clock.local import resolve
from rotation.dataclasses import replace
from rotation.imports.draft import NOWHERE, Draft, People, minus_turn, turns_of, zone_of
from rotation.imports.entry import JsonEntry, Strange
from rotation.imports.week import DAY, windows
from rotation.model import EVERYBODY, Every, Override, Rotation, Unit, Window

_UNITS = {"hourly": Unit.HOUR, "daily": Unit.DAY, "weekly": Unit.WEEK, "monthly": Unit.MONTH}


def schedules(document: JsonEntry) -> list[JsonEntry]:
    """The schedules in an answer that come with their targets."""
    data = document.entry("data") if isinstance(document.values.get("data"), dict) else document
    if "schedule" in data and "targets" in data.entry("schedule"):
        return [data.entry("schedule")]
    return [entry for entry in _nodes(data, "schedules") if "targets" in entry]


def draft(schedule: JsonEntry, documents: list[JsonEntry], people: People, now: datetime) -> Draft:
    """What the schedule says from `now` on, with rotations and overrides of all documents.

    Raises Strange for what cannot be understood.
    """
    roster = Draft(schedule.text("name", "goalert"), zone_of(schedule.text("timeZone")))
    answers = [
        answer.entry("data") if isinstance(answer.values.get("data"), dict) else answer
        for answer in documents
    ]
    rotations: dict[str, JsonEntry] = {}
    for answer in answers:
        single = [answer.entry("rotation")] if "rotation" in answer else []
        rotations |= {entry.text("id"): entry for entry in (*_nodes(answer, "rotations"), *single)}
    for target in schedule.entries("targets"):
        _target(roster, target, rotations, people)
    for temporary in schedule.entries("temporarySchedules"):
        roster.overrides += _temporary(temporary, people, now)
    for answer in answers:
        for override in _nodes(answer, "userOverrides"):
            roster.overrides += _override(override, people, now)
    return roster


def _nodes(entry: JsonEntry, key: str) -> list[JsonEntry]:
    inner = entry.values.get(key)
    return entry.entry(key).entries("nodes") if isinstance(inner, dict) else []


def _target(
    roster: Draft, target: JsonEntry, rotations: dict[str, JsonEntry], people: People
) -> None:
    aim = target.entry("target")
    kind, id_, name = aim.text("type"), aim.text("id"), aim.text("name", "") or "rotation"
    hours = _hours(target.entries("rules"))
    if hours is None:
        roster.left.append(f"the {kind} {name!r}, which has no hours")
        return
    if kind == "user":
        key = people.key(id_, name)
        first = datetime(2024, 1, 1, tzinfo=roster.zone)  # a Monday: it is always their turn
        weekly = Every(1, Unit.WEEK)
        roster.add(turns_of(f"always {name}", [(key,)], weekly, first, roster.zone, hours))
    elif kind == "rotation" and id_ in rotations:
        roster.add(_rotation(roster, rotations[id_], name, hours, people))
    elif kind == "rotation":
        raise Strange(f"the rotation {name!r} is not in the answer: ask for it too")
    else:
        roster.left.append(f"the target {name!r}, a {kind}")


def _rotation(
    roster: Draft, entry: JsonEntry, name: str, hours: tuple[Window, ...], people: People
) -> Rotation:
    kind, count = entry.text("type"), entry.number("shiftLength", 1)
    if kind not in _UNITS or not 1 <= count <= 10_000:
        raise Strange(f"rotation {name!r} is {kind!r} with the length {count}")
    every, zone = Every(count, _UNITS[kind]), zone_of(entry.text("timeZone"))
    turns = [(people.key(u.text("id"), u.text("name", "")),) for u in entry.entries("users")]
    if not turns:
        raise Strange(f"rotation {name!r} has no users in the answer")
    begin = entry.instant("start")
    coming = entry.values.get("nextHandoffTimes")
    if isinstance(coming, list) and coming:
        at = JsonEntry({"at": coming[0]}, f"'nextHandoffTimes' of rotation {name!r}").instant("at")
        # the turn that runs now is that of whoever is on duty, and began one turn earlier
        begin = resolve(minus_turn(at, every, zone), zone)
        active = entry.number("activeUserIndex", 0) % len(turns)
        turns = turns[active:] + turns[:active]
    else:
        roster.odd.append(
            f"rotation {name!r} is counted from its start: with nextHandoffTimes and "
            "activeUserIndex it would be from who is on duty now"
        )
    if hours and every.unit is Unit.MONTH:
        roster.odd.append(f"rotation {name!r}: months with hours; compare them with --feed")
    rotation = turns_of(name, turns, every, begin, zone, hours)
    if zone.key == roster.zone.key:
        return rotation
    if hours:
        roster.odd.append(
            f"rotation {name!r} hands off on the clock of {zone.key}; its hours, which were those "
            f"of {roster.zone.key}, are read on that clock too"
        )
    return replace(rotation, zone=zone)


def _hours(rules: list[JsonEntry]) -> tuple[Window, ...] | None:
    stretches = []
    for rule in rules:
        days = rule.flags("weekdayFilter", 7)  # the first is Sunday
        start, end = (_clock(rule, edge) for edge in ("start", "end"))
        for number, on in enumerate(days):
            if on:
                stretches.append((((number - 1) % 7) * DAY + start, (end - start) % DAY or DAY))
    return windows(stretches)


def _clock(rule: JsonEntry, key: str) -> int:
    hour, colon, minute = rule.text(key).partition(":")
    if not (colon and hour.isdecimal() and minute.isdecimal()):
        raise Strange(f"{rule.label} has no time of day as {key!r}")
    if int(hour) > 23 or int(minute) > 59:
        raise Strange(f"{rule.label} has no time of day as {key!r}")
    return int(hour) * 60 + int(minute)


def _temporary(entry: JsonEntry, people: People, now: datetime) -> Iterator[Override]:
    """A temporary schedule has its own shifts and nobody else."""
    start, end = entry.instant("start"), entry.instant("end")
    if end <= now or start >= end:
        return
    note = "temporary schedule in GoAlert"
    yield Override(start, end, NOWHERE, out=EVERYBODY, note=note)
    for shift in entry.entries("shifts"):
        begin, stop = max(shift.instant("start"), start), min(shift.instant("end"), end)
        if begin < stop:
            key = people.key(shift.text("userID"))
            yield Override(begin, stop, NOWHERE, in_=key, note=note)


def _override(entry: JsonEntry, people: People, now: datetime) -> Iterator[Override]:
    start, end = entry.instant("start"), entry.instant("end")
    if end <= now or start >= end:
        return
    keys = [
        people.key(entry.entry(who).text("id"), entry.entry(who).text("name", ""))
        if who in entry
        else None
        for who in ("removeUser", "addUser")
    ]
    if any(keys):
        yield Override(start, end, NOWHERE, out=keys[0], in_=keys[1], note="override in GoAlert")
