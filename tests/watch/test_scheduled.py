"""Where `apply` is scheduled, in scratch trees."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from rotation.watch import often
from rotation.watch.command import Expected
from rotation.watch.scheduled import scheduled
from tests.chroot import Rooted
from tests.watch.scratch_tree import ROOT, scratch_tree

SERVICE = "[Service]\nType=oneshot\nExecStart=/usr/local/bin/rotation apply\n"


def severities(system: Rooted) -> set[str]:
    expected = Expected(
        Path("/etc/rotation"), Path("/var/lib/rotation"), shortest=timedelta(days=7)
    )
    return {one.severity.value for one in scheduled(system, expected)}


JOB = "*/5 * * * * root /usr/local/bin/rotation apply\n"


@ROOT
@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"/etc/crontab": JOB}, {"ok"}),
        ({"/etc/cron.d/rotation": JOB}, {"ok"}),
        ({"/var/spool/cron/crontabs/root": JOB.replace(" root ", " ")}, {"ok"}),
        ({"/etc/cron.d/rotation": f"#{JOB}"}, {"error"}),
        ({"/etc/cron.d/rotation": JOB.replace("apply", "apply --dry-run")}, {"warning", "error"}),
        ({"/etc/cron.d/rotation": JOB.replace("apply", "who")}, {"error"}),
        ({"/etc/cron.d/rotation": JOB.replace("apply", "--rosters /etc/rotation/ apply")}, {"ok"}),
        ({"/etc/cron.d/r.sh": JOB}, {"error"}),
        ({"/etc/cron.d/rotation": f"MAILTO=\n{JOB}"}, {"error"}),
        ({"/etc/cron.daily/rotation": "#!/bin/sh\nrotation apply\n"}, {"ok", "warning"}),
        ({"/etc/cron.daily/rotation.sh": "#!/bin/sh\nrotation apply\n"}, {"error"}),
        ({"/etc/systemd/system/r.service": SERVICE}, {"warning", "error"}),
        (
            {"/etc/systemd/system/r.service": SERVICE, "/etc/systemd/system/r.timer": ""},
            {"warning", "error"},
        ),
        (
            {
                "/etc/systemd/system/r.service": SERVICE,
                "/etc/systemd/system/r.timer": "[Timer]\nOnCalendar=*:0/5\n",
                "/etc/systemd/system/timers.target.wants/r.timer": "",
            },
            {"ok"},
        ),
        (
            {
                "/etc/systemd/system/r.service": SERVICE + "User=alice\n",
                "/etc/systemd/system/r.timer": "[Timer]\nOnCalendar=*:0/5\n",
                "/etc/systemd/system/timers.target.wants/r.timer": "",
            },
            {"warning", "error"},
        ),
        (
            {
                "/etc/systemd/system/r.service": SERVICE,
                "/etc/systemd/system/r.timer": "[Timer]\nOnCalendar=weekly\n",
                "/etc/systemd/system/timers.target.wants/r.timer": "",
            },
            {"warning", "error"},
        ),
        ({"/etc/cron.weekly/rotation": "#!/bin/sh\nrotation apply\n"}, {"warning", "error"}),
        ({}, {"error"}),
    ],
)
def test_schedules(tmp_path: Path, files: dict[str, str], expected: set[str]) -> None:
    assert severities(scratch_tree(tmp_path, files)) == expected


@ROOT
def test_a_job_that_nothing_runs_is_not_called_right(tmp_path: Path) -> None:
    system = scratch_tree(tmp_path, {"/etc/cron.d/rotation": JOB})
    (tmp_path / "usr/sbin/cron").unlink()
    (finding,) = scheduled(system)
    assert (finding.severity.value, finding.fix) == ("note", "apt install cron")
    assert "no cron daemon is seen" in finding.what
    for daemon in ("crond", "bcron-sched"):
        (tmp_path / "usr/sbin" / daemon).write_text("")
        assert {finding.severity.value for finding in scheduled(system)} == {"ok"}
        (tmp_path / "usr/sbin" / daemon).unlink()


PROGRAM = "/usr/local/bin/rotation"
LINES = {
    f"{PROGRAM} apply": True,
    f"{PROGRAM} apply >/dev/null 2>&1": True,
    f"{PROGRAM} apply 2>&1 | logger -t rotation": True,
    f"[ -x {PROGRAM} ] && {PROGRAM} apply": True,
    f"cd / && nice -n 10 timeout 60 {PROGRAM} apply": True,
    f"flock -n /run/x {PROGRAM} --rosters=/etc/rotation apply": True,
    f"sh -c '{PROGRAM} apply'": True,
    f"LANG=C.UTF-8 {PROGRAM} apply": True,
    f"{PROGRAM} verify; {PROGRAM} apply": True,
    f"{PROGRAM} apply # as agreed": True,
    f"test -x {PROGRAM} || exit 0; {PROGRAM} apply": True,
    f"command -v {PROGRAM} >/dev/null && {PROGRAM} apply": True,
    f"export LANG=C ROTATION_ROSTERS=/etc/rotation; {PROGRAM} apply": True,
    f"exec {PROGRAM} apply": True,
    f"false && {PROGRAM} apply": False,
    f"true || {PROGRAM} apply": False,
    f"test -e /etc/x || {PROGRAM} apply": False,
    f"exit 0; {PROGRAM} apply": False,
    f"exec true; {PROGRAM} apply": False,
    f"return; {PROGRAM} apply": False,
    f"kill $$; {PROGRAM} apply": False,
    f"eval exit; {PROGRAM} apply": False,
    f". /etc/settings; {PROGRAM} apply": False,
    f"f() {{ exit; }}; f; {PROGRAM} apply": False,
    f"until true; do :; {PROGRAM} apply; done": False,
    f"[ -e /etc/in-use ] && {PROGRAM} apply": False,
    f"[ 1 = 2 ] && {PROGRAM} apply": False,
    f"[ $# -gt 0 ] || exit 0; {PROGRAM} apply": False,
    f"[ -x {PROGRAM} ] || exit 0 && {PROGRAM} apply": True,
    f"[ -x /usr/bin/other ] && {PROGRAM} apply": False,
    f"[ -x /usr/bin/other ] || exit 0; {PROGRAM} apply": False,
    f"cd /nowhere && {PROGRAM} apply": False,
    f"export ROTATION_ROSTERS=/etc/other; {PROGRAM} apply": False,
    f"ROTATION_STATE=/tmp/x; export ROTATION_STATE; {PROGRAM} apply": False,
    f"sh -c 'exit; {PROGRAM} apply'": False,
    f"echo {PROGRAM} apply": False,
    f"# {PROGRAM} apply": False,
    f"{PROGRAM} apply --check": False,
    f"{PROGRAM} apply --dry-run": False,
    f"{PROGRAM} verify %{PROGRAM} apply": False,
    f"{PROGRAM} --rosters /etc/other apply": False,
    f"ROTATION_ROSTERS=/etc/other {PROGRAM} apply": False,
    f"ROTATION_STATE=/tmp/x {PROGRAM} apply": False,
    f"if true; then {PROGRAM} apply; fi": False,
    f"sudo -u alice {PROGRAM} apply": False,
    f'{PROGRAM} apply "': False,
}
TIMES = {
    "*/5 * * * *": True,
    "@hourly": True,
    "0 9,17 * * mon-fri": True,
    "0 9 * * 1": False,
    "@weekly": False,
    "@reboot": False,
    "0 0 30 2 *": False,
    "*/5 * 1 * *": False,
    "*/5 * * 1 *": False,
}


def accepted(tmp_path: Path, crontab: str) -> bool:
    return "ok" in severities(scratch_tree(tmp_path, {"/etc/cron.d/rotation": crontab}))


@ROOT
@pytest.mark.parametrize("line", LINES)
def test_a_job_counts_for_what_it_really_runs(tmp_path: Path, line: str) -> None:
    assert accepted(tmp_path, f"*/5 * * * * root {line}\n") is LINES[line]


@ROOT
@pytest.mark.parametrize("times", TIMES)
def test_a_job_counts_for_how_often_it_runs(tmp_path: Path, times: str) -> None:
    assert accepted(tmp_path, f"{times} root {PROGRAM} apply\n") is TIMES[times]


@ROOT
@pytest.mark.parametrize(
    "crontab",
    [
        JOB.replace("root", "alice"),
        f"ROTATION_ROSTERS=/x\n{JOB}",
        f"ROTATION_STATE=/x\n{JOB}",
        f"SHELL=/usr/sbin/nologin\n{JOB}",
    ],
)
def test_a_job_counts_for_whom_it_runs_as_and_in_which_surroundings(
    tmp_path: Path, crontab: str
) -> None:
    assert not accepted(tmp_path, crontab)


@pytest.mark.parametrize(
    ("fields", "minutes"),
    [
        ("* * * * *", 1),
        ("*/5 * * * *", 5),
        ("*/7 * * * *", 7),
        ("7 * * * *", 60),
        ("0 8-18 * * *", 14 * 60),
        ("0 0 * * *", 24 * 60),
        ("0 0 1,15 * *", 17 * 24 * 60),
        ("0 0 13 * fri", 7 * 24 * 60),
        ("0 0 29 2 *", 1461 * 24 * 60),
        ("0 0 31 2,4 *", None),
        ("0 12 * jan-dec sun", 7 * 24 * 60),
        ("0 12 * * 7", 7 * 24 * 60),
        ("0~59 * * * *", 60),
        ("0 8~10 * * *", 24 * 60),
    ],
)
def test_the_longest_time_between_two_runs_of_cron(fields: str, minutes: int | None) -> None:
    expected = None if minutes is None else timedelta(minutes=minutes)
    assert often.cron(fields.split()) == expected


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("OnCalendar=*:0/5", 5),
        ("OnCalendar=*-*-* *:00/10:00", 10),
        ("OnCalendar=hourly", 60),
        ("OnCalendar=*:00", 60),
        ("OnBootSec=2min\nOnUnitActiveSec=5min", 5),
        ("OnActiveSec=1ms\nOnUnitActiveSec=1h 30min", 90),
        ("OnUnitActiveSec=5min", None),
        ("OnCalendar=hourly\nOnCalendar=", None),
        ("OnCalendar=weekly\nOnBootSec=\nOnCalendar=*:0/5", 5),
        ("OnCalendar=*:0/5\nAccuracySec=1h\nRandomizedDelaySec=2h", 185),
        ("OnCalendar=*:0/5\nRandomizedDelaySec=a while", None),
        ("OnCalendar=*:0/5\nAccuracySec=1us", 5),
        ("OnCalendar=Mon *-*-* 09:00", None),
        ("OnBootSec=5min", None),
        ("", None),
    ],
)
def test_the_longest_time_between_two_runs_of_a_timer(text: str, minutes: int | None) -> None:
    expected = None if minutes is None else timedelta(minutes=minutes)
    assert often.timer(f"[Timer]\n{text}\n") == expected


@ROOT
@pytest.mark.parametrize(
    "name", ["/srv/teams/duty.toml", "/srv/teams", "/srv/teams/a b", "/srv/50%", "/srv"]
)
def test_the_line_that_it_names_is_one_that_counts(tmp_path: Path, name: str) -> None:
    files = {"/srv/teams/duty.toml": "", "/srv/teams/a b/duty.toml": "", "/srv/50%/a.toml": ""}
    wanted = Expected(Path(name), Path("/var/lib/rotation"), shortest=timedelta(days=7))
    (error,) = scheduled(scratch_tree(tmp_path / "before", files), wanted)
    assert error.fix is not None
    line = error.fix.partition(": ")[2].replace("/usr/local/bin/rotation", JOB.split()[6])
    after = scratch_tree(tmp_path / "after", {**files, "/etc/cron.d/rotation": f"{line}\n"})
    assert {one.severity.value for one in scheduled(after, wanted)} == {"ok"}


@ROOT
@pytest.mark.parametrize(
    ("named", "severities"),
    [("/srv/teams/duty.toml", {"ok"}), ("/srv/teams/a", {"warning", "error"})],
)
def test_who_applies_a_folder_applies_its_files_and_no_folder_below_it(
    tmp_path: Path, named: str, severities: set[str]
) -> None:
    job = JOB.replace("apply", "--rosters /srv/teams apply")
    files = {"/srv/teams/duty.toml": "", "/srv/teams/a/duty.toml": "", "/etc/cron.d/rotation": job}
    wanted = Expected(Path(named), Path("/var/lib/rotation"), shortest=timedelta(days=7))
    tree = scratch_tree(tmp_path, files)
    assert {one.severity.value for one in scheduled(tree, wanted)} == severities
