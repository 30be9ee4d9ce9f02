"""Rosters of a few lines, and their timelines as text, small enough to check by hand.

Expected timelines have a line for each stretch: where it begins, in local time, and who has it
(`-` for nobody). The last stretch goes on to the end of what was asked for.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from rotation.model import Roster
from rotation.roster.parse import parse
from rotation.schedule.final import Schedule

PEOPLE = """
[people]
ann = "ann@example.com"
bob = "bob@example.com"
cat = ["cat@example.com", "cat@sms.example.net"]
dan = "dan@example.com"
"""

TICK = timedelta(microseconds=1)


def load(roster: str, overrides: str = "", zone: str = "Europe/London") -> Roster:
    head = f'timezone = "{zone}"\nfallback = ["dan", "office@example.com"]\nholidays = "GB-ENG"'
    text = f"{head}{PEOPLE}{roster}"
    return parse(text.encode(), Path("/etc/rotation/team.toml"), overrides.encode())


def instant(roster: Roster, text: str) -> datetime:
    """An instant; without an offset it is in the roster's zone."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=roster.zone)


def stretches(roster: Roster, begin: str, end: str, role: str = "duty") -> list[str]:
    found: list[str] = []
    for shift in Schedule(roster, role).between(instant(roster, begin), instant(roster, end)):
        assert shift.start is not None
        local = shift.start.astimezone(roster.zone)
        people = " ".join(sorted(shift.people)) or "-"
        if not found or found[-1].split(" ", 3)[3] != people:
            found.append(f"{local:%a %m-%d} {local.isoformat()[11:]} {people}")
    return found


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.strip().splitlines()]


def extent(roster: Roster, text: str, role: str = "duty") -> tuple[str | None, str | None]:
    shift = Schedule(roster, role).at(instant(roster, text))
    return _local(roster, shift.start), _local(roster, shift.end)


def _local(roster: Roster, instant: datetime | None) -> str | None:
    return None if instant is None else instant.astimezone(roster.zone).isoformat()


def who(roster: Roster, text: str, role: str = "duty") -> str:
    return " ".join(sorted(Schedule(roster, role).at(instant(roster, text)).people)) or "-"


def rotation(every: str, start: str, people: str = "ann bob cat", rest: str = "") -> str:
    """A rotation; the people of one turn are joined by `+`."""
    turns = [turn.split("+") for turn in people.split()]
    listed = json.dumps([turn if len(turn) > 1 else turn[0] for turn in turns])
    head = f'\n[[rotation]]\nname = "r"\npeople = {listed}\nevery = "{every}"\nstart = {start}\n'
    return head + rest.replace("; ", "\n") + "\n"


def override(start: str, end: str, **keys: str) -> str:
    lines = [f'{key.rstrip("_")} = "{value}"' for key, value in keys.items()]
    return "\n".join(["[[override]]", f"start = {start}", f"end = {end}", *lines, ""])


def absence(person: str, start: str, end: str) -> str:
    return f'[[absence]]\nperson = "{person}"\nstart = {start}\nend = {end}\n'


def fixed(start: str, end: str, people: str, rest: str = "") -> str:
    listed = ", ".join(f'"{person}"' for person in people.split())
    return f"\n[[shift]]\nstart = {start}\nend = {end}\npeople = [{listed}]\n{rest}\n"


@dataclass(frozen=True)
class Rule:
    """A rule, a roster to show it, the span that is looked at, and the expected timeline."""

    name: str
    roster: str
    span: tuple[str, str]
    expected: str
    overrides: str = ""
    zone: str = "Europe/London"


WEEKLY = rotation("1 week", "2026-01-05", "ann bob cat")

OFFICE = rotation("1 day", "2026-01-05", "bob cat", 'hours = ["09:00-17:00"]; priority = 1')


def during(**keys: str) -> str:
    return override("2026-01-06T09:00:00", "2026-01-06T12:00:00", **keys)


def wider(**keys: str) -> str:
    return override("2026-01-06T06:00:00Z", "2026-01-06T18:00:00Z", **keys)


def tuesday(*people: str) -> str:
    """A timeline of the Tuesday: who has it at 0, 6, 9, 12 and 18 o'clock."""
    found: list[str] = []
    for hour, person in zip((0, 6, 9, 12, 18), people, strict=True):
        if not found or found[-1].split(" ", 3)[3] != person:
            found.append(f"Tue 01-06 {hour:02}:00:00+00:00 {person}")
    return "\n".join(found)
