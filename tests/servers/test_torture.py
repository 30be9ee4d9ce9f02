"""`make torture`: one system call after the other fails, on each server; CI takes a sample.

ROTATION_TORTURE is how many faults each server takes for each command, or `kinds` (each error and
a kill at each kind of call, once), or `all`; the seed is ROTATION_SEED.
"""

from __future__ import annotations

import os
import random
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from compileall import compile_dir

import pytest

from .conftest import NewRig
from .rigs import NOTIFICATIONS, RIGS, Finished, Rig
from .rigs.base import PEOPLE
from .roster_in_rig import MONDAY, NEXT_MONDAY, ROSTER, SOURCE, rotation, target, write_roster
from .torture import COMMANDS, calls, cases, inject, one_of_each_kind, traced, unsynced

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


def whole(rig: Rig) -> dict[str, bytes]:
    """The files that decide."""
    paths = (*FILES, rig.aliases)
    return {path: rig.read(path) for path in paths if rig.exists(path)}


def litter(rig: Rig) -> list[str]:
    """Temporary names, and notes of changes under way. In the state folder, where other runs may be
    at work, temporary files stay for an hour; in /run until the host starts again."""
    homes = [f"/home/{name}" for name in PEOPLE]
    found = rig.run(["find", "/etc", "/root", *homes, "-maxdepth", "3", "-name", ".rotation-*"])
    notes = rig.run(["find", "/var/lib/rotation", "-name", "*.before"])
    return [*found.out.splitlines(), *notes.out.splitlines()]


KEPT = f"""
set -eu
cd /
files=$(ls -d etc/rotation etc/aliases* etc/mail .{FORWARD} var/lib/rotation run/rotation || true)
if [ "$1" = keep ]; then
    rm -rf /tmp/kept
    mkdir /tmp/kept
    cp -a --parents $files /tmp/kept
else
    rm -rf $files
    cp -a /tmp/kept/. .
fi
"""


def prepare(rig: Rig, command: str) -> None:
    """All right in alice's week, and what the command needs; kept for `again`."""
    reset(rig)
    if command == "notify":
        rig.write("/etc/rotation/duty.overrides.toml", OVERRIDE)
    rig.must(rig.run(["sh", "-c", KEPT, "sh", "keep"]))


def again(rig: Rig) -> None:
    """As `prepare` left it."""
    rig.must(rig.run(["sh", "-c", KEPT, "sh", "again"]))
    if rig.name == "opensmtpd":  # which has its aliases in memory
        rig.must(rig.rebuild())


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    """Nobody leaves bytecode behind in a rig, and some whole environments do not; without it most
    of the hours would go into compiling the same program over and over."""
    compile_dir(SOURCE, quiet=2)


@pytest.mark.parametrize("command", list(COMMANDS))
@pytest.mark.parametrize("name", list(RIGS))
def test_one_call_fails(new_rig: NewRig, name: str, command: str) -> None:
    rig = new_rig(RIGS[name])
    prepare(rig, command)
    again(rig)
    start = whole(rig)
    chosen = cases(rig, command)
    goal = whole(rig)
    dice = random.Random(f"{SEED} {name} {command}")
    if HOW_MANY == "kinds":
        chosen = one_of_each_kind(chosen, dice)
    elif HOW_MANY != "all":
        chosen = dice.sample(chosen, min(int(HOW_MANY), len(chosen)))
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    for case in chosen:
        again(rig)
        done = inject(rig, case)
        said = rig.read("/tmp/calls").decode(errors="replace")
        reached = "INJECTED" in said or "SIGKILL" in said
        odd = case.fault == "SIGKILL" and reached
        counts[("killed" if odd else f"status {done.status}") if reached else "missed"] += 1
        if done.status not in ((137, -9) if odd else (0, 1, 2, 3)):
            wrong.append(f"odd status {done.status}: {case}: {done.err}")
        if "Traceback" in done.err:
            wrong.append(f"traceback: {case}: {done.err}")
        after = [*torn(rig, start, goal), *unhealed(rig, command)]
        wrong += [f"{trouble}: {case}: {done}" for trouble in after]
    told = f"{name}, {command}, seed {SEED}: {len(chosen)} faults: {dict(sorted(counts.items()))}"
    print(f"\n{told}; wrong: {len(wrong)}")
    assert not wrong, "\n".join([told, *wrong])


def torn(rig: Rig, start: dict[str, bytes], goal: dict[str, bytes]) -> Iterator[str]:
    """What decides and is neither as it was nor as it should be."""
    now = whole(rig)
    for path in {*now, *start}:
        known = [state.get(path) for state in (start, goal)]
        if now.get(path) not in known and not is_dated(path, now.get(path), known):
            yield f"torn file {path}: {now.get(path)!r}"
    for name, right in ((NOTIFICATIONS, (["alice"], ["bob"])), ("postmaster", (["root"],))):
        served = rig.resolve(name)
        if served not in right:
            yield f"torn index: {name} is {served}"


def unhealed(rig: Rig, command: str) -> Iterator[str]:
    """What the next runs do not put right, or leave behind."""
    healed = rig.rotation(NEXT_MONDAY, "apply")
    rest = [line for line in healed.err.splitlines() if not line.startswith(OVER)]
    if (healed.status, rest) != (0, []):
        yield f"the next run: {healed}"
    idle = rig.rotation(NEXT_MONDAY, "apply")
    if idle != Finished(0, "", ""):
        yield f"the run after the next: {idle}"
    if command in ("apply", "notify"):
        held = [rig.resolve(NOTIFICATIONS), rig.read(LIST), rig.read(FORWARD)]
        if held != [["bob"], b"bob\n", b"bob\n"]:
            yield f"not made true by the next run: {held}"
    rig.rotation(NEXT_MONDAY, "notify")
    rig.rotation(NEXT_MONDAY, "who")
    for path in litter(rig):
        yield f"left behind: {path}"


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
