"""dma's aliases and settings: what it takes, and that one bad line spoils all (dma(8)).

The tests on the real programs hold the same up against dma itself.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotation.mail.clients.dma import parse, read_aliases

WORDS = st.from_regex(r"[a-z0-9@.!|/+-]{1,8}", fullmatch=True)
ENTRIES = st.lists(st.tuples(WORDS, st.lists(WORDS, min_size=1, max_size=4)), max_size=5)
BLANKS = st.sampled_from(["", " ", "\t", " \t "])
ENDS = st.sampled_from(["\n", " \n", "# a comment\n", "\n\n", "\n# a comment: with, marks\n"])


@given(ENTRIES, st.data())
def test_what_is_written_is_read(entries: list[tuple[str, list[str]]], data: st.DataObject) -> None:
    text, lines = "", []
    for name, members in entries:
        lines.append(text.count("\n") + 1)
        comma = data.draw(BLANKS) + "," + data.draw(BLANKS)
        text += f"{name}{data.draw(BLANKS)}:{data.draw(BLANKS)}{comma.join(members)}"
        text += data.draw(ENDS)
    table = read_aliases(text.encode())
    assert table.fault is None
    seen = [
        (name, list(alias.members), alias.line)
        for name, aliases in table.entries.items()
        for alias in aliases
    ]
    written = [(name, members, at) for (name, members), at in zip(entries, lines, strict=True)]
    assert sorted(seen) == sorted(written)


@pytest.mark.parametrize(
    "bad",
    [
        *("root\n", "root alice\n", "root:\n", ": alice\n", "root: alice bob\n", "root: alice,\n"),
        *("root: ,alice\n", "root: alice: bob\n", "root:: alice\n", "root: alice", "root", "root:"),
        *("root: alice,", "root: alice \x01\n", ",\n", ":\n", "root: alice :\n"),
    ],
)
@pytest.mark.parametrize("before", ["", "news: carol\n", "# a comment\n\nnews: carol, bob\n"])
def test_one_bad_line_spoils_all(bad: str, before: str) -> None:
    table = read_aliases((before + bad).encode())
    assert table.fault is not None
    assert table.fault.line == before.count("\n") + 1
    assert table.entries == {}


def test_settings_and_flags() -> None:
    read = parse("SMARTHOST mail.example.com\nPORT 587\n# ALIASES /x\nSECURETRANSFER\n")
    assert read.fault is None
    assert {key: (line.value, line.line) for key, line in read.values.items()} == {
        "SMARTHOST": ("mail.example.com", 1),
        "PORT": ("587", 2),
        "SECURETRANSFER": ("", 4),
    }


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("SMARTHOST\n", 1),
        ("\nPORT \n", 2),
        ("DEFER yes\n", 1),
        ("RELAY x\n", 1),
        ("NULLCLIENT\n", 1),
    ],
)
def test_a_setting_that_it_does_not_take(text: str, line: int) -> None:
    fault = parse(text).fault
    assert fault is not None
    assert fault.line == line
