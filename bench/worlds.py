"""What is measured: rosters, overrides, calendars and aliases of any size."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

NOW = datetime.now(UTC).replace(microsecond=0)
START = (NOW - timedelta(days=NOW.weekday() + 700)).date()
"""A Monday, two years ago."""
HEAD = """timezone = "Europe/London"
fallback = ["managers@example.com"]
[people]
alice = "alice@example.com"
bob   = "bob@example.com"
carol = { email = ["carol@example.com", "447700900123@sms.example.net"], name = "Carol Jones" }
"""
ROTATION = f"""[[rotation]]
name    = "{{name}}"
people  = ["alice", "bob", "carol"]
every   = "{{every}}"
start   = {START}
handoff = "09:00"
"""


def roster(every: str = "1 week", name: str = "weekly") -> str:
    """A team of three, without targets."""
    return HEAD + ROTATION.format(name=name, every=every)


def target(path: Path, name: str, more: str = "") -> str:
    return f'[[target]]\naliases = "{path}"\nname = "{name}"\n{more}\n'


def aliases(count: int, names: list[str]) -> str:
    """Other people's lines, and ours at the end."""
    lines = [f"user{number}: user{number}@example.com\n" for number in range(count)]
    return "".join([*lines, *(f"{name}: nobody@example.com\n" for name in names)])


def overrides(count: int, *, spread: int = 360) -> str:
    """Swaps of an hour each, over the days to come."""
    step = timedelta(days=spread) / max(count, 1)
    begin = NOW + timedelta(hours=1)
    return "".join(
        f"[[override]]\nstart = {begin + n * step:%Y-%m-%dT%H:%M:%SZ}\n"
        f"end = {begin + n * step + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}\n"
        f'out = "{("alice", "bob", "carol")[n % 3]}"\nin = "{("bob", "carol", "alice")[n % 3]}"\n'
        f'id = "{n:x}"\nby = "root"\nat = {NOW:%Y-%m-%dT%H:%M:%SZ}\n'
        for n in range(count)
    )


def everybody_out() -> str:
    """Nobody is on duty for two years."""
    begin, end = NOW - timedelta(days=1), NOW + timedelta(days=730)
    span = f"start = {begin:%Y-%m-%dT%H:%M:%SZ}\nend = {end:%Y-%m-%dT%H:%M:%SZ}\n"
    return f'[[override]]\n{span}out = "*"\n'


def calendar(count: int, now: datetime = NOW) -> bytes:
    """Events of 350 bytes over ten years; one in fifty recurs for a while."""
    random, lines = Random(1), ["BEGIN:VCALENDAR", "VERSION:2.0"]
    for number in range(count):
        start = now + timedelta(minutes=random.randrange(-7 * 525_600, 3 * 525_600))
        lines += [
            "BEGIN:VEVENT",
            f"UID:{number}-{random.getrandbits(60):x}@example.com",
            "DTSTAMP:20260101T000000Z",
            f"DTSTART;TZID=Europe/Berlin:{start:%Y%m%dT%H%M00}",
            f"DTEND;TZID=Europe/Berlin:{start + timedelta(hours=8):%Y%m%dT%H%M00}",
            f"SUMMARY:{random.choice(['alice', 'bob'])}",
            "DESCRIPTION:what there is to say about this duty, which nobody reads",
            "LOCATION:everywhere",
            "SEQUENCE:0",
        ]
        if number % 50 == 0:
            lines.append(f"RRULE:FREQ=WEEKLY;UNTIL={start + timedelta(days=200):%Y%m%dT%H%M00Z}")
        lines.append("END:VEVENT")
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


CALENDAR = '[[rotation]]\nname = "team"\ncalendar = "duty.ics"\n'
