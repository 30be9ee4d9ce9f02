"""A plugin of pytest: what processor time each test takes, and whether it fails (see `covered.py`).

A property needs few examples to say over which lines it runs; its time is then reckoned for all.
"""

from __future__ import annotations

import json
import os
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import Phase, settings

EXAMPLES = 5

seconds: dict[str, float] = {}
failed: set[str] = set()
factors: dict[str, float] = {}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    factors.update(with_few_examples(items))


def with_few_examples(items: list[pytest.Item]) -> dict[str, float]:
    """Ask properties for `EXAMPLES` alone; of each, how many times as many it would have had."""
    shortened: dict[str, float] = {}
    for item in items:
        test = getattr(item, "obj", None)
        usual = getattr(test, "_hypothesis_internal_use_settings", None)
        if test is not None and usual is not None and usual.max_examples > EXAMPLES:
            few = settings(usual, max_examples=EXAMPLES, phases=(Phase.explicit, Phase.generate))
            function = getattr(test, "__func__", test)
            function._hypothesis_internal_use_settings = few
            shortened[item.nodeid] = usual.max_examples / EXAMPLES
    return shortened


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    before = spent()
    try:
        return (yield)
    finally:
        seconds[item.nodeid] = (spent() - before) * factors.get(item.nodeid, 1.0)


def spent() -> float:
    """Seconds of processor time, those of programs that were started and have ended too."""
    return sum(os.times()[:4])


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.failed:
        failed.add(report.nodeid)


def pytest_sessionfinish() -> None:
    said = {"seconds": seconds, "failed": sorted(failed)}
    Path(os.environ["MUTANTS_TIMES"]).write_text(json.dumps(said))
