"""A roster as the oracle has it, and the same as TOML."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

DAY = timedelta(days=1)

DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

UNITS = {"hour": timedelta(hours=1), "day": DAY, "week": 7 * DAY}

Stamp = date | datetime
"""As written: an instant, a local time, or a day."""


# the definitions


@dataclass(frozen=True)
class Hours:
    """A window: weekdays (Monday is 0), and minutes after midnight."""

    days: tuple[int, ...]
    start: int
    end: int


@dataclass(frozen=True)
class Rot:
    """A rotation block."""

    name: str
    turns: tuple[tuple[str, ...], ...]
    count: int
    unit: str
    start: date
    handoff: time = time(0)
    hours: tuple[Hours, ...] = ()
    priority: int = 0
    role: str = "duty"
    since: Stamp | None = None
    until: Stamp | None = None
    zone: str | None = None

    @property
    def by_window(self) -> bool:
        """Whether turns are counted in days on which a window starts."""
        return bool(self.hours) and self.unit == "day"


@dataclass(frozen=True)
class Fixed:
    """A shift by date."""

    start: Stamp
    end: Stamp
    people: tuple[str, ...]
    priority: int = 0
    role: str = "duty"


@dataclass(frozen=True)
class Change:
    """An override."""

    start: Stamp
    end: Stamp
    out: str | None = None
    in_: str | None = None
    role: str = "duty"


@dataclass(frozen=True)
class Away:
    """An absence; with hours it recurs in them, for ever where it has no start or end."""

    person: str
    start: Stamp | None
    end: Stamp | None
    hours: tuple[Hours, ...] = ()


@dataclass(frozen=True)
class Spec:
    """A whole roster."""

    zone: str
    people: tuple[str, ...]
    rotations: tuple[Rot, ...] = ()
    fixed: tuple[Fixed, ...] = ()
    changes: tuple[Change, ...] = ()
    aways: tuple[Away, ...] = ()
    apart: tuple[tuple[str, str], ...] = ()  # the first role is kept apart from the second

    @property
    def roles(self) -> tuple[str, ...]:
        """Every role in it."""
        named = [rot.role for rot in self.rotations] + [fixed.role for fixed in self.fixed]
        named += [change.role for change in self.changes]
        return tuple(dict.fromkeys(named)) or ("duty",)


# the definitions as files


def roster_toml(spec: Spec) -> str:
    """The roster file."""
    lines = [f"timezone = {_text(spec.zone)}", "", "[people]"]
    lines += [f"{key} = {_text(key + '@example.com')}" for key in spec.people]
    for rot in spec.rotations:
        turns = [turn[0] if len(turn) == 1 else list(turn) for turn in rot.turns]
        lines += ["", "[[rotation]]", f"name = {_text(rot.name)}", f"people = {json.dumps(turns)}"]
        lines += [f"every = {_text(f'{rot.count} {rot.unit}s')}", f"start = {rot.start}"]
        if rot.handoff != time(0):
            lines.append(f"handoff = {_text(rot.handoff.strftime('%H:%M'))}")
        if rot.hours:
            lines.append(f"hours = {json.dumps([window_text(hours) for hours in rot.hours])}")
        lines += [f"timezone = {_text(rot.zone)}"] if rot.zone is not None else []
        lines += _rest(rot.priority, rot.role)
        lines += [f"since = {_stamp(rot.since)}"] if rot.since is not None else []
        lines += [f"until = {_stamp(rot.until)}"] if rot.until is not None else []
    for fixed in spec.fixed:
        lines += ["", "[[shift]]", f"start = {_stamp(fixed.start)}", f"end = {_stamp(fixed.end)}"]
        lines += [f"people = {json.dumps(fixed.people)}", *_rest(fixed.priority, fixed.role)]
    for role, other in spec.apart:
        lines += ["", f"[role.{role}]", f"apart = [{_text(other)}]"]
    return "\n".join(lines) + "\n"


def overrides_toml(spec: Spec) -> str:
    """The overrides file."""
    lines = []
    for change in spec.changes:
        lines += ["[[override]]", f"start = {_stamp(change.start)}", f"end = {_stamp(change.end)}"]
        lines += [f"out = {_text(change.out)}"] if change.out is not None else []
        lines += [f"in = {_text(change.in_)}"] if change.in_ is not None else []
        lines += [*_rest(0, change.role), ""]
    for away in spec.aways:
        lines += ["[[absence]]", f"person = {_text(away.person)}"]
        lines += [f"start = {_stamp(away.start)}"] if away.start is not None else []
        lines += [f"end = {_stamp(away.end)}"] if away.end is not None else []
        if away.hours:
            lines.append(f"hours = {json.dumps([window_text(hours) for hours in away.hours])}")
        lines.append("")
    return "\n".join(lines)


def window_text(hours: Hours) -> str:
    """A window as rosters write it: runs of weekdays as ranges."""
    runs: list[list[int]] = []
    for day in hours.days:
        if runs and runs[-1][-1] + 1 == day:
            runs[-1].append(day)
        else:
            runs.append([day])
    days = ",".join(
        DAY_NAMES[run[0]] if len(run) == 1 else f"{DAY_NAMES[run[0]]}-{DAY_NAMES[run[-1]]}"
        for run in runs
    )
    if (hours.start, hours.end) == (0, 1440):
        return days
    return f"{days} {_minutes(hours.start)}-{_minutes(hours.end)}"


def _rest(priority: int, role: str) -> list[str]:
    lines = [f"priority = {priority}"] if priority else []
    return lines + ([f"role = {_text(role)}"] if role != "duty" else [])


def _text(text: str) -> str:
    return json.dumps(text)


def _minutes(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _stamp(stamp: Stamp) -> str:
    return stamp.isoformat()
