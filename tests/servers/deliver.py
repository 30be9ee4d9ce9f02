"""Inside a rig: make one world after the other, trace in each, send in each, tell what came.

Reads a list of worlds as JSON from stdin; prints, for each address of each, the ends that were
traced and the mailboxes that the mail was found in.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from rotation.host.real import Host
from rotation.route import Accepted, Verdict, trace

QUEUES = {"dma": "/var/spool/dma", "nullmailer": "/var/spool/nullmailer/queue"}
# Seconds: for a mail of which trace says that it arrives, and for any other.
ARRIVES, WAIT = 30.0, 1.5


def main(client: str) -> None:
    told = []
    for world in json.load(sys.stdin):
        for name, text in world["files"].items():
            path = Path(name)
            path.unlink(missing_ok=True)
            if text is not None:
                path.write_text(text)
                path.chmod(0o644 if path.parts[1] == "etc" else 0o600)
        for address in world["addresses"]:
            ends = traced(address)
            told.append(
                {"address": address, "ends": ends, "came": sent(client, address, patience(ends))}
            )
    json.dump(told, sys.stdout)


def traced(address: str) -> list[dict[str, Any]]:
    duty = (Verdict.DUTY, "on duty")
    accepted = Accepted({"duty@people.test": duty, "alice": duty})
    (found,) = trace(Host(Path("/tmp/state")), [address], accepted)
    return [
        {
            "who": s.end.who,
            "stop": s.end.stop.value,
            "verdict": s.end.verdict.value,
            "why": s.end.why,
        }
        for s in found.ends
        if s.end is not None
    ]


def patience(ends: list[dict[str, Any]]) -> float:
    arrives = any(end["stop"] in ("mailbox", "remote") for end in ends)
    return ARRIVES if arrives else WAIT


def sent(client: str, address: str, patience: float) -> list[str]:
    for box in Path("/var/mail").iterdir():
        box.unlink()
    mail = f"Subject: t\nTo: {address}\n\nx\n".encode()
    argv = ["/usr/sbin/sendmail", "-i", address]
    process = subprocess.Popen(
        argv,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.communicate(mail, timeout=patience)
    except subprocess.TimeoutExpired:  # a program that calls itself
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        time.sleep(0.3)  # what it has handed over is being written
    settle(client, patience)
    return sorted(box.name for box in Path("/var/mail").iterdir() if box.suffix != ".lock")


def settle(client: str, patience: float) -> None:
    """Wait until the queue is empty; what is put off is thrown away."""
    if client not in QUEUES:
        return
    queue = Path(QUEUES[client])
    end = time.monotonic() + patience
    while any(queue.iterdir()):
        if time.monotonic() > end:
            if client == "dma":
                subprocess.run(["pkill", "-KILL", "-x", "dma|sendmail"], check=False)
            for file in queue.iterdir():
                file.unlink()
            return
        time.sleep(0.005)


if __name__ == "__main__":
    main(sys.argv[1])
