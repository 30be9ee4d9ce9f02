"""Which mutants there are, and which of them a seed chooses."""

from __future__ import annotations

import ast
import difflib
import hashlib
import itertools
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

CORE = {"schedule", "clock", "roster", "plan.py", "mail", "changes", "calendars"}
"""What decides who gets the mail: here 95 of a hundred must die, elsewhere 85."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an operator can change something.

    `key` is the same as long as the line is the same, whatever is written above it.
    """

    path: str
    operator: str
    occurrence: int
    line: int
    key: str

    @property
    def room(self) -> str:
        return Path(self.path).relative_to("src/rotation").parts[0]

    @property
    def tests(self) -> str:
        """The folder of the tests of its room."""
        return f"tests/{self.room.removesuffix('.py')}/"


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: where, the whole text before it and after it."""

    place: Place
    old: str
    new: str

    @property
    def change(self) -> str:
        """The changed lines, as equivalent.toml has them."""
        lines = difflib.unified_diff(self.old.splitlines(), self.new.splitlines(), n=0, lineterm="")
        return "\n".join(line for line in list(lines)[2:] if not line.startswith("@@"))


def sample(tree: Path, seed: int, rooms: set[str], kept: Path) -> Iterator[Mutant]:
    """Mutants of the program in `tree` in an order that the seed decides.

    Two thirds are of the core. The order is that of a hash, so that a new line in the program
    moves nothing else. `kept` is a folder in which the places of each file are remembered.
    """
    places: dict[bool, list[Place]] = {True: [], False: []}
    for file in sorted((tree / "src/rotation").rglob("*.py")):
        path = str(file.relative_to(tree))
        room = Place(path, "", 0, 0, "").room
        if not rooms or room in rooms:
            places[room in CORE] += remembered(path, file.read_text(), kept)
    for of_core in places.values():
        of_core.sort(key=lambda place: digest(str(seed), place.key), reverse=True)
    for number in itertools.count():
        core = number % 3 < 2
        if not places[core]:
            core = not core
        if not places[core]:
            return
        place = places[core].pop()
        old = (tree / place.path).read_text()
        if new := changed(place, old, kept):
            yield Mutant(place, old, new)


def changed(place: Place, old: str, kept: Path) -> str:
    """The text with one thing changed; empty where that would mean the same, or nothing at all.

    It is remembered, so that a run that goes on begins at once.
    """
    note = kept / digest(old, place.operator, str(place.occurrence))
    if not note.exists():
        new = None
        with suppress(AttributeError):  # an operator that cannot change such a place after all
            new = mutate_code(old, get_operator(place.operator)(), place.occurrence)
        note.write_text(new if new is not None and means_another(old, new) else "")
    return note.read_text()


def remembered(path: str, text: str, kept: Path) -> list[Place]:
    """The places of one file; to look for them takes a minute for the whole program."""
    note = kept / digest(path, text)
    if not note.exists():
        kept.mkdir(parents=True, exist_ok=True)
        note.write_text(json.dumps(list(positions(path, text))))
    return [Place(path, *place) for place in json.loads(note.read_text())]


def means_another(old: str, new: str) -> bool:
    """Whether it is Python, and more than another way to write the same."""
    try:
        return meaning(old) != meaning(new)
    except SyntaxError:
        return False


def meaning(text: str) -> str:
    """A program without what its writer is free in. `slots` of a dataclass saves memory."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            node.keywords = [keyword for keyword in node.keywords if keyword.arg != "slots"]
    return ast.dump(tree)


def positions(path: str, text: str) -> Iterator[tuple[str, int, int, str]]:
    """Operator, occurrence, line and key of each mutation; those of annotations mean nothing."""
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
    lines = text.splitlines()
    nodes = list(ast_nodes(get_ast(text)))
    for name in operator_names():
        if get_operator(name).arguments():
            continue
        operator = get_operator(name)()
        places = (place for node in nodes for place in operator.mutation_positions(node))
        times: Counter[str] = Counter()
        for occurrence, ((line, _), _) in enumerate(places):
            written = lines[line - 1].strip()
            times[written] += 1
            if line not in idle:
                key = digest(path, name, written, str(times[written]))
                yield name, occurrence, line, key


def digest(*parts: str) -> str:
    return hashlib.sha1("\0".join(parts).encode()).hexdigest()
