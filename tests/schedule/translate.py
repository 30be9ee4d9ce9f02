"""The cases of `tests/cases/schedule.json`, which come from other schedulers, as our files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

CASES = Path(__file__).parents[1] / "cases" / "schedule.json"
DAY = timedelta(days=1)
UNITS = {"hourly": "hours", "daily": "days", "weekly": "weeks", "monthly": "months"}
DAY_NAMES = {
    "MO": "mon",
    "TU": "tue",
    "WE": "wed",
    "TH": "thu",
    "FR": "fri",
    "SA": "sat",
    "SU": "sun",
}

NOT_EXPRESSIBLE = {
    "monthly-first-four-days": "duty hours are by weekday, not by day of the month",
    "ics-one-occurrence-reassigned": "needs a calendar",
    "ics-consecutive-all-day-weeks": "needs a calendar",
    "ics-handoff-instant-has-exactly-one": "needs a calendar",
    "ics-duty-in-progress-at-first-sync": "needs a calendar",
    "ics-export-stable-uid": "a question about the exported calendar",
}
"""The cases that no roster can say, and why."""
REPORTED = (
    "pick-longest-rested",
    "pick-largest-min-distance",
    "score-one-day-one-person",
    "score-formula",
)
"""The cases that `tests/report/test_cases.py` asks `rotation report`."""

Case = Mapping[str, Any]


@dataclass(frozen=True)
class Files:
    """A case as a roster file and its overrides file."""

    roster: str
    overrides: str


def all_cases() -> list[Case]:
    """Every case."""
    cases: list[Case] = json.loads(CASES.read_text())["cases"]
    return cases


def expressible() -> list[Case]:
    """The cases that a roster can say."""
    return [case for case in all_cases() if case["id"] not in (*NOT_EXPRESSIBLE, *REPORTED)]


def translate(case: Case) -> Files:
    """The case's definition as files."""
    definition: Mapping[str, Any] = case["definition"]
    rotations = "".join(_rotations(definition))
    fixed = "".join(
        f"\n[[shift]]\nstart = {_stamp(shift['start'])}\nend = {_stamp(shift['end'])}\n"
        f"people = {json.dumps(shift['people'])}\n"
        for shift in definition.get("fixed", ())
    )
    people = "".join(f'{key} = "{key}@example.com"\n' for key in sorted(_people(definition)))
    roster = f'timezone = "{case["zone"]}"\n\n[people]\n{people}{rotations}{fixed}'
    return Files(roster, "".join([*_overrides(definition), *_absences(definition)]))


def rejected(case: Case) -> list[Files]:
    """The definition once for each override that must be refused."""
    definition = case["definition"]
    return [
        translate({**case, "definition": {"overrides": [override]}})
        for override in definition["overrides_to_reject"]
    ]


def _people(definition: Mapping[str, Any]) -> set[str]:
    found: set[str] = set()
    for thing in (*definition.get("rotations", ()), *definition.get("fixed", ())):
        for turn in thing.get("turns", (thing.get("people", ()),)):
            found.update(turn)
    for change in (*definition.get("overrides", ()), *definition.get("covers", ())):
        found.update(change.get("only", ()))
        found.update(change[key] for key in ("add", "remove", "from", "to") if key in change)
    found.update(definition.get("people", ()))
    found.update(definition.get("roster", ()))
    return found


def _rotations(definition: Mapping[str, Any]) -> list[str]:
    if "already_assigned" in definition:
        return _extended(definition)
    if "weeks" in definition:
        return [
            _block("duty", [[p] for p in definition["people"]], "1 weeks", definition["weeks"][0])
        ]
    made: list[str] = []
    blocks = definition.get("rotations", ())
    for index, rotation in enumerate(blocks):
        superseded = any(later["name"] == rotation["name"] for later in blocks[index + 1 :])
        if "continue_from" in rotation:
            made.append(_continued(rotation))
        else:
            made.append(_rotation(rotation, cut=not superseded))
    return made


def _rotation(rotation: Mapping[str, Any], *, cut: bool) -> str:
    anchor = datetime.fromisoformat(rotation["anchor"])
    windows = _hours(rotation)
    count, unit = rotation["every"], UNITS[rotation["kind"]]
    if windows and unit == "days" and rotation.get("counting") == "calendar":
        count, unit = count * 24, "hours"  # days with hours count windows, hours do not
    rest = {"handoff": f'"{anchor:%H:%M}"'}
    if windows:
        rest["hours"] = json.dumps(windows)
    if "effective_from" in rotation:
        rest["since"] = _stamp(rotation["effective_from"])
    if "until" in rotation and cut:  # a later block of the name cuts by itself
        rest["until"] = _stamp(rotation["until"])
    return _block(
        rotation["name"], rotation["turns"], f"{count} {unit}", f"{anchor:%Y-%m-%d}", **rest
    )


def _hours(rotation: Mapping[str, Any]) -> list[str]:
    days = ",".join(DAY_NAMES[day] for day in rotation.get("days") or ())
    if "hours" in rotation:
        return [f"{days} {rotation['hours']['from']}-{rotation['hours']['to']}".strip()]
    if "duration_minutes" not in rotation:
        return [days] if days else []
    anchor = datetime.fromisoformat(rotation["anchor"])
    length = timedelta(minutes=rotation["duration_minutes"])
    hourly = rotation["kind"] == "hourly"
    starts = [anchor + timedelta(hours=n * rotation["every"]) for n in range(24 if hourly else 1)]
    return [f"{days} {start:%H:%M}-{start + length:%H:%M}".strip() for start in starts]


def _continued(rotation: Mapping[str, Any]) -> str:
    """A block that leaves the present turn alone: it begins at the next weekly handoff."""
    day_name, clock = rotation["handoff"].split()
    day = datetime.fromisoformat(rotation["effective_from"]).date()
    while day.weekday() != list(DAY_NAMES).index(day_name):
        day += DAY
    turns = rotation["turns"]
    after = turns.index([rotation["continue_from"]]) + 1
    order = turns[after:] + turns[:after]
    return _block(rotation["name"], order, "1 weeks", str(day), handoff=f'"{clock}"')


def _extended(definition: Mapping[str, Any]) -> list[str]:
    """Days that are assigned already, then the whole list, from where it was left."""
    assigned: Mapping[str, str] = definition["already_assigned"]
    everybody: list[str] = definition["roster"]
    first, last = min(assigned), max(assigned)
    after = everybody.index(assigned[last]) + 1
    order = everybody[after:] + everybody[:after]
    every = f"{definition['turn_days']} days"
    start = date.fromisoformat(last) + definition["turn_days"] * DAY
    return [
        _block("duty", [[assigned[day]] for day in sorted(assigned)], every, first),
        _block("duty", [[person] for person in order], every, str(start)),
    ]


def _block(name: str, turns: list[list[str]], every: str, start: str, **rest: str) -> str:
    people = [turn if len(turn) > 1 else turn[0] for turn in turns]
    lines = ["", "[[rotation]]", f'name = "{name}"', f"people = {json.dumps(people)}"]
    lines += [f'every = "{every}"', f"start = {start}"]
    lines += [f"{key} = {value}" for key, value in rest.items()]
    return "\n".join(lines) + "\n"


def _overrides(definition: Mapping[str, Any]) -> list[str]:
    made = []
    for change in definition.get("overrides", ()):
        if "only" in change:
            (coming,) = change["only"]
            made.append(_override(change, "*", coming))
        else:
            made.append(_override(change, change.get("remove"), change.get("add")))
    for cover in definition.get("covers", ()):
        assert cover["state"] == "taken"
        made.append(_override(cover, cover["from"], cover["to"]))
    return made


def _override(change: Mapping[str, Any], out: str | None, coming: str | None) -> str:
    lines = ["[[override]]", f"start = {_stamp(change['start'])}", f"end = {_stamp(change['end'])}"]
    lines += [f'out = "{out}"'] if out else []
    lines += [f'in = "{coming}"'] if coming else []
    return "\n".join([*lines, "", ""])


def _absences(definition: Mapping[str, Any]) -> list[str]:
    return [
        f'[[absence]]\nperson = "{person}"\nstart = {_stamp(start + "T00:00")}\n'
        f"end = {_stamp(end + 'T00:00')}\n\n"
        for person, times in definition.get("away", {}).items()
        for start, end in times
    ]


def _stamp(text: str) -> str:
    return datetime.fromisoformat(text).isoformat()  # TOML 1.0 wants the seconds
