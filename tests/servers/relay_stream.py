"""Inside a rig with two relays: hand off again and again while mail comes in; tell when, in JSON.

    python relay_stream.py HANDOFFS MAILS ROSTERS [STALE]

STALE is another hub's copy of the plan, an older one, which is applied all the time as well. One
line at the end: the handoffs (when the runs that made it began and ended, who was on duty and who
is), the mails (number, relay, when they were submitted and taken) and what the stale hub said.
"""

from __future__ import annotations

import contextlib
import io
import json
import smtplib
import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path

START = datetime.fromisoformat("2026-11-23T12:00:00+00:00")
WEEKS = (("alice",), ("bob",), ("carol", "dan"))
RUN_AT = Path(__file__).with_name("run_at.py")
DONE = Path("/tmp/handoffs")
"""How many handoffs were made."""
GIVE_UP = 600
"""Seconds; far more than a database takes to come back."""


def apply(rosters: str, at: datetime) -> tuple[int, str]:
    """`rotation apply` at an instant: its status and all that it said."""
    from rotation.cli.context import Call
    from rotation.cli.main import app

    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            app(["--rosters", rosters, "apply"], obj=Call(now=at))
        except SystemExit as ended:
            return int(ended.code or 0), said.getvalue()
    return 0, said.getvalue()


class Senders:
    """Two threads that submit mail, to a relay each."""

    def __init__(self, count: int) -> None:
        self.left = iter(range(count))
        self.lock = threading.Lock()
        self.mails: list[tuple[int, int, float, float]] = []
        self.threads = [threading.Thread(target=self._send, args=[n]) for n in (1, 2)]

    def _send(self, relay: int) -> None:
        while True:
            with self.lock:
                number = next(self.left, None)
            if number is None:
                return
            end = time.monotonic() + GIVE_UP
            while not self._sent(relay, number):
                assert time.monotonic() < end, f"mail {number} was never taken"
                time.sleep(0.02)

    def _sent(self, relay: int, number: int) -> bool:
        """Whether the relay took it; one that cannot ask says so, and the mail waits here."""
        text = f"From: root@box.test\nSubject: stream {number}\n\nx\n"
        before = time.time()
        try:
            with smtplib.SMTP(f"127.0.0.{relay}", 25, timeout=60) as server:
                server.sendmail("root@box.test", ["duty@example.org"], text)
        except (smtplib.SMTPException, OSError):
            return False
        with self.lock:
            self.mails.append((number, relay, before, time.time()))
        return True

    @property
    def taken(self) -> int:
        return len(self.mails)


class Stale:
    """Another hub with an older copy of the plan."""

    def __init__(self, rosters: str | None) -> None:
        self.rosters, self.at, self.done = rosters, START, False
        self.said: list[tuple[int, str]] = []
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while self.rosters is not None and not self.done:
            argv = [sys.executable, "-B", str(RUN_AT), self.at.isoformat(), "--rosters",
                    self.rosters, "apply"]  # fmt: skip
            ended = subprocess.run(argv, capture_output=True, check=False, text=True)
            self.said.append((ended.returncode, ended.stdout + ended.stderr))


def main() -> None:
    handoffs, mails, rosters = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    status, said = apply(rosters, START)
    assert status == 0, said
    DONE.write_text("0")
    senders, stale = Senders(mails), Stale(sys.argv[4] if len(sys.argv) > 4 else None)
    for thread in (*senders.threads, stale.thread):
        thread.start()
    made = []
    failed: list[str] = []
    for number in range(1, handoffs + 1):
        # spread over the mails
        while senders.taken < mails * number // (handoffs + 1):
            time.sleep(0.001)
        at = START + timedelta(weeks=number)
        begun, end = time.time(), time.monotonic() + GIVE_UP
        while (answer := apply(rosters, at))[0] != 0:
            failed.append(answer[1])
            assert time.monotonic() < end, answer
        DONE.write_text(str(number))
        made.append((begun, time.time(), WEEKS[(number - 1) % 3], WEEKS[number % 3]))
        stale.at = at
    for thread in senders.threads:
        thread.join()
    stale.done = True
    stale.thread.join()
    json.dump({"handoffs": made, "mails": senders.mails, "stale": stale.said, "failed": failed},
              sys.stdout)  # fmt: skip


if __name__ == "__main__":
    main()
