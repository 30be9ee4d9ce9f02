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
    unit = names(preset.name)[0]
    lines = (
        f"To: {options.to}",
        f"{preset.name}: checker failed: {unit}",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=UTF-8",
        "Auto-Submitted: auto-generated",
        "Precedence: bulk",
        f"X-Rotation-Checker: {preset.name}; unit-failed",
        "",
        f"The checker itself failed: {unit} could not be run to its end, or could not send",
        "its mail. This says nothing about the host.",
        "",
        preset.title,
        "By hand:",
        f"    systemctl status {unit}",
        f"    journalctl -u {unit}",
        "",
    )
    words = " ".join(f'"{_word(line)}"' for line in lines)
    folders = "/usr/sbin /usr/lib /usr/bin /usr/local/sbin /usr/local/bin"
    programs = options.sendmail or f"{folders.replace(' ', '/sendmail ')}/sendmail"
    # a dollar and a percent sign are systemd's own unless they are doubled
    shell = (
        f"host=$$(uname -n | tr -cd A-Za-z0-9.- | cut -c 1-64); to=$$1; subject=$$2; shift 2; "
        f"tell() {{ "
        f'printf "%%s\\n" "$$to" "Subject: [$${{host:-unknown}}] $$subject" "$$@"; '
        f"systemctl show --property=Result,ExecMainStatus {unit} 2>/dev/null; }}; "
        f"for program in {programs}; do "
        f'[ ! -x "$$program" ] || {{ tell "$$@" | "$$program" -oi -t; exit; }}; '
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


def _word(text: str) -> str:
    """What systemd reads as this text, between double quotes (systemd.syntax(7))."""
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    return text.replace("%", "%%").replace("$", "$$")


def _path(script: Path) -> str:
    return str(script).replace("%", "%%")
