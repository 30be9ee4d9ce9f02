"""`make torture`: one system call after the other fails, on each server; CI takes a sample.

ROTATION_TORTURE is how many faults each server takes for each command, or `all`; the seed is
ROTATION_SEED.
"""

from __future__ import annotations

import os
import random
import re
import shutil
from collections import Counter

import pytest

from .conftest import NewRig
from .rigs import NOTIFICATIONS, RIGS, Rig
from .roster_in_rig import MONDAY, NEXT_MONDAY, ROSTER, rotation, target, write_roster
from .torture import COMMANDS, Case, calls, cases, inject, traced, unsynced

SEED = int(os.environ.get("ROTATION_SEED", "20261125"))
HOW_MANY = os.environ.get("ROTATION_TORTURE", "1")
OTHERS = f"postmaster: root\n{NOTIFICATIONS}: alice\nwebmaster: carol\nwebmaster: bob\n"
FORWARD, LIST = "/home/carol/.forward", "/etc/mail/duty"
TEXT = f"""{ROSTER}
[notify]
remind = ["7 days"]
[[target]]
include = "{LIST}"
[[target]]
forward = "{FORWARD}"
"""
OVERRIDE = """\
[[override]]
start = 2026-12-07T09:00:00Z
end = 2026-12-14T09:00:00Z
out = "carol"
in = "alice"
id = "abcd"
"""
FILES = ("/etc/rotation/duty.toml", "/etc/rotation/duty.overrides.toml", LIST, FORWARD)
pytestmark = pytest.mark.skipif(
    shutil.which("strace") is None, reason="no strace: run tests/servers/install.sh as root"
)
OVER = ("note: over: ", "  --> ", "  hint: ")
"""What the next run says of a fault that is over."""


def reset(rig: Rig) -> None:
    """alice's week, all right, nothing of an earlier fault left."""
    rig.run(["rm", "-rf", "/var/lib/rotation", "/run/rotation", *FILES])
    write_roster(rig, TEXT + target(rig))
    rig.write(
        rig.aliases, OTHERS.replace("webmaster: bob\n", "") if rig.name == "opensmtpd" else OTHERS
    )
    rig.rebuild()
    rig.write(LIST, "alice\n")
    rig.write(FORWARD, "alice\n", owner="carol")
    rig.must(rotation(rig, MONDAY, "apply"))
    rig.must(rotation(rig, MONDAY, "notify"))


def whole(rig: Rig, command: str) -> dict[str, bytes]:
    """The files that decide."""
    paths = (*FILES, rig.aliases)
    return {path: rig.read(path) for path in paths if rig.exists(path)}


def litter(rig: Rig) -> list[str]:
    """Temporary names, and notes of changes under way. In the state folder, where other runs may be
    at work, temporary files stay for an hour; in /run until the host starts again."""
    found = rig.run(["find", "/etc", "/home", "/root", "-name", ".rotation-*"])
    notes = rig.run(["find", "/var/lib/rotation", "-name", "*.before"])
    return [*found.out.splitlines(), *notes.out.splitlines()]


def prepare(rig: Rig, command: str) -> None:
    reset(rig)
    if command == "notify":
        rig.write("/etc/rotation/duty.overrides.toml", OVERRIDE)


@pytest.mark.parametrize("name", list(RIGS))
def test_one_call_fails(new_rig: NewRig, name: str) -> None:
    rig = new_rig(RIGS[name])
    chosen: list[Case] = []
    goal: dict[str, dict[str, bytes]] = {}
    start: dict[str, dict[str, bytes]] = {}
    for command in COMMANDS:
        prepare(rig, command)
        start[command] = whole(rig, command)
        found = cases(rig, command)
        goal[command] = whole(rig, command)
        if HOW_MANY != "all":
            found = random.Random(f"{SEED} {name} {command}").sample(found, int(HOW_MANY))
        chosen += found
    hit: Counter[str] = Counter()
    for case in chosen:
        prepare(rig, case.command)
        done = inject(rig, case)
        told = f"{name}, seed {SEED}: {case}: {done.err}"
        said = rig.read("/tmp/calls").decode(errors="replace")
        reached = "INJECTED" in said or "SIGKILL" in said
        hit["reached" if reached else "missed"] += 1
        assert "Traceback" not in done.err, told
        if case.fault == "SIGKILL" and reached:
            assert done.status in (137, -9), told
        else:
            assert done.status in (0, 1, 2, 3), told
        now = whole(rig, case.command)
        for path in {*now, *start[case.command]}:
            known = [state[case.command].get(path) for state in (start, goal)]
            assert now.get(path) in known or is_dated(path, now.get(path), known), f"{told}{path}"
        assert rig.resolve(NOTIFICATIONS) in (["alice"], ["bob"]), told
        assert rig.resolve("postmaster") == ["root"], told
        healed = rotation(rig, NEXT_MONDAY, "apply")
        rest = [line for line in healed.err.splitlines() if not line.startswith(OVER)]
        assert (healed.status, rest) == (0, []), f"{told}\nthen: {healed}"
        again = rotation(rig, NEXT_MONDAY, "apply")
        assert (again.status, again.out, again.err) == (0, "", ""), f"{told}\nthen: {again}"
        if case.command in ("apply", "notify"):
            assert rig.resolve(NOTIFICATIONS) == ["bob"], told
            assert rig.read(LIST) == rig.read(FORWARD) == b"bob\n", told
        rotation(rig, NEXT_MONDAY, "notify")
        rotation(rig, NEXT_MONDAY, "who")
        left = litter(rig)
        assert not left, f"{told}left behind: {left}"
        hit[case.fault] += 1
    print(f"\n{name}: {len(chosen)} faults, seed {SEED}: {dict(hit)}")


def is_dated(path: str, now: bytes | None, known: list[bytes | None]) -> bool:
    """Whether it is one of the known texts but for the id and the instant of an entry of ours."""

    def bare(text: bytes | None) -> bytes:
        return re.sub(rb"(id|at) += .*\n", b"", text or b"")

    return path.startswith("/etc/rotation/") and bare(now) in [bare(text) for text in known]


DECIDES = re.compile(
    r"/etc/(mail/)?aliases(\.\w+)?$|/etc/mail/duty$|/\.forward$|/etc/rotation/|/var/lib/rotation/"
)


@pytest.mark.parametrize("name", list(RIGS))
def test_what_decides_is_synced_in_this_order(new_rig: NewRig, name: str) -> None:
    """Kills do not show a missing fsync: write, fsync, rename, fsync of the folder."""
    rig = new_rig(RIGS[name])
    for command in COMMANDS:
        prepare(rig, command)
        rig.must(traced(rig, command))
        found = list(calls(rig))
        assert any(DECIDES.search(call.arguments) for call in found)
        assert list(unsynced(found, DECIDES)) == [], command
