"""One class name means one thing, one thing is decided in one place, names say what they name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import rotation

SOURCES = Path(rotation.__file__).parent
FILES = sorted(SOURCES.rglob("*.py"))


@cache
def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text())


def test_no_two_classes_share_a_name() -> None:
    places: dict[str, list[str]] = {}
    for file in FILES:
        for node in ast.walk(tree_of(file)):
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append(f"{file.name}:{node.lineno}")
    assert {name: at for name, at in places.items() if len(at) > 1} == {}


def test_what_is_decided_once_stands_once() -> None:
    """One wording of "did you mean" and of an instant, one way to find what somebody meant."""
    texts = {file.relative_to(SOURCES): file.read_text() for file in FILES}
    once = {"did you mean": "errors.py", "get_close_matches(": "errors.py", ":%a": "clock/told.py"}
    once |= {'"line": where.line': "cli/output.py"}
    for words, place in once.items():
        assert [str(file) for file, text in texts.items() if words in text] == [place]


def variables(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every name that code binds: variables, parameters, attributes and fields, and its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr.removeprefix("_"), node.lineno
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno
        elif isinstance(node, (ast.MatchAs, ast.MatchStar, ast.ExceptHandler)) and node.name:
            yield node.name, node.lineno


def test_a_variable_is_called_by_what_it_is() -> None:
    """`alias`, `shift`, `loaded`: none of the words that fit everything."""
    anything = {"found", "one", "made", "thing", "things", "stuff"}
    assert [
        f"{name}, {file.relative_to(SOURCES)}:{line}"
        for file in FILES
        for name, line in variables(tree_of(file))
        if name in anything
    ] == []
