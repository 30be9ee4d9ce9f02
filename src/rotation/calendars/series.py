"""A master event and its overrides to the occurrences of a window (RFC 5545 section 3.8.4.4)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta

from rotation.calendars.events import Event
from rotation.calendars.moments import Length, Moment
from rotation.calendars.recur import Budget
from rotation.calendars.zones import UTC_ZONE, day
from rotation.dataclasses import dataclass

_PAD = timedelta(days=3)
_FIRST, _LAST = datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59)  # noqa: DTZ001


@dataclass(frozen=True, slots=True)
class Instance:
    """One occurrence: start and end in UTC, and the event that it was taken from."""

    start: datetime
    end: datetime
    source: Event


@dataclass(frozen=True, slots=True)
class _Marks:
    """Instances that are named by instant, or by their local day."""

    instants: set[datetime]
    days: set[date]

    @classmethod
    def of(cls, moments: Iterable[Moment], start: Moment) -> _Marks:
        """What `moments` name in a series that begins at `start`."""
        marks = cls(set(), set())
        for named in (instance_of(moment, start) for moment in moments):
            if isinstance(named, datetime):
                marks.instants.add(named)
            else:
                marks.days.add(named)
        return marks

    def hold(self, instant: datetime, local: datetime) -> bool:
        """Whether the instance at `instant`, `local` in the zone of its series, is named."""
        return instant in self.instants or local.date() in self.days


def instance_of(moment: Moment, start: Moment) -> date | datetime:
    """What a moment names in a series that begins at `start`: a day, or an instant (UTC).

    In a series of days it is the day as it is written, whatever the zone: Outlook and Exchange
    write midnight in the zone of whoever keeps the calendar. Only a time in UTC that is not
    midnight has to be one of some clock.
    """
    moment = moment.within(start.zone)
    if start.is_date:
        return _day(moment, start).date()
    return moment.local.date() if moment.is_date else moment.utc


def _day(moment: Moment, start: Moment) -> datetime:
    """The day, as its local midnight, that a moment names in a series of days."""
    local = moment.local
    if moment.zone == UTC_ZONE and local.time() != time.min:
        local = start.zone.to_local(moment.utc)
    return day(local)


def expand(
    masters: list[Event], overrides: list[Event], low: datetime, high: datetime, budget: Budget
) -> Iterator[Instance]:
    """The occurrences of one UID that overlap [`low`, `high`) (UTC), whole, in no order.

    An occurrence without any length counts where its start lies in the window. An EXDATE also
    removes an override of the same instance. Overrides without a master stand for themselves.
    CANCELLED: as a master, its own instances are gone; as an override, that instance or, with
    RANGE=THISANDFUTURE, it and all later ones.

    Raises ValueError or OverflowError where that cannot be computed.
    """
    for instance in _everything(masters, overrides, low, high, budget):
        first, last = min(instance.start, instance.end), max(instance.start, instance.end)
        inside = low < high and first < high and (last > low or first == last == low)
        if inside and not instance.source.cancelled:
            yield instance


def _everything(
    masters: list[Event], overrides: list[Event], low: datetime, high: datetime, budget: Budget
) -> Iterator[Instance]:
    if not masters:
        yield from (Instance(event.start.utc, event.finish, event) for event in overrides)
        return
    for master in masters:
        gone = _Marks.of(master.exdates, master.start)
        kept = [
            (event, moment)
            for event in overrides
            if event.recurrence_id is not None
            for moment in [event.recurrence_id]
            if not _names(moment, gone, master.start)
        ]
        if master is masters[0]:
            start = master.start
            single = {instance_of(moment, start) for event, moment in kept if not event.and_future}
            for event, moment in kept:
                if not (event.and_future and instance_of(moment, start) in single):
                    yield Instance(event.start.utc, event.finish, event)
        taken = _Marks.of((moment for _, moment in kept), master.start)
        futures = sorted(
            ((_local(moment, master.start), event) for event, moment in kept if event.and_future),
            key=lambda future: future[0],
        )
        yield from _instances(master, futures, (gone, taken), (low, high), budget)


def _names(moment: Moment, marks: _Marks, start: Moment) -> bool:
    """Whether `marks` hold the instance that a RECURRENCE-ID names."""
    other = _Marks.of([moment], start)
    if marks.instants & other.instants or marks.days & other.days:
        return True
    return any(start.zone.to_local(instant).date() in marks.days for instant in other.instants)


def _local(moment: Moment, start: Moment) -> datetime:
    """A RECURRENCE-ID on the clock of its series."""
    if start.is_date:
        return _day(moment.within(start.zone), start)
    if moment.is_date:
        return moment.local + (start.local - day(start.local))
    moment = moment.within(start.zone)
    if moment.zone == start.zone:
        return moment.local
    return start.zone.to_local(moment.utc)


def _instances(
    master: Event,
    futures: list[tuple[datetime, Event]],
    leave_out: tuple[_Marks, _Marks],
    window: tuple[datetime, datetime],
    budget: Budget,
) -> Iterator[Instance]:
    """The instances of the recurrence set, each as its last THISANDFUTURE has it."""
    zone = master.start.zone
    for (instant, local), period in _recurrence_set(master, futures, window, budget).items():
        if any(marks.hold(instant, local) for marks in leave_out):
            continue
        source, begun, place, length = master, local, zone, period or master.length
        if at := bisect_right(futures, local, key=lambda future: future[0]):
            since, future = futures[at - 1]
            # the clock of the override's own zone goes on from its DTSTART
            source, begun = future, future.start.local + (local - since)
            place, length = future.start.zone, period or future.length
        if source is master:
            own = local == master.start.local and period is None
            yield Instance(instant, master.finish if own else length.end(local, zone), master)
        else:
            yield Instance(place.to_utc(begun), length.end(begun, place), source)


def _recurrence_set(
    master: Event,
    futures: list[tuple[datetime, Event]],
    window: tuple[datetime, datetime],
    budget: Budget,
) -> dict[tuple[datetime, datetime], Length | None]:
    """(instant, local time) of instances that may touch the window, with the PERIOD of RDATEs.

    Section 3.8.5: DTSTART, RRULEs and RDATEs together; EXDATEs are still in it. A local time
    that does not exist is moved forward by the gap, not left out (3.3.10 would): a duty that
    nobody does on one night of the year is no better for being standard.
    """
    zone = master.start.zone
    reach = max(_reach(event.length) for event in (master, *(event for _, event in futures)))
    shift = max((abs(event.start.local - since) for since, event in futures), default=timedelta(0))
    early, late = (at.astimezone(UTC).replace(tzinfo=None) for at in window)
    early = _shifted(early, -reach - shift - _PAD)
    late = _shifted(late, shift + _PAD)
    instances: dict[tuple[datetime, datetime], Length | None] = {}
    ended = False
    for rule, until in master.recurrences(master.rules):
        for local in rule.between(early, late, budget):
            instant = zone.to_utc(local)
            if until is None or instant <= until:
                instances[instant, local] = None
        ended = ended or not rule.starts or (until is not None and master.start.utc > until)
    if not ended:
        instances[master.start.utc, master.start.local] = None
    for rule, until in master.recurrences(master.not_rules):
        for local in rule.between(early, late, budget):
            instant = zone.to_utc(local)
            if local == master.start.local and not rule.has_start(budget):
                continue  # what a rule excludes is only what it has
            if until is None or instant <= until:
                instances.pop((instant, local), None)
    for moment, period in master.rdates:
        if master.start.is_date and period is None:
            local = _day(moment.within(zone), master.start)
            instances[zone.to_utc(local), local] = None
        else:
            instant = moment.within(zone).utc
            instances[instant, zone.to_local(instant)] = period
    once: dict[datetime, tuple[datetime, datetime]] = {}
    for instant, local in instances:
        # two local times, one moved by a gap, may be one instant
        once.setdefault(instant, (instant, local))
    return {key: instances[key] for key in once.values()}


def _reach(length: Length) -> timedelta:
    return abs(length.wall) + abs(length.exact)


def _shifted(local: datetime, by: timedelta) -> datetime:
    """`local` and `by`, or the first or last moment of the calendar where it would be outside."""
    try:
        return local + by
    except OverflowError:
        return _LAST if by > timedelta(0) else _FIRST
