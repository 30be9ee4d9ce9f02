"""What there is to tell one person, from what they were told last and the duties that they have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from rotation.dataclasses import dataclass, field, replace
from rotation.notify.personal import PersonalDuty

RECENT = timedelta(days=1)
"""How long after its end somebody is still told that their duty has ended."""
KEPT = timedelta(days=30)
"""How long after its end a duty that was taken out is remembered, with its SEQUENCE."""


@dataclass(frozen=True, slots=True)
class ToldNews:
    """What a person knows: their duties as of `at`, as far as `until`.

    `gone`: SEQUENCE and end of duties that were taken out of their calendar, by UID. `email` and
    `name`: where mail to them went, and what they were called. `invited`: UIDs of duties that they
    were invited to; None where that is not known. `greeted`: whether they ever had a mail.
    """

    at: datetime
    until: datetime
    duties: tuple[PersonalDuty, ...] = ()
    gone: Mapping[str, tuple[int, datetime]] = field(default_factory=dict)
    email: tuple[str, ...] = ()
    name: str | None = None
    invited: frozenset[str] | None = None
    greeted: bool = False

    def sequence(self, uid: str) -> int:
        """The SEQUENCE with which a duty was taken out, -1 where it was not."""
        return self.gone[uid][0] if uid in self.gone else -1


@dataclass(frozen=True, slots=True)
class News:
    """What to tell one person; `after` is what they know then.

    `moved` holds pairs: what it was, what it is.
    """

    after: ToldNews
    added: tuple[PersonalDuty, ...] = ()
    moved: tuple[tuple[PersonalDuty, PersonalDuty], ...] = ()
    removed: tuple[PersonalDuty, ...] = ()
    begun: tuple[PersonalDuty, ...] = ()
    ended: tuple[PersonalDuty, ...] = ()
    reminders: tuple[PersonalDuty, ...] = ()

    def __bool__(self) -> bool:
        return any((self.added, self.moved, self.removed, self.begun, self.ended, self.reminders))

    @property
    def requests(self) -> tuple[PersonalDuty, ...]:
        """The duties to put into their calendar, by start."""
        moved = (duty for _, duty in self.moved)
        by_uid = {duty.uid: duty for duty in (*self.begun, *self.reminders, *self.added, *moved)}
        return tuple(sorted(by_uid.values(), key=lambda duty: (duty.start, duty.uid)))

    @property
    def cancels(self) -> tuple[PersonalDuty, ...]:
        """The duties to take out of their calendar, with the SEQUENCE that does so."""
        renamed = (before for before, duty in self.moved if before.uid != duty.uid)
        return tuple(
            replace(gone, sequence=gone.sequence + 1) for gone in (*self.removed, *renamed)
        )


def news(
    last: ToldNews | None,
    duties: Sequence[PersonalDuty],
    now: datetime,
    until: datetime,
    remind: Iterable[timedelta],
    *,
    handoffs: bool,
) -> News:
    """The news for somebody who knows `last` and has `duties`, which were looked at to `until`.

    Only the span that was looked at both times is compared: what comes into view as time goes on
    is no change. Nothing is told of what is over. Without `last` nothing is told at all.
    """
    if last is None:
        return News(ToldNews(now, until, tuple(duty for duty in duties if duty.end > now)))
    known = [duty for duty in last.duties if duty.end > now]
    recent = [duty for duty in duties if duty.end > min(last.at, now)]
    longer = dict[str, datetime]()
    for role in {duty.role for duty in known}:
        if _time(known, role, now, last.until) == _time(recent, role, now, last.until):
            # cut in other pieces, it is the same time: what they know of it stays
            mine = [duty for duty in recent if duty.role == role]
            recent = [duty for duty in recent if duty.role != role or duty.start >= last.until]
            same = [duty for duty in known if duty.role == role]
            recent += same
            longer |= _longer(same, mine, last.until)
    matched = _match(known, recent)
    current: list[PersonalDuty] = []
    added: list[PersonalDuty] = []
    moved: list[tuple[PersonalDuty, PersonalDuty]] = []
    for number, duty in enumerate(recent):
        before = matched.get(number)
        if before is None:
            here = replace(duty, sequence=max(duty.sequence, last.sequence(duty.uid) + 1))
            if duty.start < last.until and duty.end > now:
                added.append(here)
        elif before.span == duty.span:
            # what is in their calendar keeps its name, whatever the rotation is called now
            here = replace(duty, uid=before.uid, sequence=before.sequence)
        else:
            here = replace(duty, sequence=max(duty.sequence, before.sequence + 1))
            moved.append((before, here))
        if here.end > now:
            # nobody is told yet of what lies so far ahead
            current.append(replace(here, end=longer.get(here.uid, here.end)))
    kept = {before.uid for before in matched.values()}
    removed = [duty for duty in known if duty.uid not in kept and duty.start < until]
    begun = [
        duty
        for duty in current
        if handoffs
        and last.at < duty.start <= now
        and not any(earlier.role == duty.role and earlier.end == duty.start for earlier in duties)
    ]
    ended = [
        duty
        for duty in duties
        if handoffs
        and last.at < duty.end <= now < duty.end + RECENT
        and not any(later.role == duty.role and later.start == duty.end for later in duties)
    ]
    told = {duty.uid for duty in (*added, *(duty for _, duty in moved), *begun)}
    due = [
        duty
        for duty in current
        if duty.uid not in told and any(last.at < duty.start - before <= now for before in remind)
    ]
    told_now = News(
        ToldNews(max(now, last.at), until, tuple(current)),
        tuple(added),
        tuple(moved),
        tuple(removed),
        tuple(begun),
        tuple(ended),
        tuple(due),
    )
    gone = {uid: entry for uid, entry in last.gone.items() if entry[1] > now - KEPT}
    gone |= {duty.uid: (duty.sequence, duty.end) for duty in told_now.cancels}
    return replace(told_now, after=replace(told_now.after, gone=gone))


def _longer(
    known: Sequence[PersonalDuty], duties: Sequence[PersonalDuty], until: datetime
) -> dict[str, datetime]:
    """The end, by UID, of what lasts longer beyond `until` than it is known to do, where all that
    is before that is the same time: what begins later is a duty of its own."""
    end = max((duty.end for duty in duties if duty.start < until < duty.end), default=until)
    reach = until
    for duty in sorted((*known, *(d for d in duties if d.start >= until)), key=lambda d: d.start):
        reach = max(reach, duty.end) if duty.start <= reach else reach
    return {duty.uid: end for duty in known if duty.end == reach < end}


def _time(
    duties: Sequence[PersonalDuty], role: str, begin: datetime, end: datetime
) -> list[tuple[datetime, datetime]]:
    """When in `[begin, end)` somebody is on duty for a role."""
    stretches: list[tuple[datetime, datetime]] = []
    for start, stop in sorted((d.start, d.end) for d in duties if d.role == role):
        stretch = max(start, begin), min(stop, end)
        if stretch[0] >= stretch[1]:
            continue
        if stretches and stretch[0] <= stretches[-1][1]:
            stretches[-1] = stretches[-1][0], max(stretches[-1][1], stretch[1])
        else:
            stretches.append(stretch)
    return stretches


def _match(
    before: Sequence[PersonalDuty], after: Sequence[PersonalDuty]
) -> dict[int, PersonalDuty]:
    """Which duty of `before` each of `after` is, by the number of the latter.

    The best match first: all the same; the same time under another UID (a rotation was renamed);
    the same UID at another time; the same role at a time that overlaps.
    """
    rest = list(before)
    matched: dict[int, PersonalDuty] = {}
    for rank in range(4):
        for number, duty in enumerate(after):
            if number in matched:
                continue
            known = next((earlier for earlier in rest if _alike(earlier, duty, rank)), None)
            if known is not None:
                matched[number] = known
                rest.remove(known)
    return matched


def _alike(before: PersonalDuty, after: PersonalDuty, rank: int) -> bool:
    match rank:
        case 0:
            return before.uid == after.uid and before.span == after.span
        case 1:
            return before.span == after.span
        case 2:
            return before.uid == after.uid
        case _:
            overlap = before.start < after.end and after.start < before.end
            return before.role == after.role and overlap
