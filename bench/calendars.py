"""What a large calendar costs, with the sieve and without: `make bench`. Prints ratios."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from rotation.calendars.read import PersonNames, read

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Berlin")
PEOPLE = {name: PersonNames((f"{name}@example.com",)) for name in ("alice", "bob")}
ROSTER = """timezone = "Europe/Berlin"
people = { alice = "alice@example.com", bob = "bob@example.com" }
[[rotation]]
name = "team"
calendar = "duty.ics"
"""


def calendar(count: int) -> bytes:
    """Events of 350 bytes over ten years; one in fifty recurs for a while."""
    random, lines = Random(1), ["BEGIN:VCALENDAR", "VERSION:2.0"]
    for number in range(count):
        start = NOW + timedelta(minutes=random.randrange(-7 * 525_600, 3 * 525_600))
        lines += [
            "BEGIN:VEVENT",
            f"UID:{number}-{random.getrandbits(60):x}@example.com",
            "DTSTAMP:20260101T000000Z",
            f"DTSTART;TZID=Europe/Berlin:{start:%Y%m%dT%H%M00}",
            f"DTEND;TZID=Europe/Berlin:{start + timedelta(hours=8):%Y%m%dT%H%M00}",
            f"SUMMARY:{random.choice(['alice', 'bob'])}",
            "DESCRIPTION:what there is to say about this duty, which nobody reads",
            "LOCATION:everywhere",
            "SEQUENCE:0",
        ]
        if number % 50 == 0:
            lines.append(f"RRULE:FREQ=WEEKLY;UNTIL={start + timedelta(days=200):%Y%m%dT%H%M00Z}")
        lines.append("END:VEVENT")
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def spent(work: Callable[[], object], times: int) -> float:
    """Seconds, the median of some runs."""
    spans = []
    for _ in range(times):
        begin = time.perf_counter()
        work()
        spans.append(time.perf_counter() - begin)
    return statistics.median(spans)


def reader(data: bytes, *, every: bool) -> Callable[[], object]:
    """Read the ten days round an instant."""
    margin = timedelta(days=10)
    start, end = NOW - margin, NOW + margin
    return lambda: read(data, zone=ZONE, people=PEOPLE, start=start, end=end, every=every)


def main() -> None:
    read(calendar(1), zone=ZONE, people=PEOPLE, start=NOW, end=NOW)  # imports are not counted
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "team.toml").write_text(ROSTER)
        words = ["-m", "rotation", "--rosters", name, "who", "--at", "2026-11-24T10:00"]

        def who() -> None:
            subprocess.run([sys.executable, *words], check=False, capture_output=True)

        base = spent(lambda: subprocess.run([sys.executable, "-c", "pass"], check=True), 9)
        print(f"{'events':>8} {'sieve':>9} {'without':>9} {'ratio':>7} {'who':>9} {'x python':>9}")
        for count in (100, 1_000, 10_000, 100_000):
            data = calendar(count)
            (folder / "duty.ics").write_bytes(data)
            quick = spent(reader(data, every=False), 5)
            slow = spent(reader(data, every=True), 1 if count > 10_000 else 3)
            whole = spent(who, 5)
            print(
                f"{count:8} {quick:8.3f}s {slow:8.3f}s {slow / quick:6.1f}x "
                f"{whole:8.3f}s {whole / base:8.1f}x"
            )


if __name__ == "__main__":
    main()
