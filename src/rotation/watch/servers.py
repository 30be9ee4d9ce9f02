"""Whether the mail server runs, and whether the clock is right. Sources: timedatectl(1),
chronyc(1), ntpq(8)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from rotation.errors import ApplyError, Problem, Severity, Where
from rotation.mail.detect import KINDS
from rotation.mail.postfix import stale_indexes
from rotation.mail.server import told
from rotation.system import Files, Look
from rotation.watch.findings import Diagnosis


def running(system: Look, server: str, config: Path | None) -> Diagnosis:
    """Whether a daemon of that server runs."""
    kind = KINDS.get(server)
    if kind is not None and kind.runs is None:
        what = f"{server} sends each mail by itself: it has no daemon"
        return Diagnosis(Severity.OK, "server", what)
    runs = None
    if kind is not None and kind.runs is not None:
        with suppress(ApplyError):
            runs = kind.runs(system, config)
    if runs is None:
        what = f"cannot tell whether {server} runs"
        fix = "run `rotation doctor` as root; ask the server's own service: systemctl status"
        return Diagnosis(Severity.NOTE, "server", what, None, fix)
    if runs:
        return Diagnosis(Severity.OK, "server", f"{server} runs")
    what = f"{server} does not run: mail waits, or is lost"
    return Diagnosis(Severity.ERROR, "server", what, None, kind.start if kind else None)


def stopped(system: Look, server: str | None, config: Path | None) -> Iterator[Problem]:
    """That no daemon of that server runs, where that can be told."""
    if server is not None:
        finding = running(system, server, config)
        if finding.severity is Severity.ERROR:
            yield Problem(finding.what, None, finding.fix)


def only_for_root(system: Files, server: str) -> list[Diagnosis]:
    """Whether others than root can send: msmtp and esmtp read their configuration as the sender."""
    findings = []
    for path in KINDS[server].configs if server in ("msmtp", "esmtp") else ():
        with suppress(ApplyError):
            status = system.status(path)
            if status is not None and not status.st_mode & 0o004:
                what = f"only root can send mail: {server} reads this file as whoever sends"
                fix = f"chmod 644 {path}, or mail of other users' cron jobs is lost"
                findings.append(Diagnosis(Severity.WARNING, "server", what, Where(str(path)), fix))
    return findings


def stale(system: Look, server: str, config: Path | None) -> Iterator[Diagnosis]:
    """Indexes that nothing reads any more, which mislead people and programs."""
    if server == "postfix":
        for index in stale_indexes(system, config):
            what = f"{index} is stale: Postfix reads another type of index now"
            yield Diagnosis(Severity.WARNING, "server", what, Where(str(index)), f"rm {index}")


def clock(system: Look) -> Diagnosis:
    """Whether the clock is synchronised: a handoff is as punctual as it is."""
    done = told(system, "timedatectl", "show", "-p", "NTPSynchronized", "--value")
    if done is not None and done.out.strip() in ("yes", "no"):
        return _clock(done.out.strip() == "yes")
    done = told(system, "chronyc", "-n", "tracking")
    if done is not None and done.status == 0:
        return _clock("Leap status     : Normal" in done.out)
    done = told(system, "ntpq", "-c", "rv")
    if done is not None and done.status == 0 and done.out:
        return _clock("leap_none" in done.out)
    what = "cannot tell whether the clock is synchronised"
    return Diagnosis(Severity.NOTE, "clock", what, None, "see `timedatectl`; apt install chrony")


def _clock(good: bool) -> Diagnosis:
    if good:
        return Diagnosis(Severity.OK, "clock", "the clock is synchronised")
    what = "the clock is not synchronised: handoffs come early or late"
    return Diagnosis(Severity.WARNING, "clock", what, None, "timedatectl set-ntp true")
