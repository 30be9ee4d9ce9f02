"""One rotation block by itself: whose turn it is at an instant, and when that may change.

Everything is closed form: a turn's number comes from a division and a look at its neighbours,
so that 2090 costs as much as tomorrow.

Turns are counted in one of two ways. Hours, weeks, months, and days without duty hours count on
the wall clock's grid from the first handoff. Days with duty hours count days on which a window
starts; there a window belongs whole to the turn of its day, whatever the handoff says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from rotation.clock.hours import CLOSE, FAR, NEAR, Hours, Opening
from rotation.clock.local import DAY, day_begins, midnight, resolve, to_local
from rotation.dataclasses import dataclass
from rotation.model import EVER, NEVER, Rotation
from rotation.schedule.grid import Grid, grid


@dataclass(frozen=True, slots=True)
class Block:
    """A rotation, its zone, hours and handoffs, and the span in which no later namesake supersedes
    it.

    Duty lies in `[begin, end)`; where turns are counted by windows, these start on days in
    `[rotation.start, stop)`.
    """

    rotation: Rotation
    zone: ZoneInfo
    begin: datetime
    end: datetime
    stop: date
    hours: Hours
    grid: Grid

    def active(self, at: datetime) -> tuple[int, ...]:
        """The numbers of the turns that are on duty at the instant `at`, ascending.

        Turn 0 begins at the first handoff. Mostly one or none; windows of different days that
        overlap give two.
        """
        if not self.begin <= at < self.end:
            return ()
        if self.rotation.counts_windows:
            days = {day for day, start, end in self._windows(at, NEAR) if start <= at < end}
            return tuple(sorted({self.turn_of_day(day) for day in days}))
        if self.hours.windows and not self.hours.open(at):
            return ()
        return (self.grid.turn_at(at),)

    def people(self, turn: int) -> tuple[str, ...]:
        """The people of turn number `turn`."""
        return self.rotation.turns[turn % len(self.rotation.turns)]

    def turns_between(self, start: datetime, end: datetime) -> range:
        """The numbers of the turns that have a part in `[start, end)`, whatever the duty hours."""
        first, last = max(start, self.begin), min(end, self.end)
        if first >= last:
            return range(0)
        last -= datetime.resolution
        if not self.rotation.counts_windows:
            return range(self.grid.turn_at(first), self.grid.turn_at(last) + 1)
        days = [to_local(at, self.zone).date() for at in (first, last)]
        first_turn, last_turn = (self.turn_of_day(min(day, self.stop - DAY)) for day in days)
        return range(first_turn, last_turn + 1)

    def handoff(self, turn: int) -> tuple[datetime, datetime]:
        """Where turn number `turn` begins: on the wall clock (naive local time), and the instant.

        Means nothing where turns are counted in windows.
        """
        return self.grid.local(turn), self.grid.handoff(turn)

    def after(self, at: datetime) -> datetime | None:
        """The first instant after `at` at which `active` may change, None if it never does."""
        if at >= self.end:
            return None
        if at < self.begin:
            return self.begin
        if not self.rotation.hours:
            return min(self.grid.handoff(self.grid.turn_at(at) + 1), self.end)
        later = [bound for bound in self._bounds(at, CLOSE) if bound > at]
        # windows of later days than those begin after this midnight
        if not later or min(later) > self._midnight(at, CLOSE):
            later = [bound for bound in self._bounds(at, FAR) if bound > at]
        return min((*later, self.end)) if later or self.end != NEVER else None

    def before(self, at: datetime) -> datetime | None:
        """The last instant not after `at` at which `active` may have changed, or None."""
        if at < self.begin:
            return None
        if at >= self.end:
            return self.end
        if not self.rotation.hours:
            return max(self.begin, self.grid.handoff(self.grid.turn_at(at)))
        past = [bound for bound in self._bounds(at, CLOSE) if bound <= at]
        # windows of earlier days than those are closed by this midnight, even if it comes twice
        if not past or max(past) < self._midnight(at, 2 - CLOSE):
            past = [bound for bound in self._bounds(at, FAR) if bound <= at]
        return max((self.begin, *past))

    def _midnight(self, at: datetime, days: int) -> datetime:
        return day_begins(to_local(at, self.zone).date() + days * DAY, self.zone)

    def extent(self, turn: int) -> tuple[datetime, datetime]:
        """An interval that holds all duty of turn number `turn`, and at most a day more."""
        if self.rotation.counts_windows:
            count = self.rotation.every.count
            first, last = (self._worked_day(turn * count), self._worked_day((turn + 1) * count - 1))
            # the last window may run past midnight
            start, end = day_begins(first, self.zone), day_begins(last + 2 * DAY, self.zone)
        else:
            start, end = self.grid.handoff(turn), self.grid.handoff(turn + 1)
        return max(start, self.begin), min(end, self.end)

    @property
    def opening(self) -> datetime:
        """The instant at which its order begins to count: its first handoff or first window."""
        if not self.rotation.counts_windows:
            return self.begin
        return max(self.begin, self._duty_begins(0))

    def upcoming(self, at: datetime) -> tuple[int, datetime]:
        """The first turn that is handed over after the instant `at`, and where it begins on the
        wall clock (naive local time; midnight of its first day where turns count windows)."""
        if not self.rotation.counts_windows:
            turn = max(0, self.grid.turn_at(at) + 1)
            return turn, self.grid.local(turn)
        count = self.rotation.every.count
        day = max(to_local(at, self.zone).date() - DAY, self.rotation.start)
        turn = max(0, self.turn_of_day(day))
        while self._duty_begins(turn) <= at:
            turn += 1
        return turn, midnight(self._worked_day(turn * count))

    def _bounds(self, at: datetime, days: int) -> Iterator[datetime]:
        """Starts and ends of windows up to `days` around `at`, and the handoffs near it.

        Within `FAR` days the nearest on both sides are among them.
        """
        for _, start, end in self._windows(at, days):
            yield start
            yield end
        if not self.rotation.counts_windows:
            turn = self.grid.turn_at(at)
            yield self.grid.handoff(turn)
            yield self.grid.handoff(turn + 1)

    # turns counted in days on which a window starts

    def _windows(self, at: datetime, days: int) -> Iterator[Opening]:
        """Duty hours up to `days` around `at`: the day that each starts on, and its instants."""
        for opening in self.hours.around(at, days):
            if not self.rotation.counts_windows or self.rotation.start <= opening[0] < self.stop:
                yield opening

    def turn_of_day(self, day: date) -> int:
        """The number of the turn that the windows starting on `day` belong to."""
        weekdays = {weekday for window in self.rotation.hours for weekday in window.days}
        first = self.rotation.start
        weeks, rest = divmod((day - first).days, 7)
        worked = weeks * len(weekdays)
        worked += sum((first.weekday() + n) % 7 in weekdays for n in range(rest))
        return worked // self.rotation.every.count

    def _worked_day(self, number: int) -> date:
        """The day of the window numbered `number`, from 0, in days on which a window starts."""
        weekdays = {weekday for window in self.rotation.hours for weekday in window.days}
        weeks, rest = divmod(number, len(weekdays))
        day = self.rotation.start + 7 * weeks * DAY
        while rest or day.weekday() not in weekdays:
            rest -= day.weekday() in weekdays
            day += DAY
        return day

    def _duty_begins(self, turn: int) -> datetime:
        """The instant at which the first window of a turn opens, where turns count windows."""
        day = self._worked_day(turn * self.rotation.every.count)
        opened = (w.start for w in self.rotation.hours if day.weekday() in w.days)
        return resolve(midnight(day, min(opened)), self.zone)


@dataclass(frozen=True, slots=True)
class Standing:
    """The numbers of the turns of a block that are on duty from `since` to `until` (None: for
    good)."""

    since: datetime
    until: datetime | None
    turns: tuple[int, ...]

    def holds(self, at: datetime) -> bool:
        """Whether an instant is in that time."""
        return self.since <= at and (self.until is None or at < self.until)


class Standings:
    """The turns of a block, kept until they change: what lies in between costs nothing."""

    def __init__(self, block: Block) -> None:
        self.block = block
        self._known: Standing | None = None

    def at(self, at: datetime) -> Standing:
        """Those at an instant."""
        known = self._known
        if known is None or not known.holds(at):
            known = Standing(at, self.block.after(at), self.block.active(at))
            self._known = known
        return known


def blocks(rotations: Iterable[Rotation], zone: ZoneInfo) -> tuple[Block, ...]:
    """The blocks of a roster's rotations, each cut where a later one of the same name begins.

    `zone` is the roster's, for the rotations that have none of their own.

    Rotations that take their shifts from a calendar are left out.
    """
    listed = tuple(rotations)
    listed_blocks = []
    for index, rotation in enumerate(listed):
        if rotation.calendar is not None:
            continue
        begin, end, stop = EVER, NEVER, date.max
        own = rotation.zone or zone
        handoffs = _grid(rotation, zone)
        if not rotation.counts_windows:
            begin = handoffs.begin
        if rotation.since is not None:
            begin = max(begin, rotation.since)
        if rotation.until is not None:
            end = rotation.until
        for later in listed[index + 1 :]:
            if later.name != rotation.name or later.calendar is not None:
                continue
            there = later.zone or zone
            if rotation.counts_windows and later.counts_windows and there == own:
                stop = min(stop, later.start)
            elif later.counts_windows:
                # its handoff says nothing, so it begins with the day
                end = min(end, day_begins(later.start, there))
            else:
                end = min(end, first_handoff(later, zone))
        if rotation.counts_windows:
            begin = max(begin, day_begins(rotation.start, own))
            if stop != date.max:
                # the last window may run past midnight of the day on which the successor starts
                end = min(end, day_begins(stop + DAY, own))
        hours = Hours(rotation.hours, own, rotation.holidays)
        listed_blocks.append(Block(rotation, own, begin, max(begin, end), stop, hours, handoffs))
    return tuple(listed_blocks)


def first_handoff(rotation: Rotation, zone: ZoneInfo) -> datetime:
    """The instant at which the first turn of a rotation begins; `zone` is the roster's."""
    return _grid(rotation, zone).begin


def _grid(rotation: Rotation, zone: ZoneInfo) -> Grid:
    return grid(rotation.start, rotation.handoff, rotation.every, rotation.zone or zone)
