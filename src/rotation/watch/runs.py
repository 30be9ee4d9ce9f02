"""When `apply` ran last, and how it ended."""

from __future__ import annotations

import json
from datetime import datetime

from rotation.errors import ApplyError, Exit
from rotation.system import System

APPLIED = "applied.json"
"""What the note is kept under."""


def applied(now: datetime, status: Exit) -> bytes:
    """What `apply` writes down at its end."""
    return json.dumps({"at": now.isoformat(), "status": int(status)}).encode()


def last_run(system: System) -> tuple[datetime | None, int]:
    """The instant and the exit status of the last run; None when there was none."""
    try:
        data = system.recorded(APPLIED)
        value = json.loads(data or b"{}")
        at = datetime.fromisoformat(value["at"])
        return (at if at.tzinfo else None), int(value["status"])
    except (ApplyError, ValueError, KeyError, TypeError):
        return None, 0
