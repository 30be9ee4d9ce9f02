"""A checker's lock and state folder: one run at a time, and no trap for the next."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.checkers.host import Scratch


def _folder(tmp_path: Path) -> Path:
    made = tmp_path / "second"
    made.mkdir()
    return made


def _locked(host: Scratch, holder: str) -> None:
    host.state.mkdir(parents=True)
    os.chmod(host.state.parent, 0o700)
    os.chmod(host.state.parent.parent, 0o700)
    os.chmod(host.state, 0o700)
    (host.state / "lock").write_text(holder)


def _identity(pid: int) -> str:
    born = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[19]
    return f"{pid} {born} {Path('/proc/sys/kernel/random/boot_id').read_text().strip()}\n"


def test_only_one_at_a_time(any_shell: list[str], tmp_path: Path) -> None:
    host = Scratch(tmp_path, any_shell)
    _locked(host, _identity(os.getpid()))
    host.tool("a\n")
    done = host.run()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert host.mails() == []
    assert [path.name for path in host.state.iterdir()] == ["lock"]


def test_a_second_run_leaves_the_first_alone(any_shell: list[str], tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    host = Scratch(tmp_path, any_shell, run=f'cat "{pipe}"')
    first = subprocess.Popen([*any_shell, str(host.script)], stdin=subprocess.DEVNULL)
    with pipe.open("w") as stream:  # opens when the first run has come to its tool
        done = host.run()
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert host.mails() == []
        stream.write("found\n")
    assert first.wait(30) == 0
    assert len(host.mails()) == 1


@pytest.mark.parametrize(
    "holder",
    [
        lambda: f"{os.getpid()} 1 {_identity(os.getpid()).split()[2]}\n",
        lambda: f"{os.getpid()} {_identity(os.getpid()).split()[1]} another-boot\n",
        lambda: "4194399 5 x\n",
        lambda: "junk\n",
        lambda: "",
    ],
    ids=["number used again", "before the last start", "gone", "junk", "empty"],
)
def test_a_lock_that_a_crash_left(
    any_shell: list[str], tmp_path: Path, holder: Callable[[], str]
) -> None:
    host = Scratch(tmp_path, any_shell)
    _locked(host, holder())
    assert len(host.step("a\n")) == 1


def test_a_run_that_is_killed_leaves_no_trap(any_shell: list[str], tmp_path: Path) -> None:
    host = Scratch(tmp_path, any_shell, run=f'touch "{tmp_path}/begun"; sleep 60')
    running = subprocess.Popen([*any_shell, str(host.script)], start_new_session=True)
    _until((tmp_path / "begun").exists)
    assert (host.state / "lock").exists()
    children = Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text().split()
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    for child in children:
        os.kill(int(child), signal.SIGTERM)
    host.preset = Scratch(_folder(tmp_path), any_shell).preset
    host.write()
    (tmp_path / "second" / "out").write_text("a\n")
    assert host.run().returncode == 0
    assert len(host.mails()) == 1
    assert sorted(path.name for path in host.state.iterdir()) == ["facts", "known", "last"]


def _until(true: Callable[[], bool]) -> None:
    while not true():
        time.sleep(0.01)


def test_a_state_folder_that_others_can_write_or_that_is_a_link(
    any_shell: list[str], tmp_path: Path
) -> None:
    host = Scratch(tmp_path, any_shell)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    host.state.parent.mkdir(parents=True)
    host.state.symlink_to(elsewhere)
    host.tool("a\n")
    done = host.run()
    # it is told by mail, with what was found; nothing is remembered in a stranger's folder
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    (mail,) = host.mails()
    assert mail.subject.endswith("tool: a (no memory)")
    assert f"no memory: cannot use {host.state}: it must be a folder" in mail.body
    assert list(elsewhere.iterdir()) == []
    host.state.unlink()
    host.state.mkdir()
    host.state.chmod(0o777)
    host.tool("")
    assert host.run().returncode == 0
    (mail,) = host.mails()
    assert f"tool: checker failed: cannot use {host.state}: it must be" in mail.subject
    host.tool("a\n")
    host.state.chmod(0o755)
    if os.geteuid() == 0:
        os.chown(host.state, 65534, -1)
        host.run()
        assert host.mails()[0].subject.endswith("tool: a (no memory)")
        os.chown(host.state, 0, -1)
    assert host.run().returncode == 0
    (mail,) = host.mails()
    assert mail.subject.endswith("tool: a")
    assert all(path.stat().st_mode & 0o077 == 0 for path in host.state.iterdir())
