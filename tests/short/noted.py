"""A roster, what `who` says of it, and the note of that answer."""

from __future__ import annotations

import marshal
from pathlib import Path
from typing import Any

from rotation import short

WEEK = 7 * 86_400


MONDAY = 1_796_029_200
"""30 November 2026, 09:00 UTC: the next handoff."""


ROSTER = """\
timezone = "Europe/London"
fallback = ["boss@example.com"]
[people]
alice = "alice@example.com"
bob   = "bobby@example.com"
carol = "carol@example.com"
[[rotation]]
name    = "weekly"
people  = ["alice", "bob", "carol"]
every   = "1 week"
start   = 2026-01-05
handoff = "09:00"
[[target]]
include = "../lists/duty"
"""


SWAP = """\
[[override]]
start = 2026-11-20T00:00:00Z
end   = 2026-11-29T00:00:00Z
out   = "bob"
in    = "carol"
"""


WHO = "duty duty: bob, since Mon 23 Nov 09:00, until Mon 30 Nov 09:00 GMT; next carol\n"


def note_of(path: Path) -> list[Any]:
    return list(marshal.loads(path.read_bytes().partition(b"\n")[2]))


def write_note(path: Path, note: list[Any]) -> None:
    body = marshal.dumps(tuple(note))
    path.write_bytes(short.header(body) + b"\n" + body)
