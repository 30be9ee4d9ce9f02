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
from tests.schedule.oracle_spec import (
    DAY,
    Away,
    Fixed,
    Hours,
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
    cut,
    hours,
    moments,
    overrides,
    rotations,
    spans,
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


@st.composite
def around(draw: st.DrawFn, moment: Moment, spec: Spec) -> Asked:
    """The roster, looked at for some days around the moment."""
    before, after = draw(st.integers(1, 4)), draw(st.integers(1, 5))
    odd = timedelta(minutes=draw(st.sampled_from((0, 0, 7, 30))))
    return Asked(spec, moment.at - before * DAY + odd, moment.at + after * DAY + odd)


def roster(moment: Moment, *made: Rot) -> Spec:
    """A roster of rotations only."""
    return Spec(moment.zone, PEOPLE, made)


@st.composite
def grids(draw: st.DrawFn) -> Asked:
    """One rotation without hours."""
    moment = draw(moments())
    units = draw(st.sampled_from((("hour",), ("hour",), ("day", "week"), ("month",))))
    rot = draw(rotations(moment, units, windows=False))
    return draw(around(moment, roster(moment, rot)))


@st.composite
def windowed(draw: st.DrawFn) -> Asked:
    """One rotation with hours, which began shortly before."""
    moment = draw(moments())
    rot = draw(rotations(moment, ("day", "day", *UNITS), windows=True, starts=(-2, 12)))
    return draw(around(moment, roster(moment, rot)))


@st.composite
def superseded(draw: st.DrawFn) -> Asked:
    """Two or three blocks of the same name, which follow each other around the moment."""
    moment = draw(moments())
    units = draw(st.sampled_from((("day",), ("day", "week"), UNITS)))
    windows = draw(st.sampled_from((True, True, None)))
    made = [draw(rotations(moment, units, windows=windows, starts=(4, 15)))]
    made.append(draw(rotations(moment, units, windows=windows, starts=(-1, 1))))
    if draw(st.booleans()):
        made.append(draw(rotations(moment, units, windows=windows, starts=(-4, 0))))
    return draw(around(moment, roster(moment, *made)))


@st.composite
def exceptional(draw: st.DrawFn) -> Asked:
    """Rotations that share, with people away and overrides."""
    moment = draw(moments())
    made = [
        draw(rotations(moment, ("day", "week"), f"r{n}")) for n in range(draw(st.integers(1, 2)))
    ]
    made = [replace(rot, priority=draw(st.sampled_from((0, 0, 1)))) for rot in made]
    people = draw(st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=5))
    aways = tuple(Away(person, *draw(spans(moment))) for person in people)
    count = draw(st.integers(0, 3))
    changes = tuple(draw(overrides(moment)) for _ in range(count))
    return draw(around(moment, replace(roster(moment, *made), aways=aways, changes=changes)))


@st.composite
def mixed(draw: st.DrawFn) -> Asked:
    """Everything at once."""
    moment = draw(moments())
    made = [draw(rotations(moment, name=f"r{n}")) for n in range(draw(st.integers(1, 2)))]
    for index, rot in enumerate(made):
        placed = replace(
            rot,
            priority=draw(st.sampled_from((0, 0, 1))),
            role=draw(st.sampled_from(("duty", "duty", "duty", "backup"))),
        )
        made[index] = draw(cut(placed, moment))
    if draw(st.booleans()):
        first = draw(st.sampled_from(made))
        later = draw(rotations(moment, name=first.name))
        if later.start <= first.start:
            later = replace(later, start=first.start + (1 + later.start.day) * DAY)
        made.append(later)
    fixed: list[Fixed] = []
    for _ in range(draw(st.integers(0, 2))):
        people = draw(st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=2, unique=True))
        role, priority = draw(st.sampled_from(("duty", "backup"))), draw(st.integers(0, 2))
        fixed.append(Fixed(*draw(spans(moment)), tuple(people), priority, role))
    changes = [draw(overrides(moment)) for _ in range(draw(st.integers(0, 3)))]
    count = draw(st.integers(0, 3))
    aways = [Away(draw(st.sampled_from(PEOPLE)), *draw(spans(moment))) for _ in range(count)]
    spec = Spec(moment.zone, PEOPLE, tuple(made), tuple(fixed), tuple(changes), tuple(aways))
    return draw(around(moment, spec))


@st.composite
def modern(draw: st.DrawFn) -> Asked:
    """Zones of rotations, turns of nobody, recurring absences, everybody away, roles apart."""
    moment = draw(moments())
    near = [zone for zone, year in ZONES.items() if year == ZONES[moment.zone]]
    count = draw(st.integers(1, 3))
    made = [draw(rotations(moment, ("day", "week", "week"), f"r{n}")) for n in range(count)]
    for index, rot in enumerate(made):
        turns = rot.turns
        if draw(st.booleans()):
            place = draw(st.integers(0, len(turns)))
            turns = (*turns[:place], (), *turns[place:])
        made[index] = replace(
            rot,
            turns=turns,
            zone=draw(st.sampled_from((None, *near))),
            role=draw(st.sampled_from(("duty", "backup"))),
            priority=draw(st.sampled_from((0, 0, 1))),
        )
    roles = {rot.role for rot in made}
    apart = (("backup", "duty"),) if roles == {"duty", "backup"} else ()
    aways: list[Away] = []
    for _ in range(draw(st.integers(1, 4))):
        person = draw(st.sampled_from((*PEOPLE, "*")))
        windows: tuple[Hours, ...] = tuple(draw(st.lists(hours(moment.hot), max_size=2)))
        away = Away(person, *draw(spans(moment)), windows)
        if windows:
            away = replace(away, start=draw(st.sampled_from((None, away.start))))
            away = replace(away, end=draw(st.sampled_from((None, away.end))))
        aways.append(away)
    changes = tuple(draw(overrides(moment)) for _ in range(draw(st.integers(0, 2))))
    spec = Spec(moment.zone, PEOPLE, tuple(made), (), changes, tuple(aways), apart)
    return draw(around(moment, spec))


def every_kind() -> st.SearchStrategy[Asked]:
    """A roster of any kind."""
    return st.one_of(grids(), windowed(), superseded(), exceptional(), mixed(), mixed(), modern())
