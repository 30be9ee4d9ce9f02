"""Hours of the week as other programs have them, to duty hours of a rotation."""

from __future__ import annotations

from collections.abc import Iterable

from rotation.model import Window

DAY, WEEK = 1440, 10_080
"""Minutes."""


def windows(stretches: Iterable[tuple[int, int]]) -> tuple[Window, ...] | None:
    """Duty hours from stretches of the week: minutes since Monday 00:00, and how many.

    Stretches may overlap, touch, and run over the end of the week. The whole week has no windows;
    where there is nothing of it, None.
    """
    minutes = bytearray(WEEK)
    for start, length in stretches:
        for at in range(min(max(length, 0), WEEK)):
            minutes[(start + at) % WEEK] = 1
    if not any(minutes):
        return None
    if all(minutes):
        return ()
    days = [_day(minutes, day) for day in range(7)]
    return _grouped(_overnight(days))


def _day(minutes: bytearray, day: int) -> list[tuple[int, int]]:
    """The stretches of one day."""
    pieces: list[tuple[int, int]] = []
    start: int | None = None
    for at in range(DAY + 1):
        on = at < DAY and bool(minutes[day * DAY + at])
        if on and start is None:
            start = at
        elif not on and start is not None:
            pieces.append((start, at))
            start = None
    return pieces


def _overnight(days: list[list[tuple[int, int]]]) -> list[list[tuple[int, int]]]:
    """The same, with nights joined where they are shorter than a day."""
    joined = [list(pieces) for pieces in days]
    for day in range(7):
        after = (day + 1) % 7
        evening = next((piece for piece in days[day] if piece[1] == DAY and piece[0] > 0), None)
        morning = next((piece for piece in days[after] if piece[0] == 0 and piece[1] < DAY), None)
        if evening and morning and morning[1] <= evening[0]:
            joined[day][joined[day].index(evening)] = evening[0], morning[1]
            joined[after].remove(morning)
    return joined


def _grouped(days: list[list[tuple[int, int]]]) -> tuple[Window, ...]:
    """One window for all days that have the same hours."""
    by_hours: dict[tuple[int, int], set[int]] = {}
    for day, pieces in enumerate(days):
        for piece in pieces:
            by_hours.setdefault(piece, set()).add(day)
    return tuple(Window(frozenset(on), start, end) for (start, end), on in by_hours.items())
