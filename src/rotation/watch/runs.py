"""When `apply` ran last, how it ended, and whether it may still be about to make a handoff."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from rotation.dataclasses import dataclass
from rotation.errors import ApplyError, Exit
from rotation.system import System

HOST = ("",)
"""The rosters of the host, which nobody has to name."""
USUAL = timedelta(minutes=15)
"""How often `apply` is taken to run where there was one run only."""
LONGEST = timedelta(days=1)
"""Runs that are farther apart than this tell nothing of how often it runs."""
GRACE = timedelta(minutes=2)
"""How long a run may take to come, and to do its work."""


@dataclass(frozen=True, slots=True)
class Runs:
    """The last run that was noted, and the one before it; `status` is how the last one ended."""

    at: datetime
    status: int
    before: datetime | None = None

    @property
    def period(self) -> timedelta:
        """How often it runs, as far as the two tell."""
        if self.before is None or not timedelta(0) < self.at - self.before <= LONGEST:
            return USUAL
        return self.at - self.before

    def still_to_come(self, handoff: datetime, now: datetime) -> bool:
        """Whether a handoff that is not made is none that was missed: the last run came before it,
        in time and without fault, and the next one is not overdue."""
        due = self.at + self.period + GRACE
        return self.status == Exit.OK and self.at < handoff <= now < due


def name_of(rosters: str) -> str:
    """What the note is kept under: each set of rosters has its own."""
    return f"applied{rosters}.json"


def applied(system: System, now: datetime, status: Exit, rosters: str = "") -> None:
    """Write down that `apply` ran on a set of rosters. Raises ApplyError."""
    last = _noted(system, rosters)
    before = last.at if last is not None else None
    if last is not None and last.at == now:
        before = last.before
    value = {"at": now.isoformat(), "status": int(status)}
    if before is not None:
        value["before"] = before.isoformat()
    system.record(name_of(rosters), json.dumps(value).encode())


def runs(system: System, sets: Sequence[str] = HOST) -> Runs | None:
    """The runs that were noted of the set of these where it ran last; None where there was none, or
    none that can be told."""
    noted = [run for rosters in sets if (run := _noted(system, rosters)) is not None]
    return max(noted, key=lambda run: run.at, default=None)


def _noted(system: System, rosters: str) -> Runs | None:
    try:
        value = json.loads(system.recorded(name_of(rosters)) or b"{}")
        at = datetime.fromisoformat(value["at"])
        before = datetime.fromisoformat(value["before"]) if "before" in value else None
        status = int(value["status"])
    except (ApplyError, ValueError, KeyError, TypeError):
        return None
    if at.tzinfo is None or (before is not None and before.tzinfo is None):
        return None
    return Runs(at, status, before)


def last_run(system: System, sets: Sequence[str] = HOST) -> tuple[datetime | None, int]:
    """The instant and the exit status of the last run; None when there was none."""
    last = runs(system, sets)
    return (None, 0) if last is None else (last.at, last.status)
