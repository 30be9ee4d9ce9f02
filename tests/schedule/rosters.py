"""Random rosters, and spans of time around the instants at which clocks jump."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import reject
from hypothesis import strategies as st

from rotation.errors import RosterError
from rotation.model import Roster
from rotation.roster.parse import parse
from tests.drawn import few, number, pick
from tests.schedule.oracle_spec import (
    DAY,
    Away,
    Fixed,
    Rot,
    Spec,
    overrides_toml,
    roster_toml,
)
from tests.schedule.parts import (
    PEOPLE,
    UNITS,
    ZONES,
    Moment,
    a_moment,
    a_rotation,
    a_span,
    an_override,
    cut,
    some_hours,
)

ROSTER = Path("/etc/rotation/team.toml")


@dataclass(frozen=True)
class Asked:
    """A roster and the span in which it is looked at."""

    spec: Spec
    begin: datetime
    end: datetime


def load(spec: Spec) -> Roster:
    """The roster that the loader makes of a definition."""
    try:
        return parse(roster_toml(spec).encode(), ROSTER, overrides_toml(spec).encode())
    except RosterError as error:
        if all("can never be on duty" in problem.what for problem in error.problems):
            reject()  # cut away by `since`, `until` or a later block: tests/roster/test_parse.py
        raise


def around(draw: st.DrawFn, moment: Moment, spec: Spec) -> Asked:
    """The roster, looked at for some days around the moment."""
    before, after = number(draw, 1, 4), number(draw, 1, 5)
    odd = timedelta(minutes=pick(draw, (0, 0, 7, 30)))
    return Asked(spec, moment.at - before * DAY + odd, moment.at + after * DAY + odd)


def roster(moment: Moment, *made: Rot) -> Spec:
    """A roster of rotations only."""
    return Spec(moment.zone, PEOPLE, made)


@st.composite
def grids(draw: st.DrawFn) -> Asked:
    """One rotation without hours."""
    moment = a_moment(draw)
    units = pick(draw, (("hour",), ("hour",), ("day", "week"), ("month",)))
    rot = a_rotation(draw, moment, units, windows=False)
    return around(draw, moment, roster(moment, rot))


@st.composite
def windowed(draw: st.DrawFn) -> Asked:
    """One rotation with hours, which began shortly before."""
    moment = a_moment(draw)
    rot = a_rotation(draw, moment, ("day", "day", *UNITS), windows=True, starts=(-2, 12))
    return around(draw, moment, roster(moment, rot))


@st.composite
def superseded(draw: st.DrawFn) -> Asked:
    """Two or three blocks of the same name, which follow each other around the moment."""
    moment = a_moment(draw)
    units = pick(draw, (("day",), ("day", "week"), UNITS))
    windows = pick(draw, (True, True, None))
    made = [a_rotation(draw, moment, units, windows=windows, starts=(4, 15))]
    made.append(a_rotation(draw, moment, units, windows=windows, starts=(-1, 1)))
    if pick(draw, (False, True)):
        made.append(a_rotation(draw, moment, units, windows=windows, starts=(-4, 0)))
    return around(draw, moment, roster(moment, *made))


@st.composite
def exceptional(draw: st.DrawFn) -> Asked:
    """Rotations that share, with people away and overrides."""
    moment = a_moment(draw)
    made = [a_rotation(draw, moment, ("day", "week"), f"r{n}") for n in range(number(draw, 1, 2))]
    made = [replace(rot, priority=pick(draw, (0, 0, 1))) for rot in made]
    people = [pick(draw, PEOPLE) for _ in range(number(draw, 1, 5))]
    aways = tuple(Away(person, *a_span(draw, moment)) for person in people)
    count = number(draw, 0, 3)
    changes = tuple(an_override(draw, moment) for _ in range(count))
    return around(draw, moment, replace(roster(moment, *made), aways=aways, changes=changes))


@st.composite
def mixed(draw: st.DrawFn) -> Asked:
    """Everything at once."""
    moment = a_moment(draw)
    made = [a_rotation(draw, moment, name=f"r{n}") for n in range(number(draw, 1, 2))]
    for index, rot in enumerate(made):
        placed = replace(
            rot,
            priority=pick(draw, (0, 0, 1)),
            role=pick(draw, ("duty", "duty", "duty", "backup")),
        )
        made[index] = cut(draw, placed, moment)
    if pick(draw, (False, True)):
        first = pick(draw, made)
        later = a_rotation(draw, moment, name=first.name)
        if later.start <= first.start:
            later = replace(later, start=first.start + (1 + later.start.day) * DAY)
        made.append(later)
    fixed: list[Fixed] = []
    for _ in range(number(draw, 0, 2)):
        people = few(draw, PEOPLE, 1, 2)
        role, priority = pick(draw, ("duty", "backup")), number(draw, 0, 2)
        fixed.append(Fixed(*a_span(draw, moment), people, priority, role))
    changes = [an_override(draw, moment) for _ in range(number(draw, 0, 3))]
    count = number(draw, 0, 3)
    aways = [Away(pick(draw, PEOPLE), *a_span(draw, moment)) for _ in range(count)]
    spec = Spec(moment.zone, PEOPLE, tuple(made), tuple(fixed), tuple(changes), tuple(aways))
    return around(draw, moment, spec)


@st.composite
def modern(draw: st.DrawFn) -> Asked:
    """Zones of rotations, turns of nobody, recurring absences, everybody away, roles apart."""
    moment = a_moment(draw)
    near = [zone for zone, year in ZONES.items() if year == ZONES[moment.zone]]
    count = number(draw, 1, 3)
    made = [a_rotation(draw, moment, ("day", "week", "week"), f"r{n}") for n in range(count)]
    for index, rot in enumerate(made):
        turns = rot.turns
        if pick(draw, (False, True)):
            place = number(draw, 0, len(turns))
            turns = (*turns[:place], (), *turns[place:])
        made[index] = replace(
            rot,
            turns=turns,
            zone=pick(draw, (None, *near)),
            role=pick(draw, ("duty", "backup")),
            priority=pick(draw, (0, 0, 1)),
        )
    roles = {rot.role for rot in made}
    apart = (("backup", "duty"),) if roles == {"duty", "backup"} else ()
    aways: list[Away] = []
    for _ in range(number(draw, 1, 4)):
        person = pick(draw, (*PEOPLE, "*"))
        windows = some_hours(draw, moment.hot, 0, 2)
        away = Away(person, *a_span(draw, moment), windows)
        if windows:
            away = replace(away, start=pick(draw, (None, away.start)))
            away = replace(away, end=pick(draw, (None, away.end)))
        aways.append(away)
    changes = tuple(an_override(draw, moment) for _ in range(number(draw, 0, 2)))
    spec = Spec(moment.zone, PEOPLE, tuple(made), (), changes, tuple(aways), apart)
    return around(draw, moment, spec)


def every_kind() -> st.SearchStrategy[Asked]:
    """A roster of any kind."""
    return st.one_of(grids(), windowed(), superseded(), exceptional(), mixed(), mixed(), modern())
