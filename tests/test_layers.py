"""The shape of the code: which module may import which, and who may touch what."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "rotation"
MODULES = sorted(SOURCE.rglob("*.py"))

LEVELS = (
    {"errors", "__init__"},
    {"model", "address", "lines", "links"},
    {"clock"},
    {"fields", "turns", "places", "days"},
    {"when", "schedule", "targets", "starter", "documents", "entries"},
    {"roster", "plan", "duties", "difference", "events"},
    {"changes", "check", "report"},
    {"host"},
    {"system"},
    {"rooted"},
    {"mail", "calendars", "checkers", "revisions"},
    {"load", "route", "site", "notify"},
    {"audit"},
    {"watch"},
    {"cli"},
    {"__main__"},
)
LEVEL = {name: number for number, names in enumerate(LEVELS) for name in names}
CLOCK = {"datetime.now", "datetime.utcnow", "date.today", "time.time", "os.environ", "sys.argv"}


def room(path: Path) -> str:
    """The module or package directly under `rotation` that a file belongs to."""
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imports(tree: ast.AST) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.update(f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Import):
            found.update(name.name for name in node.names)
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_arrows_point_one_way(path: Path) -> None:
    here = room(path)
    for name in imports(ast.parse(path.read_text())):
        parts = name.split(".")
        if parts[0] != "rotation" or parts[1] in (here, "__version__"):
            continue
        assert LEVEL[parts[1]] < LEVEL[here], f"{here} imports {name}"
        if parts[1] == "host":
            assert here in ("system", "rooted"), f"{here} touches the host itself"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_only_the_command_line_reads_the_clock_and_only_the_host_runs(path: Path) -> None:
    tree = ast.parse(path.read_text())
    names = imports(tree)
    if room(path) != "host":
        assert not {n for n in names if n.split(".")[0] in ("subprocess", "fcntl", "tempfile")}
    for node in ast.walk(tree):
        named = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        if named and room(path) != "cli":
            assert ast.unparse(node) not in CLOCK
        if isinstance(node, ast.keyword):
            assert node.arg != "shell"
