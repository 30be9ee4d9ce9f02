"""Whether `rotation apply` is run by cron or by a timer. Sources: crontab(5), cron(8),
systemd.timer(5), systemd.service(5), run-parts(8)."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from rotation.audit.cronfiles import CRONS, SPOOLS
from rotation.audit.crontab import CrontabKind, read_crontab
from rotation.audit.table import builtin
from rotation.dataclasses import dataclass, replace
from rotation.errors import ApplyError, Severity, Where, counted
from rotation.system import Files, Look
from rotation.watch import often
from rotation.watch.command import ROSTERS, SHELLS, Apply, Expected, applies, script, started
from rotation.watch.findings import Diagnosis
from rotation.watch.units import UNITS, UnitFile, names_in, read_unit

ABOUT = "schedule"
_APPLY = re.compile(r"rotation\b.*\bapply\b", re.DOTALL)
"""What a file says that may be meant to run it."""
_CRON_D = Path("/etc/cron.d")
_PARTS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(days=7),
    "monthly": timedelta(days=31),
}
_LATE = timedelta(hours=1)
"""Handoffs may be this late without a word."""
_STATE = Path("/var/lib/rotation")
"""What root's runs use unless told otherwise."""
_PATH = ("/usr/bin", "/bin")
"""Where cron looks for programs unless told otherwise."""


@dataclass(frozen=True, slots=True)
class _Text:
    path: Path
    data: bytes
    mode: int
    owner: int


def scheduled(system: Look, expected: Expected | None = None) -> list[Diagnosis]:
    """Where `apply` is scheduled, what keeps it from running; a single error if it is nowhere."""
    wanted = expected or Expected()
    by_cron = [*_crontabs(system, wanted), *_scripts(system, wanted)]
    findings = [*by_cron, *_timers(system, wanted)]
    runs = any(finding.severity is Severity.OK for finding in findings)
    tools = builtin()
    daemons = (path for name in CRONS for path in tools[name].programs)
    if not any(system.status(Path(path)) is not None for path in daemons):
        findings = [_unseen(finding) if finding in by_cron else finding for finding in findings]
    if not runs:
        what = "no cron job and no timer runs `rotation apply` for these rosters in time"
        fix = f"put this line into /etc/cron.d/rotation: {wanted.line}"
        findings.append(Diagnosis(Severity.ERROR, ABOUT, what, None, fix))
    return findings


def _unseen(finding: Diagnosis) -> Diagnosis:
    """What there is to say of a job where nothing is seen that would run it."""
    if finding.severity is not Severity.OK:
        return finding
    what = "a job for `rotation apply`, and no cron daemon is seen on this host"
    return replace(finding, severity=Severity.NOTE, what=what, fix="apt install cron")


def _judged(
    system: Files,
    wanted: Expected,
    apply: Apply | None,
    user: str,
    gap: timedelta | None,
    who: str,
    where: Where,
    path_set: bool = True,
) -> Iterator[Diagnosis]:
    """What there is to say of one job; `gap` is the longest time between two runs of it, and
    `path_set` whether its surroundings say where programs are."""
    fault = apply and _program_fault(system, who, apply.program, path_set)
    if fault:
        yield Diagnosis(Severity.ERROR, ABOUT, fault, where, wanted.line)
        return
    faults = list(_faults(system, wanted, apply, user, who))
    if gap is None:
        faults.append(f"{who} never runs it, or nobody can tell when")
    elif wanted.shortest is not None and gap >= wanted.shortest:
        what = f"{who} runs it up to {_length(gap)} apart, and turns are as short as"
        faults.append(f"{what} {_length(wanted.shortest)}")
    for fault in faults:
        yield Diagnosis(Severity.WARNING, ABOUT, fault, where, wanted.line)
    if faults or gap is None:
        return
    yield Diagnosis(Severity.OK, ABOUT, f"{who} runs `rotation apply` as {user}", where)
    if gap > _LATE:
        what = f"a handoff is carried out up to {_length(gap)} late"
        yield Diagnosis(Severity.WARNING, ABOUT, what, where, f"more often: {wanted.line}")


def _faults(
    system: Files, wanted: Expected, apply: Apply | None, user: str, who: str
) -> Iterator[str]:
    if apply is None:
        yield "nobody can tell that this runs `rotation apply` each time"
        return
    for folder in apply.folders:
        if not folder.startswith("/") or system.status(Path(folder)) is None:
            yield f"it runs only where there is a folder {folder}"
    if user != wanted.user:
        yield f"{who} runs `rotation apply` as {user}, who may not write {wanted.user}'s files"
    if wanted.rosters is not None:
        rosters = system.real(Path(apply.rosters or ROSTERS))
        expected = system.real(wanted.rosters)
        status = system.status(expected)
        alone = status is not None and stat.S_ISDIR(status.st_mode)
        if rosters not in ((expected,) if alone else (expected, expected.parent)):
            yield f"it runs with other rosters: {rosters}"
    if wanted.state is not None:
        written = apply.settings.get("ROTATION_STATE")
        state = Path(written) if written else _STATE if user == "root" else wanted.state
        if system.real(state) != system.real(wanted.state):
            yield f"it runs with another state folder: {state}"


def _length(gap: timedelta) -> str:
    for unit, word in ((timedelta(days=7), "week"), (timedelta(days=1), "day"),
                       (timedelta(hours=1), "hour"), (timedelta(minutes=1), "minute")):  # fmt: skip
        if gap % unit == timedelta(0):
            return counted(gap // unit, word)
    return str(gap)


def _read(system: Files, path: Path) -> _Text | None:
    try:
        file = system.read(path)
    except ApplyError:
        return None
    if file is None:
        return None
    return _Text(path, file.data, file.attributes.st_mode, file.attributes.st_uid)


def _crontabs(system: Look, wanted: Expected) -> Iterator[Diagnosis]:
    tables = [(Path("/etc/crontab"), CrontabKind.SYSTEM, "root")]
    tables += [(_CRON_D / name, CrontabKind.SYSTEM, "root") for name in names_in(system, _CRON_D)]
    for spool in SPOOLS:
        tables += [
            (spool / name, CrontabKind.USER, name)
            for name in names_in(system, spool)
            if system.account(name) is not None
        ]
    for path, kind, owner in tables:
        text = _read(system, path)
        if text is not None and _APPLY.search(text.data.decode("utf-8", "surrogateescape")):
            yield from _crontab(system, wanted, text, kind, owner)


def _crontab(
    system: Look, wanted: Expected, text: _Text, kind: CrontabKind, owner: str
) -> Iterator[Diagnosis]:
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
    yield from wrong
    if wrong:
        return
    for job in table.jobs:
        if not _APPLY.search(job.command):
            continue
        place = Where(str(text.path), job.line)
        apply = applies(job.command, job.settings, cron=True)
        if Path(job.settings.get("SHELL", "/bin/sh")).name not in SHELLS:
            apply = None
        gap, path_set = often.cron(job.when), "PATH" in job.settings
        yield from _judged(system, wanted, apply, job.user, gap, "cron", place, path_set)


def _program_fault(system: Files, who: str, program: str, path_set: bool) -> str | None:
    """What is wrong with a program; None where nothing is, or it cannot be told."""
    if program.startswith("/"):
        status = system.status(Path(program))
        if status is None:
            return f"{who} is to run {program}, and there is no such program"
        if not status.st_mode & 0o111:
            return f"{who} is to run {program}, which cannot be run"
        return None
    if path_set or any(system.status(Path(folder, program)) for folder in _PATH):
        return None
    return f"{who} finds no program {program!r}: its PATH is {':'.join(_PATH)}"


def _scripts(system: Files, wanted: Expected) -> Iterator[Diagnosis]:
    for period in _PARTS:
        folder = Path(f"/etc/cron.{period}")
        for name in names_in(system, folder):
            text = _read(system, folder / name)
            if text is None or not _APPLY.search(text.data.decode("utf-8", "surrogateescape")):
                continue
            where = Where(str(text.path))
            if not re.fullmatch(r"[A-Za-z0-9_-]+", name) or not text.mode & 0o111:
                what = "run-parts skips this script, for its name or its mode"
                fix = f"mv {text.path} {folder}/rotation && chmod 755 {folder}/rotation"
                yield Diagnosis(Severity.ERROR, ABOUT, what, where, fix)
                continue
            apply = script(text.data.decode("utf-8", "surrogateescape"))
            yield from _judged(system, wanted, apply, "root", _PARTS[period], "cron", where)


def _timers(system: Files, wanted: Expected) -> Iterator[Diagnosis]:
    seen = set()
    for folder in UNITS:
        for name in names_in(system, folder):
            if not name.endswith(".service") or name in seen:
                continue
            text = _read(system, folder / name)
            if text is None or not _APPLY.search(text.data.decode("utf-8", "replace")):
                continue
            seen.add(name)
            service = read_unit(system, name)
            runs = [] if service is None else service.values("ExecStart")
            if service is not None and (service.masked or any(map(_APPLY.search, runs))):
                yield from _timer(system, wanted, name, service)


def _timer(system: Files, wanted: Expected, name: str, service: UnitFile) -> Iterator[Diagnosis]:
    timer, where = f"{name.removesuffix('.service')}.timer", Where(str(service.path))
    unit = read_unit(system, timer)
    if unit is None or (unit.last("Unit") or name) != name:
        what = f"{name} runs `rotation apply`, and no timer starts it"
        fix = f"write {timer}; systemctl enable --now {timer}"
        yield Diagnosis(Severity.WARNING, ABOUT, what, where, fix)
        return
    wants = [folder / "timers.target.wants" for folder in UNITS]
    if not any(timer in names_in(system, folder) for folder in wants):
        what, fix = f"{timer} is not enabled", f"systemctl enable --now {timer}"
        yield Diagnosis(Severity.WARNING, ABOUT, what, where, fix)
        return
    for named, masked in ((name, service.masked), (timer, unit.masked)):
        if masked:
            what = f"{named} is masked: systemd does not start it"
            fix = f"systemctl unmask {named}"
            yield Diagnosis(Severity.WARNING, ABOUT, what, where, fix)
            return
    settings = service.environment(system)
    apply = None
    if settings is not None and not (service.on_terms or unit.on_terms):
        commands = ("ExecCondition", "ExecStartPre", "ExecStart")
        apply = started([line for key in commands for line in service.values(key)], settings)
    user = service.last("User") or "root"
    if service.last("DynamicUser").lower() in ("1", "yes", "true", "on"):
        user = "a user of its own"
    yield from _judged(system, wanted, apply, user, often.timer(unit.text), timer, where)
