"""What scripts that cron starts and units of systemd really run, in scratch trees."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from rotation.watch.command import Expected
from rotation.watch.scheduled import scheduled
from tests.watch.scratch_tree import ROOT, scratch_tree

PROGRAM = "/usr/local/bin/rotation"
EXPECTED = Expected(Path("/etc/rotation"), Path("/var/lib/rotation"), shortest=timedelta(days=7))
SHELL = "#!/bin/sh\n"
SCRIPTS = {
    f"{SHELL}{PROGRAM} apply\n": True,
    f"#!/usr/bin/env bash\n# apply\n\nset -eu\nexec {PROGRAM} \\\n  apply\n": True,
    f"{SHELL}test -x {PROGRAM} || exit 0\n{PROGRAM} apply\n": True,
    f"{SHELL}[ -x {PROGRAM} ] &&\n{PROGRAM} apply  # every day\n": True,
    f"{SHELL}PATH=/usr/local/bin:$PATH\nrotation apply\n": True,
    f"{PROGRAM} apply\n": False,  # run-parts cannot start it
    f"#!/bin/true\n{PROGRAM} apply\n": False,
    f"#!/usr/bin/python3\n{PROGRAM} apply\n": False,
    f"{SHELL}exit 0\n{PROGRAM} apply\n": False,
    f"{SHELL}if false; then\n{PROGRAM} apply\nfi\n": False,
    f"{SHELL}while false\ndo\n{PROGRAM} apply\ndone\n": False,
    f"{SHELL}false &&\n{PROGRAM} apply\n": False,
    f"{SHELL}false && \\\n{PROGRAM} apply\n": False,
    f"{SHELL}[ -e /etc/x ] || exit 0\n{PROGRAM} apply\n": False,
    f"{SHELL}[ $# -gt 0 ] || exit 0\n{PROGRAM} apply\n": False,
    f"{SHELL}: '\n{PROGRAM} apply\n'\n": False,
    f"{SHELL}echo \\\n{PROGRAM} apply\n": False,
    f"{SHELL}cat <<END\n{PROGRAM} apply\nEND\n": False,
    f"{SHELL}later() {{\n{PROGRAM} apply\n}}\n": False,
    f"{SHELL}export ROTATION_ROSTERS=/etc/other\n{PROGRAM} apply\n": False,
    f"{SHELL}/opt/rotation/bin/rotation apply\n": False,  # there is no such program
}
SERVICE = f"[Service]\nType=oneshot\nExecStart={PROGRAM} apply\n"
TIMER = "[Timer]\nOnCalendar=*:0/5\n"
ETC, LIB = "/etc/systemd/system", "/usr/lib/systemd/system"
Files = dict[str, str]
"""By what they are called; those without a folder are in /etc/systemd/system."""
UNITS: dict[str, tuple[Files, bool]] = {
    "as it should be": ({}, True),
    "a drop-in that runs it more often": (
        {
            "r.timer": "[Timer]\nOnCalendar=weekly\n",
            "r.timer.d/often.conf": "[Timer]\nOnCalendar=\nOnCalendar=*:0/5\n",
        },
        True,
    ),
    "a drop-in of the same name that comes first": (
        {
            "r.timer.d/seldom.conf": "",
            f"{LIB}/r.timer.d/seldom.conf": "[Timer]\nOnCalendar=\nOnCalendar=weekly\n",
        },
        True,
    ),
    "no drop-in": ({"r.timer.d/seldom.conf~": "[Timer]\nOnCalendar=\n"}, True),
    "settings that may be missing": (
        {"r.service": f"{SERVICE}EnvironmentFile=-/etc/default/r\n"},
        True,
    ),
    "what may fail before": (
        {"r.service": f"{SERVICE}ExecStartPre=-/bin/false\nExecStartPre=/bin/sleep 5\n"},
        True,
    ),
    "masked timer": ({"r.timer": "", f"{LIB}/r.timer": TIMER}, False),
    "masked service": ({"r.service": "", f"{LIB}/r.service": SERVICE}, False),
    "a drop-in that runs it seldom": (
        {"r.timer.d/seldom.conf": "[Timer]\nOnCalendar=\nOnCalendar=weekly\n"},
        False,
    ),
    "a drop-in for every timer": (
        {f"{ETC}/timer.d/lazy.conf": "[Timer]\nRandomizedDelaySec=2w\n"},
        False,
    ),
    "a drop-in that runs something else": (
        {"r.service.d/other.conf": "[Service]\nExecStart=\nExecStart=/bin/true\n"},
        False,
    ),
    "a drop-in with another user": ({"r.service.d/who.conf": "[Service]\nUser=alice\n"}, False),
    "the last user counts": ({"r.service": f"{SERVICE}User=root\nUser=alice\n"}, False),
    "a user of its own": ({"r.service": f"{SERVICE}DynamicUser=yes\n"}, False),
    "another root": ({"r.service": f"{SERVICE}RootDirectory=/srv\n"}, False),
    "taken back": ({"r.service": f"{SERVICE}ExecStart=\nExecStart=/bin/true\n"}, False),
    "behind what fails": (
        {"r.service": f"[Service]\nExecStart=/bin/false\nExecStart={PROGRAM} apply\n"},
        False,
    ),
    "after what fails": ({"r.service": f"{SERVICE}ExecStartPre=/bin/false\n"}, False),
    "no shell": ({"r.service": f"[Service]\nExecStart=/bin/true && {PROGRAM} apply\n"}, False),
    "nowhere to redirect to": ({"r.service": f"{SERVICE.strip()} >/dev/null\n"}, False),
    "on a condition": ({"r.service": f"[Unit]\nConditionPathExists=/x\n{SERVICE}"}, False),
    "a timer on a condition": ({"r.timer": f"[Unit]\nAssertPathExists=/x\n{TIMER}"}, False),
    "other rosters in a file": (
        {
            "r.service": f"{SERVICE}EnvironmentFile=/etc/default/r\n",
            "/etc/default/r": "# whose\nROTATION_ROSTERS='/etc/other'\n",
        },
        False,
    ),
    "a file that is not there": ({"r.service": f"{SERVICE}EnvironmentFile=/etc/none\n"}, False),
    "the timer of another": ({"r.timer": f"{TIMER}Unit=other.service\n"}, False),
    "no first time": ({"r.timer": "[Timer]\nOnUnitActiveSec=5min\n"}, False),
    "no such program": (
        {"r.service": SERVICE.replace("/usr/local/bin", "/opt/rotation/bin")},
        False,
    ),
}


def accepted(tmp_path: Path, files: Files) -> bool:
    findings = scheduled(scratch_tree(tmp_path, files), EXPECTED)
    return any(finding.severity.value == "ok" for finding in findings)


@ROOT
@pytest.mark.parametrize("text", SCRIPTS)
def test_a_script_counts_for_what_it_really_runs(tmp_path: Path, text: str) -> None:
    assert accepted(tmp_path, {"/etc/cron.daily/rotation": text}) is SCRIPTS[text]


@ROOT
@pytest.mark.parametrize("case", UNITS)
def test_a_unit_counts_for_what_systemd_makes_of_it(tmp_path: Path, case: str) -> None:
    changed, counts = UNITS[case]
    units = {"timers.target.wants/r.timer": "", "r.service": SERVICE, "r.timer": TIMER, **changed}
    files = {name if name.startswith("/") else f"{ETC}/{name}": units[name] for name in units}
    assert accepted(tmp_path, files) is counts


@ROOT
@pytest.mark.parametrize("unit", ["r.service", "r.timer"])
def test_a_unit_that_is_a_link_to_nowhere_is_masked(tmp_path: Path, unit: str) -> None:
    texts = {"r.service": SERVICE, "r.timer": TIMER, "timers.target.wants/r.timer": ""}
    system = scratch_tree(tmp_path, {f"{LIB}/{name}": texts[name] for name in texts})
    assert "ok" in {finding.severity.value for finding in scheduled(system, EXPECTED)}
    run = tmp_path / "run/systemd/system"
    run.mkdir(parents=True)
    (run / unit).symlink_to("/dev/null")
    masked, nothing = scheduled(system, EXPECTED)
    assert masked.what == f"{unit} is masked: systemd does not start it"
    assert nothing.severity.value == "error"
