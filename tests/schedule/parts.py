"""The parts of rosters that tests draw at random, around moments at which the clock changes.

They are functions that draw, not strategies: to make a strategy for every part, and to look into
it, took longer than all that is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from hypothesis import reject
from hypothesis import strategies as st

from tests.drawn import few, number, pick
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


_ZONES = (*ZONES, "Pacific/Apia")


def a_moment(draw: st.DrawFn) -> Moment:
    """A moment in a zone's year: mostly near a jump of its clock, some at the end of a month."""
    zone = pick(draw, _ZONES)
    year = ZONES[zone]
    begin, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year, 12, 31, tzinfo=UTC)
    clock = WallClock(zone, begin, end)
    jumps = [at for at in clock.jumps() if begin <= at]
    kind = pick(draw, ("jump", "jump", "jump", "month", "any"))
    if not jumps or kind != "jump":
        minutes = number(draw, 0, 11) * 30 * 1440 if kind == "month" else 0
        minutes += number(draw, 0, 3 * 1440 if kind == "month" else 364 * 1440)
        return Moment(zone, begin + 29 * DAY + timedelta(minutes=minutes), CLOCK_TIMES)
    at = pick(draw, jumps)
    before, after = clock.local(at - timedelta(minutes=1)), clock.local(at)
    edges = {before.hour * 60 + before.minute + 1, after.hour * 60 + after.minute}
    around = (edge + step for edge in edges for step in (-60, -30, -15, 0, 15, 30, 60, 90))
    return Moment(zone, at, tuple(sorted({minutes % 1440 for minutes in around})))


def wall_minutes(draw: st.DrawFn, hot: tuple[int, ...]) -> int:
    """A time of day, mostly one that a clock jumps over."""
    kind = pick(draw, ("hot", "hot", "round", "any"))
    if kind == "any":
        return number(draw, 0, 1439)
    return pick(draw, hot if kind == "hot" else CLOCK_TIMES)


def some_hours(draw: st.DrawFn, hot: tuple[int, ...], least: int, most: int) -> tuple[Hours, ...]:
    """So many windows, overnight ones included."""
    windows = []
    for _ in range(number(draw, least, most)):
        days = pick(draw, ((0, 1, 2, 3, 4), (5, 6), ALL_DAYS, ALL_DAYS, (0,), (2, 6), (4,)))
        start = wall_minutes(draw, hot)
        end = pick(draw, (None, None, 480, 1440))
        end = wall_minutes(draw, hot) if end is None else end
        windows.append(Hours(days, start, end or 1440))
    return tuple(windows)


def some_turns(draw: st.DrawFn) -> tuple[tuple[str, ...], ...]:
    """Orders of people, some of them held together, some written twice."""
    if pick(draw, (True, False)):
        return tuple((person,) for person in few(draw, PEOPLE, 5, 5))
    count = number(draw, 1, 5)
    return tuple(few(draw, PEOPLE, 1, pick(draw, (1, 1, 2))) for _ in range(count))


def a_rotation(
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
    unit = pick(draw, units)
    back = starts or (-2, {"hour": 12, "day": 40, "week": 60, "month": 150}[unit])
    count = pick(draw, COUNTS[unit])
    start = moment.day - number(draw, *back) * DAY
    if unit == "month" and starts is None and pick(draw, (False, True)):
        start = start.replace(day=1) - number(draw, 1, 3) * DAY
    minutes = wall_minutes(draw, moment.hot)
    least, most = {None: (0, 2), True: (1, 2), False: (0, 0)}[windows]
    return Rot(
        name=name,
        turns=some_turns(draw),
        count=count,
        unit=unit,
        start=start,
        handoff=time(minutes // 60, minutes % 60),
        hours=some_hours(draw, moment.hot, least, most),
    )


def a_stamp(draw: st.DrawFn, moment: Moment, quarters: tuple[int, int] = (-300, 300)) -> Stamp:
    """A way to write something some quarters of an hour from the moment."""
    at = moment.at + timedelta(minutes=15 * number(draw, *quarters))
    kind = pick(draw, ("instant", "instant", "offset", "local", "day"))
    if kind == "offset":
        return at.astimezone(timezone(timedelta(hours=5, minutes=45)))
    clock = WallClock(moment.zone, at - DAY, at + DAY)
    local = clock.local(at)
    if kind == "local" and len(clock.readings(local)) == 1:
        return local
    return local.date() if kind == "day" else at


def a_span(draw: st.DrawFn, moment: Moment) -> tuple[Stamp, Stamp]:
    """A start and a later end, mostly around the moment."""
    around = pick(draw, (True, True, False))
    one = a_stamp(draw, moment, (-300, 0) if around else (-300, 300))
    other = a_stamp(draw, moment, (1, 300) if around else (-300, 300))
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


def an_override(draw: st.DrawFn, moment: Moment) -> Change:
    """An override."""
    out = pick(draw, (None, "*", *PEOPLE))
    coming = [person for person in PEOPLE if person != out]
    if out is not None:
        coming.append("")
    in_ = pick(draw, coming) or None
    role = pick(draw, ("duty", "duty", "duty", "backup"))
    return Change(*a_span(draw, moment), out, in_, role)


def cut(draw: st.DrawFn, rot: Rot, moment: Moment) -> Rot:
    """The rotation, perhaps with `since` or `until`."""
    kind = pick(draw, ("", "", "", "since", "until", "both"))
    if kind == "since":
        return replace(rot, since=a_stamp(draw, moment))
    if kind == "until":
        return replace(rot, until=a_stamp(draw, moment))
    if kind == "both":
        since, until = a_span(draw, moment)
        return replace(rot, since=since, until=until)
    return rot
