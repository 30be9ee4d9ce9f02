"""The text of a commented starter roster."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from rotation.clock.local import to_local

_FEW = """
# Few people: each is on duty for more than a quarter of the time. `check` warns of that otherwise.
[role.duty]
load = "expected"
"""
_BARE = re.compile(r"[A-Za-z0-9_-]+\Z")


def first_handoff(now: datetime, zone: ZoneInfo) -> date:
    """The Monday on or before `now`, far enough back that somebody is on duty at once."""
    today = to_local(now, zone).date()
    monday = today - timedelta(days=today.weekday())
    # on a Monday morning the handoff may still be ahead
    return monday if today != monday else monday - timedelta(days=7)


def starter(people: Mapping[str, str], zone: str, start: date) -> str:
    """A roster of weekly turns for `people` (key to address); the caller parses it to vet it."""
    width = max(len(_key(key)) for key in people)
    listed = "\n".join(f"{_key(k).ljust(width)} = {_text(v)}" for k, v in people.items())
    order = ", ".join(_text(key) for key in people)
    first = next(iter(people))
    # with fewer than four, `check` would warn of a roster that was made a moment ago
    few = _FEW if len(people) < 4 else ""
    return f"""\
# Who is on duty. `rotation check` says what is wrong or odd in this file.

timezone = {_text(zone)}     # every local time in this file is in it

# Who gets the mail when nobody is on duty: people from below, or addresses.
fallback = [{_text(first)}]

[people]
{listed}

# People taking turns. A nested list, ["alice", "bob"], is one turn held together.
[[rotation]]
name    = "weekly"
people  = [{order}]
every   = "1 week"             # or hours, days, months
start   = {start:%Y-%m-%d}           # local date of the first handoff
handoff = "09:00"              # local time of every handoff
#hours  = ["mon-fri 09:00-17:00"]   # on duty only then
{few}
# A duty written by date; it beats the rotations because its priority is higher.
#[[shift]]
#start    = {start.year + 1}-12-24T09:00:00
#end      = {start.year + 1}-12-27T09:00:00
#people   = [{_text(first)}]
#priority = 1

# Where the mail goes. `rotation apply --dry-run` shows what would change.
#[[target]]
#aliases = "/etc/aliases"
#name    = "all-system-notifications"
"""


def _key(key: str) -> str:
    return key if _BARE.match(key) else _text(key)


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
