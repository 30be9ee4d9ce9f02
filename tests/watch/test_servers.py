"""Whether a mail server runs, who can send, and whether the clock is right."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from rotation.errors import Severity
from rotation.host.real import Host
from rotation.system import Finished
from rotation.watch.servers import clock, only_for_root, running
from tests.processes import process_called
from tests.watch.scratch_tree import ROOT, scratch_tree

OK, NOTE, WARNING, ERROR = Severity.OK, Severity.NOTE, Severity.WARNING, Severity.ERROR


@pytest.mark.parametrize(
    ("config", "severity", "what"),
    [
        ("O PidFile={mine}\n", OK, "sendmail runs"),
        ("O PidFile={none}\n", ERROR, "sendmail does not run: mail waits, or is lost"),
    ],
)
def test_a_server_runs_or_does_not(
    tmp_path: Path, config: str, severity: Severity, what: str
) -> None:
    file = tmp_path / "sendmail.cf"
    file.write_text(config.format(mine=tmp_path / "pid", none=tmp_path / "none"))
    with process_called("sendmail-mta") as number:
        (tmp_path / "pid").write_text(f"{number}\n")
        said = running(Host(tmp_path / "state"), "sendmail", file)
    assert (said.severity, said.what) == (severity, what)
    assert (said.fix is None) == (severity is OK)


@pytest.mark.parametrize(
    ("server", "severity", "what"),
    [
        ("msmtp", OK, "msmtp sends each mail by itself: it has no daemon"),
        ("unheard-of", NOTE, "cannot tell whether unheard-of runs"),
    ],
)
def test_what_has_no_daemon_and_what_nobody_knows(
    tmp_path: Path, server: str, severity: Severity, what: str
) -> None:
    said = running(Host(tmp_path), server, None)
    assert (said.severity, said.what) == (severity, what)


@ROOT
@pytest.mark.parametrize(("mode", "count"), [(0o600, 1), (0o640, 1), (0o644, 0), (0o604, 0)])
def test_a_configuration_that_its_senders_cannot_read(
    tmp_path: Path, mode: int, count: int
) -> None:
    system = scratch_tree(tmp_path, {"/etc/msmtprc": "account default\n"})
    (tmp_path / "etc/msmtprc").chmod(mode)
    said = only_for_root(system, "msmtp")
    assert [found.severity for found in said] == [WARNING] * count
    assert only_for_root(system, "postfix") == []


class Clocks(Host):
    """A host on which each of these programs says something."""

    def __init__(self, folder: Path, says: dict[str, Finished]) -> None:
        super().__init__(folder)
        self.says = says

    def program(self, *names: str) -> Path | None:
        return next((Path("/bin", name) for name in names if name in self.says), None)

    def ask(self, argv: Sequence[str | Path], **more: Any) -> Finished:
        return self.says[Path(argv[0]).name]


def prints(text: str, status: int = 0) -> Finished:
    return Finished(status, text, "")


NORMAL = "Stratum         : 3\nLeap status     : Normal\n"


@pytest.mark.parametrize(
    ("says", "severity"),
    [
        ({"timedatectl": prints("yes\n")}, OK),
        ({"timedatectl": prints("no\n"), "chronyc": prints(NORMAL)}, WARNING),
        ({"timedatectl": prints("", 1), "chronyc": prints(NORMAL)}, OK),
        ({"chronyc": prints(NORMAL.replace("Normal", "Not synchronised"))}, WARNING),
        ({"chronyc": prints(NORMAL, 1), "ntpq": prints("status=0615 leap_none, sync_ntp")}, OK),
        ({"ntpq": prints("status=c016 leap_alarm, sync_unspec")}, WARNING),
        ({"ntpq": prints("")}, NOTE),
        ({"ntpq": prints("leap_none", 1)}, NOTE),
        ({}, NOTE),
    ],
)
def test_the_clock_is_right_where_the_first_that_knows_says_so(
    tmp_path: Path, says: dict[str, Finished], severity: Severity
) -> None:
    assert clock(Clocks(tmp_path, says)).severity is severity
