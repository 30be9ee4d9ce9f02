"""The power goes: what was not synced is lost, and what stands afterwards is the old or the new.

Everything that decides lies on an ext4 of its own on a loop device, which writes nothing back by
itself for ten minutes and takes no rename for a sync (ext4(5): commit, noauto_da_alloc). The image
below it, copied while it is mounted, is what a disk would hold at that moment. The program is
killed at one system call after the other; ROTATION_TORTURE is at how many of them, or `kinds` (each
kind of call once), or `all`.
"""

from __future__ import annotations

import itertools
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.servers.roster_in_rig import MONDAY, NEXT_MONDAY, ROSTER, SOURCE
from tests.servers.torture import TRACED, Call, Case, calls_of, one_of_each_kind

SEED = int(os.environ.get("ROTATION_SEED", "20261126"))
HOW_MANY = os.environ.get("ROTATION_TORTURE", "3")
RUN_AT = Path(__file__).parents[1] / "servers/run_at.py"
OPTIONS = "loop,noauto_da_alloc,commit=600"
COMMANDS = {
    "apply": (NEXT_MONDAY, "apply"),
    "swap": (MONDAY, "swap", "alice", "bob", "--yes"),
}
LOOKS = ("newfstatat", "fstat", "read", "getdents64", "faccessat2", "listxattr", "flistxattr")
FILES = ("etc/aliases", "etc/duty", "root/.forward", "rotation/duty.overrides.toml")
TARGETS = """
[[target]]
aliases = "{disk}/etc/aliases"
name    = "duty"
rebuild = []

[[target]]
include = "{disk}/etc/duty"

[[target]]
forward = "{disk}/root/.forward"
"""


def can_mount() -> str | None:
    """Why not, if not."""
    if os.geteuid() != 0:
        return "only root can mount"
    if not (shutil.which("mkfs.ext4") and shutil.which("strace")):
        return "no mkfs.ext4 or strace: run tests/servers/install.sh as root"
    found = subprocess.run(["losetup", "--find"], capture_output=True, check=False)
    return None if found.returncode == 0 else "this host has no loop devices"


pytestmark = pytest.mark.skipif(can_mount() is not None, reason=str(can_mount()))


class Disk(NamedTuple):
    """An image, and where it is mounted."""

    image: Path
    folder: Path

    def call(self, command: str, *strace: str) -> int:
        """Run `rotation` on it; its calls are written beside the image."""
        argv: list[str | Path] = [
            "strace",
            "-f",
            "-y",
            "-s",
            "80",
            "-o",
            self.image.with_suffix(".calls"),
        ]
        argv += ["-e", f"trace={TRACED}", *strace, sys.executable, "-B", RUN_AT]
        at, *words = COMMANDS[command]
        return subprocess.run(
            [*argv, at, "--rosters", self.folder / "rotation", *words],
            env={**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONHASHSEED": "0",
                 "ROTATION_STATE": str(self.folder / "state")},
            capture_output=True, check=False,
        ).returncode  # fmt: skip

    def calls(self) -> list[Call]:
        """Those of the last run that change something on the disk."""
        text = self.image.with_suffix(".calls").read_text(errors="replace")
        bare = "\n".join(line.split(None, 1)[1] for line in text.splitlines())  # strace -f: the pid
        changing = (call for call in calls_of(bare) if call.name not in LOOKS)
        return [call for call in changing if str(self.folder) in call.arguments]


@contextmanager
def mounted(image: Path, folder: Path) -> Iterator[Disk]:
    folder.mkdir(exist_ok=True)
    subprocess.run(["mount", "-o", OPTIONS, image, folder], check=True)
    try:
        yield Disk(image, folder)
    finally:
        subprocess.run(["umount", folder], check=True)


def texts(folder: Path) -> dict[str, bytes | None]:
    paths = {name: folder / name for name in FILES}
    return {name: path.read_bytes() if path.exists() else None for name, path in paths.items()}


@pytest.fixture
def alices_week(tmp_path: Path) -> Path:
    """An image on which all is right in alice's week."""
    image = tmp_path / "first.img"
    subprocess.run(["truncate", "-s", "16M", image], check=True)
    subprocess.run(["mkfs.ext4", "-q", "-b", "4096", image], check=True)
    with mounted(image, tmp_path / "disk") as disk:
        for name in ("etc", "root", "rotation", "state"):
            (disk.folder / name).mkdir()
        (disk.folder / "etc/aliases").write_text("postmaster: root\nduty: alice\n")
        (disk.folder / "etc/duty").write_text("alice\n")
        (disk.folder / "root/.forward").write_text("alice\n")
        text = ROSTER + TARGETS.format(disk=disk.folder)
        (disk.folder / "rotation/duty.toml").write_text(text)
    return image


@pytest.mark.parametrize("command", list(COMMANDS))
def test_after_a_power_cut_the_old_or_the_new_stands(alices_week: Path, command: str) -> None:
    room = alices_week.parent
    numbers = itertools.count()

    def cut(*strace: str) -> tuple[int, dict[str, bytes | None], Disk]:
        # images of their own: what is unmounted may still be written to
        number = next(numbers)
        work, after = room / f"work-{number}.img", room / f"after-{number}.img"
        shutil.copy(alices_week, work)
        with mounted(work, room / "disk") as disk:
            status = disk.call(command, *strace)
            shutil.copy(work, after)
            seen = texts(disk.folder)
        with mounted(after, room / "after") as left:
            kept = texts(left.folder)
        work.unlink()
        after.unlink()
        if not strace:
            assert (status, kept) == (0, seen), "what is done outlives a power cut"
        return status, kept, disk

    with mounted(alices_week, room / "disk") as disk:
        old = texts(disk.folder)
    _, new, disk = cut()
    assert new != old
    chosen = [Case(command, call, "SIGKILL") for call in disk.calls()]
    dice = random.Random(f"{SEED} {command}")
    if HOW_MANY == "kinds":
        chosen = one_of_each_kind(chosen, dice)
    elif HOW_MANY != "all":
        chosen = dice.sample(chosen, int(HOW_MANY))
    for _, call, _ in chosen:
        status, kept, _ = cut("-e", f"inject={call.name}:signal=SIGKILL:when={call.number}")
        told = f"seed {SEED}: {command}, killed at {call.name} {call.number}: {call.arguments}"
        if status == 0:  # fewer calls of that name than in the first run: it was not reached
            assert all(is_one_of(kept[name], new[name]) for name in FILES), told
            continue
        assert status in (137, -9), told
        for name in FILES:
            assert is_one_of(kept[name], old[name], new[name]), f"{told}: {name}: {kept[name]!r}"
    print(f"\n{command}: cut at {len(chosen)} calls, seed {SEED}")


def is_one_of(text: bytes | None, *known: bytes | None) -> bool:
    """Whether it is one of them, but for the id and the instant of an entry."""

    def bare(text: bytes | None) -> list[bytes]:
        lines = (text or b"").splitlines(keepends=True)
        return [line for line in lines if not line.startswith((b"id ", b"at "))]

    return bare(text) in [bare(each) for each in known]
