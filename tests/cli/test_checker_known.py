"""What is known until a date, and the state of all checkers as a plugin says it."""

from __future__ import annotations

import json
import subprocess
from datetime import datetime, timedelta
from pathlib import Path

from tests.cli.rooted import Run


def leak(run: Run, weekly: Path, tmp_path: Path) -> Path:
    """A checker that has mailed two findings."""
    found = tmp_path / "found"
    found.write_text("the roof leaks\nthe door squeaks\n")
    at = ("--dir", str(weekly))
    run("new", "mine", "--run", f"cat {found}", "--signal", "output", *at)
    script = weekly / "rotation-mine"
    script.write_text(script.read_text().replace("sendmail=''", "sendmail='/bin/true'"))
    assert subprocess.run(["sh", script], capture_output=True).returncode == 0
    return script


def test_ack(run: Run, weekly: Path, tmp_path: Path) -> None:
    script = leak(run, weekly, tmp_path)
    acks = tmp_path / "var/checkers/mine/acks"
    assert run("ack", "mine", "roof").exit_code == 2
    assert run("ack", "other", "--until", "friday").exit_code == 2
    assert run("ack", "mine", "(", "--until", "friday").exit_code == 2
    # years ahead: the script has the host's clock
    until = ("--until", "2090-12-01 09:00")
    assert run("ack", "mine", "roof", *until, "--dry-run").exit_code == 0
    assert not acks.exists()
    done = run("ack", "mine", "roof", *until)
    assert (done.exit_code, done.stderr) == (0, "")
    assert "mine: known until Fri 2090-12-01 09:00: roof" in done.stdout
    assert acks.read_text().endswith("\tmatch\troof\n")
    assert acks.stat().st_mode & 0o777 == 0o600
    assert subprocess.run(["sh", script], capture_output=True).returncode == 0
    (one,) = json.loads(run("status", "--dir", str(weekly), "--json").stdout)
    assert [(wrong["text"], wrong["known"]) for wrong in one["wrong"]] == [
        ("the roof leaks", True),
        ("the door squeaks", False),
    ]
    run("ack", "mine", *until)
    assert len(acks.read_text().splitlines()) == 3
    assert "3 taken back, 0 known" in run("ack", "mine", "--until", "now").stdout
    assert acks.read_text() == ""


def test_status_as_a_plugin(run: Run, weekly: Path, tmp_path: Path) -> None:
    at = ("status", "--dir", str(weekly), "--nagios")
    nothing = run(*at)
    assert (nothing.exit_code, nothing.stdout[:18]) == (3, "CHECKERS UNKNOWN -")
    found = tmp_path / "found"
    script = leak(run, weekly, tmp_path)
    ran = datetime.fromisoformat(
        json.loads(run("status", "--dir", str(weekly), "--json").stdout)[0]["last_run"]
    )
    wrong = run(*at, now=ran)
    assert wrong.exit_code == 1
    assert wrong.stdout == (
        "CHECKERS WARNING - mine: the roof leaks (and 1 more) "
        "| checkers=1 trouble=0 wrong=2 known=0\n"
    )
    run("ack", "mine", "--until", "2090-12-01")
    subprocess.run(["sh", script], check=True)
    known = run(*at, now=ran)
    assert known.exit_code == 0
    assert known.stdout.startswith("CHECKERS OK - 1 checker, nothing wrong | ")
    assert known.stdout.endswith("known=2\n")
    late = run(*at, now=ran + timedelta(days=10))
    assert (late.exit_code, late.stdout[:25]) == (2, "CHECKERS CRITICAL - mine:")
    assert "late" in late.stdout
    found.unlink()
    subprocess.run(["sh", script], check=True)
    assert "CHECKERS OK" not in run(*at, now=ran).stdout
    # one that never ran is late too, once it should have
    run("install", "disk-space", "--dir", str(weekly))
    made = datetime.fromtimestamp((weekly / "rotation-disk-space").stat().st_mtime, ran.tzinfo)
    assert "disk-space" not in run(*at, now=made + timedelta(days=8)).stdout.partition("|")[0]
    never = run("status", "--dir", str(weekly), now=made + timedelta(days=10)).stdout
    assert "never ran, though it should have by now" in never
