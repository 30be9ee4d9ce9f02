"""Rosters with their texts, as changes start from them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from rotation.changes.book import Book, Change, Stamp
from rotation.roster.parse import parse
from rotation.schedule.loaded import Loaded

PATH = Path("rosters/team.toml")
NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)  # a Tuesday; in WEEKLY it is bob's week
LONDON = ZoneInfo("Europe/London")
HEAD = """timezone = "Europe/London"
fallback = ["managers@example.com"]

[people]
alice = "alice@example.com"
bob   = "bob@example.com"
carol = "carol@example.com"
dan   = "dan@example.com"
"""
WEEKLY = f"""{HEAD}
[[rotation]]
name    = "weekly"
people  = ["alice", "bob", "carol"]
every   = "1 week"
start   = 2026-01-05
handoff = "09:00"
"""


def book(roster: str | bytes = WEEKLY, overrides: str | bytes | None = None) -> Book:
    """The book of these texts."""
    text = roster.encode() if isinstance(roster, str) else roster
    dated = overrides.encode() if isinstance(overrides, str) else overrides
    return Book(Loaded(parse(text, PATH, dated)), text, dated)


def after(change: Change) -> Book:
    """The book once a change has been written."""
    start = change.book
    roster = start.roster_text if change.roster_text is None else change.roster_text
    dated = start.overrides_text if change.overrides_text is None else change.overrides_text
    loaded = Loaded(parse(roster, start.roster.path, dated), start.loaded.shifts)
    assert loaded.roster == change.after.roster
    return Book(loaded, roster, dated)


def stamp(at: datetime = NOW) -> Stamp:
    """A change by root."""
    return Stamp("root", at)


def local(text: str) -> datetime:
    """A local time in London as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


def served(one: Book, *spans: str, role: str = "duty") -> list[str]:
    """Who is on duty at each local time."""
    schedule = one.loaded.known_schedule(role)
    return ["+".join(schedule.at(local(text)).people) or "-" for text in spans]


def weeks(one: Book, count: int = 6, *, role: str = "duty") -> str:
    """Who is on duty on Wednesdays at noon from this week on."""
    schedule = one.loaded.known_schedule(role)
    days = (local("2026-11-25T12:00") + n * timedelta(days=7) for n in range(count))
    return " ".join("+".join(schedule.at(day).people) or "-" for day in days)


def hands(change: Change) -> list[tuple[str, str, str, str]]:
    """What changes hands, in words."""
    return [
        (
            f"{h.start.astimezone(LONDON):%d %b %H:%M}",
            f"{h.end.astimezone(LONDON):%d %b %H:%M}",
            "+".join(h.before) or "-",
            "+".join(h.after) or "-",
        )
        for h in change.hands
    ]
