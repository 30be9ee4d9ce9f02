"""The aliases grammar: what four servers were seen to read."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

from rotation.mail.aliases import (
    SERVERS,
    Dialect,
    members,
    read,
)
from rotation.mail.grammar.postfix import postfix_tokens
from tests.mail.aliases_cases import (
    ALL,
    CASES,
    OS,
    PLAIN,
    E,
    P,
    S,
    as_it_stands,
    many,
    refused,
    values,
)


def as_postfix_prints(value: bytes) -> str:
    """Postfix prints the tokens of a value, not its text: one space after commas and so on."""
    tokens = postfix_tokens(value)
    out = ""
    for token, after in zip(tokens, [*tokens[1:], None], strict=True):
        text = token.text.decode("utf-8", "surrogateescape")
        if token.kind == "quoted":
            text = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
        if token.kind == "literal":
            text = f"[{text}]"
        spaced = after and (after.kind == "<" or (token.word and after.word))
        out += text + (" " if token.kind == "," or spaced else "")
    return out


PRINTED: dict[Dialect, Callable[[bytes], str]] = {
    P: as_postfix_prints,
    E: as_it_stands,
    OS: as_it_stands,
    S: as_it_stands,
}


# --- what was measured -------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
@pytest.mark.parametrize("dialect", [P, S], ids=lambda dialect: dialect.value)
def test_compiled_maps(case: dict[str, Any], dialect: Dialect) -> None:
    reading = read(base64.b64decode(case["b64"]), dialect)
    printed = {key: PRINTED[dialect](value) for key, value in values(reading).items()}
    assert printed == case["map"][dialect.value]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_exim_lookups(case: dict[str, Any]) -> None:
    reading = read(base64.b64decode(case["b64"]), E)
    # Exim cannot list: the measurement holds the names that were asked, and those it was seen to
    # take instead of them ("on call: x" is an entry of "on"). Names with a domain were asked of a
    # router, which looks up their local part.
    asked = {*case["lookups"], *case["map"]["exim"]}
    asked = {name for name in asked if "@" not in name}
    found = {name: entry for name in asked if (entry := reading.winner(name))}
    assert {name: as_it_stands(e.value) for name, e in found.items()} == case["map"]["exim"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_opensmtpd_tables(case: dict[str, Any]) -> None:
    reading = read(base64.b64decode(case["b64"]), OS)
    assert reading.refused == case["opensmtpd_refuses_file"]
    # The maps are those of makemap(8), which is stricter, cuts a trailing comment, and skips the
    # colon before ":include:"; a `file:` table does none of that.
    if case["opensmtpd_refuses_makemap"] or case["id"] == "trailing-comment":
        return
    expected = {k: v.replace("include:", ":include:") for k, v in case["map"]["opensmtpd"].items()}
    assert {key: as_it_stands(value) for key, value in values(reading).items()} == expected


@pytest.mark.parametrize(
    ("text", "readers"),
    [
        (many(100, ", "), {P, E, OS, S}),
        (many(1000, ", "), {P, E, OS}),  # Sendmail: "alias line too long"
        (many(1000, ",\n  "), {P, E}),
        (b"# " + b"x" * 100_000 + b"\noncall: alice\n", {P, E, OS, S}),
        (b"oncall: " + b"a" * 3000 + b"@example.com\n", {P, E, OS, S}),
    ],
)
def test_long_lines(text: bytes, readers: set[Dialect]) -> None:
    assert {dialect for dialect in SERVERS if read(text, dialect).winner("oncall")} == readers


# --- reading -----------------------------------------------------------------------------------

READINGS: list[tuple[bytes, dict[Dialect, bytes | None]]] = [
    (b"oncall: a\n", dict.fromkeys(SERVERS, b"a")),
    (b"ONCALL:a", dict.fromkeys(SERVERS, b"a")),
    (b"oncall : a, b\n", dict.fromkeys(SERVERS, b"a, b")),
    (b"", dict.fromkeys(SERVERS)),
    (b"#oncall: a\n", dict.fromkeys(SERVERS)),
    (b"oncall: a\nOnCall: b\n", {P: b"a", E: b"a", OS: b"b", S: b"b"}),
    (b'"oncall": a\n', {P: b"a", E: b"a", OS: None, S: b"a"}),
    (b"oncall: a,\n b\n", {P: b"a, b", E: b"a, b", OS: None, S: b"a, b"}),
    (b"oncall: a,\n# c\n b\n", {P: b"a, b", E: b"a,", OS: None, S: b"a,"}),
    (b"oncall: a,\n\n b\n", {P: b"a, b", E: b"a,", OS: None, S: b"a,"}),
    (b"oncall: a\n b: c\n", {P: b"a b: c", E: b"a b: c", OS: b"a", S: b"a b: c"}),
    (b"# c \\\noncall: a\n", {P: b"a", E: b"a", OS: b"a", S: None}),
    (b"# c\n oncall: a\n", {P: None, E: None, OS: b"a", S: None}),
    (b"x: y,\n z\\\noncall: a\n", {P: b"a", E: b"a", OS: None, S: None}),
    (b"oncall a\n", {P: None, E: b"a", OS: b"a", S: None}),
    (b"oncall:\n", {P: None, E: b"", OS: None, S: None}),
    (b"oncall@x.example: a\n", {P: None, E: None, OS: None, S: b"a"}),
    (b"oncall: \xe9\n", {P: None, E: b"\xe9", OS: b"\xe9", S: b"\xe9"}),
    (b"# @list\noncall: a\n", {P: b"a", E: b"a", OS: None, S: b"a"}),
    (b"# \0\noncall: a\n", {P: b"a", E: None, OS: b"a", S: None}),
]


@pytest.mark.parametrize(("text", "expected"), READINGS)
def test_each_server_reads_it_its_own_way(
    text: bytes, expected: dict[Dialect, bytes | None]
) -> None:
    winners = {dialect: read(text, dialect).winner("oncall") for dialect in SERVERS}
    found = {dialect: entry.value if entry else None for dialect, entry in winners.items()}
    assert found == expected


def test_sendmail_would_hang() -> None:
    # 8.17 has no room left for the white space that it wants to join, and tries for ever
    text = b"#" + b"x" * 8190 + b" x\noncall: a\n"
    assert read(text, S).refused
    assert not read(text.replace(b" x", b"xx"), S).refused
    assert 1 in refused(text, {"oncall": ["a"]}, S)
    assert refused(text, {"other": ["a"]}, PLAIN) == [1]


@pytest.mark.parametrize("dialect", [P, S, E])
@pytest.mark.parametrize("above", ["", "a: b\n", "a: b\nc: d\n", "# a\n", "a: b,\n  c\n"])
def test_what_continues_an_entry_belongs_to_it_wherever_it_stands(
    dialect: Dialect, above: str
) -> None:
    text = f"{above}duty: alice,\n\tbob,\n carol\nlast: x\n"
    *_, duty, last = read(text.encode(), dialect).entries
    assert (duty.key, members(duty.value)) == ("duty", ("alice", "bob", "carol"))
    assert (last.key, members(last.value)) == ("last", ("x",))


def test_where_an_entry_stands() -> None:
    text = b"# c\nroot: a,\n# between\n  b\n\nx: y"
    root, x = read(text, P).entries
    assert (root.line, text[root.start : root.end]) == (2, b"root: a,\n# between\n  b\n")
    assert [text[start:end] for start, end in root.pieces] == [b"root: a,\n", b"  b\n"]
    assert (x.line, text[x.start : x.end]) == (6, b"x: y")


@pytest.mark.parametrize(
    ("text", "dialect", "line"),
    [
        (b"ok: a\nbad\n", P, 2),
        (b"ok: a\nbad\n", S, 2),
        (b"ok: a\nbad b\n", E, 2),
        (b"ok: a\nbad\n", OS, 2),
        (b"ok: a\nok: b\n", P, 2),
        (b" ok: a\n", P, 1),
        (b" ok: a\n", E, 1),
        (b" ok: a\n", S, 1),
        (b" ok: a\n", OS, 1),
        (b"ok:\n", E, 1),
        (b"a@b: c\n", P, 1),
        (b"\xef\xbb\xbfok: a\n", P, 1),
        (b"ok: a\n#\0\n", OS, 2),
        (b"ok: " + b"a" * 9000 + b"\n", S, 1),
        (b"ok: " + b"a" * 3000 + b"\n", OS, 1),
        (b"ok: a,\n b\n", PLAIN, 2),
    ],
)
def test_oddities(text: bytes, dialect: Dialect, line: int) -> None:
    assert line in [oddity.line for oddity in read(text, dialect).oddities]


def test_nothing_odd() -> None:
    for dialect in ALL:
        assert read(b"# c\n\nroot: a, b@c\r\nx: y", dialect).oddities == ()


def test_a_refused_table_serves_nothing() -> None:
    reading = read(b"a: b\nc: d\n e\n", OS)
    assert (reading.refused, reading.entries) == (True, ())
    assert [entry.key for entry in reading.dropped] == ["a", "c"]


def test_plain_keeps_what_all_read_alike() -> None:
    reading = read(b'a: b\n"q": c\nroot: a, b\nx: y\nX: y\n', PLAIN)
    assert [entry.key for entry in reading.entries] == ["a", "root", "x", "x"]
    assert reading.winner("x") is None  # which one counts is not known
    assert len(reading.all("X")) == 2


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_plain_is_what_every_server_reads(case: dict[str, Any]) -> None:
    text = base64.b64decode(case["b64"])
    for entry in read(text, PLAIN).entries:
        for server in SERVERS:
            reading = read(text, server)
            seen = {(e.line, e.key, b"".join(e.value.split())) for e in reading.entries}
            seen |= {(e.line, e.key, b"".join(e.value.split())) for e in reading.dropped}
            assert (entry.line, entry.key, b"".join(entry.value.split())) in seen


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"alice", ("alice",)),
        (b" alice ,\tbob@example.com\r", ("alice", "bob@example.com")),
        (b"alice+duty@a.b, o'brien@c.d", ("alice+duty@a.b", "o'brien@c.d")),
        (b"", None),
        (b"alice,", None),
        (b"alice bob", None),
        (b"alice # note", None),
        (b'"alice"', None),
        (b"|/bin/cat", None),
        (b"/var/mail/x", None),
        (b":include:/etc/list", None),
        (b"Al <a@b>", None),
        (b"a (note)", None),
        (b"\\alice", None),
        (b"-f", None),
        (b"j\xc3\xbcrgen@example.com", None),
    ],
)
def test_members(value: bytes, expected: tuple[str, ...] | None) -> None:
    assert members(value) == expected
