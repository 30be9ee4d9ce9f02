"""One class name means the same thing wherever it stands."""

from __future__ import annotations

import ast
from pathlib import Path

import rotation

SOURCES = Path(rotation.__file__).parent


def test_no_two_classes_share_a_name() -> None:
    places: dict[str, list[str]] = {}
    for file in sorted(SOURCES.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append(f"{file.name}:{node.lineno}")
    assert {name: at for name, at in places.items() if len(at) > 1} == {}


def test_what_is_decided_once_stands_once() -> None:
    """One wording of "did you mean" and of an instant, one way to find what somebody meant."""
    texts = {file.relative_to(SOURCES): file.read_text() for file in SOURCES.rglob("*.py")}
    once = {"did you mean": "errors.py", "get_close_matches(": "errors.py", ":%a": "clock/told.py"}
    once |= {'"line": where.line': "cli/output.py"}
    for words, place in once.items():
        assert [str(file) for file, text in texts.items() if words in text] == [place]
