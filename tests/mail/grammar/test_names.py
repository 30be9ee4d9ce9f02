"""Names that are written in an odd way: what Exim's escapes mean, and what Postfix drops.

Exim's specification, 14.18 (character escape sequences in quoted strings); postalias(1), "has a
name that is not local" and "missing value".
"""

from __future__ import annotations

import pytest

from rotation.mail.aliases import Dialect, read

ESCAPES = {
    rb"a\x41b": "aab",  # names are looked up in lower case
    rb"a\x4a": "aj",
    rb"a\x7": "a\x07",
    rb"a\101b": "aab",
    rb"a\60": "a0",
    rb"a\7": "a\x07",
    rb"a\yb": "ayb",
    rb"a\\b": r"a\b",
    rb"a\"b": 'a"b',
    rb"a\tb": "a\tb",
}


@pytest.mark.parametrize("written", ESCAPES)
def test_escapes_in_a_quoted_name_of_exims(written: bytes) -> None:
    (entry,) = read(b'"' + written + b'": alice\n', Dialect.EXIM).entries
    assert entry.key == ESCAPES[written]


DROPPED = {
    b"alice@[127.0.0.1]: bob\n": "not local",
    b"alice@example.com: bob\n": "not local",
    b'"alice b":\n': "nothing after the colon",
    b'"alice b": \t\n': "nothing after the colon",
    b"alice:\n": "nothing after the colon",
    b'"alice", bob: carol\n': "is not a name",
}


@pytest.mark.parametrize("text", DROPPED)
def test_names_and_values_that_postfix_drops(text: bytes) -> None:
    seen = read(text + b"bob: carol\n", Dialect.POSTFIX)
    assert [entry.key for entry in seen.entries] == ["bob"]
    assert [odd.line for odd in seen.oddities] == [1]
    assert DROPPED[text] in seen.oddities[0].what


COMMENTED = {
    b'"a" (note): bob\n': ("a (note)", b"bob"),
    b'"a"(note): bob\n': ("a (note)", b"bob"),
    b'(note) "a": bob\n': ("(note) a", b"bob"),
    rb'"a" (x(y)\)z): bob' + b"\n": (r"a (x(y)\)z)", b"bob"),
    b'"b" (note) c: bob\n': ("b (note) c", b"bob"),
    b'"d" () <e>: x\n': ("d () <e>", b"x"),
    b'(note: "a": bob\n': None,
    rb'"a" (note\): bob' + b"\n": None,
}
"""Measured: what Postfix makes of a comment in a name; one that is never closed eats the colon."""


@pytest.mark.parametrize("text", COMMENTED)
def test_a_comment_in_a_name_of_postfixs(text: bytes) -> None:
    seen = read(text, Dialect.POSTFIX)
    expected = COMMENTED[text]
    assert [(entry.key, entry.value) for entry in seen.entries] == [expected] * bool(expected)
    assert [odd.line for odd in seen.oddities] == [1] * (expected is None)
