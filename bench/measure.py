"""What programs cost: processor time and memory of whole processes, the least of several runs.

The clock on the wall tells more of the machine than of the program, so it is not asked.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple


class Cost(NamedTuple):
    """Seconds of processor time, of a program and of those that it ran, and megabytes at most."""

    seconds: float
    megabytes: float


def once(argv: Sequence[str], environment: Mapping[str, str] | None = None) -> Cost:
    """What one run costs; it may end with any status but that of a fault.

    A small process starts it: a child begins with the memory of its parent (getrusage(2)).
    """
    helper = [sys.executable, "-S", __file__, *argv]
    done = subprocess.run(helper, env=environment, stdout=subprocess.PIPE, check=True)
    return Cost(*json.loads(done.stdout))


def _started(argv: Sequence[str]) -> Cost:
    with subprocess.Popen(
        argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/"
    ) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode in (0, 1), f"{argv}: status {process.returncode}"
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def cost(
    argv: Sequence[str],
    environment: Mapping[str, str] | None = None,
    *,
    runs: int = 5,
    before: Callable[[], object] = lambda: None,
) -> Cost:
    """The least of some runs; `before` is done before each, and is not counted."""
    costs = []
    for _ in range(runs):
        before()
        costs.append(once(argv, environment))
    return min(costs)


if __name__ == "__main__":  # measure.py PROGRAM ARGUMENT...
    print(json.dumps(_started(sys.argv[1:])))
