"""Whether `rotation apply` is run by cron or by a timer. Sources: crontab(5), cron(8),
systemd.timer(5), run-parts(8)."""

from __future__ import annotations

import re
import shlex
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rotation.audit.crontab import CrontabKind, read_crontab
from rotation.errors import ApplyError, Severity, Where
from rotation.system import System
from rotation.watch.findings import Diagnosis

ABOUT = "schedule"
_APPLY = re.compile(
    r"(?:^|[\s/;&|\"'])rotation(?:\s[^;&|]*)?\sapply\b(?![^;&|]*--(?:dry-run|check))"
)
_CRON_D = Path("/etc/cron.d")
_SPOOLS = (Path("/var/spool/cron/crontabs"), Path("/var/spool/cron"))
_PARTS = ("hourly", "daily", "weekly", "monthly")
_UNITS = tuple(Path(p, "systemd/system") for p in ("/etc", "/usr/lib", "/lib", "/usr/local/lib"))
_PATH = ("/usr/bin", "/bin")
"""Where cron looks for programs unless told otherwise."""
LINE = "*/5 * * * *  root  /usr/local/bin/rotation apply"


@dataclass(frozen=True, slots=True)
class _Text:
    path: Path
    data: bytes
    mode: int
    owner: int


def scheduled(system: System) -> list[Diagnosis]:
    """Where `apply` is scheduled, what keeps it from running; a single error if it is nowhere."""
    found = [*_crontabs(system), *_scripts(system), *_timers(system)]
    if not any(one.severity is Severity.OK for one in found):
        what = "no cron job and no timer runs `rotation apply`"
        fix = f"put this line into /etc/cron.d/rotation: {LINE}"
        found.append(Diagnosis(Severity.ERROR, ABOUT, what, None, fix))
    return found


def _read(system: System, path: Path) -> _Text | None:
    try:
        found = system.read(path)
    except ApplyError:
        return None
    if found is None:
        return None
    return _Text(path, found.data, found.attributes.st_mode, found.attributes.st_uid)


def _names(system: System, folder: Path) -> list[str]:
    try:
        return system.names(folder) or []
    except ApplyError:
        return []


def _crontabs(system: System) -> Iterator[Diagnosis]:
    tables = [(Path("/etc/crontab"), CrontabKind.SYSTEM, "root")]
    tables += [(_CRON_D / name, CrontabKind.SYSTEM, "root") for name in _names(system, _CRON_D)]
    for spool in _SPOOLS:
        tables += [
            (spool / name, CrontabKind.USER, name)
            for name in _names(system, spool)
            if system.account(name) is not None
        ]
    for path, kind, owner in tables:
        text = _read(system, path)
        if text is not None and _APPLY.search(text.data.decode("utf-8", "surrogateescape")):
            yield from _crontab(system, text, kind, owner)


def _crontab(system: System, text: _Text, kind: CrontabKind, owner: str) -> Iterator[Diagnosis]:
    debian = system.status(Path("/etc/debian_version")) is not None

    def known(name: str) -> bool:
        return system.account(name) is not None

    table = read_crontab(text.data, kind, owner, known, debian=debian)
    where = Where(str(text.path))
    wrong = [
        Diagnosis(Severity.ERROR, ABOUT, f"cron ignores this file: {trouble.what}",
                Where(str(text.path), trouble.line), trouble.hint)
        for trouble in table.troubles if trouble.fatal
    ]  # fmt: skip
    if text.path.parent == _CRON_D and debian:
        if not re.fullmatch(r"[A-Za-z0-9_-]+", text.path.name):
            what = "cron ignores this file: only letters, digits, _ and - may be in its name"
            fix = f"mv {text.path} {_CRON_D}/rotation"
            wrong.append(Diagnosis(Severity.ERROR, ABOUT, what, where, fix))
        if text.mode & (stat.S_IWGRP | stat.S_IWOTH) or text.owner != 0:
            what = "cron ignores this file: others than root can write it"
            fix = f"chown root {text.path} && chmod 644 {text.path}"
            wrong.append(Diagnosis(Severity.ERROR, ABOUT, what, where, fix))
    jobs = [job for job in table.jobs if _APPLY.search(job.command)]
    path_set = re.search(rb"^\s*PATH\s*=", text.data, re.MULTILINE) is not None
    for job in jobs:
        place = Where(str(text.path), job.line)
        fault = _program_fault(system, job.command, path_set)
        if fault is not None:
            wrong.append(Diagnosis(Severity.ERROR, ABOUT, fault, place, LINE))
        elif job.user != "root":
            what = f"cron runs `rotation apply` as {job.user}, who may not write root's files"
            wrong.append(Diagnosis(Severity.WARNING, ABOUT, what, place, "run it as root"))
    yield from wrong
    if jobs and not any(one.severity is Severity.ERROR for one in wrong):
        what = f"cron runs `rotation apply` as {jobs[0].user}"
        yield Diagnosis(Severity.OK, ABOUT, what, Where(str(text.path), jobs[0].line))


def _program_fault(system: System, command: str, path_set: bool) -> str | None:
    """What is wrong with the program in a command; None where nothing is, or it cannot be told."""
    try:
        words = shlex.split(command, comments=False)
    except ValueError:
        return None
    program = next((word for word in words if word.endswith("rotation")), None)
    if program is None:
        return None
    if program.startswith("/"):
        status = system.status(Path(program))
        if status is None:
            return f"cron is to run {program}, and there is no such program"
        if not status.st_mode & 0o111:
            return f"cron is to run {program}, which cannot be run"
        return None
    if path_set or any(system.status(Path(folder, program)) for folder in _PATH):
        return None
    return f"cron finds no program {program!r}: its PATH is {':'.join(_PATH)}"


def _scripts(system: System) -> Iterator[Diagnosis]:
    for period in _PARTS:
        folder = Path(f"/etc/cron.{period}")
        for name in _names(system, folder):
            text = _read(system, folder / name)
            if text is None or not _APPLY.search(text.data.decode("utf-8", "surrogateescape")):
                continue
            where = Where(str(text.path))
            if not re.fullmatch(r"[A-Za-z0-9_-]+", name) or not text.mode & 0o111:
                what = "run-parts skips this script, for its name or its mode"
                fix = f"mv {text.path} {folder}/rotation && chmod 755 {folder}/rotation"
                yield Diagnosis(Severity.ERROR, ABOUT, what, where, fix)
                continue
            yield Diagnosis(Severity.OK, ABOUT, f"cron runs `rotation apply` {period}", where)
            what = f"a handoff is carried out up to {_late(period)} late"
            yield Diagnosis(Severity.WARNING, ABOUT, what, where, f"more often: {LINE}")


def _late(period: str) -> str:
    return {"hourly": "an hour", "daily": "a day", "weekly": "a week", "monthly": "a month"}[period]


def _timers(system: System) -> Iterator[Diagnosis]:
    seen = set()
    for folder in _UNITS:
        for name in _names(system, folder):
            if not name.endswith(".service") or name in seen:
                continue
            text = _read(system, folder / name)
            runs = text and re.search(
                r"^\s*ExecStart=.*", text.data.decode("utf-8", "replace"), re.MULTILINE
            )
            if not runs or not _APPLY.search(runs[0].replace("=", " ", 1)):
                continue
            seen.add(name)
            yield _timer(system, name.removesuffix(".service"), Where(str(folder / name)))


def _timer(system: System, unit: str, where: Where) -> Diagnosis:
    timer = f"{unit}.timer"
    if not any(timer in _names(system, folder) for folder in _UNITS):
        what = f"{unit}.service runs `rotation apply`, and no timer starts it"
        fix = f"write {timer}; systemctl enable --now {timer}"
        return Diagnosis(Severity.WARNING, ABOUT, what, where, fix)
    wants = [folder / "timers.target.wants" for folder in _UNITS]
    if not any(timer in _names(system, folder) for folder in wants):
        what, fix = f"{timer} is not enabled", f"systemctl enable --now {timer}"
        return Diagnosis(Severity.WARNING, ABOUT, what, where, fix)
    return Diagnosis(Severity.OK, ABOUT, f"{timer} runs `rotation apply`", where)
