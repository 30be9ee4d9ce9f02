"""How long a run takes beside what a user would run instead: `make bench`. Prints medians."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
WEEKLY = (ROOT / "rosters" / "weekly.toml").read_text()
RUNS = 15


def median(argv: list[str]) -> float:
    """Seconds of a whole process, the median of some runs after one that does not count."""
    spans = []
    for _ in range(RUNS + 1):
        begin = time.perf_counter()
        subprocess.run(argv, check=True, capture_output=True)
        spans.append(time.perf_counter() - begin)
    return statistics.median(spans[1:])


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        roster = folder / "weekly.toml"
        roster.write_text(WEEKLY.replace('"/etc/aliases" ', '"aliases"\nrebuild = [] '))
        lines = "".join(f"user{n}: user{n}@example.com\n" for n in range(10_000))
        (folder / "aliases").write_text(lines + "all-system-notifications: nobody@example.com\n")
        command = [sys.executable, "-m", "rotation", "--rosters", str(roster)]
        base = median([sys.executable, "-c", "pass"])
        print(f"{'an empty Python program':45} {base * 1000:6.0f} ms")
        for label, more in (
            ("rotation who", ["who"]),
            ("rotation who, in 2090", ["who", "--at", "2090-07-01"]),
            ("rotation apply, 10,000 aliases, no change", ["apply"]),
        ):
            spent = median([*command, *more])
            print(f"{label:45} {spent * 1000:6.0f} ms  {spent / base:5.1f} x")


if __name__ == "__main__":
    main()
