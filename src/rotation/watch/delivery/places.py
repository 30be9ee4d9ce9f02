"""Where a mail server's log is. Sources: postconf(5) `maillog_file`, `syslog_facility`; the Exim
specification, "Where the logs are written"; rsyslog.conf(5); msmtp(1)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from rotation.dataclasses import dataclass, replace
from rotation.errors import ApplyError, Problem
from rotation.mail.exim import PROGRAMS
from rotation.mail.server import told
from rotation.system import Look

SYSLOGS = (
    "/var/log/mail.log",
    "/var/log/maillog",
    "/var/log/mail",
    "/var/log/syslog",
    "/var/log/messages",
)
"""Where distributions write what syslog is told of mail. All that are there count: one of them may
not have been written to for long."""
_EXIM_LOGS = ("/var/log/exim4/mainlog", "/var/log/exim/main.log", "/var/log/exim/mainlog")


@dataclass(frozen=True, slots=True)
class LogPlaces:
    """Where a log is: these files; whether it may be in the journal too, and under which of
    syslog's facilities; what of that is not known; and usual files that are not there now."""

    files: tuple[Path, ...]
    syslog: bool = True
    facility: str = "mail"
    problems: tuple[Problem, ...] = ()
    away: tuple[Path, ...] = ()


def places(system: Look, server: str, config: Path | None) -> LogPlaces:
    """Where a server's log is; files that its settings name though they are not there, others
    only where they are."""
    if server == "postfix":
        return _postfix(system, config)
    if server == "exim":
        return _exim(system, config)
    if server == "msmtp":
        return _msmtp(system, config)
    return _there(system, SYSLOGS)


def _msmtp(system: Look, config: Path | None) -> LogPlaces:
    """A file of its own, or syslog, or both, or none at all: as for a mail of root's."""
    option = () if config is None else ("-C", str(config))
    done = told(system, "msmtp", *option, "--pretend", "--", "root@localhost")
    if done is None or done.status != 0:
        return _guessed(system, "msmtp", done.said if done else None, SYSLOGS)
    settings = dict(re.findall(r"(?m)^(\w+) = (.*)$", done.out))
    unset = ("", "(not set)", "off", "-")
    own, facility = (settings.get(name, "").strip() for name in ("logfile", "syslog"))
    files = () if own in unset else (Path(own),)
    if facility in unset:
        hint = "let it: syslog LOG_MAIL, in its configuration"
        problems = () if files else (Problem("it writes none", hint=hint),)
        return LogPlaces(files, syslog=False, problems=problems)
    there = _there(system, SYSLOGS, facility.removeprefix("LOG_").lower())
    return replace(there, files=(*files, *there.files))


def _postfix(system: Look, config: Path | None) -> LogPlaces:
    option = () if config is None else ("-c", str(config))
    done = told(system, "postconf", *option, "-hx", "maillog_file", "syslog_facility")
    if done is None or done.status != 0:
        return _guessed(system, "postconf", done.said if done else None, SYSLOGS)
    own, facility = [*(line.strip() for line in done.out.split("\n")), "", ""][:2]
    if own:
        return LogPlaces((Path(own),), syslog=False)
    return _there(system, SYSLOGS, facility or "mail")


def _exim(system: Look, config: Path | None) -> LogPlaces:
    option = () if config is None else ("-C", str(config))
    said = None
    for program in PROGRAMS:
        done = told(system, program, *option, "-bP", "log_file_path", "spool_directory")
        if done is None:
            continue
        if done.status != 0:
            said = done.said
            continue
        settings = dict(re.findall(r"(?m)^(\w+) = ?(.*)$", done.out))
        paths = [path.strip() for path in settings.get("log_file_path", "").split(":")]
        spool = settings.get("spool_directory", "").strip()
        own = [path or f"{spool}/log/%slog" for path in paths if path != "syslog"]
        files = [path for name in own for path in _dated(system, name.replace("%s", "main"))]
        if "syslog" not in paths:
            return LogPlaces(tuple(files), syslog=False)
        there = _there(system, SYSLOGS)
        return replace(there, files=(*files, *there.files))
    return _guessed(system, PROGRAMS[0], said, (*_EXIM_LOGS, *SYSLOGS))


def _dated(system: Look, name: str) -> Iterator[Path]:
    """The files of a log whose name holds the date: `%D` is a day, `%M` a month."""
    path = Path(name)
    if not re.search("%[DM]", name):
        yield path
        return
    parts = re.split("(%[DM])", path.name)
    digits = {"%D": r"\d{8}", "%M": r"\d{6}"}
    pattern = re.compile("".join(digits.get(part) or re.escape(part) for part in parts))
    names = [name for name in system.names(path.parent) or () if pattern.fullmatch(name)]
    yield from (path.parent / name for name in names or [path.name])


def _guessed(system: Look, program: str, said: str | None, names: Iterable[str]) -> LogPlaces:
    """Where the server does not say where it logs."""
    there = _there(system, names)
    what = f"{program} does not tell where it is: {said or 'it does not run'}"
    return replace(there, problems=(Problem(what), *there.problems))


def _there(system: Look, names: Iterable[str], facility: str = "mail") -> LogPlaces:
    """Those of some files that are there, each once; one that cannot be looked at is a problem."""
    files: dict[tuple[int, int], Path] = {}
    problems: list[Problem] = []
    away: list[Path] = []
    for path in map(Path, names):
        try:
            status = system.status(path)
            if status is None:
                away.append(path)
            elif system.names(path) is None:
                files.setdefault((status.st_dev, status.st_ino), path)
        except ApplyError as error:
            problems += error.problems
    listed = tuple(files.values())
    return LogPlaces(listed, facility=facility, problems=tuple(problems), away=tuple(away))
