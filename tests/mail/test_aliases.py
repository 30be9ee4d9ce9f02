"""Reading and editing aliases, against what the four servers themselves were measured to read."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rotation.mail.aliases import SERVERS, Dialect, members, physical_lines, read
from rotation.mail.aliases_edit import EditRefused, edit

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent.parent / "cases" / "aliases.json").read_text("utf-8")
)

_PRINTED = "Postfix prints the value as it parsed it; the text of the file is kept here"
_DB = "makemap(8) parsed the value for a db: table; a file: table keeps the text"

# (case, server): why the reading is not the measured map.
EXCEPTIONS = {
    ("rhs-backslash-local", Dialect.POSTFIX): _PRINTED,
    ("self-backslash", Dialect.POSTFIX): _PRINTED,
    ("unbalanced-quote", Dialect.POSTFIX): _PRINTED,
    ("key-at", Dialect.EXIM): "the router that was measured looks up the local part alone",
    ("trailing-comment", Dialect.OPENSMTPD): _DB,
    ("sec-include-world-writable", Dialect.OPENSMTPD): _DB,
}


def winners(text: bytes, dialect: Dialect) -> dict[str, bytes]:
    reading = read(text, dialect)
    found = {}
    for entry in reading.entries:
        counts = reading.winner(entry.key)
        if counts is not None:
            found[entry.key] = counts.value
    return found


def bare(value: bytes | str) -> str:
    """Return a value without white space, which each server's tool prints its own way."""
    text = value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value
    return "".join(text.split())


@pytest.mark.parametrize("dialect", SERVERS, ids=lambda dialect: dialect.value)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_reads_what_the_server_was_measured_to_read(case: dict[str, Any], dialect: Dialect) -> None:
    text = base64.b64decode(case["b64"])
    measured = case["mta"][dialect.value]
    if dialect is Dialect.OPENSMTPD:
        assert read(text, dialect).refused == (measured["file_table_check_rc"] != 0)
        if measured["makemap_rc"] != 0:
            return  # only makemap prints a table, and it refused what a file: table takes
    want = {key: bare(value) for key, value in (measured["map"] or {}).items()}
    got = {key: bare(value) for key, value in winners(text, dialect).items()}
    if dialect is Dialect.EXIM:  # which prints no table; only these names were looked up
        got = {key: value for key, value in got.items() if key in {*case["lookups"], *want}}
    assert (got != want) == ((case["id"], dialect) in EXCEPTIONS), (got, want)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_plain_keeps_only_what_all_servers_read_alike(case: dict[str, Any]) -> None:
    text = base64.b64decode(case["b64"])
    for key, value in winners(text, Dialect.PLAIN).items():
        for dialect in SERVERS:
            reading = read(text, dialect)
            seen = (*reading.entries, *reading.dropped)
            assert (key, bare(value)) in {(entry.key, bare(entry.value)) for entry in seen}


# --- properties of the editor ---------------------------------------------------------------------

PROPERTY = settings(derandomize=True, deadline=None, max_examples=100)
LINES = st.sampled_from(
    [
        b"root: alice",
        b"oncall: bob",
        b"OnCall : bob, carol",
        b'"oncall": bob',
        b"postmaster: root",
        b"ops:alice,",
        b" carol",
        b"\tdave, erin",
        b" # indented note",
        b"# oncall: nobody",
        b"",
        b"   ",
        b'prog: "|/usr/bin/prog -x, y"',
        b"list: :include:/etc/list",
        b"caf\xe9: alice",
        b"garbage",
        b"name value",
        b"empty:",
        b"more: alice \\",
        b"oncall@example.com: bob",
        b"on call: bob",
        b"x: \0y",
        b"root: twice",
    ]
)
ENDINGS = st.sampled_from([b"\n", b"\r\n"])
CASE_TEXTS = st.sampled_from([base64.b64decode(case["b64"]) for case in CASES])
ADDRESSES = st.lists(
    st.sampled_from(["alice", "bob", "alice@example.com", "o.n-call+x@example.org"]),
    min_size=1,
    max_size=3,
)


@st.composite
def made_up_texts(draw: st.DrawFn) -> bytes:
    ending = draw(ENDINGS)
    text = ending.join(draw(st.lists(LINES, max_size=7)))
    return text + (ending if draw(st.booleans()) else b"")


TEXTS = st.one_of(made_up_texts(), CASE_TEXTS, st.binary(max_size=60))


@pytest.mark.parametrize("dialect", list(Dialect), ids=lambda dialect: dialect.value)
@PROPERTY
@given(text=TEXTS, addresses=ADDRESSES)
def test_an_edit_does_what_was_asked_and_nothing_else(
    dialect: Dialect, text: bytes, addresses: list[str]
) -> None:
    try:
        done = edit(text, {"oncall": addresses}, dialect)
    except EditRefused:
        return
    for server in SERVERS if dialect is Dialect.PLAIN else (dialect,):
        after = winners(done.text, server)
        if dialect is not Dialect.PLAIN or not read(done.text, server).refused:
            assert members(after.pop("oncall")) == tuple(addresses)
        # An indented line that goes with the entry is one of its own for OpenSMTPD alone.
        indented = any(line.indented for line in physical_lines(text))
        own = server is Dialect.OPENSMTPD and indented
        if not own and not read(text, server).refused:
            before = {k: v.rstrip() for k, v in winners(text, server).items() if k != "oncall"}
            assert {key: value.rstrip() for key, value in after.items()} == before
    assert edit(done.text, {"oncall": addresses}, dialect).text == done.text


@PROPERTY
@given(text=st.binary(max_size=200))
def test_reading_raises_nothing(text: bytes) -> None:
    for dialect in Dialect:
        read(text, dialect)


@PROPERTY
@given(name=st.text(max_size=12), address=st.text(max_size=20))
def test_unfit_names_and_addresses_are_refused_and_nothing_else_is_raised(
    name: str, address: str
) -> None:
    for dialect in Dialect:
        try:
            done = edit(b"root: alice\n", {name: [address]}, dialect)
        except EditRefused:
            continue
        assert done.text.isascii()


# --- single facts ---------------------------------------------------------------------------------

ALL = pytest.mark.parametrize("dialect", list(Dialect), ids=lambda dialect: dialect.value)


@ALL
@pytest.mark.parametrize(
    ("text", "result"),
    [
        (b"", b"oncall: bob\n"),
        (b"root: alice", b"root: alice\noncall: bob\n"),
        (b"root: alice\r\n", b"root: alice\r\noncall: bob\r\n"),
        (b"oncall: alice\r\nroot: bob\r\n", b"oncall: bob\r\nroot: bob\r\n"),
        (b"oncall: alice", b"oncall: bob"),
        (b"OnCall :alice\n", b"OnCall: bob\n"),
        (b"oncall:bob\n", b"oncall:bob\n"),
        (
            b'# caf\xe9\nprog: "|/bin/p a"\noncall: alice\n',
            b'# caf\xe9\nprog: "|/bin/p a"\noncall: bob\n',
        ),
    ],
)
def test_edits(text: bytes, result: bytes, dialect: Dialect) -> None:
    assert edit(text, {"oncall": ["bob"]}, dialect).text == result


@pytest.mark.parametrize("dialect", [Dialect.POSTFIX, Dialect.EXIM, Dialect.SENDMAIL])
def test_continuation_lines_are_replaced_with_the_entry(dialect: Dialect) -> None:
    done = edit(b"oncall: alice,\n  carol,\n\tdave\nroot: x\n", {"oncall": ["bob"]}, dialect)
    assert done.text == b"oncall: bob\nroot: x\n"
    assert done.before == {"oncall": ("alice", "carol", "dave")}


@pytest.mark.parametrize("dialect", [Dialect.POSTFIX, Dialect.EXIM, Dialect.SENDMAIL])
def test_a_quoted_name_is_the_name(dialect: Dialect) -> None:
    assert edit(b'"oncall": x\n', {"oncall": ["bob"]}, dialect).text == b"oncall: bob\n"


@pytest.mark.parametrize("dialect", [Dialect.OPENSMTPD, Dialect.PLAIN])
def test_a_quoted_name_is_refused_where_it_is_not_read_so(dialect: Dialect) -> None:
    with pytest.raises(EditRefused) as caught:
        edit(b'"oncall": x\n', {"oncall": ["bob"]}, dialect)
    assert [problem.line for problem in caught.value.problems] == [1]


@ALL
def test_duplicates_are_refused_with_their_lines(dialect: Dialect) -> None:
    with pytest.raises(EditRefused) as caught:
        edit(b"oncall: a\nroot: b\nONCALL: c\n", {"oncall": ["bob"]}, dialect)
    assert [problem.line for problem in caught.value.problems] == [1, 3]


@ALL
def test_a_nul_byte_is_refused(dialect: Dialect) -> None:
    with pytest.raises(EditRefused, match="NUL"):
        edit(b"root: a\0b\n", {"oncall": ["bob"]}, dialect)


@ALL
@pytest.mark.parametrize(
    "wanted",
    [
        {"on call": ["bob"]},
        {"oncall": []},
        {"oncall": ["|/bin/sh"]},
        {"oncall": ["bob, carol"]},
        {"oncall": ["bob\nroot: eve"]},
        {"oncall": ["j\u00fcrgen@example.com"]},
        {"oncall": ["a"], "OnCall": ["b"]},
        {"oncall": ["someone@example.com"] * 100},
    ],
)
def test_what_some_server_would_misread_is_refused(
    wanted: dict[str, list[str]], dialect: Dialect
) -> None:
    with pytest.raises(EditRefused):
        edit(b"root: alice\n", wanted, dialect)
