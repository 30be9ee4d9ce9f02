"""Random rosters, and spans of time around the instants at which clocks jump."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import reject
from hypothesis import strategies as st

from rotation.errors import RosterError
from rotation.model import Roster
from rotation.roster.parse import parse
from tests.schedule.oracle import WallClock
from tests.schedule.oracle_spec import (
    DAY,
    Away,
    Change,
    Fixed,
    Hours,
    Rot,
    Spec,
    Stamp,
    overrides_toml,
    roster_toml,
)

PEOPLE = ("ann", "bob", "cat", "dan", "eve")
ROSTER = Path("/etc/rotation/team.toml")
ZONES = {
    "Europe/London": 2026,
    "America/Chicago": 2026,
    "Australia/Lord_Howe": 2026,  # half an hour
    "Africa/Casablanca": 2026,  # back for Ramadan
    "America/Sao_Paulo": 2018,  # at midnight
    "Pacific/Apia": 2011,  # and 30 December never came
    "UTC": 2026,
    "Asia/Kathmandu": 2026,
}
UNITS = ("hour", "day", "week", "month")
COUNTS = {
    "hour": (1, 2, 3, 4, 5, 6, 8, 12, 24, 36),
    "day": (1, 1, 2, 3, 7),
    "week": (1, 1, 2),
    "month": (1, 1, 2, 5),
}
ALL_DAYS = tuple(range(7))
CLOCK_TIMES = (0, 15, 60, 90, 120, 130, 150, 180, 540, 1020, 1200, 1410)


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


@dataclass(frozen=True)
class Moment:
    """An instant in a zone, and the times of day (minutes) that matter around it."""

    zone: str
    at: datetime
    hot: tuple[int, ...]

    @property
    def day(self) -> date:
        """The local day."""
        return self.at.astimezone(ZoneInfo(self.zone)).date()


@st.composite
def moments(draw: st.DrawFn) -> Moment:
    """A moment in a zone's year: mostly near a jump of its clock, some at the end of a month."""
    zone = draw(st.sampled_from((*ZONES, "Pacific/Apia")))
    year = ZONES[zone]
    begin, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year, 12, 31, tzinfo=UTC)
    clock = WallClock(zone, begin, end)
    jumps = [at for at in clock.jumps() if begin <= at]
    kind = draw(st.sampled_from(("jump", "jump", "jump", "month", "any")))
    if not jumps or kind != "jump":
        minutes = draw(st.integers(0, 11)) * 30 * 1440 if kind == "month" else 0
        minutes += draw(st.integers(0, 3 * 1440 if kind == "month" else 364 * 1440))
        return Moment(zone, begin + 29 * DAY + timedelta(minutes=minutes), CLOCK_TIMES)
    at = draw(st.sampled_from(jumps))
    before, after = clock.local(at - timedelta(minutes=1)), clock.local(at)
    edges = {before.hour * 60 + before.minute + 1, after.hour * 60 + after.minute}
    around = (edge + step for edge in edges for step in (-60, -30, -15, 0, 15, 30, 60, 90))
    return Moment(zone, at, tuple(sorted({minutes % 1440 for minutes in around})))


@st.composite
def wall_minutes(draw: st.DrawFn, hot: tuple[int, ...]) -> int:
    """A time of day, mostly one that a clock jumps over."""
    kind = draw(st.sampled_from(("hot", "hot", "round", "any")))
    if kind == "any":
        return draw(st.integers(0, 1439))
    return draw(st.sampled_from(hot if kind == "hot" else CLOCK_TIMES))


@st.composite
def hours(draw: st.DrawFn, hot: tuple[int, ...]) -> Hours:
    """A window, overnight ones included."""
    days = draw(st.sampled_from(((0, 1, 2, 3, 4), (5, 6), ALL_DAYS, ALL_DAYS, (0,), (2, 6), (4,))))
    start = draw(wall_minutes(hot))
    end = draw(st.one_of(wall_minutes(hot), st.sampled_from((480, 1440))))
    return Hours(days, start, end or 1440)


def turns() -> st.SearchStrategy[tuple[tuple[str, ...], ...]]:
    """Orders of people, some of them held together, some written twice."""
    people = st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=2, unique=True).map(tuple)
    one = st.sampled_from(PEOPLE).map(lambda person: (person,))
    few = st.lists(st.one_of(one, one, people), min_size=1, max_size=5).map(tuple)
    everybody = st.permutations(PEOPLE).map(lambda order: tuple((person,) for person in order))
    return st.one_of(few, everybody)


@st.composite
def rotations(
    draw: st.DrawFn,
    moment: Moment,
    units: tuple[str, ...] = UNITS,
    name: str = "r",
    *,
    windows: bool | None = None,
    starts: tuple[int, int] | None = None,
) -> Rot:
    """A rotation that begins some time before the moment, seldom after it.

    `windows`: with hours, without, or either. `starts`: how many days before it begins.
    """
    unit = draw(st.sampled_from(units))
    back = starts or (-2, {"hour": 12, "day": 40, "week": 60, "month": 150}[unit])
    count = draw(st.sampled_from(COUNTS[unit]))
    start = moment.day - draw(st.integers(*back)) * DAY
    if unit == "month" and starts is None and draw(st.booleans()):
        start = start.replace(day=1) - draw(st.integers(1, 3)) * DAY
    minutes = draw(wall_minutes(moment.hot))
    least, most = {None: (0, 2), True: (1, 2), False: (0, 0)}[windows]
    return Rot(
        name=name,
        turns=draw(turns()),
        count=count,
        unit=unit,
        start=start,
        handoff=time(minutes // 60, minutes % 60),
        hours=tuple(draw(st.lists(hours(moment.hot), min_size=least, max_size=most))),
    )


@st.composite
def stamps(draw: st.DrawFn, moment: Moment, quarters: tuple[int, int] = (-300, 300)) -> Stamp:
    """A way to write something some quarters of an hour from the moment."""
    at = moment.at + timedelta(minutes=15 * draw(st.integers(*quarters)))
    kind = draw(st.sampled_from(("instant", "instant", "offset", "local", "day")))
    if kind == "offset":
        return at.astimezone(timezone(timedelta(hours=5, minutes=45)))
    clock = WallClock(moment.zone, at - DAY, at + DAY)
    local = clock.local(at)
    if kind == "local" and len(clock.readings(local)) == 1:
        return local
    return local.date() if kind == "day" else at


@st.composite
def spans(draw: st.DrawFn, moment: Moment) -> tuple[Stamp, Stamp]:
    """A start and a later end, mostly around the moment."""
    around = draw(st.sampled_from((True, True, False)))
    one = draw(stamps(moment, (-300, 0) if around else (-300, 300)))
    other = draw(stamps(moment, (1, 300) if around else (-300, 300)))
    clock = WallClock(moment.zone, moment.at - 9 * DAY, moment.at + 9 * DAY)

    def instant(stamp: Stamp, ahead: timedelta) -> datetime:
        if isinstance(stamp, datetime):
            return stamp if stamp.tzinfo else clock.first(stamp)
        return clock.first(datetime.combine(stamp + ahead, time(0)))

    if instant(one, 0 * DAY) >= instant(other, DAY):
        one, other = other, one
    if instant(one, 0 * DAY) >= instant(other, DAY):
        reject()
    return one, other


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
def overrides(draw: st.DrawFn, moment: Moment) -> Change:
    """An override."""
    out = draw(st.sampled_from((None, "*", *PEOPLE)))
    coming = [person for person in PEOPLE if person != out]
    if out is not None:
        coming.append("")
    in_ = draw(st.sampled_from(coming)) or None
    role = draw(st.sampled_from(("duty", "duty", "duty", "backup")))
    return Change(*draw(spans(moment)), out, in_, role)


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
def cut(draw: st.DrawFn, rot: Rot, moment: Moment) -> Rot:
    """The rotation, perhaps with `since` or `until`."""
    kind = draw(st.sampled_from(("", "", "", "since", "until", "both")))
    if kind == "since":
        return replace(rot, since=draw(stamps(moment)))
    if kind == "until":
        return replace(rot, until=draw(stamps(moment)))
    if kind == "both":
        since, until = draw(spans(moment))
        return replace(rot, since=since, until=until)
    return rot


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
