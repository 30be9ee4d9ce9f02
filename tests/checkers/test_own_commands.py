"""What people write for a checker of their own, and what hosts do to it: no false silence."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from rotation.checkers.model import Sort, Variable
from tests.checkers.host import Mail, Scratch


def subjects(mails: list[Mail]) -> list[str]:
    return [mail.subject.partition("tool: ")[2] for mail in mails]


def test_what_runs_in_the_background_is_waited_for(any_shell: list[str], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "gate")
    run = f'{{ read -r line <"{tmp_path}/gate"; echo "$line"; must false; }} &\nexit 0'
    host = Scratch(tmp_path, any_shell, run=run)
    running = subprocess.Popen([*any_shell, str(host.script)], stdin=subprocess.DEVNULL)
    (tmp_path / "gate").write_text("found late\n")
    assert running.wait() == 0
    (mail,) = host.mails()
    assert mail.subject.endswith("tool: checker failed: false ended with status 1: found late")


def test_a_tool_speaks_no_other_language(dash: list[str], tmp_path: Path) -> None:
    host = Scratch(tmp_path, dash, run='echo "<$LC_ALL> <${LANGUAGE-}> <${POSIXLY_CORRECT-}>"')
    done = host.run(LANGUAGE="de", LC_ALL="de_DE.UTF-8", LANG="de_DE", POSIXLY_CORRECT="1")
    assert done.returncode == 0
    (mail,) = host.mails()
    assert mail.subject.endswith(("tool: <C> <> <>", "tool: <C.UTF-8> <> <>"))


def test_another_value_of_a_variable_settles_nothing(any_shell: list[str], tmp_path: Path) -> None:
    rules = {"LIMIT": Variable(Sort.NUMBER, 1, 100)}
    run = '[ "$LIMIT" -gt 92 ] || echo "/var: at least $LIMIT% used"'
    host = Scratch(tmp_path, any_shell, run=run, vars={"LIMIT": "90"}, rules=rules)
    assert subjects(host.step()) == ["/var: at least 90% used"]
    host.preset = replace(host.preset, vars={"LIMIT": "95"})
    host.write()
    (mail,) = host.step()
    assert mail.subject.endswith("tool: no longer said: /var: at least 90% used")
    assert "Nothing is wrong" not in mail.body


def test_other_statuses_that_mean_well_settle_nothing(dash: list[str], tmp_path: Path) -> None:
    host = Scratch(tmp_path, dash, signal="exit")
    assert subjects(host.step("CRITICAL\n", 2)) == ["CRITICAL"]
    host.preset = replace(host.preset, good=(0, 2))
    host.write()
    (mail,) = host.step("CRITICAL\n", 2)
    assert mail.subject.endswith("tool: no longer said: CRITICAL")


def test_a_script_that_leaves_nothing_to_compare(any_shell: list[str], tmp_path: Path) -> None:
    host = Scratch(tmp_path, any_shell, normalise=("s/.*//",))
    assert subjects(host.step("a\n")) == ["a"]
    assert subjects(host.step("b\n")) == ["b (1 settled)"]
    assert host.step("b\n") == []


def test_the_longest_name_is_the_one_that_is_meant(any_shell: list[str], tmp_path: Path) -> None:
    run = f'cat "{tmp_path}/objects" >>"$seen"; cat "{tmp_path}/out"'
    host = Scratch(tmp_path, any_shell, run=run)
    (tmp_path / "objects").write_text("/srv\n/srv: old\n")
    assert subjects(host.step("/srv: old: full\n")) == ["/srv: old: full"]
    (tmp_path / "objects").write_text("/srv: old\n")
    assert subjects(host.step("")) == ["cleared: /srv: old: full"]


def test_a_name_with_what_no_mail_holds(any_shell: list[str], tmp_path: Path) -> None:
    run = f'cat "{tmp_path}/objects" >>"$seen"; cat "{tmp_path}/out"'
    host = Scratch(tmp_path, any_shell, run=run)
    (tmp_path / "objects").write_text("/a\tb \nother")
    assert subjects(host.step("/a\tb: full\n")) == ["/a b: full"]
    (tmp_path / "objects").write_text("other")
    assert subjects(host.step("")) == ["gone, not mended: /a b: full"]


FAILURES = (
    "fatal: cannot talk to the kernel",
    "Error: no such device",
    "E: Unable to lock the directory",
    "mdadm: cannot open /dev/md0",
    "Cannot open /dev/sda",
    "sh: 1: storcli: not found",
    "cat: /proc/mdstat: No such file or directory",
    "Failed to connect to bus",
    "ls: /srv: Permission denied",
    "read: /dev/sda: Input/output error",
    "usage: tool [-v] FILE",
    "ERROR 2002 (HY000): Can't connect to the server",
    "Traceback (most recent call last):",
)


@pytest.mark.parametrize("signal", ["output", "either", "change"])
def test_a_filter_throws_no_failure_away(any_shell: list[str], tmp_path: Path, signal: str) -> None:
    host = Scratch(tmp_path, any_shell, signal=signal, filter="_[]]")
    host.step("md0 [U_]\nmd1 [U_]\n")
    (mail,) = host.step("md1 [U_]\nfatal: cannot talk to the kernel\n")
    assert "settled" not in mail.subject
    assert "its tool may have failed: fatal: cannot talk to the kernel" in mail.body
    assert "Settled" not in mail.body
    assert "No longer there" not in mail.body
    host.preset = replace(host.preset, ignore="^fatal: cannot talk")
    host.write()
    mails = host.step("md1 [U_]\nfatal: cannot talk to the kernel\n")
    assert not any("checker failed" in mail.subject for mail in mails)


def test_what_programs_say_when_they_fail(dash: list[str], tmp_path: Path) -> None:
    host = Scratch(tmp_path, dash, filter="_[]]")
    for line in FAILURES:
        host.tool(f"a line that is nothing\n{line}\n")
        done = host.run("--print")
        assert done.returncode == 3
        assert done.stderr.endswith(f"the checker failed: its tool may have failed: {line}\n")
    (mail,) = host.step(f"a line that is nothing\n{FAILURES[0]}\n")
    assert mail.subject.endswith(f"tool: checker failed: its tool may have failed: {FAILURES[0]}")
    (mail,) = host.step("")
    assert mail.subject.endswith("tool: checker works again")


@pytest.mark.parametrize(
    "line",
    [
        "md0 : active raid1 sdb1[1] sda1[0] [UU]",
        "2026-11-17T06:47:00 box sshd[12]: error: kex_exchange_identification",
        "Nov 17 06:47:00 box sshd[12]: fatal: Timeout before authentication",
        "Error Counter logging not supported",
        "errors: 0",
        "Usage: 45%",
        "not found: 0 files",
        "/dev/sda: 0 failed, 3 passed",
        "No errors found",
    ],
)
def test_what_a_report_says_is_no_failure(dash: list[str], tmp_path: Path, line: str) -> None:
    host = Scratch(tmp_path, dash, filter="_[]]")
    assert host.step(f"{line}\n") == []


def test_one_wording_for_another_settles_nothing(any_shell: list[str], tmp_path: Path) -> None:
    """A tool's next release words the same otherwise, or tells a number more of it."""
    host = Scratch(tmp_path, any_shell, about=("s/^kernel .*/kernel/", "s/: .*//"))
    first = "kernel 6.1 runs, 6.2 is installed\nssl: 1 -> 2\ncurl: old\n"
    assert subjects(host.step(first)) == ["kernel 6.1 runs, 6.2 is installed (1 of 3 new warnings)"]
    (mail,) = host.step("kernel: 6.2 instead of 6.1\nssl: 1 -> 3\n")
    assert mail.subject.endswith(
        "tool: kernel: 6.2 instead of 6.1 (1 of 2 new warnings, 1 settled)"
    )
    before = "Before, of the same:\n\n- kernel 6.1 runs, 6.2 is installed\n- ssl: 1 -> 2\n\n"
    assert before in mail.body
    assert "Settled:\n\n- curl: old\n" in mail.body
    # one that comes with the same words is no news of the one that goes
    (mail,) = host.step("kernel: 6.2 instead of 6.1\n")
    assert mail.subject.endswith("tool: settled: ssl: 1 -> 3 (1 still wrong)")
    (mail,) = host.step("")
    assert mail.subject.endswith("tool: cleared: kernel: 6.2 instead of 6.1")


@pytest.mark.parametrize("signal", ["exit", "either", "output"])
def test_a_tool_that_says_exit_status_itself(
    any_shell: list[str], tmp_path: Path, signal: str
) -> None:
    """As programs in Go do, whose last word is often `exit status 1`."""
    status = 0 if signal == "output" else 2
    host = Scratch(tmp_path, any_shell, signal=signal)
    assert subjects(host.step("exit status 1\n", status)) == ["exit status 1"]
    assert host.step("exit status 1\n", status) == []
    (subject,) = subjects(host.step(""))
    assert subject.startswith("cleared: exit status ")


def test_the_last_line_has_no_end(any_shell: list[str], tmp_path: Path) -> None:
    host = Scratch(tmp_path, any_shell)
    assert subjects(host.step("a\nb")) == ["a (1 of 2 new warnings)"]
    assert subjects(host.step("a\n")) == ["settled: b (1 still wrong)"]


def test_a_subject_shows_the_line_and_no_other(any_shell: list[str], tmp_path: Path) -> None:
    line = "=?utf-8?q?cleared:_all_is_well?="
    (mail,) = Scratch(tmp_path, any_shell).step(f"{line}\n")
    assert mail.subject.endswith(f"tool: {line}")


def test_an_endless_line_is_mailed_whole(dash: list[str], tmp_path: Path) -> None:
    host = Scratch(tmp_path, dash, once=".")
    mails = host.step(b"x" * 1_000_000 + b"\xff" * 1_000_000)
    text = "".join(mail.body for mail in mails)
    assert text.count("x" * 800) == text.count("x" * 900) + 1 > 1000
    assert text.count("?") >= 1_000_000


@pytest.mark.parametrize("room", [96, 192, 288, 384, 480, 700, 900])
def test_a_disk_that_fills_up_settles_nothing(dash: list[str], tmp_path: Path, room: int) -> None:
    """So many kilobytes are left when the run begins; its tool wants more, and does not mind."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("a small disk needs root and unshare")
    if subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode:
        pytest.skip("mounts of its own are not to be had here, as in a chroot")
    host = Scratch(tmp_path, dash, run=f'cat "{tmp_path}/out" 2>/dev/null; exit 0', every=0)
    lines = "".join(f"finding number {n} of those that are still there\n" for n in range(900))
    host.step(lines)
    host.tool(lines)
    script = f"""
        cp -a "{host.state}" "{tmp_path}/copy"
        mount -t tmpfs -o size=2m,mode=700 none "{tmp_path}/state" || exit
        mkdir -m 700 "{host.state.parent}"
        cp -a "{tmp_path}/copy" "{host.state}"
        cat /dev/zero >"{tmp_path}/state/fill" 2>/dev/null
        truncate -s -{room}K "{tmp_path}/state/fill"
        "{dash[0]}" "{host.script}"
    """
    done = subprocess.run(["unshare", "-m", "sh", "-c", script], capture_output=True, check=False)
    mails = host.mails()
    assert len(mails) <= 1  # with room for all of it, here or in /run, there is no news
    for mail in mails:
        assert "checker failed" in mail.subject, done
        assert "cleared" not in mail.subject, done
        assert "settled" not in mail.subject, done
        assert "Settled" not in mail.body, done
