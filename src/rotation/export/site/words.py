"""Words and names on a page, as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from html import escape
from zoneinfo import ZoneInfo

from rotation.clock import told
from rotation.errors import printable
from rotation.export.site.style import PALETTE
from rotation.model import Roster

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip


def text(words: str) -> str:
    """Words as HTML text or an attribute's value; control characters are made visible."""
    return escape(printable(words))


def moment(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """An instant as a `time` element, in words in the zone; the year only if it is another."""
    iso = at.astimezone(zone).isoformat(timespec="seconds")
    return f'<time datetime="{iso}">{text(plain_moment(at, zone, now))}</time>'


def plain_moment(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """The same without an element."""
    return told.moment(at.astimezone(zone), None, now, named=True)


def day_named(day: date) -> str:
    """A day as a `time` element."""
    words = f"{DAYS[day.weekday()]}, {day.day} {MONTHS[day.month - 1]} {day.year}"
    return f'<time datetime="{day.isoformat()}">{words}</time>'


def duty_label(roster: Roster, role: str, many: bool) -> str:
    """What somebody has: the role, and of which roster where there are many."""
    return f"{roster.name} {role}" if many and role != roster.name else role


def full(roster: Roster, key: str) -> str:
    """A person's name, or the key where there is none."""
    return roster.people[key].name or key


def named(roster: Roster, people: Sequence[str], instead_of: Sequence[str] = ()) -> str:
    """People by name, and for whom they came: "Bob for Alice"."""
    here = ", ".join(full(roster, key) for key in people) or "nobody"
    if not instead_of or not people:
        return here
    return f"{here} for {' and '.join(full(roster, key) for key in instead_of)}"


def nobody(roster: Roster, role: str) -> str:
    """The class of what says that nobody is on duty: loud, unless it is expected."""
    return "off" if role in roster.quiet else "nobody"


def colour(roster: Roster, people: Sequence[str]) -> str:
    """The class of the first of some people."""
    return f"p{list(roster.people).index(people[0]) % len(PALETTE)}"
