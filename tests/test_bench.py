"""The benchmark works: little of everything is measured, and the plot is drawn."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

BENCH = Path(__file__).parents[1] / "bench" / "run.py"


@pytest.mark.parametrize("part", ["starts", "rosters", "plans", "calendars", "aliases", "postfix"])
def test_every_part_of_it_measures_something(tmp_path: Path, part: str) -> None:
    plot = tmp_path / "growth.svg"
    argv = [sys.executable, str(BENCH), "--small", "--plot", str(plot), part]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    if "no Postfix: " in done.stdout:
        pytest.skip(done.stdout.strip())
    rows = [line for line in done.stdout.splitlines() if " goal " in line]
    assert rows
    assert all(" s " in row and " MB " in row for row in rows)
    if part in ("rosters", "calendars", "aliases", "postfix"):
        lines = ElementTree.parse(plot).findall("{*}polyline")
        assert len(lines) == 2
