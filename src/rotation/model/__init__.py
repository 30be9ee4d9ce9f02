"""The values that everything else works on: frozen, and made only by code that has checked them.

Local dates and times are naive and in the roster's zone; every instant is an aware `datetime`.
Every interval is half-open: `start` is in it, `end` is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from pathlib import Path
from zoneinfo import ZoneInfo

from rotation.dataclasses import dataclass, field
from rotation.errors import Where, counted
from rotation.model.records import MovedFrom, Offer, Stamped, Undone
from rotation.model.target import DUTY as DUTY
from rotation.model.target import Target

EVERYBODY = "*"
"""As an override's `out`: everybody who is on duty; as the person of an absence: everybody."""
EVER, NEVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
"""The start, and the end, of what has none."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can be on duty. The addresses are vetted; `id` is that of who joined so.

    Mail to them speaks `zone` (None: the roster's). `share` 1 is a whole share of duty.
    """

    key: str
    email: tuple[str, ...]
    name: str | None = None
    id: str | None = None
    where: Where | None = field(default=None, compare=False)
    zone: ZoneInfo | None = None
    share: float = 1.0


class Unit(Enum):
    """What the length of a turn is counted in."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Every:
    """The length of a turn: `count` (at least 1) of `unit`."""

    count: int
    unit: Unit

    def __str__(self) -> str:
        return counted(self.count, self.unit.value)


@dataclass(frozen=True, slots=True)
class Window:
    """Duty hours from `start` to `end`, minutes after midnight, at most 1440, or to the next `end`.

    They start on weekdays (Monday is 0), and perhaps on public holidays.
    """

    days: frozenset[int]
    start: int
    end: int
    holiday: bool = False

    @property
    def overnight(self) -> bool:
        """Whether the end is on the day after the start."""
        return self.end <= self.start


@dataclass(frozen=True, slots=True)
class Rotation(Stamped):
    """People taking turns.

    With `calendar` (an address or a path as written) the shifts come from there, and `turns`,
    `every` and `start` mean nothing; `match`, `stale`, `only` and `ignore` are as in
    `AbsenceCalendar`. `since` and `until` (instants) cut duty, not counting. Local times are in
    `zone`, None is the roster's; `holidays` is the country whose public holidays `hours` name.
    """

    name: str
    where: Where
    role: str = DUTY
    priority: int = 0
    turns: tuple[tuple[str, ...], ...] = ()
    every: Every = Every(1, Unit.WEEK)
    start: date = date.min
    handoff: time = time(0)
    hours: tuple[Window, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    calendar: str | None = None
    match: str | None = None
    stale: timedelta | None = None
    only: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    zone: ZoneInfo | None = None
    holidays: str | None = None

    @property
    def counts_windows(self) -> bool:
        """Whether turns are counted in days on which a window starts (days with hours)."""
        return bool(self.hours) and self.every.unit is Unit.DAY

    @property
    def order(self) -> tuple[str, ...]:
        """Everybody in this rotation, in its order, a person as often as written."""
        return tuple(person for turn in self.turns for person in turn)


@dataclass(frozen=True, slots=True)
class FixedShift:
    """A duty written by date, or one that a calendar's event gives. Instants are aware."""

    start: datetime
    end: datetime
    people: tuple[str, ...]
    where: Where
    role: str = DUTY
    priority: int = 0
    source: str = "shift"
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Override(Stamped):
    """A dated exception: `out` leaves and `in_` comes, from `start` to `end` (instants).

    `moved` is where it stood before it was moved, the first place first.
    """

    start: datetime
    end: datetime
    where: Where
    out: str | None = None
    in_: str | None = None
    role: str = DUTY
    moved: tuple[MovedFrom, ...] = ()


@dataclass(frozen=True, slots=True)
class Absence(Stamped):
    """`person` (EVERYBODY: all of them) is away from `start` to `end` (instants).

    With `hours`, only in these windows of the roster's zone; then `start` can be EVER and `end`
    NEVER. `holidays` is the country whose public holidays they name.
    `number`: its place among the [[absence]] blocks of the overrides file, None if not there.
    """

    person: str
    start: datetime
    end: datetime
    where: Where
    number: int | None = field(default=None, compare=False)
    hours: tuple[Window, ...] = ()
    holidays: str | None = None


@dataclass(frozen=True, slots=True)
class AbsenceCalendar:
    """A calendar of absences: an address or a path as written.

    `person` is who is away, EVERYBODY too; None: whoever an event names, by `match` (of MATCHES).
    `stale`: how old a copy may be without a warning of its own. Only events whose title or category
    holds one of `only` count, if there are any, and none that holds one of `ignore`.
    """

    calendar: str
    where: Where
    person: str | None = None
    match: str | None = None
    stale: timedelta | None = None
    only: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()


MATCHES = ("attendee", "summary", "attendee-or-summary")
SERVERS = ("postfix", "exim", "opensmtpd", "sendmail")
CLIENTS = ("msmtp", "nullmailer", "dma", "esmtp", "ssmtp")
"""What events can name people by; mail servers that a target can name; programs that only send."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What is not to happen to whoever has a role: whoever is on duty for the roles `apart` counts
    as away, two duties are `rest` apart at least, nobody has more than `weekends` in a row."""

    apart: tuple[str, ...] = ()
    rest: timedelta | None = None
    weekends: int | None = None
    where: Where | None = field(default=None, compare=False)


_UNLIMITED = Limits()


@dataclass(frozen=True, slots=True)
class PlanCopy:
    """Which copy of a roster and its overrides this is: when either file was changed last, and
    what both say."""

    changed: datetime
    said: tuple[bytes, ...] = field(repr=False)

    @property
    def digest(self) -> str:
        """A digest of what both say: 16 hexadecimal digits."""
        from hashlib import sha256  # most runs do without, and it is OpenSSL

        return sha256(b"\0".join(self.said)).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Roster:
    """All that one roster file and its overrides file say.

    `quiet` names the roles whose gaps are expected, `heavy` those that few are meant to share,
    `doubled` those that somebody may have beside another; `holidays` is a country ("GB") or a part
    of one ("GB-SCT", ISO 3166), written at `holidays_at`; `remind` is how long before a duty to
    remind of it, `handoffs` whether people hear of handoffs, `senders` the vetted addresses of
    mail to them, `overrides_at` where its overrides are; `ping` (web), `alarm` (mail) hear how runs
    end; `weekly` and `program`: see docs/notify.md; `copy` is which copy of the plan it is of.
    """

    name: str
    path: Path
    zone: ZoneInfo
    people: Mapping[str, Person]
    fallback: tuple[str, ...] = ()
    rotations: tuple[Rotation, ...] = ()
    shifts: tuple[FixedShift, ...] = ()
    overrides: tuple[Override, ...] = ()
    absences: tuple[Absence, ...] = ()
    absence_calendars: tuple[AbsenceCalendar, ...] = ()
    targets: tuple[Target, ...] = ()
    quiet: frozenset[str] = frozenset()
    holidays: str | None = None
    remind: tuple[timedelta, ...] = ()
    heavy: frozenset[str] = frozenset()
    doubled: frozenset[str] = frozenset()
    holidays_at: Where | None = field(default=None, compare=False)
    handoffs: bool = True
    senders: tuple[str, ...] = ()
    weekly: Window | None = None
    program: tuple[str, ...] = ()
    overrides_at: Path | None = None
    ping: str | None = None
    alarm: str | None = None
    limits: Mapping[str, Limits] = field(default_factory=dict)
    copy: PlanCopy | None = field(default=None, compare=False)
    offers: tuple[Offer, ...] = ()
    undone: tuple[Undone, ...] = ()

    @property
    def overrides_file(self) -> Path:
        """Where its overrides stand, if there are any: `overrides_at`, or else beside it."""
        return self.overrides_at or self.path.with_name(f"{self.path.stem}.overrides.toml")

    @property
    def sender(self) -> str | None:
        """Whose name mail to people bears, where nothing speaks for another one."""
        return next(iter(self.senders), None)

    def limit(self, role: str) -> Limits:
        """What is not to happen to whoever has a role."""
        return self.limits.get(role, _UNLIMITED)

    @property
    def roles(self) -> tuple[str, ...]:
        """Every role that somebody can have, `duty` first where it is used, then as written."""
        seen = dict.fromkeys(rotation.role for rotation in self.rotations)
        seen.update(dict.fromkeys(shift.role for shift in self.shifts))
        seen.update(dict.fromkeys(override.role for override in self.overrides))
        return tuple(sorted(seen or {DUTY: None}, key=lambda role: role != DUTY))

    def addresses(self, keys: Iterable[str]) -> tuple[str, ...]:
        """The addresses of people, each once, in order."""
        return tuple(dict.fromkeys(a for key in keys for a in self.people[key].email))

    @property
    def fallback_addresses(self) -> tuple[str, ...]:
        """The addresses behind `fallback`, which holds person keys or addresses."""
        listed = (self.people[e].email if e in self.people else (e,) for e in self.fallback)
        return tuple(dict.fromkeys(address for addresses in listed for address in addresses))
