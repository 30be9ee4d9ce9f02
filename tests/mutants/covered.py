"""Which tests run over which line, and how long each takes: asked once for each test file.

What was measured is kept in one folder for each run of pytest, with the program as it was then.
Where the program has changed since, its lines are found again. What is said here only chooses
tests: one that is wrongly left out can make a mutant live, and none can make one die.
"""

from __future__ import annotations

import ast
import difflib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from threading import Lock

from coverage import CoverageData

from tests.mutants.sample import Place, digest

DEAR = re.compile(
    r"tests/(servers/|checkers/presets/|test_(bench|layers|names|pages|readme|recipes|wheel)\.py)"
)
"""Tests that say little of one line and cost much: servers, real tools, the program as a whole."""
AT_MOST = 400
SECONDS = 100.0
"""So many of the tests that run over a line are tried, and for so many seconds of processor time by
what they took when they were measured: those of the line's own room first, the quick ones first."""

Lines = dict[int, list[str]]


class Covered:
    """What is known of the tests of one tree; `kept` is where it is remembered."""

    def __init__(self, tree: Path, kept: Path) -> None:
        self.tree = tree
        self.kept = kept
        self.lines: dict[str, Lines] = defaultdict(lambda: defaultdict(list))
        self.seconds: dict[str, float] = {}
        self.failing: set[str] = set()
        self.unread = test_files(tree)
        self.lock = Lock()

    def ask(self, below: str = "tests/") -> None:
        """Learn of the tests in a folder: from what is kept, else from a run of them."""
        with self.lock:
            wanted = {name: self.unread[name] for name in self.unread if name.startswith(below)}
            for again in (False, True):
                for note in sorted(self.kept.glob("*/tests.json")) if wanted else ():
                    files = json.loads(note.read_text())
                    same = {name for name, state in files.items() if wanted.get(name) == state}
                    self.read(note.parent, same)
                    for name in same:
                        del wanted[name], self.unread[name]
                if wanted and not again:
                    measure(self.tree, self.kept, wanted)

    def read(self, folder: Path, files: set[str]) -> None:
        """Take what a run said of these test files."""
        if not files:
            return
        times = json.loads((folder / "times.json").read_text())
        self.seconds |= times["seconds"]
        self.failing |= set(times["failed"])
        data = CoverageData(str(folder / "coverage"))
        data.read()
        for measured in data.measured_files():
            path = "src/" + measured.split("/src/", 1)[1]
            if not (self.tree / path).exists() or not (folder / path).exists():
                continue
            now_at = moved(folder / path, self.tree / path)
            for line, contexts in data.contexts_by_lineno(measured).items():
                names = (name.rpartition("|")[0] for name in contexts)
                self.lines[path][now_at.get(line, 0)] += (
                    name for name in names if name.split("::")[0] in files
                )

    def of(self, place: Place) -> list[str]:
        """The tests that run over a place, the most telling first."""
        lines = self.lines.get(place.path, {})
        text = (self.tree / place.path).read_text()
        names = {name for line in statement(text, place.line) for name in lines.get(line, ())}
        if outside(text, place.line) or not names:
            # run when it is imported, or by examples that were not among the few of the measure
            names = {name for tests in lines.values() for name in tests}
        near = Path(place.path).stem
        order = sorted(
            names - self.failing,
            key=lambda name: (
                not name.startswith(place.tests),
                near not in name,
                self.seconds.get(name, 1.0),
                name,
            ),
        )
        chosen: list[str] = []
        total = 0.0
        for name in order[:AT_MOST]:
            total += self.seconds.get(name, 1.0)
            if chosen and total > SECONDS:
                break
            chosen.append(name)
        return chosen


def named_after(tree: Path, place: Place) -> list[str]:
    """The files of the tests of a place's room, those first that speak of its module."""
    module = re.compile(rf"\b{re.escape(Path(place.path).stem)}\b")

    def order(file: Path) -> tuple[bool, int, int]:
        text = file.read_text()
        spoken = len(module.findall(text))
        return (module.search(file.stem.replace("_", " ")) is None, -min(spoken, 3), len(text))

    files = (file for file in (tree / place.tests).rglob("test_*.py"))
    return [
        name
        for file in sorted(files, key=order)
        if not DEAR.match(name := str(file.relative_to(tree)))
    ]


def statement(text: str, line: int) -> range:
    """The lines of the statement that has this line; of its head if it has statements below."""
    best = range(line, line + 1)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.stmt):
            end = node.end_lineno or node.lineno
            below = [sub.lineno for sub in getattr(node, "body", ()) if isinstance(sub, ast.stmt)]
            if below:
                end = max(node.lineno, min(below) - 1)
            if node.lineno <= line <= end:
                best = range(node.lineno, end + 1)
    return best


def outside(text: str, line: int) -> bool:
    """Whether a line is outside the body of every function: it runs when the file is imported."""
    return not any(
        node.body[0].lineno <= line <= (node.end_lineno or 0)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def moved(then: Path, now: Path) -> dict[int, int]:
    """Where the lines of a file are now. A line that is gone is the one before it."""
    before, after = then.read_text().splitlines(), now.read_text().splitlines()
    blocks = difflib.SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    numbers = {b.a + step + 1: b.b + step + 1 for b in blocks for step in range(b.size)}
    last = 1
    for line in range(1, len(before) + 1):
        last = numbers.setdefault(line, last)
    return numbers


def test_files(tree: Path) -> dict[str, str]:
    """Each test file that is measured, with its state."""
    return {
        name: hashlib.sha1(file.read_bytes()).hexdigest()
        for file in sorted((tree / "tests").rglob("test_*.py"))
        if not DEAR.match(name := str(file.relative_to(tree)))
    }


def measure(tree: Path, kept: Path, tests: dict[str, str]) -> None:
    """Run test files, a folder at a time, and keep over which lines they run."""
    folders: dict[Path, dict[str, str]] = defaultdict(dict)
    for name, state in tests.items():
        folders[Path(name).parent][name] = state
    for folder, files in folders.items():
        print(f"asking {len(files)} files of {folder} over which lines they run", flush=True)
        room = kept / digest(*files, *files.values())
        shutil.rmtree(room, ignore_errors=True)
        shutil.copytree(tree / "src", room / "src", ignore=shutil.ignore_patterns("__pycache__"))
        environment = {
            "COVERAGE_FILE": str(room / "coverage"),
            "MUTANTS_TIMES": str(room / "times.json"),
            "PYTHONPATH": f"{tree}:{tree / 'src'}",
        }
        said = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist",
             "-p", "tests.mutants.timing", "--cov", "src/rotation", "--cov-context=test",
             "--cov-report=", *files],
            cwd=tree, capture_output=True, text=True, env=os.environ | environment,
        )  # fmt: skip
        if not (room / "coverage").exists() or not (room / "times.json").exists():
            raise RuntimeError(f"the tests of {folder} cannot be run: {said.stdout}{said.stderr}")
        (room / "tests.json").write_text(json.dumps(files))


def states(tree: Path, tests: list[str]) -> dict[str, str]:
    """The state of each file that holds one of these tests."""
    return {
        name: hashlib.sha1((tree / name).read_bytes()).hexdigest()
        for name in sorted({test.split("::")[0] for test in tests})
    }


def unasked(tree: Path, tests: list[str], asked: dict[str, str]) -> Iterator[str]:
    """Those of the tests that stand in a file that is new or has changed since it was asked."""
    now = states(tree, tests)
    return (test for test in tests if asked.get(name := test.split("::")[0]) != now[name])
