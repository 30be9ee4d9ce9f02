"""Each rule of time by itself: a roster and what becomes of it, small enough to check by hand.

Expected timelines have a line for each stretch: where it begins, in local time, and who has it
(`-` for nobody). The last stretch goes on to the end of what was asked for.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from rotation.model import Roster, Shift
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
    text = f'timezone = "{zone}"\nfallback = ["dan", "office@example.com"]\n{PEOPLE}{roster}'
    return parse(text.encode(), Path("/etc/rotation/team.toml"), overrides.encode())


def at(roster: Roster, text: str) -> datetime:
    """An instant; without an offset it is in the roster's zone."""
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=roster.zone)


def stretches(roster: Roster, begin: str, end: str, role: str = "duty") -> list[str]:
    found: list[str] = []
    for shift in Schedule(roster, role).between(at(roster, begin), at(roster, end)):
        assert shift.start is not None
        local = shift.start.astimezone(roster.zone)
        people = " ".join(sorted(shift.people)) or "-"
        if not found or found[-1].split(" ", 3)[3] != people:
            found.append(f"{local:%a %m-%d} {local.isoformat()[11:]} {people}")
    return found


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.strip().splitlines()]


def extent(roster: Roster, text: str, role: str = "duty") -> tuple[str | None, str | None]:
    shift = Schedule(roster, role).at(at(roster, text))
    return _local(roster, shift.start), _local(roster, shift.end)


def _local(roster: Roster, instant: datetime | None) -> str | None:
    return None if instant is None else instant.astimezone(roster.zone).isoformat()


def who(roster: Roster, text: str, role: str = "duty") -> str:
    return " ".join(sorted(Schedule(roster, role).at(at(roster, text)).people)) or "-"


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


TIME = [
    Rule(
        "turns follow each other; before the first handoff nobody is on duty",
        rotation("1 week", "2026-01-05", rest='handoff = "09:00"'),
        ("2026-01-01T00:00", "2026-01-27T00:00"),
        """
        Thu 01-01 00:00:00+00:00 -
        Mon 01-05 09:00:00+00:00 ann
        Mon 01-12 09:00:00+00:00 bob
        Mon 01-19 09:00:00+00:00 cat
        Mon 01-26 09:00:00+00:00 ann
        """,
    ),
    Rule(
        "a nested list is one turn held together",
        rotation("1 week", "2026-01-05", "ann bob+cat"),
        ("2026-01-05T00:00", "2026-01-20T00:00"),
        """
        Mon 01-05 00:00:00+00:00 ann
        Mon 01-12 00:00:00+00:00 bob cat
        Mon 01-19 00:00:00+00:00 ann
        """,
    ),
    Rule(
        "handoffs keep their time on the wall clock",
        rotation("1 day", "2026-03-27", rest='handoff = "09:00"'),
        ("2026-03-28T00:00", "2026-03-30T12:00"),
        """
        Sat 03-28 00:00:00+00:00 ann
        Sat 03-28 09:00:00+00:00 bob
        Sun 03-29 09:00:00+01:00 cat
        Mon 03-30 09:00:00+01:00 ann
        """,
    ),
    Rule(
        "a handoff that does not exist is moved forward by the gap",
        rotation("1 day", "2026-03-28", rest='handoff = "01:30"'),
        ("2026-03-28T12:00", "2026-03-30T12:00"),
        """
        Sat 03-28 12:00:00+00:00 ann
        Sun 03-29 02:30:00+01:00 bob
        Mon 03-30 01:30:00+01:00 cat
        """,
    ),
    Rule(
        "a handoff that exists twice is the first",
        rotation("1 day", "2026-10-24", rest='handoff = "01:30"'),
        ("2026-10-24T12:00", "2026-10-26T12:00"),
        """
        Sat 10-24 12:00:00+01:00 ann
        Sun 10-25 01:30:00+01:00 bob
        Mon 10-26 01:30:00+00:00 cat
        """,
    ),
    Rule(
        "half an hour of jump",
        rotation("1 day", "2026-10-03", rest='handoff = "02:15"'),
        ("2026-10-03T12:00", "2026-10-05T12:00"),
        """
        Sat 10-03 12:00:00+10:30 ann
        Sun 10-04 02:45:00+11:00 bob
        Mon 10-05 02:15:00+11:00 cat
        """,
        zone="Australia/Lord_Howe",
    ),
    Rule(
        "midnight does not exist",
        rotation("1 day", "2018-11-03"),
        ("2018-11-03T12:00", "2018-11-05T12:00"),
        """
        Sat 11-03 12:00:00-03:00 ann
        Sun 11-04 01:00:00-02:00 bob
        Mon 11-05 00:00:00-02:00 cat
        """,
        zone="America/Sao_Paulo",
    ),
    Rule(
        "hours are on the wall clock's grid",
        rotation("12 hours", "2026-03-28", rest='handoff = "09:00"'),
        ("2026-03-28T09:00", "2026-03-29T22:00"),
        """
        Sat 03-28 09:00:00+00:00 ann
        Sat 03-28 21:00:00+00:00 bob
        Sun 03-29 09:00:00+01:00 cat
        Sun 03-29 21:00:00+01:00 ann
        """,
    ),
    Rule(
        "an hour that is skipped is nobody's turn",
        rotation("1 hour", "2026-03-29"),
        ("2026-03-29T00:00", "2026-03-29T04:00"),
        """
        Sun 03-29 00:00:00+00:00 ann
        Sun 03-29 02:00:00+01:00 cat
        Sun 03-29 03:00:00+01:00 ann
        """,
    ),
    Rule(
        "an hour that is repeated is one turn",
        rotation("1 hour", "2026-10-25"),
        ("2026-10-25T00:00", "2026-10-25T03:30"),
        """
        Sun 10-25 00:00:00+01:00 ann
        Sun 10-25 01:00:00+01:00 bob
        Sun 10-25 02:00:00+00:00 cat
        Sun 10-25 03:00:00+00:00 ann
        """,
    ),
    Rule(
        "turns of hours on the day that Samoa skipped have no length",
        rotation("6 hours", "2011-12-29", "ann bob cat dan"),
        ("2011-12-29T12:00", "2011-12-31T12:30"),
        """
        Thu 12-29 12:00:00-10:00 cat
        Thu 12-29 18:00:00-10:00 dan
        Sat 12-31 00:00:00+14:00 ann
        Sat 12-31 06:00:00+14:00 bob
        Sat 12-31 12:00:00+14:00 cat
        """,
        zone="Pacific/Apia",
    ),
    Rule(
        "months are clamped to their end and do not forget the day",
        rotation("1 month", "2026-01-30", rest='handoff = "09:00"'),
        ("2026-01-30T09:00", "2026-05-01T00:00"),
        """
        Fri 01-30 09:00:00+00:00 ann
        Sat 02-28 09:00:00+00:00 bob
        Mon 03-30 09:00:00+01:00 cat
        Thu 04-30 09:00:00+01:00 ann
        """,
    ),
    Rule(
        "in a leap year February ends on the 29th",
        rotation("3 months", "2027-11-30"),
        ("2027-12-01T00:00", "2028-06-01T00:00"),
        """
        Wed 12-01 00:00:00+00:00 ann
        Tue 02-29 00:00:00+00:00 bob
        Tue 05-30 00:00:00+01:00 cat
        """,
    ),
]

WINDOWS = [
    Rule(
        "days with hours: weekends do not eat turns",
        rotation("1 day", "2026-01-08", rest='hours = ["mon-fri 09:00-17:00"]'),
        ("2026-01-08T00:00", "2026-01-13T00:00"),
        """
        Thu 01-08 00:00:00+00:00 -
        Thu 01-08 09:00:00+00:00 ann
        Thu 01-08 17:00:00+00:00 -
        Fri 01-09 09:00:00+00:00 bob
        Fri 01-09 17:00:00+00:00 -
        Mon 01-12 09:00:00+00:00 cat
        Mon 01-12 17:00:00+00:00 -
        """,
    ),
    Rule(
        "days with hours: two windows of a day are one turn",
        rotation("1 day", "2026-01-05", rest='hours = ["08:00-09:00", "17:00-18:00"]'),
        ("2026-01-05T08:00", "2026-01-06T09:00"),
        """
        Mon 01-05 08:00:00+00:00 ann
        Mon 01-05 09:00:00+00:00 -
        Mon 01-05 17:00:00+00:00 ann
        Mon 01-05 18:00:00+00:00 -
        Tue 01-06 08:00:00+00:00 bob
        """,
    ),
    Rule(
        "days with hours: a window belongs to one turn whole, whatever the handoff",
        rotation("1 day", "2026-01-05", rest='handoff = "23:00"; hours = ["20:00-08:00"]'),
        ("2026-01-05T12:00", "2026-01-07T09:00"),
        """
        Mon 01-05 12:00:00+00:00 -
        Mon 01-05 20:00:00+00:00 ann
        Tue 01-06 08:00:00+00:00 -
        Tue 01-06 20:00:00+00:00 bob
        Wed 01-07 08:00:00+00:00 -
        """,
    ),
    Rule(
        "days with hours: windows of the start date count even before the handoff",
        rotation("1 day", "2026-01-05", rest='handoff = "12:00"; hours = ["09:00-10:00"]'),
        ("2026-01-04T00:00", "2026-01-06T09:30"),
        """
        Sun 01-04 00:00:00+00:00 -
        Mon 01-05 09:00:00+00:00 ann
        Mon 01-05 10:00:00+00:00 -
        Tue 01-06 09:00:00+00:00 bob
        """,
    ),
    Rule(
        "24 hours with hours count by the calendar: the weekend eats two turns",
        rotation("24 hours", "2026-01-08", rest='hours = ["mon-fri 09:00-17:00"]'),
        ("2026-01-09T12:00", "2026-01-12T12:00"),
        """
        Fri 01-09 12:00:00+00:00 bob
        Fri 01-09 17:00:00+00:00 -
        Mon 01-12 09:00:00+00:00 bob
        """,
    ),
    Rule(
        "weeks: a handoff may fall inside a window",
        rotation("1 week", "2026-01-07", rest='handoff = "12:00"; hours = ["mon-fri 09:00-17:00"]'),
        ("2026-01-13T09:00", "2026-01-14T18:00"),
        """
        Tue 01-13 09:00:00+00:00 ann
        Tue 01-13 17:00:00+00:00 -
        Wed 01-14 09:00:00+00:00 ann
        Wed 01-14 12:00:00+00:00 bob
        Wed 01-14 17:00:00+00:00 -
        """,
    ),
    Rule(
        "weeks: before the first handoff nobody is on duty, even in a window",
        rotation("1 week", "2026-01-05", rest='handoff = "12:00"; hours = ["09:00-17:00"]'),
        ("2026-01-05T08:00", "2026-01-05T18:00"),
        """
        Mon 01-05 08:00:00+00:00 -
        Mon 01-05 12:00:00+00:00 ann
        Mon 01-05 17:00:00+00:00 -
        """,
    ),
    Rule(
        "mon-fri 08:00-08:00 is one block",
        rotation("1 week", "2026-01-05", "ann", 'hours = ["mon-fri 08:00-08:00"]'),
        ("2026-01-05T00:00", "2026-01-12T09:00"),
        """
        Mon 01-05 00:00:00+00:00 -
        Mon 01-05 08:00:00+00:00 ann
        Sat 01-10 08:00:00+00:00 -
        Mon 01-12 08:00:00+00:00 ann
        """,
    ),
    Rule(
        "whole days, and 24:00",
        rotation("1 week", "2026-01-05", "ann", 'hours = ["sat,sun", "mon 09:00-24:00"]'),
        ("2026-01-05T00:00", "2026-01-12T00:00"),
        """
        Mon 01-05 00:00:00+00:00 -
        Mon 01-05 09:00:00+00:00 ann
        Tue 01-06 00:00:00+00:00 -
        Sat 01-10 00:00:00+00:00 ann
        """,
    ),
    Rule(
        "a window's end that exists twice is the last, its start the first",
        rotation("1 week", "2026-10-19", "ann", 'hours = ["00:30-01:30", "sun 01:45-02:00"]'),
        ("2026-10-25T00:00", "2026-10-25T03:00"),
        """
        Sun 10-25 00:00:00+01:00 -
        Sun 10-25 00:30:00+01:00 ann
        Sun 10-25 02:00:00+00:00 -
        """,
    ),
    Rule(
        "a window's start that exists twice is the first",
        rotation("1 week", "2026-10-19", "ann", 'hours = ["01:15-03:00"]'),
        ("2026-10-25T00:00", "2026-10-25T04:00"),
        """
        Sun 10-25 00:00:00+01:00 -
        Sun 10-25 01:15:00+01:00 ann
        Sun 10-25 03:00:00+00:00 -
        """,
    ),
    Rule(
        "a window's end that does not exist is moved forward by the gap",
        rotation("1 week", "2026-03-23", "ann", 'hours = ["00:00-01:30"]'),
        ("2026-03-29T00:00", "2026-03-29T04:00"),
        """
        Sun 03-29 00:00:00+00:00 ann
        Sun 03-29 02:30:00+01:00 -
        """,
    ),
    Rule(
        "a window that ends before the moved start is empty",
        rotation("1 week", "2026-03-23", "ann", 'hours = ["01:30-02:00"]'),
        ("2026-03-28T00:00", "2026-03-30T12:00"),
        """
        Sat 03-28 00:00:00+00:00 -
        Sat 03-28 01:30:00+00:00 ann
        Sat 03-28 02:00:00+00:00 -
        Mon 03-30 01:30:00+01:00 ann
        Mon 03-30 02:00:00+01:00 -
        """,
    ),
]

CUTS = [
    Rule(
        "since cuts duty and not counting",
        rotation("1 day", "2026-01-05", rest="since = 2026-01-06T12:00:00"),
        ("2026-01-05T00:00", "2026-01-08T00:00"),
        """
        Mon 01-05 00:00:00+00:00 -
        Tue 01-06 12:00:00+00:00 bob
        Wed 01-07 00:00:00+00:00 cat
        """,
    ),
    Rule(
        "until, a day as the last one",
        rotation("1 day", "2026-01-05", rest="until = 2026-01-06"),
        ("2026-01-05T00:00", "2026-01-09T00:00"),
        """
        Mon 01-05 00:00:00+00:00 ann
        Tue 01-06 00:00:00+00:00 bob
        Wed 01-07 00:00:00+00:00 -
        """,
    ),
    Rule(
        "until, an instant",
        rotation("1 day", "2026-01-05", rest="until = 2026-01-06T06:00:00+05:00"),
        ("2026-01-05T00:00", "2026-01-09T00:00"),
        """
        Mon 01-05 00:00:00+00:00 ann
        Tue 01-06 00:00:00+00:00 bob
        Tue 01-06 01:00:00+00:00 -
        """,
    ),
    Rule(
        "a later block of the name takes over at its first handoff",
        rotation("1 week", "2026-01-05", rest='handoff = "09:00"')
        + rotation("1 week", "2026-01-19", "dan ann bob cat", 'handoff = "09:00"'),
        ("2026-01-05T09:00", "2026-02-03T00:00"),
        """
        Mon 01-05 09:00:00+00:00 ann
        Mon 01-12 09:00:00+00:00 bob
        Mon 01-19 09:00:00+00:00 dan
        Mon 01-26 09:00:00+00:00 ann
        Mon 02-02 09:00:00+00:00 bob
        """,
    ),
    Rule(
        "a later block of the name takes over in mid turn, and three may follow each other",
        rotation("1 week", "2026-01-05", "ann")
        + rotation("1 week", "2026-01-08", "bob", 'handoff = "12:00"')
        + rotation("1 week", "2026-01-09", "cat"),
        ("2026-01-05T00:00", "2026-02-03T00:00"),
        """
        Mon 01-05 00:00:00+00:00 ann
        Thu 01-08 12:00:00+00:00 bob
        Fri 01-09 00:00:00+00:00 cat
        """,
    ),
    Rule(
        "days with hours take over by the day on which a window starts",
        rotation("1 day", "2026-01-05", "ann", 'hours = ["20:00-08:00"]')
        + rotation("1 day", "2026-01-07", "bob", 'hours = ["06:00-09:00", "20:00-08:00"]'),
        ("2026-01-06T12:00", "2026-01-07T21:00"),
        """
        Tue 01-06 12:00:00+00:00 -
        Tue 01-06 20:00:00+00:00 ann
        Wed 01-07 06:00:00+00:00 ann bob
        Wed 01-07 08:00:00+00:00 bob
        Wed 01-07 09:00:00+00:00 -
        Wed 01-07 20:00:00+00:00 bob
        """,
    ),
    Rule(
        "another name is another rotation",
        rotation("1 week", "2026-01-05", "ann")
        + rotation("1 week", "2026-01-12", "bob").replace('"r"', '"s"'),
        ("2026-01-05T00:00", "2026-01-20T00:00"),
        """
        Mon 01-05 00:00:00+00:00 ann
        Mon 01-12 00:00:00+00:00 ann bob
        """,
    ),
    Rule(
        "days with hours never share with the earlier block of their name",
        rotation("1 week", "2026-01-05", "ann", 'handoff = "09:00"')
        + rotation("1 day", "2026-01-12", "bob", 'handoff = "09:00"; hours = ["08:00-20:00"]'),
        ("2026-01-12T08:00", "2026-01-12T21:00"),
        """
        Mon 01-12 08:00:00+00:00 bob
        Mon 01-12 20:00:00+00:00 -
        """,
    ),
]

WEEKLY = rotation("1 week", "2026-01-05", "ann bob cat")
OFFICE = rotation("1 day", "2026-01-05", "bob cat", 'hours = ["09:00-17:00"]; priority = 1')

LAYERS = [
    Rule(
        "the highest priority with anybody on duty wins",
        WEEKLY + OFFICE.replace('"r"', '"office"'),
        ("2026-01-05T00:00", "2026-01-06T12:00"),
        """
        Mon 01-05 00:00:00+00:00 ann
        Mon 01-05 09:00:00+00:00 bob
        Mon 01-05 17:00:00+00:00 ann
        Tue 01-06 09:00:00+00:00 cat
        """,
    ),
    Rule(
        "equal priorities share, and nobody is there twice",
        WEEKLY + OFFICE.replace('"r"', '"office"').replace("priority = 1", ""),
        ("2026-01-12T00:00", "2026-01-13T12:00"),
        """
        Mon 01-12 00:00:00+00:00 bob
        Mon 01-12 09:00:00+00:00 bob cat
        Mon 01-12 17:00:00+00:00 bob
        """,
    ),
    Rule(
        "a dated shift stands beside the rotation",
        WEEKLY + fixed("2026-01-06T09:00:00", "2026-01-07T09:00:00Z", "dan"),
        ("2026-01-06T00:00", "2026-01-08T00:00"),
        """
        Tue 01-06 00:00:00+00:00 ann
        Tue 01-06 09:00:00+00:00 ann dan
        Wed 01-07 09:00:00+00:00 ann
        """,
    ),
    Rule(
        "a dated shift of a higher priority replaces it; days are inclusive",
        WEEKLY + fixed("2026-01-06", "2026-01-07", "dan bob", "priority = 2"),
        ("2026-01-05T00:00", "2026-01-09T00:00"),
        """
        Mon 01-05 00:00:00+00:00 ann
        Tue 01-06 00:00:00+00:00 bob dan
        Thu 01-08 00:00:00+00:00 ann
        """,
    ),
]

ABSENCES = [
    Rule(
        "the turn passes to the next in the order, for the overlapping part",
        WEEKLY,
        ("2026-01-05T00:00", "2026-01-19T00:00"),
        """
        Mon 01-05 00:00:00+00:00 ann
        Sat 01-10 00:00:00+00:00 bob
        """,
        absence("ann", "2026-01-10", "2026-01-13"),
    ),
    Rule(
        "a day as an end is the last day away",
        WEEKLY,
        ("2026-01-05T00:00", "2026-01-12T00:00"),
        """
        Mon 01-05 00:00:00+00:00 ann
        Tue 01-06 00:00:00+00:00 bob
        Wed 01-07 00:00:00+00:00 ann
        """,
        absence("ann", "2026-01-06", "2026-01-06"),
    ),
    Rule(
        "it passes over those who are away too",
        WEEKLY,
        ("2026-01-05T00:00", "2026-01-12T00:00"),
        """
        Mon 01-05 00:00:00+00:00 ann
        Tue 01-06 00:00:00+00:00 bob
        Wed 01-07 00:00:00+00:00 cat
        Thu 01-08 00:00:00+00:00 ann
        """,
        absence("ann", "2026-01-06", "2026-01-07") + absence("bob", "2026-01-07", "2026-01-09"),
    ),
    Rule(
        "it passes over those who are on duty already",
        rotation("1 week", "2026-01-05", "ann+bob bob cat"),
        ("2026-01-05T00:00", "2026-01-12T00:00"),
        """
        Mon 01-05 00:00:00+00:00 ann bob
        Tue 01-06 00:00:00+00:00 bob cat
        Wed 01-07 00:00:00+00:00 ann bob
        """,
        absence("ann", "2026-01-06", "2026-01-06"),
    ),
    Rule(
        "two absent people have two stand-ins",
        rotation("1 week", "2026-01-05", "ann+bob cat dan"),
        ("2026-01-05T00:00", "2026-01-12T00:00"),
        """
        Mon 01-05 00:00:00+00:00 ann bob
        Tue 01-06 00:00:00+00:00 cat dan
        Wed 01-07 00:00:00+00:00 ann bob
        """,
        absence("ann", "2026-01-06", "2026-01-06") + absence("bob", "2026-01-06", "2026-01-06"),
    ),
    Rule(
        "nobody left is a gap",
        rotation("1 week", "2026-01-05", "ann bob"),
        ("2026-01-05T00:00", "2026-01-12T00:00"),
        """
        Mon 01-05 00:00:00+00:00 ann
        Tue 01-06 00:00:00+00:00 -
        Wed 01-07 00:00:00+00:00 ann
        """,
        absence("ann", "2026-01-06", "2026-01-06") + absence("bob", "2026-01-06", "2026-01-06"),
    ),
    Rule(
        "nobody left of a priority: the next lower one serves",
        WEEKLY + OFFICE.replace('"r"', '"office"'),
        ("2026-01-05T08:00", "2026-01-06T12:00"),
        """
        Mon 01-05 08:00:00+00:00 ann
        Tue 01-06 09:00:00+00:00 cat
        """,
        absence("bob", "2026-01-05", "2026-01-05") + absence("cat", "2026-01-05", "2026-01-05"),
    ),
    Rule(
        "a dated shift has no order to pass it on in",
        fixed("2026-01-05", "2026-01-07", "dan"),
        ("2026-01-05T00:00", "2026-01-08T00:00"),
        """
        Mon 01-05 00:00:00+00:00 dan
        Tue 01-06 00:00:00+00:00 -
        Wed 01-07 00:00:00+00:00 dan
        """,
        absence("dan", "2026-01-06", "2026-01-06"),
    ),
]


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


OVERRIDES = [
    Rule(name, WEEKLY, ("2026-01-06T00:00", "2026-01-07T00:00"), tuesday(*people), text)
    for name, text, people in (
        ("one for another", during(out="ann", in_="dan"), ["ann", "ann", "dan", "ann", "ann"]),
        ("one more", during(in_="dan"), ["ann", "ann", "ann dan", "ann", "ann"]),
        ("one less", during(out="ann"), ["ann", "ann", "-", "ann", "ann"]),
        ("everybody out", during(out="*"), ["ann", "ann", "-", "ann", "ann"]),
        ("all for one", during(out="*", in_="cat"), ["ann", "ann", "cat", "ann", "ann"]),
        ("out of one not on duty changes nothing", during(out="bob", in_="dan"), ["ann"] * 5),
        ("in of one on duty changes nothing", during(in_="ann"), ["ann"] * 5),
        ("another role", during(out="ann", in_="dan", role="backup"), ["ann"] * 5),
        (
            "an override of an override",
            wider(out="ann", in_="bob") + during(out="bob", in_="cat"),
            ["ann", "bob", "cat", "bob", "ann"],
        ),
        (
            "in the order of the file, not of time",
            during(out="bob", in_="cat") + wider(out="ann", in_="bob"),
            ["ann", "bob", "bob", "bob", "ann"],
        ),
        (
            "everybody out comes after what was added before it",
            wider(in_="bob") + during(out="*", in_="cat") + wider(in_="dan"),
            ["ann", "ann bob dan", "cat dan", "ann bob dan", "ann"],
        ),
        (
            "into what another one emptied",
            wider(out="ann") + during(out="*", in_="cat"),
            ["ann", "-", "cat", "-", "ann"],
        ),
        (
            "a named out does nothing in a gap",
            wider(out="ann") + during(out="ann", in_="cat"),
            ["ann", "-", "-", "-", "ann"],
        ),
        (
            "somebody who is away can be put on duty by name",
            absence("dan", "2026-01-06", "2026-01-06") + during(out="ann", in_="dan"),
            ["ann", "ann", "dan", "ann", "ann"],
        ),
        (
            "after absences",
            absence("ann", "2026-01-06", "2026-01-06") + during(out="bob", in_="dan"),
            ["bob", "bob", "dan", "bob", "bob"],
        ),
    )
]

RULES = [*TIME, *WINDOWS, *CUTS, *LAYERS, *ABSENCES, *OVERRIDES]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_rule(rule: Rule) -> None:
    roster = load(rule.roster, rule.overrides, rule.zone)
    assert stretches(roster, *rule.span) == lines(rule.expected)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_rule_asked_instant_by_instant(rule: Rule) -> None:
    roster = load(rule.roster, rule.overrides, rule.zone)
    schedule = Schedule(roster)
    begin, end = (at(roster, text) for text in rule.span)
    for piece in schedule.between(begin, end):
        assert piece.start is not None
        assert piece.end is not None
        assert schedule.at(piece.start).people == piece.people
        assert schedule.at(piece.end - TICK).people == piece.people


def test_24_hours_and_one_day_are_the_same() -> None:
    span = ("2026-03-20T00:00", "2026-04-05T00:00")
    for handoff in ("00:00", "01:30", "09:00"):
        rest = f'handoff = "{handoff}"'
        hours, days = (
            load(rotation(every, "2026-01-05", rest=rest)) for every in ("24 hours", "1 day")
        )
        assert stretches(hours, *span) == stretches(days, *span)


def test_at_the_handoff_exactly_the_incoming_people_are_on_duty() -> None:
    schedule = Schedule(roster := load(WEEKLY))
    handoff = at(roster, "2026-01-12T00:00")
    assert schedule.at(handoff - TICK).people == ("ann",)
    assert schedule.at(handoff).people == ("bob",)


def test_a_shift_has_its_whole_extent() -> None:
    roster = load(rotation("1 week", "2026-03-23", rest='handoff = "09:00"'))
    assert extent(roster, "2026-03-25T12:00") == (
        "2026-03-23T09:00:00+00:00",
        "2026-03-30T09:00:00+01:00",
    )


def test_a_handoff_ends_a_shift_even_when_the_same_person_goes_on() -> None:
    roster = load(rotation("1 week", "2026-01-05", "ann"))
    week = ("2026-01-12T00:00:00+00:00", "2026-01-19T00:00:00+00:00")
    assert extent(roster, "2026-01-14T12:00") == week
    assert len(Schedule(roster).between(at(roster, week[0]), at(roster, "2026-03-01T00:00"))) == 1


def test_adjoining_windows_of_one_turn_are_one_shift() -> None:
    roster = load(rotation("1 week", "2026-01-05", rest='hours = ["mon-fri 08:00-08:00"]'))
    assert extent(roster, "2026-01-14T12:00") == (
        "2026-01-12T08:00:00+00:00",
        "2026-01-17T08:00:00+00:00",
    )


def test_before_the_first_and_after_the_last_there_is_no_end() -> None:
    roster = load(rotation("1 day", "2026-01-05", rest="until = 2026-01-06"))
    assert extent(roster, "2025-06-01T00:00") == (None, "2026-01-05T00:00:00+00:00")
    assert extent(roster, "2026-06-01T00:00") == ("2026-01-07T00:00:00+00:00", None)
    schedule = Schedule(roster)
    assert schedule.following(schedule.at(at(roster, "2026-01-06T12:00"))) is None
    before = schedule.following(schedule.at(at(roster, "2025-06-01T00:00")))
    assert before is not None
    assert before.people == ("ann",)


def test_a_roster_without_duties_is_one_gap() -> None:
    roster = load("")
    assert roster.roles == ("duty",)
    assert Schedule(roster).at(at(roster, "2026-01-01T00:00")) == Shift("duty", None, None, ())


@pytest.mark.parametrize("every", ["1 day", "24 hours", "1 week", "1 month"])
@pytest.mark.parametrize("start", ["2026-01-05", "2025-11-03"])
def test_a_gap_between_windows_has_its_whole_extent(every: str, start: str) -> None:
    roster = load(rotation(every, start, "ann", 'hours = ["mon 09:00-10:00"]'))
    for text in ("2026-03-06T12:00", "2026-03-09T08:59", "2026-03-02T10:00"):
        assert extent(roster, text) == ("2026-03-02T10:00:00+00:00", "2026-03-09T09:00:00+00:00")


@pytest.mark.parametrize("every", ["1200 months", "5217 weeks", "36525 days", "99999 hours"])
@pytest.mark.parametrize("start", ["2026-01-05", "8999-01-05"])
def test_a_turn_may_be_a_century_long(every: str, start: str) -> None:
    roster = load(rotation(every, start))
    schedule = Schedule(roster)
    begin = at(roster, f"{start}T00:00")
    assert schedule.at(begin).people == ("ann",)
    assert schedule.at(begin).start == begin
    (one,) = schedule.between(begin, begin + timedelta(days=9))
    assert one.people == ("ann",)


@pytest.mark.parametrize("every", ["1 hour", "1 day", "2 weeks", "5 months"])
@pytest.mark.parametrize("hours", ["", 'hours = ["mon-fri 09:00-17:00"]'])
def test_the_year_8999_costs_as_much_as_tomorrow(every: str, hours: str) -> None:
    roster = load(rotation(every, "2026-01-05", "ann", hours))
    assert who(roster, "8999-06-04T12:00") == "ann"
    assert who(roster, "8999-06-04T03:00") == ("-" if hours else "ann")


def test_roles_have_schedules_of_their_own() -> None:
    backup = rotation("1 week", "2026-01-05", "bob cat", 'role = "backup"; priority = 5')
    text = during(out="bob", in_="dan", role="backup") + during(in_="cat", role="extra")
    roster = load(backup + WEEKLY.replace('"r"', '"main"'), text)
    assert roster.roles == ("duty", "backup", "extra")
    noon = "2026-01-06T10:00"
    assert [who(roster, noon, role) for role in roster.roles] == ["ann", "dan", "cat"]


def test_a_stand_in_may_have_another_role() -> None:
    backup = rotation("1 week", "2026-01-05", "bob", 'role = "backup"')
    roster = load(WEEKLY + backup.replace('"r"', '"b"'), absence("ann", "2026-01-06", "2026-01-06"))
    assert who(roster, "2026-01-06T10:00") == "bob"
    assert who(roster, "2026-01-06T10:00", "backup") == "bob"


def test_when_nobody_is_on_duty_the_fallback_has_addresses() -> None:
    roster = load(WEEKLY)
    assert roster.fallback_addresses == ("dan@example.com", "office@example.com")
    assert roster.addresses(("cat", "ann", "cat")) == (
        "cat@example.com",
        "cat@sms.example.net",
        "ann@example.com",
    )


def whys(roster: Roster, begin: str, end: str) -> list[tuple[str, str]]:
    pieces = Schedule(roster).between(at(roster, begin), at(roster, end))
    return [(" ".join(piece.people), piece.why) for piece in pieces]


def test_reasons_are_named_and_part_shifts() -> None:
    roster = load(
        rotation("1 week", "2026-01-05", "ann bob", "until = 2026-01-12")
        + fixed("2026-01-09", "2026-01-09", "ann", "priority = 3"),
        override("2026-01-06T09:00:00Z", "2026-01-06T12:00:00Z", out="ann", in_="dan", id="7f3a")
        + override("2026-01-07T09:00:00Z", "2026-01-07T12:00:00Z", out="*")
        + absence("ann", "2026-01-08", "2026-01-08")
        + absence("ann", "2026-01-11", "2026-01-11")
        + absence("bob", "2026-01-11", "2026-01-11"),
    )
    assert whys(roster, "2026-01-05T00:00", "2026-01-20T00:00") == [
        ("ann", "rotation r"),
        ("dan", "override 7f3a"),
        ("ann", "rotation r"),
        ("", "override"),
        ("ann", "rotation r"),
        ("bob", "rotation r (ann away)"),
        ("ann", "shift"),
        ("ann", "rotation r"),
        ("", "rotation r: nobody left"),
        ("bob", "rotation r"),
        ("", "gap"),
    ]


def test_reasons_name_the_line_that_decides() -> None:
    text = during(in_="dan") + during(out="cat", in_="bob")
    shift = Schedule(roster := load(WEEKLY, text)).at(at(load(WEEKLY), "2026-01-06T10:00"))
    assert shift.people == ("ann", "dan")
    line = 1 + f'timezone = "x"\nfallback\n{PEOPLE}{WEEKLY}'.split("[[rotation]]")[0].count("\n")
    assert [str(reason.where) for reason in shift.reasons] == [
        f"/etc/rotation/team.toml:{line}",
        "/etc/rotation/team.overrides.toml:1",
    ]
    assert roster.name == "team"
