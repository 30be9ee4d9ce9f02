"""The systemd units of a checker: a service that runs its script, and a timer (systemd.timer(5)).

A timer never mails by itself: what its service prints ends in the journal. The script mails.
"""

from __future__ import annotations

from pathlib import Path

from rotation.checkers.model import PREFIX, Often, Preset
from rotation.checkers.render import seal


def service(preset: Preset, script: Path) -> str:
    """The service; `script` is an absolute path without blanks."""
    # the mail may be waiting for a server, and the tool has half a minute to end
    limit = preset.timeout + 900
    return seal(
        f"[Unit]\n"
        f"Description=rotation checker {preset.name}\n"
        f"Documentation=file:{script}\n"
        f"\n"
        f"[Service]\n"
        f"Type=oneshot\n"
        f"ExecStart={_path(script)}\n"
        f"TimeoutStartSec={limit}\n"
        f"Nice=10\n"
        f"IOSchedulingClass=idle\n"
    )


def timer(preset: Preset, often: Often) -> str:
    """The timer: as often as the cron folder of that name, somewhere in the first hour."""
    delay = "5m" if often is Often.HOUR else "1h"
    return seal(
        f"[Unit]\n"
        f"Description=rotation checker {preset.name}, {often.adverb}\n"
        f"\n"
        f"[Timer]\n"
        f"OnCalendar={often.adverb}\n"
        f"RandomizedDelaySec={delay}\n"
        f"Persistent=true\n"
        f"\n"
        f"[Install]\n"
        f"WantedBy=timers.target\n"
    )


def names(name: str) -> tuple[str, str]:
    """The file names of service and timer."""
    return f"{PREFIX}{name}.service", f"{PREFIX}{name}.timer"


def _path(script: Path) -> str:
    return str(script).replace("%", "%%")
