"""The parts of rosters that tests draw at random, around moments at which the clock changes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from hypothesis import reject
from hypothesis import strategies as st

from tests.schedule.oracle_clock import WallClock
from tests.schedule.oracle_spec import (
    DAY,
    Change,
    Hours,
    Rot,
    Stamp,
)

PEOPLE = ("ann", "bob", "cat", "dan", "eve")


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
