"""Run chosen tests again and again, each time in a child of this process.

The child starts with pytest and the libraries loaded, but nothing of ours. A question is a line of
JSON on stdin, and so is the answer on stdout. Started by `trial.py` in a copy of the tree.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import select
import signal
import sys
import traceback
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import Phase, settings

from tests.mutants.timing import with_few_examples

HEAVY = ("icalendar", "typer", "rich", "click", "dateutil", "email_validator", "cryptography")
FAILED = Path(".failed-test")
OUTPUT = Path(".output")
MEMORY = 6 << 30
"""Bytes that a test may take: some mutants never stop asking for more."""
ARGUMENTS = ["-q", "-x", "-p", "no:cacheprovider", "-p", "no:cov", "-p", "no:xdist", "--no-header",
             "-W", "ignore::pytest.PytestAssertRewriteWarning"]  # fmt: skip


class Watch:
    """Writes down which test failed, and asks hypothesis for no smaller example; for few where it
    is in a hurry."""

    def __init__(self, *, few: bool) -> None:
        self.few = few

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        if self.few:
            with_few_examples(items)

    def pytest_sessionstart(self) -> None:
        usual = settings.get_profile("rotation")
        settings.register_profile("mutants", usual, phases=[Phase.explicit, Phase.generate])
        settings.load_profile("mutants")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.note(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self.note(report)

    def note(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if report.failed:
            with FAILED.open("a") as file:
                file.write(report.nodeid + "\n")


def main() -> None:
    for name in HEAVY:
        with suppress(ImportError):
            importlib.import_module(name)
    for line in sys.stdin:
        print(json.dumps(answer(**json.loads(line))), flush=True)


def answer(
    tests: list[str], cpu: int, patience: int, *, stop: bool, few: bool
) -> dict[str, object]:
    """Whether the tests passed, and which of them failed; properties have few examples if asked.

    `cpu` is in seconds of the processor's time and is for each process, `patience` in seconds on
    the clock and is for all.
    """
    FAILED.unlink(missing_ok=True)
    child = os.fork()
    if not child:
        run(tests, cpu, stop=stop, few=few)
    opened = os.pidfd_open(child)
    ended, _, _ = select.select([opened], [], [], patience)
    os.close(opened)
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    failed = FAILED.read_text().splitlines() if FAILED.exists() else []
    return {"status": os.waitstatus_to_exitcode(status), "failed": failed, "ended": bool(ended)}


def run(tests: list[str], cpu: int, *, stop: bool, few: bool) -> None:
    status: int = pytest.ExitCode.INTERNAL_ERROR
    try:
        os.setsid()
        resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 5))
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
        output = os.open(OUTPUT, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for old, new in ((nothing, 0), (output, 1), (output, 2)):
            os.dup2(old, new)
        arguments = [name for name in ARGUMENTS if stop or name != "-x"]
        status = int(pytest.main([*arguments, *tests], plugins=[Watch(few=few)]))
        sys.stdout.flush()
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


if __name__ == "__main__":
    main()
