"""Living with checkers: installing again, upgrades, what is known, a second one of a kind."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest

from rotation.checkers.inside import preset_inside, read_back
from rotation.checkers.model import Options
from rotation.checkers.read import from_words
from rotation.checkers.render import render, seal
from tests.cli.rooted import Run, setting, write


def test_installing_again_keeps_what_was_chosen(run: Run, weekly: Path) -> None:
    script = weekly / "rotation-disk-space"
    at = ("install", "disk-space", "--dir", str(weekly))
    run(*at, "--to", "ops@example.com", "--set", "LIMIT=80", "--every", "2", "--heartbeat", "9")
    before = script.read_text()
    assert "is as it should be" in run(*at).stdout
    assert run(*at, "--check").exit_code == 0
    run(*at, "--set", "SKIP=^/mnt", "--damp", "2/3", "--escalate", "6:boss@example.com")
    for name, value in (
        *(("to", "ops@example.com"), ("LIMIT", "80"), ("SKIP", "^/mnt"), ("every", "2")),
        *(("heartbeat", "9"), ("times", "2"), ("within", "3"), ("escalate_to", "boss@example.com")),
    ):
        assert setting(script, name) == value
    run(*at, "--to", "root", "--set", "LIMIT=90")
    assert (setting(script, "to"), setting(script, "LIMIT")) == ("root", "90")
    assert before != script.read_text()


def test_it_keeps_its_place_too(run: Run, tmp_path: Path) -> None:
    # lynis is weekly by itself; this one is in the daily folder
    for folder in ("etc/cron.daily", "etc/cron.weekly"):
        (tmp_path / folder).mkdir(parents=True)
    daily = tmp_path / "etc/cron.daily"
    text = run("show", "lynis", "--to", "ops@example.com").stdout
    write(daily / "rotation-lynis", text, 0o755)
    again = run("install", "lynis", "--check")
    # it is seven runs of a daily checker now, in the same folder and to the same people
    assert (again.exit_code, again.stdout) == (1, "would change /etc/cron.daily/rotation-lynis\n")
    shown = run("install", "lynis", "--dry-run").stdout
    assert "\n-every=4 " in shown
    assert "\n+every=7 " in shown
    assert "ops@example.com" not in "".join(x for x in shown.splitlines() if x[:1] in "+-")


def test_a_script_of_an_older_version_is_understood(run: Run, weekly: Path) -> None:
    script = weekly / "rotation-disk-space"
    run("install", "disk-space", "--dir", str(weekly), "--to", "ops@example.com")
    run("install", "disk-space", "--dir", str(weekly), "--set", "LIMIT=80", "--every", "3")
    old = "".join(
        line
        for line in script.read_text().splitlines(keepends=True)
        if not line.startswith(("preset=", "chosen=", "often="))
    )
    script.write_text(seal(old.rpartition("# made by rotation")[0]))
    shown = run("upgrade", "--dir", str(weekly), "--check")
    assert (shown.exit_code, shown.stdout) == (1, f"would change {script}\n")
    assert run("upgrade", "--dir", str(weekly)).exit_code == 0
    assert [setting(script, n) for n in ("to", "LIMIT", "every")] == ["ops@example.com", "80", "3"]
    assert run("upgrade", "--dir", str(weekly), "--check").exit_code == 0


def test_upgrade_makes_all_anew_and_leaves_what_was_edited(run: Run, weekly: Path) -> None:
    at = ("--dir", str(weekly))
    run("install", "lynis", *at, "--to", "ops@example.com")
    run("install", "debsums", *at)
    run(
        *("new", "mine", "--run", "cat /x | sort", "--signal", "output", "--good", "0"),
        *("--good", "3", "--filter", "^it's", "--once", "told", "--noun", "leak", *at),
    )
    for name in ("lynis", "mine"):
        script = weekly / f"rotation-{name}"
        text = script.read_text().replace("set -u\n", "set -u # older\n")
        script.write_text(seal(text.rpartition("# made by rotation")[0]))
    edited = weekly / "rotation-debsums"
    edited.write_text(edited.read_text().replace("max=200", "max=50"))
    done = run("upgrade", *at)
    assert done.exit_code == 1
    assert "was edited, or is not ours" in done.stderr
    assert "max=50" in edited.read_text()
    lynis, mine = (weekly / f"rotation-{name}" for name in ("lynis", "mine"))
    assert "# older" not in lynis.read_text() + mine.read_text()
    assert setting(lynis, "to") == "ops@example.com"
    inside = read_back(mine.read_text())
    assert inside.texts["filter"] == "^it's"
    assert (inside.texts["once"], inside.settings["good"]) == ("told", "0 3")
    assert run("upgrade", "nothing", *at).exit_code == 2


def test_a_script_read_back_is_the_same() -> None:
    preset = from_words(
        "mine",
        {
            "title": "it's $HOME",
            "run": "a |\n  b '\\'' c",
            "signal": "either",
            "noun": "x y",
            "good": [0, 2],
            "failed": [9],
            "timeout": "90s",
            "normalise": ["s/a/b/", "s/c/d/"],
            "filter": "^a'",
            "ignore": "b",
            "alarm": "c",
            "low": "d",
            "once": "e",
            "vars": {"WORD": "it's", "DAYS": 3},
            "watch": True,
            "by_hand": "b",
        },
    )
    text = render(preset, Options(state="/x"))
    again = preset_inside(read_back(text))
    assert render(again, Options(state="/x")) == text


def test_a_second_one_of_a_kind(run: Run, weekly: Path) -> None:
    at = ("--dir", str(weekly))
    for name in ("load", "procs"):
        command = f"COMMAND=check_{name} -w 5"
        assert (
            run("install", "monitoring-plugin", "--as", name, "--set", command, *at).exit_code == 0
        )
    assert {path.name for path in weekly.iterdir()} == {"rotation-load", "rotation-procs"}
    assert setting(weekly / "rotation-load", "COMMAND") == "check_load -w 5"
    assert setting(weekly / "rotation-load", "preset") == "monitoring-plugin"
    # by its own name it is found again, and keeps its command
    assert run("install", "load", *at, "--every", "7").exit_code == 0
    assert setting(weekly / "rotation-load", "COMMAND") == "check_load -w 5"
    assert run("upgrade", *at, "--check").exit_code == 0
    assert run("install", "monitoring-plugin", "--as", "a.sh", *at).exit_code == 2


def test_install_all(run: Run, weekly: Path) -> None:
    done = run("install", "--all", "--dir", str(weekly))
    assert done.exit_code == 0, done.output
    names = {path.name.removeprefix("rotation-") for path in weekly.iterdir()}
    assert {"disk-space", "inodes"} <= names
    # no digest, nothing without its tool, nothing that waits for a word
    assert not {"logwatch", "lynis", "backup-age"} & names
    assert "backup-age is left out: it needs DIRS" in done.stderr
    assert run("install", "--all", "--dir", str(weekly), "--check").exit_code == 0
    assert run("install", "--all", "lynis").exit_code == 2
    assert run("install").exit_code == 2


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("SKIP=", "SKIP must not be empty: an empty expression matches everything"),
        ("SKIP=(", "SKIP: not a regular expression"),
        ("LIMIT=90%", "LIMIT must be a whole number, 1 to 100, not '90%'"),
        ("LIMIT=abc", "LIMIT must be a whole number"),
        ("LIMIT=0", "LIMIT must be a whole number, 1 to 100"),
        ("LIMIT=", "LIMIT must not be empty"),
        ("LIMIT=101", "LIMIT must be a whole number"),
    ],
)
def test_a_value_that_would_switch_a_check_off(
    run: Run, weekly: Path, given: str, said: str
) -> None:
    done = run("install", "disk-space", "--set", given, "--dir", str(weekly))
    assert done.exit_code == 2
    assert said in done.stderr
    assert list(weekly.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("backup-age",), "backup-age needs DIRS"),
        (("backup-age", "--set", "DIRS= "), "DIRS must not be empty"),
        (("backup-age", "--set", "DIRS=srv/backup"), "'srv/backup' is not an absolute path"),
        (("backup-age", "--set", "DIRS=/srv/my backup"), "'backup' is not an absolute path"),
        (("backup-age", "--set", "DIRS=/srv/$(reboot)"), "is not an absolute path or pattern"),
        (("certificates", "--set", "FILES= "), "FILES must not be empty"),
        (("certificates", "--set", "DAYS=-1"), "DAYS must be a whole number"),
        (("monitoring-plugin", "--set", "COMMAND=if then"), "sh cannot read COMMAND"),
        (("monitoring-plugin", "--set", "COMMAND="), "COMMAND must not be empty"),
        (("smartctl", "--set", "DEVICES=sda"), "DEVICES must match"),
        (("debsecan", "--set", "SUITE=Debian 12"), "SUITE must match"),
        (("logwatch", "--set", "DETAIL=all"), "DETAIL must match"),
        (("disk-space", "--damp", "5/3"), "is not like 3/5"),
        (("ports", "--damp", "2/3"), "--damp is not for ports"),
        (("disk-space", "--escalate", "boss@example.com"), "is not like 6:backup"),
        (("disk-space", "--escalate", "6:|x"), "--escalate: '|x'"),
    ],
)
def test_what_is_refused(run: Run, weekly: Path, arguments: tuple[str, ...], said: str) -> None:
    done = run("install", *arguments, "--dir", str(weekly))
    assert done.exit_code == 2, done.output
    assert said in done.stderr
    assert list(weekly.iterdir()) == []


def test_what_could_pass_for_health_is_warned_of(run: Run, weekly: Path) -> None:
    def said(command: str, signal: str = "output") -> str:
        arguments = ("--run", command, "--signal", signal, "--dir", str(weekly), "--dry-run")
        return str(run("new", "mine", *arguments).stderr)

    hides, grep = "a pipe hides the exit status", "grep ends with 1 where no line matches"
    for signal in ("output", "exit", "either", "change"):
        assert hides in said("false | cat", signal)
    assert hides not in said("must false | cat")
    assert hides not in said("false || echo 'a | b'")
    assert grep in said("grep -i error /var/log/syslog")
    assert grep in said("must dmesg | grep error")
    assert grep not in said("grep error /var/log/syslog | sort")
    last = "only the last exit status counts"
    for command in (
        "smartctl -H /dev/sda; smartctl -H /dev/sdb",
        "smartctl -H /dev/sda\nsmartctl -H /dev/sdb",
        "for disk in a b; do smartctl -H /dev/sd$disk; done",
        "ls /dev/sd? | while read -r disk; do smartctl -H $disk; done",
        "cd /srv; ./check",
    ):
        assert last in said(command, "exit"), command
        assert last in said(command), command
    for command in (
        "smartctl -H /dev/sda && smartctl -H /dev/sdb",
        "must smartctl -H /dev/sda; smartctl -H /dev/sdb",
        "cd /srv || exit; ./check",
        "set -e; cd /srv; ./check",
        "echo 'a; b'; df -h;",
        "LIMIT=3\n# what it is about\ncheck $LIMIT",
        "if mountpoint -q /srv; then echo mounted; fi",
        "cat <<END\na\nb\nEND",
    ):
        assert last not in said(command), command
    assert (hides in said("cat /proc/mdstat"), grep in said("cat /proc/mdstat")) == (False, False)


def test_a_timer_that_fails_is_mailed(run: Run, tmp_path: Path) -> None:
    scripts, units = tmp_path / "usr/local/lib/rotation", tmp_path / "etc/systemd/system"
    units.mkdir(parents=True)
    at = ("--timer", "--dir", str(scripts), "--units", str(units))
    assert run("install", "lynis", *at, "--to", "ops@example.com").exit_code == 0
    service = (units / "rotation-lynis.service").read_text()
    assert "\nOnFailure=rotation-lynis-failed.service\n" in service
    words = (units / "rotation-lynis-failed.service").read_text()
    (line,) = [line for line in words.splitlines() if line.startswith("ExecStart=")]
    # what systemd makes of it: quotes as in sh, and doubled signs are single ones
    argv = shlex.split(line.removeprefix("ExecStart=").replace("$$", "$").replace("%%", "%"))
    mail = tmp_path / "mail"
    sendmail = tmp_path / "sendmail"
    write(sendmail, f"#!/bin/sh\ncat >{mail}\n", 0o755)
    argv[2] = argv[2].replace("/usr/sbin/sendmail", str(sendmail), 1)
    subprocess.run(argv, check=True)
    text = mail.read_text()
    assert text.startswith("To: ops@example.com\nSubject: [")
    assert "] lynis: checker failed: rotation-lynis.service\n" in text
    assert "\n\nThe checker itself failed: rotation-lynis.service could not be run" in text
    removal = run("remove", "lynis", "--dir", str(scripts), "--units", str(units))
    assert removal.exit_code == 0
    assert list(units.iterdir()) == []


def test_the_role_backup_is_the_alias_that_is_kept_for_it(
    run: Run, weekly: Path, tmp_path: Path
) -> None:
    write(
        tmp_path / "etc/rotation/duty.toml",
        'timezone = "UTC"\nfallback = ["boss@example.com"]\n'
        '[people]\nalice = "alice@example.com"\n'
        '[[rotation]]\nname = "w"\nrole = "backup"\npeople = ["alice"]\nevery = "1 week"\n'
        "start = 2026-01-05\n"
        '[[target]]\naliases = "/etc/aliases"\nname = "second-line"\nrole = "backup"\n',
    )
    done = run("install", "disk-space", "--escalate", "6:backup", "--dir", str(weekly))
    assert done.exit_code == 0, done.output
    assert setting(weekly / "rotation-disk-space", "escalate_to") == "second-line"
    assert setting(weekly / "rotation-disk-space", "escalate") == "6"


def test_ack_of_a_checker_that_fails(run: Run, weekly: Path, tmp_path: Path) -> None:
    run("new", "mine", "--run", "exit 9", "--dir", str(weekly))
    state = tmp_path / "var/checkers/mine"
    write(state / "facts", "failing exit status 9\n")
    write(state / "last", "ran 2026-11-24T06:25:00+0000\nstatus 9\n")
    done = run("ack", "mine", "--until", "+3d")
    assert done.exit_code == 0
    assert done.stdout.endswith(": checker failed: exit status 9\n")
    assert (state / "acks").read_text().endswith("\tline\tchecker failed: exit status 9\n")
