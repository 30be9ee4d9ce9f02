"""`rotation checker install` and `remove`: files, modes, timers, refusals."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.rooted import Run, write
from tests.cli.terminal import pair


def test_install_once_and_again(run: Run, weekly: Path, tmp_path: Path) -> None:
    arguments = ("install", "lynis", "--dir", str(weekly))
    script = weekly / "rotation-lynis"
    shown = run(*arguments, "--dry-run")
    assert (shown.exit_code, script.exists()) == (0, False)
    assert f"+++ {script}\n" in shown.stdout
    assert "+name='lynis'\n" in shown.stdout
    assert "warning: lynis is not on this host\n  hint: apt install lynis\n" in shown.stderr
    checked = run(*arguments, "--check")
    assert (checked.exit_code, checked.stdout) == (1, f"would write {script}\n")
    assert not (tmp_path / "state").exists()

    done = run(*arguments)
    assert done.exit_code == 0
    assert done.stdout == (
        f"installed {script}: run by cron from {weekly}, mails root what is wrong\n"
    )
    assert script.stat().st_mode & 0o777 == 0o755
    assert script.read_text() == run("show", "lynis").stdout
    before = script.stat()
    again = run(*arguments)
    assert (again.exit_code, again.stdout, again.stderr) == (
        0,
        f"{script} is as it should be\n",
        "",
    )
    assert script.stat().st_mtime_ns == before.st_mtime_ns
    assert run(*arguments, "--check").exit_code == 0
    assert [path.name for path in weekly.iterdir()] == ["rotation-lynis"]


def test_other_options_and_a_lost_mode_are_changes(run: Run, weekly: Path) -> None:
    arguments = ("install", "disk-space", "--dir", str(weekly))
    script = weekly / "rotation-disk-space"
    run(*arguments)
    assert "\nevery='4'" not in script.read_text()
    assert "\nevery=4 " in script.read_text()  # four weeks
    more = ("--to", "root,ops@example.com", "--every", "2", "--heartbeat", "12")
    run(*arguments, *more, "--set", "LIMIT=80")
    text = script.read_text()
    for line in ("to='root, ops@example.com' ", "every=2 ", "heartbeat=12 ", "LIMIT=80\n"):
        assert f"\n{line}" in text
    script.chmod(0o644)
    checked = run(*arguments, *more, "--set", "LIMIT=80", "--check")
    assert (checked.exit_code, checked.stdout) == (1, f"would change {script}\n")
    assert "is not executable" in run("status", "--dir", str(weekly)).stdout
    run(*arguments, *more, "--set", "LIMIT=80")
    assert script.stat().st_mode & 0o777 == 0o755


def test_an_edited_file_is_kept(run: Run, weekly: Path) -> None:
    arguments = ("install", "lynis", "--dir", str(weekly))
    run(*arguments)
    script = weekly / "rotation-lynis"
    ours = script.read_text()
    script.write_text(ours.replace("to='root'", "to='me@example.com'"))
    for more in ((), ("--check",), ("--dry-run",), ("--yes",)):
        refused = run(*arguments, *more)
        assert refused.exit_code == 1
        assert "-to='me@example.com'" in refused.stdout
        assert "+to='root'" in refused.stdout
        assert "was edited, or is not ours" in refused.stderr
    assert run("remove", "lynis", "--dir", str(weekly)).exit_code == 1
    assert "me@example.com" in script.read_text()
    assert run(*arguments, "--force").exit_code == 0
    assert script.read_text() == ours
    script.write_text("#!/bin/sh\nsomebody else's\n")
    assert run(*arguments).exit_code == 1


def test_remove(run: Run, weekly: Path, tmp_path: Path) -> None:
    run("install", "lynis", "--dir", str(weekly))
    write(tmp_path / "var/checkers/lynis/last", "ran x\n")
    write(tmp_path / "var/checkers/other/last", "ran x\n")
    shown = run("remove", "lynis", "--dir", str(weekly), "--dry-run")
    assert shown.exit_code == 0
    assert shown.stdout == (
        f"would remove {weekly}/rotation-lynis\nwould remove {tmp_path}/var/checkers/lynis\n"
    )
    assert (weekly / "rotation-lynis").exists()
    assert run("remove", "lynis", "--dir", str(weekly)).exit_code == 0
    assert list(weekly.iterdir()) == []
    assert [path.name for path in (tmp_path / "var/checkers").iterdir()] == ["other"]
    missing = run("remove", "lynis", "--dir", str(weekly))
    assert missing.exit_code == 2
    assert "no checker 'lynis' in" in missing.stderr
    for name in ("..", "../checkers", "other/../..", ""):
        assert run("remove", name).exit_code == 2
    assert (tmp_path / "var/checkers/other/last").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("install", "lyns"), "did you mean 'lynis'?"),
        (("show", "../lynis"), "there is no preset"),
        (("install", "lynis", "--to", "root, |touch${IFS}/x@example.com"), "--to: '|touch"),
        (("install", "lynis", "--to", "a\nBcc: b"), "control character"),
        (("install", "lynis", "--to", ""), "is empty"),
        (("install", "lynis", "--every", "-1"), "-1"),
        (
            ("install", "lynis", "--each", "fortnight"),
            "--each must be one of hour, day, week, month, not",
        ),
        (("install", "lynis", "--dir", "/no/such/folder"), "no such folder"),
        (("install", "lynis", "--dir", "/etc/cron.d"), "holds crontabs"),
        (("install", "lynis", "--dir", "/tmp/a b"), "must be an absolute path"),
        (("install", "lynis", "--set", "LIMIT=1"), "lynis has no 'LIMIT'"),
        (("install", "disk-space", "--set", "LIMIT"), "is not KEY=VALUE"),
        (("install", "disk-space", "--set", "LIMIT=a\nb"), "must be one line"),
        (("new", "lynis", "--run", "x", "--signal", "exit"), "there is a preset 'lynis' already"),
        (("new", "a.sh", "--run", "x", "--signal", "exit"), "is not a name for a checker"),
        (("new", "a", "--run", "x\x1b", "--signal", "exit"), "holds a control character"),
        (("new", "a", "--run", "if then", "--signal", "exit"), "sh cannot read the command"),
        (("new", "a", "--run", "x", "--signal", "loud"), "'signal' must be one of"),
        (
            ("new", "a", "--run", "x", "--signal", "exit", "--filter", "("),
            "not a regular expression",
        ),
        (("new", "a", "--run", "x", "--signal", "exit", "--normalise", "s/"), "not for sed -E"),
        (("new", "a", "--run", "x", "--signal", "exit", "--timeout", "ever"), "'timeout' must be"),
    ],
)
def test_what_is_refused(
    run: Run, weekly: Path, arguments: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    more = () if "--dir" in arguments or arguments[0] == "show" else ("--dir", str(weekly))
    done = run(*arguments, *more)
    assert done.exit_code == 2, done.output
    assert said in done.stderr.replace("\n", " ") or said in done.stderr
    assert list(weekly.iterdir()) == []
    assert not (tmp_path / "state").exists()


def test_a_timer(run: Run, tmp_path: Path) -> None:
    scripts, units = tmp_path / "usr/local/lib/rotation", tmp_path / "etc/systemd/system"
    units.mkdir(parents=True)
    arguments = ("install", "lynis", "--timer", "--dir", str(scripts), "--units", str(units))
    assert run(*arguments, "--check").exit_code == 1
    done = run(*arguments, "--each", "day")
    assert done.exit_code == 0, done.output
    assert "systemctl enable --now rotation-lynis.timer" in done.stdout
    assert {path.name: path.stat().st_mode & 0o777 for path in units.iterdir()} == {
        "rotation-lynis.service": 0o644,
        "rotation-lynis-failed.service": 0o644,
        "rotation-lynis.timer": 0o644,
    }
    assert "\nOnCalendar=daily\n" in (units / "rotation-lynis.timer").read_text()
    service = (units / "rotation-lynis.service").read_text()
    assert f"\nExecStart={scripts}/rotation-lynis\n" in service
    assert run(*arguments, "--each", "day", "--check").exit_code == 0
    (units / "rotation-lynis.timer").write_text("[Timer]\nOnCalendar=monthly\n")
    assert run(*arguments, "--each", "day").exit_code == 1
    removal = ("remove", "lynis", "--dir", str(scripts), "--units", str(units))
    assert run(*removal).exit_code == 1
    assert run(*removal, "--force").exit_code == 0
    assert list(units.iterdir()) == []
    assert list(scripts.iterdir()) == []


def test_systemd_accepts_the_units(run: Run, tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("no systemd-analyze on this host")
    units = tmp_path / "etc/systemd/system"
    units.mkdir(parents=True)
    scripts = tmp_path / "usr/local/lib/rotation"
    for name, each in (("lynis", "week"), ("ports", "hour"), ("aide", "month")):
        arguments = ("--each", each, "--timer", "--dir", str(scripts), "--units", str(units))
        assert run("install", name, *arguments).exit_code == 0
    paths = sorted(str(path) for path in units.iterdir())
    assert len(paths) == 9
    done = subprocess.run(
        [analyze, "verify", "--man=no", *paths], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_nothing_is_written_where_it_may_not_be(run: Run, weekly: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    weekly.chmod(0o555)
    done = run("install", "lynis", "--dir", str(weekly))
    assert done.exit_code == 3
    assert "run it as root" in done.stderr


def test_a_dry_run_names_the_calls_of_systemctl(run: Run, tmp_path: Path) -> None:
    """What the real run then does, a dry run says."""
    program = tmp_path / "usr/bin/systemctl"
    write(program, "#!/bin/sh\n", 0o755)
    (tmp_path / "run/systemd/system").mkdir(parents=True)
    (tmp_path / "usr/local/lib/rotation").mkdir(parents=True)
    shown = run("install", "lynis", "--timer", "--dry-run")
    assert shown.exit_code == 0
    assert shown.stdout.endswith(
        f"would run: {program} daemon-reload\n"
        f"would run: {program} enable --now rotation-lynis.timer\n"
    )
    units, scripts = tmp_path / "etc/systemd/system", tmp_path / "usr/local/lib/rotation"
    made = run("install", "lynis", "--timer", "--dir", str(scripts), "--units", str(units))
    assert made.exit_code == 0
    shown = run("remove", "lynis", "--dry-run")
    assert shown.exit_code == 0
    assert shown.stdout == (
        f"would run: {program} disable --now rotation-lynis.timer\n"
        "would remove /usr/local/lib/rotation/rotation-lynis\n"
        "would remove /etc/systemd/system/rotation-lynis.service\n"
        "would remove /etc/systemd/system/rotation-lynis.timer\n"
        "would remove /etc/systemd/system/rotation-lynis-failed.service\n"
        f"would run: {program} daemon-reload\n"
    )
    assert sorted(path.name for path in units.iterdir()) == [
        "rotation-lynis-failed.service",
        "rotation-lynis.service",
        "rotation-lynis.timer",
    ]


@pytest.mark.parametrize(("answer", "status"), [(b"y\n", 0), (b"n\n", 1)])
def test_on_a_terminal_it_asks_before_it_writes(tmp_path: Path, answer: bytes, status: int) -> None:
    keyboard, terminal = pair()
    folder = tmp_path / "cron.weekly"
    folder.mkdir()
    words = ("new", "mine", "--run", "true", "--signal", "exit", "--dir", str(folder))
    process = subprocess.Popen(
        [sys.executable, "-m", "rotation", "checker", *words],
        env={**os.environ, "ROTATION_STATE": str(tmp_path / "state")},
        stdin=terminal,
        stdout=terminal,
        stderr=subprocess.PIPE,
    )
    os.close(terminal)
    os.write(keyboard, answer)
    _, said = process.communicate(timeout=600)
    os.close(keyboard)
    assert process.returncode == status, said
    assert [file.name for file in folder.iterdir()] == ["rotation-mine"] * (status == 0)
