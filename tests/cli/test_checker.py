"""`rotation checker`: new, run, list, status."""

from __future__ import annotations

import json
import subprocess
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.cli.rooted import Run, write


def test_new_and_run(run: Run, weekly: Path, tmp_path: Path, capfd: Any) -> None:
    found = tmp_path / "found"
    found.write_text("")
    command = ("--run", f"cat {found}", "--signal", "output", "--filter", "^bad")
    done = run("new", "mine", *command, "--dir", str(weekly))
    assert (done.exit_code, done.stderr) == (0, "")
    assert run("new", "mine", *command, "--dir", str(weekly), "--check").exit_code == 0
    for text, status in (("", 0), ("good\n", 0), ("bad\n", 1)):
        found.write_text(text)
        assert run("run", "mine", "--dir", str(weekly)).exit_code == status
    assert capfd.readouterr().out == "bad\n"
    found.unlink()
    assert not (tmp_path / "var").exists()
    run("new", "gone", "--run", "/no/such/program", "--signal", "exit", "--dir", str(weekly))
    assert run("run", "gone", "--dir", str(weekly)).exit_code == 3
    assert "a program was not found" in capfd.readouterr().err
    piped = run("new", "pipe", "--run", "false | cat", "--signal", "exit", "--dir", str(weekly))
    assert "a pipe hides the exit status" in piped.stderr
    assert run("run", "nothing").exit_code == 2


def test_run_takes_the_preset_where_nothing_is_installed(
    run: Run, tmp_path: Path, capfd: Any
) -> None:
    text = 'title = "x"\nrun = "echo $WORD"\nsignal = "output"\nvars = { WORD = "hello" }\n'
    write(tmp_path / "etc/rotation/checkers/greet.toml", text)
    assert run("run", "greet").exit_code == 1
    assert capfd.readouterr().out == "hello\n"


def test_a_presets_file_that_is_wrong_stops_with_its_line(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "etc/rotation/checkers/greet.toml", 'title = "x"\nsignal = "x"\n')
    done = run("list")
    assert done.exit_code == 2
    assert "greet.toml:2" in done.stderr
    assert "has no 'run'" in done.stderr


def test_list_names_what_runs_the_tool_already(run: Run, tmp_path: Path, weekly: Path) -> None:
    units = tmp_path / "usr/lib/systemd/system"
    write(units / "lynis.timer", "[Timer]\nOnCalendar=daily\n")
    write(units / "lynis.service", "[Service]\nExecStart=/usr/sbin/lynis audit system --cronjob\n")
    write(tmp_path / "etc/cron.daily/lynis", "#!/bin/sh\nlynis -c | mail -s x root\n", 0o755)
    write(tmp_path / "etc/cron.daily/debsums", "#!/bin/sh\n# mail\ndebsums -cs\n", 0o755)
    write(tmp_path / "usr/bin/lynis", "#!/bin/sh\n", 0o755)
    run("new", "mine", "--run", "true", "--signal", "exit", "--dir", str(weekly))
    answers = {one["name"]: one for one in json.loads(run("list", "--json").stdout)}
    assert answers["lynis"]["here"] is True
    assert answers["lynis"]["also"] == [
        {"job": "/etc/cron.daily/lynis", "active": True, "mails": True},
        {"job": "lynis.timer", "active": False, "mails": False},
    ]
    assert answers["debsums"]["also"] == [
        {"job": "/etc/cron.daily/debsums", "active": True, "mails": False}
    ]
    assert answers["mine"]["installed"] == ["/etc/cron.weekly/rotation-mine"]
    assert answers["logwatch"]["digest"] is True
    wants = tmp_path / "etc/systemd/system/timers.target.wants/lynis.timer"
    wants.parent.mkdir(parents=True)
    wants.symlink_to(units / "lynis.timer")
    table = run("list").stdout
    assert "lynis.timer (into the journal, mails nobody)" in table
    assert "/etc/cron.daily/lynis (mails by itself)" in table
    assert "/etc/cron.daily/debsums (cron mails what it prints)" in table
    assert "(a digest: it mails always)" in table
    assert "lynis.timer (into the journal" in run("install", "lynis", "--dir", str(weekly)).stderr


def test_status_reads_what_the_scripts_remember(run: Run, tmp_path: Path, weekly: Path) -> None:
    assert "no checker is installed here" in run("status").stdout
    found = tmp_path / "found"
    found.write_text("the roof leaks\n")
    run("new", "mine", "--run", f"cat {found}", "--signal", "output", "--dir", str(weekly))
    never = run("status", "--dir", str(weekly)).stdout
    assert never.splitlines()[1].split() == ["mine", "never", "-", "-", "-", "-"]
    script = weekly / "rotation-mine"
    text = script.read_text()
    script.write_text(text.replace("sendmail=''", "sendmail='/bin/false'"))
    assert subprocess.run(["sh", script], capture_output=True).returncode == 75
    (one,) = json.loads(run("status", "--dir", str(weekly), "--json").stdout)
    assert (one["unsent"], one["wrong"], one["edited"]) == (True, [], True)
    assert "a mail waits to be sent" in run("status", "--dir", str(weekly)).stdout
    script.write_text(text.replace("sendmail=''", "sendmail='/bin/true'"))
    assert subprocess.run(["sh", script], capture_output=True).returncode == 0
    (one,) = json.loads(run("status", "--dir", str(weekly), "--json").stdout)
    assert one["last_event"] == "new"
    assert [wrong["text"] for wrong in one["wrong"]] == ["the roof leaks"]
    ran = datetime.fromisoformat(one["last_run"])
    assert ran == datetime.fromisoformat(one["last_mail"])
    assert ran == datetime.fromisoformat(one["wrong"][0]["since"])
    late = run("status", "--dir", str(weekly), now=ran + timedelta(days=10)).stdout
    assert "late: cron has not run it since" in late
    assert "mine: the roof leaks  (since " in late
    here = run("status", "--dir", str(weekly), now=ran + timedelta(days=8)).stdout
    assert "late" not in here
    assert "not installed here" not in here
    script.unlink()
    gone = run("status", "--dir", str(weekly), now=ran).stdout
    assert gone.splitlines()[1].endswith(" not installed here")


def test_status_of_a_state_that_is_broken_or_hostile(run: Run, tmp_path: Path) -> None:
    state = tmp_path / "var/checkers/x"
    write(state / "last", "ran yesterday\nstatus many\nevent\n\n")
    write(state / "known", "no tabs\n2026\tk\t\x1b[2Jx\u2028y\n\n")
    done = run("status")
    assert done.exit_code == 0
    assert "\x1b" not in done.stdout
    (one,) = json.loads(run("status", "--json").stdout)
    assert (one["last_run"], one["last_status"], len(one["wrong"])) == (None, None, 3)
