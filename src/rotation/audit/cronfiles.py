"""Every crontab and run-parts folder of the host: whom cron mails, and what never runs.

Sources: cron(8), crontab(5), run-parts(8), anacrontab(5); Debian's rules where the host is a
Debian, cronie's elsewhere (there a dot in a name is no fault).
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from rotation.audit.crontab import Crontab, CrontabKind, Job, read_crontab
from rotation.audit.gather import split
from rotation.audit.model import Fault, Recipient, Sender, Tool, ToolFinding
from rotation.dataclasses import dataclass, field
from rotation.errors import ApplyError, Problem, Severity, Where
from rotation.system import Look

_NAME = re.compile(r"[A-Za-z0-9_-]+")
_LEFT_OVER = re.compile(
    r"\..*|.*~|.*\.(dpkg-\w+|ucf-\w+|rpm(save|orig|new)|bak|swp|disabled)|README.*"
)
"""What is not meant to run: hidden, backups, left by package managers."""
_RUN_PARTS = re.compile(r"run-parts\s+((?:-\S+\s+)*)(/[^\s;&|)}]+)")
_STANDARD = ("hourly", "daily", "weekly", "monthly")
SPOOLS = (Path("/var/spool/cron/crontabs"), Path("/var/spool/cron"))
"""Where users' crontabs are."""
CRONS = ("cron", "systemd-cron")
"""The tools that run crontabs."""


@dataclass
class CronFiles:
    """One look at cron. `senders` and `findings` fill while `read` runs."""

    system: Look
    tools: dict[str, Tool]
    senders: list[Sender] = field(default_factory=list)
    findings: list[ToolFinding] = field(default_factory=list)
    jobs: list[tuple[Path, Job]] = field(default_factory=list)
    """Every job that runs, with its crontab."""
    scripts: list[Path] = field(default_factory=list)
    """What run-parts runs."""

    def read(self) -> None:
        """Look at everything that cron and anacron look at; nothing where neither is there."""
        cron = any(map(self._present, CRONS))
        anacron = self._present("anacron")
        version = self.system.read(Path("/etc/debian_version"))
        self.debian = version is not None
        # Debian 13 takes a setting without a value, and says "trixie/sid" before it is one
        old = re.match(
            rb"(?:\d|1[012])(?:\.|\s|$)|(?:stretch|buster|bullseye|bookworm)/",
            (version.data if version else b"") or b"0",
        )
        self._bare = old is None
        if cron:
            self._crontab(Path("/etc/crontab"), CrontabKind.SYSTEM, "root")
            self._folder(Path("/etc/cron.d"))
            for folder in SPOOLS:
                self._spool(folder)
        if anacron:
            self._crontab(Path("/etc/anacrontab"), CrontabKind.ANACRON, "root")
        if cron or anacron:
            for folder, options in self._run_parts().items():
                self._scripts(folder, options)

    def _present(self, name: str) -> bool:
        tool = self.tools.get(name)
        return tool is not None and any(self._status(Path(path)) for path in tool.programs)

    def _status(self, path: Path, *, follow: bool = True) -> os.stat_result | None:
        try:
            return self.system.status(path, follow=follow)
        except ApplyError:
            return None

    def _names(self, folder: Path) -> list[str]:
        try:
            return self.system.names(folder) or []
        except ApplyError as error:
            self._unreadable(error)
            return []

    def _unreadable(self, error: ApplyError) -> None:
        for problem in error.problems:
            self.findings.append(ToolFinding(Severity.WARNING, Fault.UNREADABLE, "cron", problem))

    def _say(
        self,
        severity: Severity,
        fault: Fault,
        what: str,
        where: Where,
        hint: str,
        name: str = "cron",
    ) -> None:
        tool = self.tools.get(name)
        problem = Problem(f"{name}: {what}", where, hint)
        self.findings.append(ToolFinding(severity, fault, name, problem, tool.test if tool else ""))

    def _folder(self, folder: Path) -> None:
        for name in self._names(folder):
            path = folder / name
            if _LEFT_OVER.fullmatch(name):
                continue
            if self.debian and not _NAME.fullmatch(name):
                better = re.sub(r"[^A-Za-z0-9_-]+", "-", name)
                what = f"cron ignores {name!r}: only letters, digits, _ and - may be in a name here"
                hint = f"mv {path} {folder / better}"
                self._say(Severity.ERROR, Fault.IGNORED, what, Where(str(path)), hint)
            else:
                self._crontab(path, CrontabKind.SYSTEM, "root")

    def _spool(self, folder: Path) -> None:
        for name in self._names(folder):
            path = folder / name
            status = self._status(path, follow=False)
            if status is None or stat.S_ISDIR(status.st_mode) or name.startswith((".", "tmp.")):
                continue
            if self.system.account(name) is None:
                what = f"there is no user {name!r}, so cron ignores this crontab"
                where = Where(str(path))
                self._say(Severity.ERROR, Fault.IGNORED, what, where, f"remove it: rm {path}")
            else:
                self._crontab(path, CrontabKind.USER, name)

    def _crontab(self, path: Path, kind: CrontabKind, owner: str) -> None:
        status = self._status(path)
        if status is None:
            if self._status(path, follow=False) is not None:
                what, hint = "is a symbolic link to nothing: cron ignores it", f"rm {path}"
                self._say(Severity.WARNING, Fault.IGNORED, what, Where(str(path)), hint)
            return
        if stat.S_ISDIR(status.st_mode):
            return
        tool = "anacron" if kind is CrontabKind.ANACRON else "cron"
        refused = self._refused(path, kind, owner)
        if refused is not None:
            what, hint = refused
            self._say(Severity.ERROR, Fault.IGNORED, what, Where(str(path)), hint)
        if not stat.S_ISREG(status.st_mode):
            return
        try:
            crontab = self.system.read(path)
        except ApplyError as error:
            self._unreadable(error)
            return
        if crontab is None:
            return
        read = read_crontab(
            crontab.data, kind, owner, self._known, debian=self.debian, bare=self._bare
        )
        ignored = refused is not None
        for trouble in read.troubles:
            severity = Severity.ERROR if trouble.fatal else Severity.WARNING
            fault = Fault.IGNORED if trouble.fatal else Fault.MAILTO
            where = Where(str(path), trouble.line)
            self._say(severity, fault, trouble.what, where, trouble.hint, tool)
            ignored = ignored or trouble.fatal
        if not ignored:
            self.jobs.extend((path, job) for job in read.jobs)
            account = self.system.account(owner) if kind is CrontabKind.USER else None
            self._sender(path, read, tool, personal=account is not None and account.person)

    def _known(self, name: str) -> bool:
        return self.system.account(name) is not None

    def _refused(self, path: Path, kind: CrontabKind, owner: str) -> tuple[str, str] | None:
        """Why cron will not read the file, for who owns it or who may write it; and what to do."""
        if kind is CrontabKind.ANACRON:
            return None
        status = self._status(path)
        if status is None:
            return None
        mode = stat.S_IMODE(status.st_mode)
        account = self.system.account(owner)
        allowed = {0} if kind is CrontabKind.SYSTEM or account is None else {0, account.uid}
        if not stat.S_ISREG(status.st_mode):
            return "is not a regular file: cron ignores it", f"rm {path}"
        link = self._status(path, follow=False)
        if link is not None and stat.S_ISLNK(link.st_mode) and link.st_uid != 0:
            return "is a symbolic link of somebody else's: cron ignores it", f"chown -h root {path}"
        if status.st_uid not in allowed:
            return f"does not belong to {owner}, so cron ignores it", f"chown {owner} {path}"
        if kind is CrontabKind.USER and self.debian and mode != 0o600:
            return f"has the mode {mode:04o}, so cron ignores it", f"chmod 600 {path}"
        if mode & 0o022:
            others = "everybody" if mode & 0o002 else "its group"
            return f"can be written by {others}, so cron ignores it", f"chmod go-w {path}"
        return None

    def _sender(self, path: Path, read: Crontab, tool: str, *, personal: bool) -> None:
        """Whom the jobs of a file mail: MAILTO, else the user that each runs as."""
        recipients: dict[str, Recipient] = {}
        lost = {trouble.line for trouble in read.troubles if trouble.lost}
        for job in read.jobs:
            if job.mailto_line in lost:
                continue
            where = Where(str(path), job.mailto_line or job.line)
            for address in [job.user] if job.mailto is None else split(job.mailto):
                recipients.setdefault(address, Recipient(address, where, job.mailto or ""))
        if read.jobs:
            first = Where(str(path), read.jobs[0].line)
            table = self.tools.get(tool)
            people = tuple(recipients.values())
            self.senders.append(
                Sender(tool, str(path), people, where=first, table=table, personal=personal)
            )

    def _run_parts(self) -> dict[Path, str]:
        """The folders that are run, with the options of run-parts."""
        folders = {
            Path(match[2]): match[1]
            for _, job in self.jobs
            for match in _RUN_PARTS.finditer(job.command)
        }
        for name in _STANDARD:
            folders.setdefault(Path(f"/etc/cron.{name}"), "")
        return folders

    def _scripts(self, folder: Path, options: str) -> None:
        for name in self._names(folder):
            path = folder / name
            where = Where(str(path))
            if _LEFT_OVER.fullmatch(name):
                continue
            status = self._status(path)
            if status is None:
                what, hint = "is a symbolic link to nothing, so it never runs", f"rm {path}"
                self._say(Severity.WARNING, Fault.NEVER_RUNS, what, where, hint)
            elif stat.S_ISREG(status.st_mode):
                plain = "--regex" in options or "--lsbsysinit" in options or not self.debian
                if not plain and not _NAME.fullmatch(name):
                    better = folder / re.sub(r"[^A-Za-z0-9_-]+", "-", name.removesuffix(".sh"))
                    what = f"run-parts never runs {name!r}: a name here may have no dot"
                    hint = f"mv {path} {better}"
                    self._say(Severity.ERROR, Fault.NEVER_RUNS, what, where, hint)
                elif not status.st_mode & 0o111:
                    what = "is not executable, so run-parts never runs it"
                    hint = f"chmod +x {path}; or remove it"
                    self._say(Severity.WARNING, Fault.NEVER_RUNS, what, where, hint)
                else:
                    self.scripts.append(path)
