"""A disk that is full, or fills up: what a tool tells only once is lost nowhere."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from tests.checkers.host import Scratch

LINES = [f"line number {number} of the log, which is told once" for number in range(1200)]


def on_a_small_disk(host: Scratch, room: int) -> subprocess.CompletedProcess[str]:
    """One run where so many kilobytes are left for its state, and none elsewhere."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("a small disk needs root and unshare")
    if subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode:
        pytest.skip("no mounts of one's own here")
    state, folder = host.state.parent, host.folder
    script = f"""
        mount -t tmpfs -o size=64k,mode=755 none /run
        cat /dev/zero >/run/fill 2>/dev/null
        cp -a "{state}" "{folder}/copy"
        mount -t tmpfs -o size=8m,mode=700 none "{state}" || exit 70
        cp -a "{folder}/copy/." "{state}"
        cat /dev/zero >"{state}/fill" 2>/dev/null
        truncate -s -{room}K "{state}/fill"
        TMPDIR="{state}" {shlex.join([*host.shell, str(host.script)])}
        status=$?
        rm -rf "{folder}/copy" "{state}/fill" "{state}/more"
        cp -a "{state}" "{folder}/copy"
        umount "{state}"
        cp -a "{folder}/copy/." "{state}"
        exit $status
    """
    return subprocess.run(
        ["unshare", "-m", "sh", "-c", script],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )


@pytest.mark.parametrize("taken", [True, False])
@pytest.mark.parametrize("left", [None, 0, 100, 300, 500])
def test_what_is_told_once_is_lost_on_no_full_disk(
    any_shell: list[str], tmp_path: Path, left: int | None, taken: bool
) -> None:
    """The disk is full when the run begins (None), or fills up to so many kilobytes in it."""
    run = f'cat "{tmp_path}/out"; : >"{tmp_path}/out"'  # as logcheck does
    full = tmp_path / "state" / "checkers"
    if left is not None:
        run += f'\ncat /dev/zero >"{full}/more" 2>/dev/null'
        run += f'\ntruncate -s -{left}K "{full}/more"'
        run += "\nexit 0"
    host = Scratch(tmp_path, any_shell, once=".", run=run)
    host.script.write_text(host.script.read_text().replace("cat /dev/zero", ": #", 1))
    host.step("")
    host.write()
    host.tool("\n".join(LINES) + "\n")
    if not taken:
        host.refuse(75)
    done = on_a_small_disk(host, 2000 if left is None else 6000)
    assert done.returncode in ((0,) if taken else (1, 75)), done.stderr
    if not taken:
        host.refuse(None)
    mails = host.mails()
    if left is None:  # it was not even asked
        assert (tmp_path / "out").read_text()
        assert all("checker failed: cannot write 4000 KB in" in mail.subject for mail in mails)
    # with room again, what was kept is mailed, or the tool tells it now
    host.preset = replace(host.preset, run=f'cat "{tmp_path}/out"; : >"{tmp_path}/out"')
    host.write()
    assert host.run().returncode == 0
    mails += host.mails()
    told = "\n".join([mail.body for mail in mails] + [done.stderr]).splitlines()
    told = [line.lstrip("+ ") for line in told]
    assert [line for line in LINES if line not in told] == []
    assert not any("settled" in mail.subject for mail in mails)
    assert not any("cleared" in mail.subject for mail in mails)
    assert host.step("") == []


def test_to_look_for_room_takes_none(any_shell: list[str], tmp_path: Path) -> None:
    host = Scratch(tmp_path, any_shell, once=".")
    host.step("")
    (host.state / "room").symlink_to("/dev/full")
    done = host.run("--print")
    assert (done.returncode, "cannot be used now" in done.stderr) == (3, True)
    assert not (host.state / "room").is_symlink()
