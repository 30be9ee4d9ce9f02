"""trace on hosts that only send, held to what each client really delivers to its hub.

Each world is a configuration from a seed (worlds.py). "duty" must never be wrong: such a mail went
where trace says and nowhere else. Other differences are known, few in kind, and on the safe side.
"""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from .conftest import NewRig
from .rigs.senders import CLIENTS, Client
from .roster_in_rig import MONDAY, SOURCE, rotation, write_roster
from .worlds import World, worlds

COUNT = int(os.environ.get("ROTATION_WORLDS", "50"))
SEED = int(os.environ.get("ROTATION_SEED", "1"))
SIDE_BY_SIDE = {"ssmtp": 8, "esmtp": 4, "dma": 2, "nullmailer": 2}
"""These sleep, or try again, with each mail: their worlds are made in several rigs at once."""

SAFE = {
    "refused": "what goes to the hub is no address: a real hub refuses it, the one here does not",
    "unsure": "a program computes the configuration",
    "pipe": "an mda with options that trace does not follow",
}


def deliver(rig: Client, some: list[World]) -> list[Any]:
    """What was traced and what came, for each address of each world."""
    script = str(Path(__file__).with_name("deliver.py"))
    argv = [sys.executable, "-B", script, rig.name]
    data = json.dumps([asdict(world) for world in some])
    done = rig.must(rig.run(argv, data, {"PYTHONPATH": str(SOURCE)}, timeout=900))
    told = iter(json.loads(done.out))
    return [(world, next(told)) for world in some for _ in world.addresses]


@pytest.mark.parametrize("client", CLIENTS)
def test_duty_is_never_wrong(new_rig: NewRig, client: str) -> None:
    some = worlds(client, COUNT, SEED)
    parts = SIDE_BY_SIDE.get(client, 1)
    rigs = [new_rig(CLIENTS[client]) for _ in range(parts)]
    with ThreadPoolExecutor(parts) as pool:
        slices = [some[number::parts] for number in range(parts)]
        told = [one for part in pool.map(deliver, rigs, slices) for one in part]
    duty = 0
    for world, case in told:
        ends = case["ends"]
        expected = {end["who"].replace("/", "_") for end in ends if end["stop"] in SENT}
        right = sorted(expected) == case["came"]
        if any(end["verdict"] == "duty" for end in ends):
            duty += 1
            assert right, (case, world)
        elif not right:
            assert expected == set(), (case, world)
            assert {end["stop"] for end in ends} <= set(SAFE), (case, world)
    assert duty > COUNT // 8, "the worlds must hold enough that is right"


SENT = {"remote", "mailbox"}


@pytest.mark.parametrize("client", CLIENTS)
def test_a_forward_that_nobody_reads(new_rig: NewRig, client: str) -> None:
    rig = new_rig(CLIENTS[client])
    write_roster(rig)
    done = rotation(rig, MONDAY, "trace", "root")
    assert done.status == 1
    assert f"{client} reads no .forward: /root/.forward does nothing" in done.out
