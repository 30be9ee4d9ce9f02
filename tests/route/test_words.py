"""Splitting the values of settings and entries."""

from __future__ import annotations

import pytest

from rotation.route.words import comma_items, plain, postfix_items


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("alice, bob", ["alice", "bob"]),
        ("alice bob", ["alice", "bob"]),
        ("alice (a note), bob@x.test", ["alice", "bob@x.test"]),
        ("Alice Smith <alice@x.test>, bob", ["alice@x.test", "bob"]),
        ('"|/bin/cat -n", /var/log/x', ["|/bin/cat -n", "/var/log/x"]),
        (":include:/etc/mail/list", [":include:/etc/mail/list"]),
        ("alice+tag@box.test", ["alice+tag@box.test"]),
        ("", []),
        (" , ,", []),
    ],
)
def test_postfix_items(text: str, items: list[str]) -> None:
    assert postfix_items(text) == items


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("alice, bob", ["alice", "bob"]),
        ("alice bob", ["alice bob"]),
        ('"|/bin/cat a, b", bob', ['"|/bin/cat a, b"', "bob"]),
        ("alice (x, y), bob", ["alice (x, y)", "bob"]),
        ("Alice <a@x.test>, \\bob", ["Alice <a@x.test>", "\\bob"]),
        ('"open, bob', ['"open, bob']),
    ],
)
def test_comma_items(text: str, items: list[str]) -> None:
    assert comma_items(text) == items


def test_plain() -> None:
    assert plain('"|/bin/cat \\"x\\""') == '|/bin/cat "x"'
    assert plain("Alice (on duty) <a@x.test>") == "a@x.test"
    assert plain("alice (x)") == "alice"
