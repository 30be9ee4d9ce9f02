"""What is wrong with a text that is no TOML: said so that somebody can mend it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rotation.errors import RosterError
from rotation.roster.parse import parse
from rotation.toml.document import read_document

HEAD = 'timezone = "UTC"\n\n[people]\nalice = "alice@example.com"\n'
ROTATION = '\n[[rotation]]\nname = "weekly"\npeople = ["alice"]\nstart = 2026-01-05\n'
CARET = HEAD.count("\n") + 1


@dataclass(frozen=True)
class Slip:
    """Text below HEAD; the line in it (from 0), what the caret points at, words of the answer."""

    text: str
    line: int
    at: str
    words: str
    hint: str = ""


SLIPS = [
    Slip('alice = "a@example.com"\n', 0, "alice", "duplicate key 'alice': it stands at line 4"),
    Slip(ROTATION + "start = 2026-01-06\n", 5, "start", "stands at line 9 already", "keep one"),
    Slip('[people]\nbob = "b@example.com"\n', 0, "[people]", "stands twice, first at line 3"),
    Slip('bob smith = "b@example.com"\n', 0, " smith", "a blank in the key", 'name = "bob smith"'),
    Slip('jürgen = "j@example.com"\n', 0, "ürgen", "'ü' in the key 'jürgen'", '"jürgen" ='),
    Slip('åsa = "j@example.com"\n', 0, "åsa", "'å' in the key", '"åsa" ='),
    Slip('b@example.com = "bob"\n', 0, "@", "'@' in the key", 'alice = "b@example.com"'),
    Slip('bob: "b@example.com"\n', 0, ":", "':' where '=' belongs", "KEY = VALUE"),
    Slip("bob: b@example.com\n", 0, ":", "':' where '=' belongs"),
    Slip("start = 05.01.2026\n", 0, "05.", "begins with the year", "2026-01-05"),
    Slip("start = 5/1/2026\n", 0, "5/1", "begins with the year", "2026-01-05 or 2026-05-01"),
    Slip("start = 13/1/2026\n", 0, "13/1", "begins with the year", "2026-01-13"),
    Slip("start = 5 January 2026\n", 0, "5 Jan", "begins with the year", "2026-01-05"),
    Slip("start = 2026-02-30\n", 0, "2026", "there is no 2026-02-30", "has 28 days"),
    Slip("start = 2026-13-01\n", 0, "2026", "there is no month 13", "year, month, day"),
    Slip("start = 2026-1-5\n", 0, "2026", "two digits", "2026-01-05"),
    Slip("start = 2026-01-05 09:00\n", 0, "2026", "seconds", "2026-01-05T09:00:00"),
    Slip("handoff = 09:00\n", 0, "09", "a time of day needs quotes", 'handoff = "09:00"'),
    Slip("handoffs = False\n", 0, "False", "neither true nor false", "handoffs = false"),
    Slip("bob = b@example.com\n", 0, "b@", "text needs quotes", 'bob = "b@example.com"'),
    Slip("every = 1 week\n", 0, "1 week", "text needs quotes", 'every = "1 week"'),
    Slip('bob = "b@example.com\n', 0, '"b@', "is never closed", 'bob = "b@example.com"'),
    Slip('bob = b@example.com"\n', 0, "b@", "missing before", 'bob = "b@example.com"'),
    Slip("hours = [\"mon-fri 09:00-17:00']\n", 0, '"mon', "is never closed"),
    Slip('bob = "a@b.c", "d@e.f"\n', 0, '"a@', "need brackets", 'bob = ["a@b.c", "d@e.f"]'),
    Slip('bob = "b@example.com" // Bob\n', 0, " // Bob", "stands after the text"),
    Slip('bob = "C:\\Users\\bob"\n', 0, '"C', "backslash", "' '"),
    Slip("bob =\n", 0, "", "no value for 'bob'"),
    Slip("bob\n", 0, "bob", "has no '='"),
    Slip("// people\n", 0, "//", "does not begin a comment", "#"),
    Slip("; people\n", 0, ";", "does not begin a comment", "#"),
    Slip("bob = “b@example.com”\n", 0, "“b", "“ is not a quotation mark", "plain ones"),
    Slip("people = [\u2018bob\u2019]\n", 0, "\u2018bob", "\u2018 is not a quotation mark"),
    Slip('\u00a0bob = "b@example.com"\n', 0, "\u00a0bob", "no-break space", "delete it"),
    Slip('bob = "b@example.com"\u200b\n', 0, "\u200b", "an invisible character (U+200B)"),
    Slip("[[rotation]\n", 0, "[[", "not closed as it was opened", "write [[rotation]]"),
    Slip("[rotation\nx = 1\n", 0, "[", "not closed as it was opened", "write [rotation]"),
    Slip("[bob smith]\n", 0, "[bob", "cannot name a table"),
    Slip('people = ["alice", "bob"\nevery = "1 week"\n', 0, "[", "this [ is never closed", "]"),
    Slip('people = [\n"alice",\n"bob"\n', 0, "[", "this [ is never closed"),
    Slip('people = ["alice" "bob"]\n', 0, '"bob"', "a comma is missing"),
    Slip('bob = { email = "b@c.d",\n name = "Bob" }\n', 0, "{", "{ is never closed", "same line"),
    Slip('bob = { email = "b@c.d", email = "x" }\n', 0, "{", "duplicate key 'email'"),
]  # fmt: skip


@pytest.mark.parametrize("slip", SLIPS, ids=[slip.text.strip()[:40] for slip in SLIPS])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_slip_is_told_by_what_was_meant(slip: Slip, ending: str) -> None:
    document, values = read_document((HEAD + slip.text).replace("\n", ending).encode(), "f.toml")
    assert values == {}
    (problem,) = document.problems
    assert problem.where is not None
    assert problem.where.line == CARET + slip.line
    assert slip.words in problem.what
    assert slip.hint in (problem.hint or "")
    rendered = problem.render().splitlines()
    if problem.shown and "\n" in problem.shown:
        line, caret = (text.removeprefix("   |  ") for text in rendered[2:4])
        pointed = (HEAD + slip.text).splitlines()[CARET + slip.line - 1][len(caret) - 1 :]
        assert pointed.startswith(slip.at)
        assert len(line) >= len(caret) - 1


def test_every_mistake_of_a_line_is_told_at_once() -> None:
    text = HEAD + "bob = b@example.com\ncarol = “c@example.com”\n[[rotation]]\nstart = 2026-02-30\n"
    document, _ = read_document(text.encode(), "f.toml")
    assert [p.where.line for p in document.problems if p.where] == [5, 6, 8]


def test_what_a_broken_line_hides_is_not_invented() -> None:
    text = HEAD + "[[rotation]\nname = “x”\n"
    assert len(read_document(text.encode(), "f.toml")[0].problems) == 1


@pytest.mark.parametrize(
    ("data", "words", "hint"),
    [
        (b"start,end,person\n2026-01-05,2026-01-12,alice\n", "a table (CSV)", "rotation import"),
        (b"\xef\xbb\xbfName;Von;Bis\n", "a table (CSV)", "rotation import"),
        (b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "an iCalendar", "calendar ="),
        (b'{"rotations": []}', "JSON", "rotation import"),
        (b"<!DOCTYPE html>", "HTML", "login"),
        (b"---\npeople: []\n", "YAML", "TOML"),
        (b"PK\x03\x04rest", "a spreadsheet", "CSV"),
        ("\ufefftimezone".encode("utf-16"), "UTF-16", "save the file as UTF-8"),
    ],
)
def test_another_kind_of_file(data: bytes, words: str, hint: str) -> None:
    (problem,) = read_document(data, "f.toml")[0].problems
    assert words in problem.what
    assert hint in (problem.hint or "")


def test_a_byte_order_mark_is_no_mistake() -> None:
    assert read_document(b'\xef\xbb\xbftimezone = "UTC"\n', "f.toml")[1] == {"timezone": "UTC"}


def test_what_is_secret_is_not_shown() -> None:
    text = HEAD + "calendar = https://user:secret@example.com/private-0123/basic.ics\n"
    (problem,) = read_document(text.encode(), "f.toml")[0].problems
    assert "https://***" in problem.render()
    assert "secret" not in problem.render()
    assert "private" not in problem.render()


@pytest.mark.parametrize("key", ["timezone", "fallback", "holidays", "overrides"])
def test_a_key_below_its_place(key: str) -> None:
    value = {"timezone": "UTC", "holidays": "GB"}.get(key, "alice@example.com")
    head = HEAD.replace('timezone = "UTC"\n', "") if key == "timezone" else HEAD
    text = f'{head}{key} = "{value}"\n{ROTATION}'
    with pytest.raises(RosterError) as raised:
        parse(text.encode(), Path("f.toml"))
    problems = [p for p in raised.value.problems if "belongs above the first" in (p.hint or "")]
    assert [p.where.line for p in problems if p.where] == [text[: text.index(key)].count("\n") + 1]


def test_a_key_of_the_top_in_a_rotation() -> None:
    with pytest.raises(RosterError) as raised:
        parse(f'{HEAD}{ROTATION}fallback = "alice"\n'.encode(), Path("f.toml"))
    assert "belongs above the first [table]" in str(raised.value)


def test_a_weekday_in_a_handoff() -> None:
    with pytest.raises(RosterError) as raised:
        parse(f'{HEAD}{ROTATION}handoff = "fri 17:00"\n'.encode(), Path("f.toml"))
    assert 'handoff = "17:00": the weekday of start is that of every handoff' in str(raised.value)


WORDS = st.sampled_from(
    [*"[]{}=\"'#,.:\n\t \\“”\u00a0", "[[", "]]", '"""', "a", "2026-01-05", "key = "]
)


@given(st.lists(WORDS, max_size=40).map("".join), st.integers(0, len(HEAD + ROTATION)))
@settings(max_examples=400, deadline=None)
def test_there_is_always_an_answer(noise: str, at: int) -> None:
    text = (HEAD + ROTATION)[:at] + noise + (HEAD + ROTATION)[at:]
    document, _ = read_document(text.encode(), "f.toml")
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        assert 1 <= len(document.problems) <= 20
        for problem in document.problems:
            assert problem.where is not None
            assert problem.where.line is not None
            assert 1 <= problem.where.line <= text.count("\n") + 1
            assert problem.render().isprintable() or "\n" in problem.render()
    else:
        assert document.problems == []
