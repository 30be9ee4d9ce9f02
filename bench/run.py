"""What a run costs, beside what one would run instead: `make bench`.

Prints a line for each thing that is measured, its goal and what it is compared with, and saves a
plot of how costs grow. `--small` measures little of everything, to see that it works.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench import servers, worlds
from bench.measure import Cost, cost
from bench.peers import LIBICAL, RECURRING, REWRITE, TOML, TYPER
from bench.plot import svg

PYTHON = sys.executable
SCRIPT = Path(PYTHON).with_name("rotation")
ROTATION = [PYTHON, str(SCRIPT)] if SCRIPT.exists() else [PYTHON, "-m", "rotation"]


class Bench:
    """A folder to work in, and what was measured."""

    def __init__(self, folder: Path, *, small: bool) -> None:
        self.folder, self.small = folder, small
        self.base = self.cost([PYTHON, "-c", "pass"], runs=9)
        self.growth: dict[str, list[tuple[float, float]]] = {}

    def size(self, full: int, small: int) -> int:
        return small if self.small else full

    def place(self, name: str) -> Path:
        path = self.folder / name
        path.mkdir()
        (path / "state").mkdir(mode=0o700)
        return path

    def cost(
        self,
        argv: list[str],
        *,
        state: Path | None = None,
        fresh: bool = False,
        runs: int = 5,
        before: Callable[[], object] = lambda: None,
    ) -> Cost:
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder)}
        if state is not None:
            environment["ROTATION_STATE"] = str(state)
        if fresh:
            environment["ROTATION_FRESH"] = "1"
        return cost(argv, environment, runs=1 if self.small else runs, before=before)

    def first(self, place: Path, *words: str, runs: int = 5) -> Cost:
        """Of a run that finds no note."""

        def forget() -> None:
            for note in (place / "state").glob("*.short"):
                note.unlink()

        argv = [*ROTATION, "--rosters", str(place / "rosters"), *words]
        return self.cost(argv, state=place / "state", runs=runs, before=forget)

    def again(self, place: Path, *words: str) -> Cost:
        """Of one that does, once its files are old enough."""
        argv = [*ROTATION, "--rosters", str(place / "rosters"), *words]
        end = time.monotonic() + 5
        while not list((place / "state").glob("*.short")) and time.monotonic() < end:
            self.cost(argv, state=place / "state", runs=1)
        return self.cost(argv, state=place / "state")

    def fresh(self, place: Path, *words: str, runs: int = 5) -> Cost:
        """Of one that looks for no note and leaves none."""
        argv = [*ROTATION, "--rosters", str(place / "rosters"), *words]
        return self.cost(argv, state=place / "state", fresh=True, runs=runs)

    def say(self, what: str, measured: Cost, peer: Cost, name: str, goal: str) -> None:
        ratio = measured.seconds / max(peer.seconds, 0.001)
        print(
            f"{what:52} {measured.seconds:8.3f} s {measured.megabytes:7.0f} MB "
            f"{ratio:8.{2 if ratio > 0.1 else 4}f} x {name:24} goal {goal}",
            flush=True,
        )


def starts(bench: Bench) -> None:
    place = bench.place("starts")
    (place / "rosters").mkdir()
    (place / "rosters" / "weekly.toml").write_text(
        worlds.roster() + worlds.target(place / "aliases", "duty", "rebuild = []")
    )
    (place / "aliases").write_text(worlds.aliases(10, ["duty"]))
    base = bench.base
    bench.say("an empty Python program", base, base, "itself", "1")
    bench.say("bare Typer", bench.cost([PYTHON, "-c", TYPER]), base, "python", "-")
    bench.say("who, first", bench.first(place, "who"), base, "python", "7")
    bench.say("who, ROTATION_FRESH=1", bench.fresh(place, "who"), base, "python", "-")
    bench.say("who, again", bench.again(place, "who"), base, "python", "1.6")
    bench.first(place, "apply", runs=1)
    bench.say("apply, nothing to do", bench.again(place, "apply"), base, "python", "1.8")
    bench.say("--help", bench.cost([*ROTATION, "--help"]), base, "python", "8")


def rosters(bench: Bench) -> None:
    for count in (1, 10, 100, 1_000)[: 2 if bench.small else 4]:
        place = bench.place(f"rosters-{count}")
        (place / "rosters").mkdir()
        for number in range(count):
            (place / "rosters" / f"r{number}.toml").write_text(worlds.roster())
        files = f"pathlib.Path({str(place / 'rosters')!r}).iterdir()"
        alone = bench.cost([PYTHON, "-c", TOML.format(files)], runs=3)
        first = bench.first(place, "who", runs=3)
        again = bench.again(place, "who")
        bench.growth.setdefault("rosters, first", []).append((count, first.seconds))
        bench.growth.setdefault("rosters, again", []).append((count, again.seconds))
    bench.say(f"who, {count:,} rosters, first", first, alone, "tomllib alone", "2.5")
    bench.say(f"who, {count:,} rosters, again", again, bench.base, "python", "4")


def calendars(bench: Bench) -> None:
    for count in (10, 1_000, 100_000)[: 2 if bench.small else 3]:
        place = bench.place(f"calendar-{count}")
        (place / "rosters").mkdir()
        (place / "rosters" / "team.toml").write_text(worlds.HEAD + worlds.CALENDAR)
        (place / "rosters" / "duty.ics").write_bytes(worlds.calendar(count))
        bench.fresh(place, "who", runs=1)  # it keeps a copy of the calendar
        first = bench.first(place, "who", runs=3)
        again = bench.again(place, "who")
        bench.growth.setdefault("events, first", []).append((count, first.seconds))
        bench.growth.setdefault("events, again", []).append((count, again.seconds))
    for name, script, goal in (
        ("recurring-ical-events", RECURRING, "0.01"),
        ("libical, the same week", LIBICAL, "-"),
    ):
        argv = [PYTHON, "-c", script.format(str(place / "rosters" / "duty.ics"))]
        try:
            peer = bench.cost(argv, runs=1)
        except subprocess.CalledProcessError:
            print(f"{name}: not installed, or it cannot read it")
            continue
        bench.say(f"who, {count:,} events, first (60 MB)", first, peer, name, goal)
    bench.say(f"who, {count:,} events, again", again, bench.base, "python", "2")


def plans(bench: Bench) -> None:
    plain, many = bench.place("plain"), bench.place("many")
    end = f"{worlds.NOW.year + 1}-{worlds.NOW:%m-%d}"
    for place, count in ((plain, 0), (many, bench.size(1_000, 20))):
        (place / "rosters").mkdir()
        (place / "rosters" / "r.toml").write_text(worlds.roster())
        (place / "rosters" / "r.overrides.toml").write_text(worlds.overrides(count))
    words = ("schedule", "--to", end)
    none = bench.fresh(plain, *words, runs=3)
    bench.say(
        "schedule of a year, 1,000 overrides",
        bench.fresh(many, *words, runs=3),
        none,
        "none",
        "1.5",
    )
    plain, out = bench.place("hourly"), bench.place("out")
    for place, text in ((plain, ""), (out, worlds.everybody_out())):
        (place / "rosters").mkdir()
        (place / "rosters" / "r.toml").write_text(worlds.roster("1 hour"))
        (place / "rosters" / "r.overrides.toml").write_text(text)
    bench.say(
        "who, hourly turns, all out for two years",
        bench.fresh(out, "who", runs=3),
        bench.fresh(plain, "who", runs=3),
        "the same, nobody out",
        "1.1",
    )
    for words in (("check",), ("log",), ("export",), ("swap", "alice", "bob", "--dry-run")):
        costs = []
        for count in (30, bench.size(3_000, 60)):
            place = bench.place(f"{words[0]}-{count}")
            (place / "rosters").mkdir()
            (place / "rosters" / "r.toml").write_text(worlds.roster())
            (place / "rosters" / "r.overrides.toml").write_text(worlds.overrides(count))
            costs.append(bench.fresh(place, *words, runs=1))
        bench.say(f"{words[0]}, 3,000 overrides", costs[1], costs[0], "30 overrides", "2 s")


def aliases(bench: Bench) -> None:
    """An aliases file of a server that nothing is known of."""
    sizes = (1, 10, 100, 1_000, 10_000, 100_000, 1_000_000)
    for count in sizes[: 3 if bench.small else 7]:
        place = bench.place(f"aliases-{count}")
        file = place / "aliases"
        (place / "rosters").mkdir()
        text = worlds.roster() + worlds.target(file, "duty", "rebuild = []")
        (place / "rosters" / "r.toml").write_text(text)
        file.write_text(worlds.aliases(count, ["duty"]))

        def undo(file: Path = file, count: int = count) -> None:
            file.write_text(worlds.aliases(count, ["duty"]))

        runs = 1 if count > 10_000 else 3
        argv = [*ROTATION, "--rosters", str(place / "rosters"), "apply"]
        change = bench.cost(argv, state=place / "state", runs=runs, before=undo)
        looked = bench.fresh(place, "apply", runs=runs)
        again = bench.again(place, "apply")
        bench.growth.setdefault("aliases, a change", []).append((count, change.seconds))
        bench.growth.setdefault("aliases, again", []).append((count, again.seconds))
    bench.say(f"apply, nothing to do, {count:,} aliases", again, bench.base, "python", "2.5")
    bench.say("the same, ROTATION_FRESH=1", looked, bench.base, "python", "-")
    megabytes = file.stat().st_size / 2**20
    bench.say(
        f"a change among {count:,} aliases ({megabytes:.0f} MB)", change, bench.base, "python", "-"
    )
    sed = ["/usr/bin/sed", "-i", "s/^duty: .*/duty: bob@example.com/", str(file)]
    if os.access(sed[0], os.X_OK):
        bench.say("sed -i", bench.cost(sed, runs=3), bench.base, "python", "-")
    rewrite = REWRITE.format(*[str(file)] * 3)
    bench.say(
        "a full rewrite", bench.cost([PYTHON, "-c", rewrite], runs=3), bench.base, "python", "-"
    )
    many(bench)


def many(bench: Bench) -> None:
    """Aliases of one file, all changed in one run."""
    costs = []
    for count in (1, bench.size(1_000, 10)):
        place = bench.place(f"many-{count}")
        (place / "rosters").mkdir()
        names = [f"duty{number}" for number in range(bench.size(1_000, 10))]
        targets = (worlds.target(place / "aliases", name, "rebuild = []") for name in names[:count])
        (place / "rosters" / "r.toml").write_text(worlds.roster() + "".join(targets))
        (place / "aliases").write_text(worlds.aliases(bench.size(10_000, 100), names))
        argv = [*ROTATION, "--rosters", str(place / "rosters"), "apply"]
        costs.append(bench.cost(argv, state=place / "state", runs=1))
    bench.say(
        "1,000 aliases of one file changed in one run", costs[1], costs[0], "one of them", "1.5"
    )


def postfix(bench: Bench) -> None:
    """An aliases file of Postfix's, beside the program that makes its index."""
    sizes = (1_000, 10_000, 100_000, 1_000_000)
    for count in sizes[: 1 if bench.small else 4]:
        rotation = [*ROTATION, "--rosters", "/etc/rotation"]
        costs = servers.postfix(count, rotation, 1 if bench.small or count > 100_000 else 3)
        if isinstance(costs, str):
            print(f"no Postfix: {costs}")
            return
        change, looked, again, alone = costs
        bench.growth.setdefault("Postfix, a change", []).append((count, change.seconds))
        bench.growth.setdefault("postalias alone", []).append((count, alone.seconds))
    bench.say(f"postalias alone, {count:,} aliases", alone, bench.base, "python", "-")
    bench.say(f"a change among {count:,} aliases of Postfix", change, alone, "postalias", "2.5")
    bench.say("nothing to do there, ROTATION_FRESH=1", looked, alone, "postalias", "-")
    bench.say("nothing to do there", again, bench.base, "python", "2.5")


PARTS = (starts, rosters, plans, calendars, aliases, postfix)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--plot", type=Path, default=Path(__file__).with_name("growth.svg"))
    parser.add_argument("parts", nargs="*", help=", ".join(part.__name__ for part in PARTS))
    options = parser.parse_args()
    begun = time.monotonic()
    folder = Path(tempfile.mkdtemp())
    try:
        bench = Bench(folder, small=options.small)
        for part in PARTS:
            if not options.parts or part.__name__ in options.parts:
                part(bench)
        if bench.growth:
            title = "who and apply: processor time as things grow"
            plot = svg(title, "how many", "seconds", bench.growth)
            options.plot.write_text(plot)
            print(f"plot: {options.plot}")
        used = sum(os.times()[:4])
        print(f"took {time.monotonic() - begun:.0f} s, {used:.0f} s of them of a processor")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
