"""What every test may count on, whoever runs it and wherever: see below.

And what was not run is said at the end, with what it takes to run it: a green run in which a
quarter of the tests was left out must not look like one in which everything passed.
"""

from __future__ import annotations

import compileall
import os
import re
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Files have the modes that a test gives them, and otherwise those of the usual umask.
os.umask(0o022)

# Nothing that whoever runs the tests has set for `rotation`, or for how a program draws.
# ROTATION_FRESH=1 stays: with it every program that a test starts takes the long way.
OURS = ("ROTATION_ROSTERS", "ROTATION_STATE")
for name in (*OURS, "NO_COLOR", "FORCE_COLOR", "PY_COLORS", "GITHUB_ACTIONS", "TERMINAL_WIDTH"):
    os.environ.pop(name, None)

# A Python that a test starts finds our modules compiled, and need not do it again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
TESTS = Path(__file__).parent

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

LONG = (
    "servers/test_trace_satellites.py",
    "servers/test_trace_clients.py",
    "servers/test_trace_relays.py",
    "servers/test_relays_down.py",
    "servers/test_grammar.py",
    "schedule/test_properties.py",
    "changes/test_properties.py",
    "checkers/test_events.py",
    "test_bench.py",
)
"""What takes longest begins first: what is left at the end is short, and no core waits for it."""


def pytest_configure(config: pytest.Config) -> None:
    """Compile the program, once, and let xdist hand files out in the order that they come in."""
    if hasattr(config, "workerinput"):
        return
    compileall.compile_dir(TESTS.parent / "src", quiet=2)
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """`-n auto`: twice the cores where real servers run, their tests mostly wait."""
    cores = len(os.sched_getaffinity(0))
    servers = Path(os.environ.get("ROTATION_SERVERS", TESTS.parent / ".servers"))
    return 2 * cores if os.geteuid() == 0 and (servers / ".complete").exists() else cores


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files of LONG first."""
    place = {TESTS / name: number for number, name in enumerate(LONG)}
    items.sort(key=lambda item: place.get(item.path, len(place)))


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
