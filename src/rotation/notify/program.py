"""The program that a roster names, told of every handoff: JSON on its standard input."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from rotation.errors import ApplyError, Problem, Where
from rotation.mail.custom import vet
from rotation.model import Roster
from rotation.notify.news import News, ToldNews
from rotation.notify.parts import Delivery
from rotation.schedule.loaded import Loaded
from rotation.system import System

OnDuty = Mapping[str, tuple[str, ...]]
"""Who is on duty, by role."""


def tell_program(
    system: System, loaded: Loaded, before: OnDuty, now: datetime
) -> tuple[dict[str, tuple[str, ...]], list[Delivery]]:
    """Who is on duty now, and what became of telling the program what is different.

    A role that was not looked at before is no handoff. What failed is not told again: it would be
    of the past.
    """
    roster, after, outcomes = loaded.roster, {}, []
    for role in roster.roles:
        shift = loaded.known_schedule(role).at(now)
        after[role] = shift.people
        if role not in before or set(before[role]) == set(shift.people):
            continue
        told = {
            "roster": roster.name,
            "role": role,
            "at": _iso(roster, shift.start or now),
            "until": None if shift.end is None else _iso(roster, shift.end),
            "out": _people(roster, [key for key in before[role] if key not in shift.people]),
            "in": _people(roster, [key for key in shift.people if key not in before[role]]),
            "on_duty": _people(roster, shift.people),
            "why": shift.why,
        }
        data = json.dumps(told, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
        outcomes.append(_run(system, roster, role, data, now))
    return after, outcomes


def _run(system: System, roster: Roster, role: str, data: bytes, now: datetime) -> Delivery:
    program = roster.program[0]
    nothing = News(ToldNews(now, now))
    try:
        # it runs with our rights, so nobody else may change it
        vet(system, roster.program)
        done = system.run(roster.program, data=data)
    except ApplyError as error:
        return Delivery(program, nothing, error.problems)
    if done.status == 0:
        return Delivery(program, nothing)
    what = (
        f"{program} was told of the handoff of {role!r} and ended with {done.status}: {done.said}"
    )
    problem = Problem(what, Where(str(roster.path)), "it is not told again: see what it says")
    return Delivery(program, nothing, (problem,))


def _people(roster: Roster, keys: Sequence[str]) -> list[dict[str, object]]:
    return [
        {"key": key, "name": roster.people[key].name if key in roster.people else None}
        for key in keys
    ]


def _iso(roster: Roster, at: datetime) -> str:
    return at.astimezone(roster.zone).isoformat()
