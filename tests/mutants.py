"""Change one thing in the program at a time, and see whether a test notices: `make mutants`.

Cosmic Ray makes the mutants; which tests run over the changed lines is asked of coverage.py, once
for each state of the tree, so that a mutant costs seconds and not the whole suite. Each worker
has a copy of the tree below .mutants. What lives is printed as a difference; what lives and means
the same is listed, with the reason, in tests/equivalent.toml and is not counted.

    mutants.py [--seed N] [--count N] [--minutes N] [--rooms schedule,clock,...]
"""

from __future__ import annotations

import argparse
import ast
import difflib
import hashlib
import itertools
import os
import random
import shutil
import subprocess
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Queue

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names
from coverage import CoverageData

ROOT = Path(__file__).parents[1]
ROOM = ROOT / ".mutants"
CORE = {"schedule", "clock", "roster", "plan.py", "mail", "changes", "calendars"}
AT_MOST = 300
"""So many of the tests that run over a line are tried, those of its own room first."""
BY_SERVERS = {
    "mail": ("apply", "apply_others", "foresight", "forward", "clients", "postfix_redirect"),
    "route": ("trace", "trace_cases", "trace_clients"),
    "watch": ("doctor", "verify", "verify_plan", "ping"),
    "notify": ("notify",),
}
"""The tests on the real mail servers that a room has, which run the program outside pytest: tried
last, where the servers are (`make servers`)."""
PATIENCE = 1800
"""Seconds after which a mutant counts as noticed: it does not end."""
PYTEST = ["-q", "-x", "-n0", "-p", "no:cacheprovider", "--no-header"]


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: of which file, at which line, and the whole new text."""

    path: str
    line: int
    old: str
    new: str

    @property
    def room(self) -> str:
        return Path(self.path).relative_to("src/rotation").parts[0]

    @property
    def difference(self) -> str:
        lines = difflib.unified_diff(
            self.old.splitlines(), self.new.splitlines(), self.path, self.path, lineterm="", n=0
        )
        return "\n".join(list(lines)[2:])

    @property
    def change(self) -> str:
        """The changed lines alone, as tests/equivalent.toml has them."""
        return "\n".join(line for line in self.difference.splitlines() if not line.startswith("@@"))


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--seed", type=int, default=int(os.environ.get("ROTATION_SEED", "1")))
    asked.add_argument("--count", type=int, default=300)
    asked.add_argument("--minutes", type=float, default=60)
    asked.add_argument("--rooms", default="")
    asked.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = asked.parse_args()
    covered = coverage()
    equivalent = known()
    rooms = {name for name in options.rooms.split(",") if name}
    mutants = sample(options.seed, rooms)
    wanted = (m for m in mutants if (m.path, m.change) not in equivalent)
    end = time.monotonic() + options.minutes * 60
    free: Queue[Path] = Queue()
    for number in range(options.jobs):
        free.put(copy(str(number)))

    def judge(mutant: Mutant) -> tuple[Mutant, str]:
        if time.monotonic() > end:
            return mutant, "not tried"
        tree = free.get()
        try:
            return mutant, tried(tree, mutant, covered)
        finally:
            free.put(tree)

    counts: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    with ThreadPoolExecutor(options.jobs) as pool:
        for mutant, verdict in pool.map(judge, itertools.islice(wanted, options.count)):
            counts[mutant.room in CORE][verdict] += 1
            if verdict in ("lived", "not reached"):
                print(f"\n{verdict}: {mutant.path}:{mutant.line}\n{mutant.change}", flush=True)
    print(f"\nseed {options.seed}")
    for core, verdicts in counts.items():
        dead, alive = verdicts["died"], verdicts["lived"] + verdicts["not reached"]
        if dead + alive:
            share = f"{100 * dead / (dead + alive):.1f} %"
            print(
                f"{'core' if core else 'elsewhere'}: {share} of {dead + alive} died",
                *(f"{count} {verdict}" for verdict, count in sorted(verdicts.items())),
                sep=", ",
            )


def sample(seed: int, rooms: set[str]) -> Iterator[Mutant]:
    """Mutants in an order that the seed decides, two thirds of them of the core."""
    dice = random.Random(seed)
    places: dict[bool, list[tuple[str, str, int, int]]] = {True: [], False: []}
    for file in sorted((ROOT / "src/rotation").rglob("*.py")):
        path = str(file.relative_to(ROOT))
        room = file.relative_to(ROOT / "src/rotation").parts[0]
        if not rooms or room in rooms:
            places[room in CORE] += ((path, *place) for place in positions(file.read_text()))
    for of_core in places.values():
        dice.shuffle(of_core)
    for number in itertools.count():
        core = number % 3 < 2
        if not places[core]:
            core = not core
        if not places[core]:
            return
        path, name, occurrence, line = places[core].pop()
        old = (ROOT / path).read_text()
        with suppress(AttributeError):  # an operator that cannot change such a place after all
            new = mutate_code(old, get_operator(name)(), occurrence)
            if new is not None and means_another(old, new):
                yield Mutant(path, line, old, new)


def means_another(old: str, new: str) -> bool:
    """Whether it is Python, and more than another way to write the same."""
    try:
        return ast.dump(ast.parse(old)) != ast.dump(ast.parse(new))
    except SyntaxError:
        return False


def positions(text: str) -> Iterator[tuple[str, int, int]]:
    """Operator, occurrence and line of each mutation; those of annotations mean nothing."""
    idle = {
        line
        for node in ast.walk(ast.parse(text))
        for hint in (
            getattr(node, "annotation", None),
            getattr(node, "returns", None),
            node if isinstance(node, ast.Import | ast.ImportFrom) else None,
        )
        if hint is not None
        for line in range(hint.lineno, (hint.end_lineno or hint.lineno) + 1)
    }
    tree = list(ast_nodes(get_ast(text)))
    for name in operator_names():
        if get_operator(name).arguments():
            continue
        operator = get_operator(name)()
        places = (place for node in tree for place in operator.mutation_positions(node))
        for occurrence, ((line, _), _) in enumerate(places):
            if line not in idle:
                yield name, occurrence, line


def tried(tree: Path, mutant: Mutant, covered: dict[str, dict[int, list[str]]]) -> str:
    """What became of a mutant: died, lived, or not reached by any test."""
    near = Path(mutant.path).stem
    tests = sorted(
        covered.get(mutant.path, {}).get(mutant.line, []),
        key=lambda name: (f"/{mutant.room}/" not in name, near not in name, shuffled(name)),
    )[:AT_MOST]
    last = []
    if (tree / ".servers").exists():
        last = [f"tests/servers/test_{name}.py" for name in BY_SERVERS.get(mutant.room, ())]
    file = tree / mutant.path
    file.write_text(mutant.new)
    try:
        noticed = any(fails(tree, names) for names in (tests, last) if names)
    finally:
        file.write_text(mutant.old)
    return "died" if noticed else "lived" if tests or last else "not reached"


def fails(tree: Path, tests: list[str]) -> bool:
    """Whether one of these tests fails, or does not end."""
    names = tree / "tests.txt"
    names.write_text("\n".join(tests))
    argv = [sys.executable, "-B", "-m", "pytest", *PYTEST, f"@{names}"]
    try:
        done = subprocess.run(argv, cwd=tree, capture_output=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return True
    return done.returncode != 0


def shuffled(name: str) -> str:
    return hashlib.sha1(name.encode()).hexdigest()


def coverage() -> dict[str, dict[int, list[str]]]:
    """Which tests run over which line of which file, asked of a run of the whole suite."""
    state = (
        subprocess.run(
            ["git", "ls-files", "-s", "src", "tests"], cwd=ROOT, capture_output=True, check=True
        ).stdout
        + subprocess.run(
            ["git", "diff", "HEAD", "--", "src", "tests"], cwd=ROOT, capture_output=True, check=True
        ).stdout
    )
    kept = ROOM / f"coverage-{hashlib.sha1(state).hexdigest()}"
    tree = ROOM / "whole"
    if not kept.exists():
        print("asking the suite which tests run over which lines ...", flush=True)
        copy("whole")
        # servers and real tools are asked by tests that say little of one line and cost much
        left_out = ["--ignore", "tests/servers", "--ignore", "tests/checkers/presets"]
        subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-n", "auto", "--dist", "loadfile", *left_out,
             "--cov", "src/rotation", "--cov-context=test", "--cov-report="],
            cwd=tree, check=True,
        )  # fmt: skip
        shutil.copy(tree / ".coverage", kept)
    data = CoverageData(str(kept))
    data.read()
    lines: dict[str, dict[int, list[str]]] = {}
    for measured in data.measured_files():
        path = "src/" + measured.split("/src/", 1)[1]
        lines[path] = {
            line: [name.split("|")[0] for name in names if name.endswith("|run")]
            for line, names in data.contexts_by_lineno(measured).items()
        }
    return lines


def copy(name: str) -> Path:
    """A copy of the working tree below .mutants."""
    tree = ROOM / name
    shutil.rmtree(tree, ignore_errors=True)
    tree.mkdir(parents=True)
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    for path in files.stdout.decode().split("\0"):
        if path and (ROOT / path).exists():
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / path, tree / path, follow_symlinks=False)
    if (ROOT / ".servers").exists():
        (tree / ".servers").symlink_to(ROOT / ".servers")
    return tree


def known() -> set[tuple[str, str]]:
    file = ROOT / "tests/equivalent.toml"
    entries = tomllib.loads(file.read_text())["mutant"] if file.exists() else []
    return {(entry["path"], entry["change"].strip("\n")) for entry in entries}


if __name__ == "__main__":
    main()
