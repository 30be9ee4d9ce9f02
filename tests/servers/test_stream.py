"""Mail keeps coming while the alias changes hands: none is lost, none is late, none comes twice.

ROTATION_STREAM is the number of handoffs for each server; `make torture` takes a hundred. Some
runs are killed on the way, some are two at once.
"""

from __future__ import annotations

import json
import mailbox
import os
import random
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import NamedTuple

import pytest

from .conftest import NewRig
from .rigs import NOTIFICATIONS, RIGS, Rig
from .rigs.base import PEOPLE, wait
from .roster_in_rig import MONDAY, SOURCE, rotation, write_roster

HANDOFFS = int(os.environ.get("ROTATION_STREAM", "4"))
SEED = int(os.environ.get("ROTATION_SEED", "20261126"))
WEEKS = (("alice",), ("bob",), ("carol", "dan@example.com"))


class Mail(NamedTuple):
    """A mail of the stream: seconds since the epoch before and after it was submitted."""

    number: int
    to: str
    before: float
    after: float
    status: int


class Handoff(NamedTuple):
    """A handoff: when the run that made it began and when it had ended, and who was on duty
    before and is after."""

    begun: float
    ended: float
    old: tuple[str, ...]
    new: tuple[str, ...]


def enter(rig: Rig, argv: list[str]) -> subprocess.Popen[bytes]:
    command = ["/usr/bin/env", f"PYTHONPATH={SOURCE}", sys.executable, "-B", *argv]
    return subprocess.Popen(rig.host.enter(command), stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def hand_off(rig: Rig, number: int, dice: random.Random) -> Handoff:
    """Make the handoff of a week; every third time after a run that was killed, every third by two
    runs at once."""
    at = (datetime.fromisoformat(MONDAY) + timedelta(weeks=number)).isoformat()
    run_at = str(Path(__file__).with_name("run_at.py"))
    begun = time.time()
    if number % 3 == 1:
        seconds = f"{dice.uniform(0.2, 2):.3f}"
        rig.run(
            ["timeout", "-s", "KILL", seconds, sys.executable, "-B", run_at, at, "apply"],
            env={"PYTHONPATH": str(SOURCE)},
        )
    second = enter(rig, [run_at, at, "apply"]) if number % 3 == 2 else None
    rig.must(rotation(rig, at, "apply"))
    ended = time.time()
    if second is not None:
        _, said = second.communicate()
        assert second.returncode == 0, said
    return Handoff(begun, ended, WEEKS[(number - 1) % 3], WEEKS[number % 3])


def delivered(rig: Rig) -> dict[int, list[str]]:
    """Who has got which mail of the stream, once for each time."""
    boxes = [box.name for box in rig.path("/var/mail").iterdir() if box.suffix != ".lock"]
    had: dict[int, list[str]] = defaultdict(list)
    for box in sorted(boxes):
        for subject in rig.mailbox(box):
            if subject.startswith("stream "):
                had[int(subject.removeprefix("stream "))].append(box)
    return had


def delays(rig: Rig, mails: list[Mail]) -> list[float]:
    """How many seconds lay between the submission of a mail and its place in the mailbox of a local
    user, by the separator lines of mbox(5), which have whole seconds."""
    submitted = {f"stream {mail.number}": int(mail.before) for mail in mails}
    seconds: list[float] = []
    for name in PEOPLE:
        path = rig.path(f"/var/mail/{name}")
        with closing(mailbox.mbox(path, create=False)) as box:
            for message in box:
                when = time.strptime(" ".join(message.get_from().split()[-5:]))
                seconds.append(time.mktime(when) - submitted[str(message["subject"])])
    return seconds


def expected(mail: Mail, handoffs: list[Handoff]) -> list[list[str]]:
    """Whom a mail may reach: whoever was on duty when it was submitted, and while a handoff is made
    or as long as it lies in a queue, whoever comes next; nobody who had gone before."""
    if mail.to == "webmaster":
        return [["carol"]]
    before = [handoff for handoff in handoffs if handoff.ended <= mail.before]
    later = [handoff for handoff in handoffs if handoff.ended > mail.before]
    now = before[-1].new if before else handoffs[0].old
    return [sorted(people) for people in (now, *(handoff.new for handoff in later))]


@pytest.mark.parametrize("name", list(RIGS))
def test_no_mail_of_a_stream_is_lost_late_or_doubled(new_rig: NewRig, name: str) -> None:
    rig = new_rig(RIGS[name])
    rig.write(rig.aliases, f"postmaster: root\n{NOTIFICATIONS}: alice\nwebmaster: carol\n")
    rig.must(rig.rebuild())
    if name == "opensmtpd":
        rig.stop()
        rig.start()
    write_roster(rig)
    rig.must(rotation(rig, MONDAY, "apply"))
    rig.write("/tmp/stream", "")
    stream = enter(rig, [str(Path(__file__).with_name("stream.py"))])
    dice = random.Random(f"{SEED} {name}")
    try:
        handoffs = [hand_off(rig, number, dice) for number in range(1, HANDOFFS + 1)]
    finally:
        rig.path("/tmp/stream").unlink()
        told, errors = stream.communicate()
    mails = [Mail(*json.loads(line)) for line in told.splitlines()]
    assert mails, errors
    assert not [mail for mail in mails if mail.status != 0], errors

    def wrong() -> list[tuple[Mail, list[str]]]:
        had = delivered(rig)
        came = [(mail, sorted(had[mail.number])) for mail in mails]
        return [(mail, people) for mail, people in came if people not in expected(mail, handoffs)]

    try:
        wait(lambda: not wrong(), "the last mails")
    except AssertionError:
        raise AssertionError(f"seed {SEED}: {wrong()[:5]}\n{handoffs}") from None
    had = delivered(rig)
    late = [
        mail.before - handoff.begun
        for handoff in handoffs
        for mail in mails
        if handoff.begun <= mail.before <= handoff.ended
        and mail.to == "root"
        and sorted(had[mail.number]) == sorted(handoff.old)
    ]
    runs = [handoff.ended - handoff.begun for handoff in handoffs]
    slow = delays(rig, mails)
    print(
        f"\n{name}: {len(mails)} mails over {HANDOFFS} handoffs, seed {SEED}\n"
        f"in the mailbox after {median(slow):.0f} s, at most {max(slow):.0f} s\n"
        f"the old person got mail until {max(late, default=0):.2f} s after the run began\n"
        f"a run took {median(runs):.2f} s, at most {max(runs):.2f} s"
    )
