"""The run: see the package."""

from __future__ import annotations

import argparse
import os
import shutil
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Queue

from tests.mutants.covered import Covered, named_after, states, unasked
from tests.mutants.sample import CORE, Mutant, digest, sample
from tests.mutants.trial import Trial, copy
from tests.mutants.verdicts import Verdict, Verdicts

ROOT = Path(__file__).parents[2]
WORK = ROOT / ".mutants"
BY_SERVERS = {
    "mail": ("relays", "grammar", "apply", "apply_others", "forward", "virtual", "clients"),
    "route": (
        *("trace", "trace_cases", "trace_clients", "trace_planted", "trace_planted_postfix"),
        *("trace_exim", "trace_opensmtpd", "trace_postfix", "trace_sendmail"),
    ),
    "host": ("apply", "owner", "relays_trust"),
    "watch": ("doctor", "verify", "verify_plan", "ping"),
    "notify": ("notify",),
}
"""The tests on the real mail servers that a room has. They run the program outside pytest, so that
nobody knows over which lines, and are asked last, with --servers."""
SERVERS = 200.0
"""Seconds of processor time for a file of tests on servers."""
GUESS = 6.0
"""The same for the few files that are tried before it is known what they take."""
NAMED = 3
"""So many test files that are named after a module, or speak of it, are tried before all others."""
FEW = 25
"""So many are asked first: to read the files of all of them often costs more than to run them."""
ORDER = ("died", "lived", "not reached", "not tried", "equivalent")


@dataclass(frozen=True, slots=True)
class Judge:
    """Everything that is needed to try one mutant."""

    covered: Covered
    verdicts: Verdicts
    trials: Queue[Trial]
    end: float
    servers: bool

    def first(self, mutant: Mutant) -> Verdict:
        """What the files say that are named after its module: mostly enough."""
        known = self.verdicts.by_key.get(mutant.place.key)
        held = known if known and known.holds(mutant) else None
        return held or self.guessed(mutant) or said(mutant, "not tried")

    def guessed(self, mutant: Mutant) -> Verdict | None:
        """The verdict of the files that are most likely to notice, which most mutants do not
        outlive: nobody has to be asked for that over which lines they run. None where they do not
        notice, or run on: what they take is not known."""
        known = self.verdicts.by_key.get(mutant.place.key)
        files = named_after(self.covered.tree, mutant.place)[:NAMED]
        if (known and known.holds(mutant)) or not files or time.monotonic() > self.end:
            return None
        trial = self.trials.get()
        try:
            outcome = trial.judge(mutant, files, GUESS, few=True)
        finally:
            self.trials.put(trial)
        noticed = outcome.noticed and outcome.by.startswith("tests/")
        return self.noted(said(mutant, "died", outcome.by)) if noticed else None

    def far(self, mutant: Mutant) -> Verdict:
        """What all the tests say; they are asked over which lines they run only where need be."""
        if time.monotonic() < self.end:
            self.covered.ask()
        return self.judge(mutant, self.servers)

    def judge(self, mutant: Mutant, servers: bool = False) -> Verdict:
        """What the tests that run over it say."""
        known = self.verdicts.by_key.get(mutant.place.key)
        held = known if known and known.holds(mutant) else None
        if held and held.verdict == "died":
            return held
        if time.monotonic() > self.end:
            return held or said(mutant, "not tried")
        self.covered.ask(mutant.place.tests)
        tests = self.covered.of(mutant.place)
        against: dict[str, str] = {}
        if held:
            against = held.against
        elif known and known.by in tests:
            tests.insert(0, known.by)
        tree = self.covered.tree
        new = list(unasked(tree, tests, against))
        names = on_servers(mutant) if servers else ()
        last = list(unasked(tree, [f"tests/servers/test_{name}.py" for name in names], against))
        if not new and not last:
            return held or said(mutant, "not reached")
        if time.monotonic() > self.end:
            return said(mutant, "not tried")
        trial = self.trials.get()
        try:
            for asked in (new[:FEW], new[FEW:], last):
                outcome = trial.judge(mutant, asked, self.cost(asked)) if asked else None
                if outcome and outcome.noticed:
                    return self.noted(said(mutant, "died", outcome.by))
        finally:
            self.trials.put(trial)
        against |= states(tree, tests + last)
        return self.noted(said(mutant, "lived", against=against))

    def cost(self, tests: list[str]) -> float:
        """What tests take, in seconds of processor time; those on servers are not measured."""
        return sum(self.covered.seconds.get(name, SERVERS) for name in tests)

    def failing(self, killers: Iterable[str]) -> set[str]:
        """Those of the tests that noticed a mutant which fail without one too: they say nothing."""
        names = sorted(name for name in killers if "::" in name)
        trial = self.trials.get()
        wrong = trial.failing(names, self.cost(names)) if names else set()
        self.trials.put(trial)
        for verdict in list(self.verdicts.by_key.values()):
            if verdict.by in wrong:
                del self.verdicts.by_key[verdict.key]
        self.covered.failing |= wrong
        return wrong

    def noted(self, verdict: Verdict) -> Verdict:
        self.verdicts.note(verdict)
        return verdict


def on_servers(mutant: Mutant) -> list[str]:
    """The tests on servers of a mutant's room, those first that are of the server it speaks of."""
    words = Path(mutant.place.path).stem.split("_")
    names = BY_SERVERS.get(mutant.place.room, ())
    return sorted(names, key=lambda name: not set(words) & set(name.split("_")))


def said(
    mutant: Mutant, verdict: str, by: str = "", against: dict[str, str] | None = None
) -> Verdict:
    place = mutant.place
    return Verdict(
        place.key, digest(mutant.old), verdict, place.path, mutant.change, by, against or {}
    )


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m tests.mutants")
    asked.add_argument("--seed", type=int, default=int(os.environ.get("ROTATION_SEED", "1")))
    asked.add_argument("--count", type=int, default=300, help="so many that are not equivalent")
    asked.add_argument("--minutes", type=float, default=60, help="then no more are begun")
    asked.add_argument("--rooms", default="")
    asked.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    asked.add_argument("--servers", action="store_true", help="ask the real mail servers too")
    options = asked.parse_args()
    end = time.monotonic() + options.minutes * 60
    tree = copy(ROOT, WORK / "asked")
    covered = Covered(tree, WORK / "covered")
    verdicts = Verdicts(WORK / "verdicts")
    trials: Queue[Trial] = Queue()
    for number in range(options.jobs):
        trials.put(Trial(shutil.copytree(tree, cleared(WORK / str(number)), symlinks=True)))
    judge = Judge(covered, verdicts, trials, end, options.servers)
    mutants, same = chosen(tree, options.seed, options.count, options.rooms)
    results: dict[Mutant, Verdict] = {}
    again = mutants
    while again:
        for ask in (judge.first, judge.judge, judge.far):
            with ThreadPoolExecutor(options.jobs) as pool:
                for mutant, verdict in zip(again, pool.map(ask, again), strict=True):
                    results[mutant] = verdict
            again = [m for m in again if results[m].verdict != "died"]
            print(f"{len(results) - len(again)} of {len(results)} died", flush=True)
        wrong = judge.failing({verdict.by for verdict in results.values()})
        again = [mutant for mutant, verdict in results.items() if verdict.by in wrong]
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for mutant, verdict in results.items():
        counts[mutant.place.room][verdict.verdict] += 1
        if verdict.verdict in ("lived", "not reached"):
            where = f"{mutant.place.path}:{mutant.place.line}"
            print(f"\n{verdict.verdict}: {where}\n{mutant.change}", flush=True)
    for mutant in same:
        counts[mutant.place.room]["equivalent"] += 1
    print(f"\nseed {options.seed}\n" + table(counts))


def chosen(tree: Path, seed: int, count: int, rooms: str) -> tuple[list[Mutant], list[Mutant]]:
    """The first so many mutants of a seed, and the equivalent ones that stood between them."""
    entries = tomllib.loads((tree / "tests/mutants/equivalent.toml").read_text())["mutant"]
    equivalent = {(entry["path"], entry["change"].strip("\n")) for entry in entries}
    wanted = {name for name in rooms.split(",") if name}
    mutants: list[Mutant] = []
    same: list[Mutant] = []
    for mutant in sample(tree, seed, wanted, WORK / "places"):
        known = (mutant.place.path, mutant.change.strip("\n")) in equivalent
        (same if known else mutants).append(mutant)
        if len(mutants) == count:
            break
    return mutants, same


def cleared(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    return folder


def table(counts: dict[str, Counter[str]]) -> str:
    """What became of the mutants, by room, the core first."""
    rooms = sorted(counts, key=lambda room: (room not in CORE, room))
    core = sum((counts[room] for room in rooms if room in CORE), Counter())
    rest = sum((counts[room] for room in rooms if room not in CORE), Counter())
    lines = [f"{'':12}" + "".join(f"{verdict:>13}" for verdict in ORDER)]
    for name, row in [*((room, counts[room]) for room in rooms), ("core", core), ("rest", rest)]:
        tried = row["died"] + row["lived"] + row["not reached"]
        share = f"{100 * row['died'] / tried:8.1f} % died" if tried else ""
        lines.append(f"{name:12}" + "".join(f"{row[verdict]:13}" for verdict in ORDER) + share)
    return "\n".join(lines)


if __name__ == "__main__":
    main()
