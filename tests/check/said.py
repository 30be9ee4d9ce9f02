"""A roster, and every finding of `rotation check` in it, word for word."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tests.check.roster_blocks import NOW, rotation

WEEKLY = rotation()  # p1 until Mon 30 Nov 00:00, then p2, p3, p4, p0

FEW = ' (more people, fewer hours, or say that it is meant: [role.{role}] load = "expected")'


def nobody(start: str, end: str) -> str:
    """The hint about a gap between these local times."""
    return (
        ' (say who gets the mail then: fallback = ["managers@example.com"], or that it is meant: '
        '[role.duty] gaps = "expected"; for this once: rotation assign SOMEBODY '
        f"--from {start} --to {end})"
    )


CLOCK = " (choose a time of day that the clock never skips or repeats)"

LATER = " (the later one in the file acts last: remove one, or give them different times)"

MEANT = " (fine if it is there to keep duties away)"


@dataclass(frozen=True)
class Said:
    """A roster, its exceptions, when it is looked at, and the lines that come out."""

    roster: str
    lines: tuple[str, ...]
    exceptions: str = ""
    now: datetime = NOW
