"""The systemd units of a checker: a service that runs its script, and a timer (systemd.timer(5)).

A timer never mails by itself: what its service prints ends in the journal. The script mails.
"""

from __future__ import annotations

from pathlib import Path

from rotation.checkers.model import PREFIX, Often, Options, Preset
from rotation.checkers.render import seal


def service(preset: Preset, script: Path) -> str:
    """The service; `script` is an absolute path without blanks.

    What keeps the script from mailing by itself (it is gone, is killed, hangs) the second service
    mails: OnFailure= of systemd.unit(5).
    """
    # the mail may be waiting for a server, and the tool has half a minute to end
    limit = preset.timeout + 900
    return seal(
        f"[Unit]\n"
        f"Description=rotation checker {preset.name}\n"
        f"Documentation=file:{script}\n"
        f"OnFailure={failure_name(preset.name)}\n"
        f"\n"
        f"[Service]\n"
        f"Type=oneshot\n"
        f"ExecStart={_path(script)}\n"
        f"TimeoutStartSec={limit}\n"
        f"Nice=10\n"
        f"IOSchedulingClass=idle\n"
    )


def failure(preset: Preset, options: Options) -> str:
    """The service that mails where the checker's own service failed."""
    # each line of the mail is an argument of printf(1); nothing of it is read by systemd or sh
    lines = (
        f"To: {options.to}",
        f"Subject: rotation-{preset.name}.service failed",
        "Auto-Submitted: auto-generated",
        f"X-Rotation-Checker: {preset.name}; unit-failed",
        "",
        f"The unit rotation-{preset.name}.service failed on this host:",
        "the checker could not be run to its end, or could not send its mail.",
        f"By hand: systemctl status rotation-{preset.name}.service",
    )
    words = " ".join(f'"{line}"' for line in lines)
    folders = "/usr/sbin /usr/lib /usr/bin /usr/local/sbin /usr/local/bin"
    programs = options.sendmail or f"{folders.replace(' ', '/sendmail ')}/sendmail"
    # a dollar and a percent sign are systemd's own unless they are doubled
    shell = (
        f"for program in {programs}; do "
        f'[ ! -x "$$program" ] || {{ printf "%%s\\n" "$$@" | "$$program" -oi -t; exit; }}; '
        f"done; exit 1"
    )
    return seal(
        f"[Unit]\n"
        f"Description=rotation checker {preset.name}: mail that it failed\n"
        f"\n"
        f"[Service]\n"
        f"Type=oneshot\n"
        f"ExecStart=/bin/sh -c '{shell}' sh {words}\n"
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


def names(name: str) -> tuple[str, str, str]:
    """The file names of service, timer, and the service for when the first fails."""
    return f"{PREFIX}{name}.service", f"{PREFIX}{name}.timer", failure_name(name)


def failure_name(name: str) -> str:
    """The file name of the service that mails where the checker's service failed."""
    return f"{PREFIX}{name}-failed.service"


def _path(script: Path) -> str:
    return str(script).replace("%", "%%")
