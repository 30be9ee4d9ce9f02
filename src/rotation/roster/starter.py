"""The text of a commented starter roster, and the keys of the people in it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from rotation.clock.local import to_local
from rotation.dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody to be in a new roster; without a name where the key says it all."""

    key: str
    email: str
    name: str | None = None


def key_of(name: str, taken: Container[str] = ()) -> str:
    """A key for somebody called `name` (some letter or digit in it), none of those that are taken.

    The first name in small letters; with the last one, or a number, where that is somebody else's.
    """
    bare = unicodedata.normalize("NFKD", name.casefold().replace("'", ""))
    plain = "".join(char if char.isalnum() else " " for char in bare if not _mark(char))
    words = plain.split() or ["somebody"]
    for key in (words[0], "-".join(dict.fromkeys((words[0], words[-1])))):
        if key not in taken:
            return key
    number = 2
    while f"{words[0]}{number}" in taken:
        number += 1
    return f"{words[0]}{number}"


def _mark(char: str) -> bool:
    return unicodedata.category(char) == "Mn"


def starter(people: Sequence[Newcomer], zone: str, start: date) -> str:
    """A roster of weekly turns from `start` on; the caller parses it to vet it."""
    width = max(len(_key(person.key)) for person in people)
    listed = "\n".join(person_line(person, width) for person in people)
    order = ", ".join(_text(person.key) for person in people)
    first = people[0].key
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

# Where the mail goes. `rotation apply --dry-run` shows what would change. It can also be a virtual
# map, a row that several relays ask for, an entry of a directory, or any program: docs/targets.md.
#[[target]]
#aliases = "/etc/aliases"
#name    = "all-system-notifications"
"""


def person_line(person: Newcomer, width: int) -> str:
    """A person's line in `[people]`, the key as wide as `width`."""
    key = _key(person.key).ljust(width)
    if person.name is None:
        return f"{key} = {_text(person.email)}"
    return f"{key} = {{ email = {_text(person.email)}, name = {_text(person.name)} }}"


def _key(key: str) -> str:
    return key if _BARE.match(key) else _text(key)


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
