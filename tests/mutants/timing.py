"""A plugin of pytest: how long each test takes, and whether it fails (see `covered.py`).

A property needs few examples to say over which lines it runs; its time is then reckoned for all.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import Phase, settings

EXAMPLES = 5

seconds: dict[str, float] = defaultdict(float)
failed: set[str] = set()
factors: dict[str, float] = {}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        test = getattr(item, "obj", None)
        usual = getattr(test, "_hypothesis_internal_use_settings", None)
        if test is not None and usual is not None and usual.max_examples > EXAMPLES:
            few = settings(usual, max_examples=EXAMPLES, phases=(Phase.explicit, Phase.generate))
            function = getattr(test, "__func__", test)
            function._hypothesis_internal_use_settings = few
            factors[item.nodeid] = usual.max_examples / EXAMPLES


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    seconds[report.nodeid] += report.duration * factors.get(report.nodeid, 1.0)
    if report.failed:
        failed.add(report.nodeid)


def pytest_sessionfinish() -> None:
    said = {"seconds": seconds, "failed": sorted(failed)}
    Path(os.environ["MUTANTS_TIMES"]).write_text(json.dumps(said))
