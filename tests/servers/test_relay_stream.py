"""Mail keeps coming through two relays while the alias changes hands: none is lost, none comes
twice, none goes to the old person once the new one was acknowledged.

ROTATION_RELAY_HANDOFFS and ROTATION_RELAY_MAILS say how many: a sample unless told otherwise.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from .conftest import NewRig
from .relay_rosters import PEOPLE, REVISION, target, write
from .rigs import Rig, wait
from .rigs.relays import Relays
from .roster_in_rig import SOURCE

HANDOFFS = int(os.environ.get("ROTATION_RELAY_HANDOFFS", "6"))
MAILS = int(os.environ.get("ROTATION_RELAY_MAILS", "60"))
PEOPLE_AT = ("alice", "bob", "carol", "dan")


def stream(rig: Rig, *stale: str, restarts: int = 0) -> dict[str, Any]:
    """What relay_stream.py tells; meanwhile the database is restarted so often."""
    script = str(Path(__file__).with_name("relay_stream.py"))
    argv = ["/usr/bin/env", f"PYTHONPATH={SOURCE}", "ROTATION_STATE=/var/lib/rotation"]
    argv += [sys.executable, "-B", script, str(HANDOFFS), str(MAILS), "/etc/rotation", *stale]
    process = subprocess.Popen(
        rig.host.enter(argv), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )

    def disturb() -> None:
        assert isinstance(rig, Relays)
        done = rig.path("/tmp/handoffs")
        for number in range(restarts):
            after = HANDOFFS * number // restarts
            while not (done.exists() and int(done.read_text() or "0") >= after):
                if process.poll() is not None:
                    return
                time.sleep(0.01)
            rig.asked_server.silence()
            rig.asked_server.serve()

    thread = threading.Thread(target=disturb)
    thread.start()
    out, err = process.communicate()
    thread.join()
    assert process.returncode == 0, err
    told: dict[str, Any] = json.loads(out)
    return told


def judged(rig: Rig, told: dict[str, Any]) -> None:
    """Hold what was delivered against the model."""
    handoffs = told["handoffs"]

    def had() -> dict[int, list[str]]:
        boxes: dict[int, list[str]] = {}
        for person in PEOPLE_AT:
            for subject in rig.mailbox(f"{person}@example.com"):
                if subject.startswith("stream "):
                    boxes.setdefault(int(subject.removeprefix("stream ")), []).append(person)
        return boxes

    def lost() -> list[int]:
        boxes = had()
        return [number for number, *_ in told["mails"] if number not in boxes]

    wait(lambda: not lost(), "the last mails")
    boxes = had()
    assert len(told["mails"]) == MAILS
    wrong = []
    for number, relay, before, after in told["mails"]:
        allowed = [sorted(handoffs[0][2])]
        for begun, ended, _, new in handoffs:
            if ended <= before:
                allowed = [sorted(new)]  # acknowledged before it was submitted
            elif begun < after:
                allowed.append(sorted(new))
        if sorted(boxes[number]) not in allowed:
            wrong.append((number, relay, before, after, boxes[number], allowed))
    assert not wrong, wrong[:5]


@pytest.mark.parametrize("engine", ["virtual", "pgsql", "mysql", "ldap"])
def test_no_mail_is_lost_late_or_doubled(new_rig: NewRig, engine: str) -> None:
    rig = new_rig(Relays, engine=engine)
    write(rig)
    told = stream(rig)
    assert not told["failed"]
    judged(rig, told)


@pytest.mark.parametrize("engine", ["virtual", "pgsql", "mysql", "ldap"])
def test_with_the_database_restarted_and_a_stale_hub(new_rig: NewRig, engine: str) -> None:
    rig = new_rig(Relays, engine=engine)
    more = f'revision = "{REVISION[engine]}"\n'
    write(rig, more)
    # the other hub's copy has another order, and is older
    other = PEOPLE.replace('["alice", "bob", "carol"]', '["alice", "carol", "bob"]')
    assert other != PEOPLE
    rig.write("/etc/rotation-2/duty.toml", other + target(rig, more))
    os.utime(rig.path("/etc/rotation-2/duty.toml"), (1, 1))
    restarts = max(1, HANDOFFS // 10) if rig.server else 0  # a map asks nobody
    told = stream(rig, "/etc/rotation-2", restarts=restarts)
    judged(rig, told)
    assert told["stale"]
    for status, said in told["stale"]:
        assert status in (0, 3), said
        assert "Traceback" not in said
        assert " -> " not in said, "the stale hub flipped the alias"
