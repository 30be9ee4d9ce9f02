"""Local times that a change of the clock makes ambiguous, missing, or a turn of no length."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from rotation.check.view import Finding, View, warning
from rotation.clock.local import DAY, midnight, resolve
from rotation.dataclasses import dataclass
from rotation.model import Rotation, Unit
from rotation.schedule.turns import Block


@dataclass(frozen=True, slots=True)
class Jump:
    """A change of a zone's clock at an instant: local times in `[start, end)` are missing
    (`forward`) or exist twice."""

    at: datetime
    start: datetime
    end: datetime
    forward: bool

    def has(self, local: datetime) -> bool:
        """Whether a local time is missing or ambiguous; a midnight that is missing begins its day
        all the same."""
        return self.start <= local < self.end and not (self.forward and local.time() == time(0))


def jumps(zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[Jump]:
    """Every change of the clock in `[start, end)`, in order; two within a day count as one."""

    def ahead(at: datetime) -> timedelta:
        return at.astimezone(zone).utcoffset() or timedelta(0)

    at, end = start.astimezone(UTC), end.astimezone(UTC)
    while at < end:
        until = min(at + DAY, end)
        before, after = ahead(at), ahead(until)
        if before != after:
            low, high = int(at.timestamp()), math.ceil(until.timestamp())
            while high - low > 1:  # clocks change at whole seconds
                middle = (low + high) // 2
                if ahead(datetime.fromtimestamp(middle, UTC)) == before:
                    low = middle
                else:
                    high = middle
            change = datetime.fromtimestamp(high, UTC)
            wall = change.replace(tzinfo=None)
            first, last = min(before, after), max(before, after)
            yield Jump(change, wall + first, wall + last, after > before)
        at = until


def odd_times(view: View) -> Iterator[Finding]:
    """Handoffs and duty hours at a local time that a change of the clock skips or repeats."""
    changes_of: dict[ZoneInfo, list[Jump]] = {}
    for role in view.sure:
        for block in view.live(role):
            name = block.rotation.name
            if block.zone not in changes_of:
                changes_of[block.zone] = list(jumps(block.zone, view.now, view.end))
            changes = changes_of[block.zone]
            handoffs = [odd for jump in changes for odd in _handoffs(view, block, jump)]
            yield from _odd(view, block.rotation, f"the handoff of rotation {name!r}", handoffs)
            hours = [odd for jump in changes for odd in _windows(view, block, jump)]
            yield from _odd(view, block.rotation, f"'hours' of rotation {name!r}", hours)


_Odd = tuple[datetime, Jump, datetime]


def _odd(view: View, rotation: Rotation, what: str, odd: list[_Odd]) -> Iterator[Finding]:
    """One finding about the first local time of several, if any, and what it is taken for."""
    if not odd:
        return
    local, jump, instant = odd[0]
    more = f" (and {len(odd) - 1} more within a year)" if len(odd) > 1 else ""
    trouble = "does not exist" if jump.forward else "exists twice"
    yield warning(
        f"{what}: {local:%H:%M} {trouble} on {local:%Y-%m-%d}, when the clock changes, "
        f"and is taken for {view.said(instant)}{more}",
        rotation.where,
        "choose a time of day that the clock never skips or repeats",
    )


def _handoffs(view: View, block: Block, jump: Jump) -> Iterator[_Odd]:
    rotation = block.rotation
    if rotation.counts_windows or _length(rotation) <= jump.end - jump.start:
        return  # turns this short cannot help it
    skipped = set(_skipped(jump))  # of those there is another finding
    for turn in block.turns_between(jump.at - 2 * DAY, jump.at + 2 * DAY):
        local, instant = block.handoff(turn)
        inside = max(block.begin, view.now) <= instant < min(block.end, view.end)
        if inside and jump.has(local) and local.date() not in skipped:
            yield local, jump, instant


def _windows(view: View, block: Block, jump: Jump) -> Iterator[_Odd]:
    if not max(block.begin, view.now) <= jump.at < min(block.end, view.end):
        return
    skipped = set(_skipped(jump))
    seen: set[datetime] = set()
    for day in (jump.start.date() - DAY, jump.start.date(), jump.end.date()):
        for window in block.hours.on(day) if _counted(block, day) else ():
            close = midnight(day + DAY if window.overnight else day, window.end)
            for local, last in ((midnight(day, window.start), False), (close, True)):
                if jump.has(local) and local.date() not in skipped and local not in seen:
                    seen.add(local)
                    yield local, jump, resolve(local, block.zone, last=last)


def skipped_turns(view: View) -> Iterator[Finding]:
    """Turns without length, on a day that the zone skips (Samoa, 2011-12-30)."""
    for role in view.sure:
        for block in view.live(role):
            for jump in jumps(block.zone, view.now, view.end):
                days = list(_skipped(jump))
                if lost := list(_lost(block, jump, days)) if days else []:
                    yield warning(
                        f"the turn of {', '.join(lost)} in rotation {block.rotation.name!r} on "
                        f"{days[0]:%Y-%m-%d} has no length: {block.zone.key} skips that day",
                        block.rotation.where,
                        "write a [[shift]] or an override if they should serve another day",
                    )


def _skipped(jump: Jump) -> Iterator[date]:
    """The days of which no minute exists."""
    if jump.forward:
        day = jump.start.date()
        while midnight(day + DAY) <= jump.end:
            if midnight(day) >= jump.start:
                yield day
            day += DAY


def _lost(block: Block, jump: Jump, days: list[date]) -> Iterator[str]:
    rotation = block.rotation
    if rotation.counts_windows:
        weekdays = {weekday for window in rotation.hours for weekday in window.days}
        lost = [d for d in days if d.weekday() in weekdays and _counted(block, d)]
        turns = [block.turn_of_day(day) for day in lost] if rotation.every.count == 1 else []
    else:
        turns = [
            turn
            for turn in block.turns_between(jump.at - 2 * DAY, jump.at + 2 * DAY)
            if block.handoff(turn)[1] == block.handoff(turn + 1)[1]
        ]
    yield from dict.fromkeys(person for turn in turns for person in block.people(turn))


def _counted(block: Block, day: date) -> bool:
    rotation = block.rotation
    return not rotation.counts_windows or rotation.start <= day < block.stop


def _length(rotation: Rotation) -> timedelta:
    """The least length of a turn."""
    hours = {Unit.HOUR: 1, Unit.DAY: 24, Unit.WEEK: 168, Unit.MONTH: 28 * 24}
    return timedelta(hours=rotation.every.count * hours[rotation.every.unit])
