"""Rosters as text, and what is wrong with one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from rotation.errors import Exit, Problem, RosterError
from rotation.model import Roster
from rotation.roster.parse import parse

PATH = Path("rosters/sysduty.toml")

HEAD = """timezone = "Europe/London"

[people]
alice = "alice@example.com"
bob = "bob@example.com"

"""

ROTATION = """[[rotation]]
name = "weekly"
people = ["alice", "bob"]
every = "1 week"
start = 2026-01-05
"""

WHOLE = """timezone = "Europe/London"             # IANA name; every local time here is in it
fallback = ["managers@example.com"]    # person keys or addresses; used when nobody is on duty

[people]
alice = "alice@example.com"
bob   = "bob@example.com"
carol = { email = ["carol@example.com", "447700900123@sms.example.net"], name = "Carol Jones" }

[[rotation]]
name    = "weekly"
people  = ["alice", "bob", ["carol", "alice"]]   # a nested list is one turn held together
every   = "1 week"          # N hour(s) | day(s) | week(s) | month(s): the length of a turn
start   = 2026-01-05        # local date of the first handoff
handoff = "09:00"           # local time of every handoff (for turns of hours: of the first)

[[rotation]]
name     = "office hours"
people   = ["bob", "carol"]
every    = "1 day"
start    = 2026-01-05
hours    = ["mon-fri 09:00-17:00"]   # on duty only then; outside, nobody is put on duty
priority = 1                          # highest priority with anybody on duty wins; equals share
role     = "duty"                     # default

[[rotation]]
name     = "from the team calendar"
calendar = "duty.ics"                 # or an https:// or webcal:// address
role     = "backup"

[[shift]]                             # a duty written by date, beside or instead of rotations
start    = 2026-12-24T09:00:00        # local; or with an offset
end      = 2026-12-27T09:00:00
people   = ["alice"]
priority = 2

[[target]]
aliases = "/etc/aliases"              # rewrite this entry of an aliases file
name    = "all-system-notifications"

[[target]]
include = "/etc/mail/duty"            # a file that an alias names as :include:/etc/mail/duty
also    = ["archive@example.com"]     # always copied

[[target]]
forward = "/root/.forward"
role    = "backup"
"""

WHOLE_OVERRIDES = """[[override]]
start = 2026-11-30T09:00:00Z
end   = 2026-12-07T09:00:00Z
out   = "alice"        # leave out `out`: `in` is added. leave out `in`: `out` is removed
in    = "bob"
role  = "duty"
id    = "7f3a"         # what `undo` names
note  = "swap alice bob"
by    = "root"
at    = 2026-11-24T10:12:00Z

[[absence]]
person = "carol"
start  = 2026-12-24
end    = 2027-01-02    # a bare date as an end is inclusive: the last day away
"""


def load(text: str | bytes, overrides: str | bytes | None = None) -> Roster:
    return parse(_bytes(text), PATH, None if overrides is None else _bytes(overrides))


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


def problems(text: str | bytes, overrides: str | bytes | None = None) -> tuple[Problem, ...]:
    with pytest.raises(RosterError) as caught:
        load(text, overrides)
    assert caught.value.status == Exit.USAGE
    return caught.value.problems


@dataclass(frozen=True)
class Bad:
    """A file with one problem: its line, what is said, and the hint; a hint "" is not looked at."""

    name: str
    text: str
    line: int
    what: str
    hint: str = ""


def rotation(line: int, text: str) -> str:
    """The rotation with a line (7 to 11 of the file, 12 for one more) replaced."""
    lines = ROTATION.splitlines()
    lines[line - 7 : line - 6] = [text] if text else []
    return HEAD + "\n".join(lines) + "\n"


def target(text: str) -> str:
    return f"{HEAD}[[target]]\n{text}\n"


def shift(text: str) -> str:
    return f"{HEAD}[[shift]]\n{text}\n"
