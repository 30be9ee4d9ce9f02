"""Hours of duty or of absence: windows that begin on weekdays, or public holidays, in a zone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from rotation.clock.days import holidays_near, is_holiday
from rotation.clock.local import DAY, day_begins, midnight, resolve, to_local
from rotation.dataclasses import dataclass, field
from rotation.model import Window

NEAR = 2
"""Days around an instant on which a window may start that covers it; a zone can skip a whole day
(Samoa, 2011-12-30), so one more than it seems."""
FAR = 16
"""The same for windows that begin or end next: every weekday comes twice, one may be skipped."""
CLOSE = 3
"""Mostly those are close, and few days are looked at many times faster."""

_DAYS = 1000
"""So many days are remembered."""

Opening = tuple[date, datetime, datetime]
"""The day on which a window begins, its start and its end (instants)."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Windows in `zone`; `holidays` is the country whose public holidays the word `holiday` means.

    Where any window has that word, a public holiday is that and no weekday.
    """

    windows: tuple[Window, ...]
    zone: ZoneInfo
    holidays: str | None = None
    _known: dict[date, tuple[Opening, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """What begins on a day: whoever asks of one instant after the other asks of a day often."""

    def on(self, day: date) -> list[Window]:
        """The windows that begin on a local day."""
        if self.holidays is not None and is_holiday(self.holidays, day):
            return [window for window in self.windows if window.holiday]
        return [window for window in self.windows if day.weekday() in window.days]

    def openings(self, days: Iterable[date]) -> Iterator[Opening]:
        """The windows that begin on these local days; none without length."""
        for day in days:
            known = self._known.get(day)
            if known is None:
                if len(self._known) >= _DAYS:
                    self._known.clear()
                known = self._known[day] = tuple(self._openings(day))
            yield from known

    def _openings(self, day: date) -> Iterator[Opening]:
        for window in self.on(day):
            start = resolve(midnight(day, window.start), self.zone)
            close = midnight(day + DAY if window.overnight else day, window.end)
            end = resolve(close, self.zone, last=True)
            if start < end:
                yield day, start, end

    def around(self, at: datetime, days: int) -> Iterator[Opening]:
        """The windows that begin up to `days` around an instant, and around FAR days holidays'."""
        today = to_local(at, self.zone).date()
        near = [today + offset * DAY for offset in range(-days, days + 1)]
        if self.holidays is not None and days >= FAR:
            near += [day for day in holidays_near(self.holidays, today) if day not in near]
        return self.openings(near)

    def open(self, at: datetime) -> bool:
        """Whether an instant is in any window."""
        return any(start <= at < end for _, start, end in self.around(at, NEAR))

    def after(self, at: datetime) -> datetime:
        """The first start or end of a window after the instant `at`."""
        later = [bound for bound in self._bounds(at, CLOSE) if bound > at]
        # windows of later days than those begin after this midnight
        if not later or min(later) > self._midnight(at, CLOSE):
            later = [bound for bound in self._bounds(at, FAR) if bound > at]
        return min(later)

    def before(self, at: datetime) -> datetime:
        """The last start or end of a window not after the instant `at`."""
        past = [bound for bound in self._bounds(at, CLOSE) if bound <= at]
        # windows of earlier days than those are closed by this midnight, even if it comes twice
        if not past or max(past) < self._midnight(at, 2 - CLOSE):
            past = [bound for bound in self._bounds(at, FAR) if bound <= at]
        return max(past)

    def _midnight(self, at: datetime, days: int) -> datetime:
        return day_begins(to_local(at, self.zone).date() + days * DAY, self.zone)

    def _bounds(self, at: datetime, days: int) -> Iterator[datetime]:
        for _, start, end in self.around(at, days):
            yield start
            yield end
