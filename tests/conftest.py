"""What every test may count on, whoever runs it and wherever: see below.

And what was not run is said at the end, with what it takes to run it: a green run in which a
quarter of the tests was left out must not look like one in which everything passed.
"""

from __future__ import annotations

import os
import re
from collections import Counter

import pytest
from hypothesis import HealthCheck, settings

# Files have the modes that a test gives them, and otherwise those of the usual umask.
os.umask(0o022)

# Nothing that whoever runs the tests has set for `rotation`, or for how a program draws.
OURS = ("ROTATION_ROSTERS", "ROTATION_STATE", "ROTATION_FRESH")
for name in (*OURS, "NO_COLOR", "FORCE_COLOR", "PY_COLORS", "GITHUB_ACTIONS", "TERMINAL_WIDTH"):
    os.environ.pop(name, None)

# The same examples in every run, and none of them fails because the machine is busy.
settings.register_profile(
    "rotation",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("rotation")

NEEDS = {
    "make servers": "tests/servers/install.sh|tests/checkers/install.sh|make servers",
    "make relays": r"make relays",
    "make tools": "presets/install.sh|audit/install.sh|make tools",
}
"""What to run, by what the reason of a skip holds."""


def need(reason: str) -> str:
    """What a test that was not run needs, in a few words."""
    for command, pattern in NEEDS.items():
        if re.search(pattern, reason):
            return f"run `{command}` first, and these tests, as root on Debian or Ubuntu"
    return reason


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests were not run, and why."""
    skipped = terminalreporter.stats.get("skipped", [])
    needs = Counter(
        need(report.longrepr[2].removeprefix("Skipped: "))
        for report in skipped
        if isinstance(report.longrepr, tuple)
    )
    if not needs:
        return
    terminalreporter.section("not run")
    for what, count in needs.most_common():
        tests = "test" if count == 1 else "tests"
        terminalreporter.line(f"{count:5} {tests}: {what}")
