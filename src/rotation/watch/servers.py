"""Whether the mail server runs, and whether the clock is right. Sources: postfix(1), exim(8),
smtpctl(8), sendmail(8), timedatectl(1), chronyc(1)."""

from __future__ import annotations

import re
from pathlib import Path

from rotation.errors import ApplyError, Severity
from rotation.system import Finished, System
from rotation.watch.findings import Diagnosis

_START = {
    "postfix": "postfix start, or systemctl start postfix",
    "exim": "systemctl start exim4",
    "sendmail": "systemctl start sendmail",
    "opensmtpd": "systemctl start opensmtpd",
}


def running(system: System, server: str, config: Path | None) -> Diagnosis:
    """Whether a daemon of that server runs."""
    try:
        runs = _runs(system, server, config)
    except ApplyError:
        runs = None
    if runs is None:
        what, fix = f"cannot tell whether {server} runs", "run `rotation doctor` as root"
        return Diagnosis(Severity.NOTE, "server", what, None, fix)
    if runs:
        return Diagnosis(Severity.OK, "server", f"{server} runs")
    what = f"{server} does not run: mail waits, or is lost"
    return Diagnosis(Severity.ERROR, "server", what, None, _START[server])


def _runs(system: System, server: str, config: Path | None) -> bool | None:
    match server:
        case "postfix":
            option = () if config is None else ("-c", str(config))
            done = _ask(system, "postfix", *option, "status")
            if done is None or "superuser" in done.err:
                return None
            return done.status == 0
        case "opensmtpd":
            done = _ask(system, "smtpctl", "show", "status")
            if done is None or "permission" in done.err.lower():
                return None
            return done.status == 0
        case "exim":
            option = () if config is None else ("-C", str(config))
            done = _ask(system, "exim4", *option, "-bP", "pid_file_path")
            done = done or _ask(system, "exim", *option, "-bP", "pid_file_path")
            path = done.out.partition("=")[2].strip() if done else ""
            return _alive(system, Path(path or "/run/exim4/exim.pid"))
        case "sendmail":
            text = _text(system, config or Path("/etc/mail/sendmail.cf"))
            match = re.search(r"^O\s*PidFile\s*=\s*(\S+)", text, re.MULTILINE)
            return _alive(system, Path(match[1] if match else "/var/run/sendmail.pid"))
        case _:
            return None


def _ask(system: System, program: str, *arguments: str) -> Finished | None:
    found = system.program(program)
    if found is None:
        return None
    try:
        return system.ask([found, *arguments])
    except ApplyError:
        return None


def _text(system: System, path: Path) -> str:
    """A file's text; empty where there is none. Raises ApplyError."""
    found = system.read(path)
    return found.data.decode("utf-8", "surrogateescape") if found else ""


def _alive(system: System, pidfile: Path) -> bool:
    """Whether the process that a file names runs. Raises ApplyError."""
    words = _text(system, pidfile).split()
    number = words[0] if words else ""
    return number.isdecimal() and system.status(Path("/proc", number)) is not None


def clock(system: System) -> Diagnosis:
    """Whether the clock is kept right: a handoff is as punctual as it is."""
    done = _ask(system, "timedatectl", "show", "-p", "NTPSynchronized", "--value")
    if done is not None and done.out.strip() in ("yes", "no"):
        return _clock(done.out.strip() == "yes")
    done = _ask(system, "chronyc", "-n", "tracking")
    if done is not None and done.status == 0:
        return _clock("Leap status     : Normal" in done.out)
    done = _ask(system, "ntpq", "-c", "rv")
    if done is not None and done.status == 0 and done.out:
        return _clock("leap_none" in done.out)
    what = "cannot tell whether the clock is kept right"
    return Diagnosis(Severity.NOTE, "clock", what, None, "see `timedatectl`; apt install chrony")


def _clock(good: bool) -> Diagnosis:
    if good:
        return Diagnosis(Severity.OK, "clock", "the clock is kept right")
    what = "the clock is not synchronised: handoffs come early or late"
    return Diagnosis(Severity.WARNING, "clock", what, None, "timedatectl set-ntp true")
