"""The aliases grammar: what four servers were seen to read, and edits that disturb nothing."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from rotation.mail.aliases import (
    SERVERS,
    AliasesReading,
    Dialect,
    members,
    physical_lines,
    read,
)
from rotation.mail.aliases_edit import Edit, EditRefused, edit
from rotation.mail.grammar.postfix import postfix_tokens

P, E, OS, S, PLAIN = Dialect
ALL = (P, E, OS, S, PLAIN)
CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "cases" / "aliases.json").read_text()
)["cases"]


def values(reading: AliasesReading) -> dict[str, bytes]:
    names = dict.fromkeys(entry.key for entry in reading.entries)
    return {name: entry.value for name in names if (entry := reading.winner(name))}


def refused(text: bytes, wanted: dict[str, list[str]], dialect: Dialect) -> list[int | None]:
    with pytest.raises(EditRefused) as caught:
        edit(text, wanted, dialect)
    assert all(what and hint for _, what, hint in caught.value.problems)
    return [line for line, _, _ in caught.value.problems]


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


def as_it_stands(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")


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


def many(count: int, between: str) -> bytes:
    return ("oncall: " + between.join(f"u{n:04}@example.com" for n in range(count)) + "\n").encode()


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


# --- editing -----------------------------------------------------------------------------------

NEW = {"oncall": ["bob@example.com", "carol"]}
LINE = b"oncall: bob@example.com, carol"


@pytest.mark.parametrize("dialect", ALL, ids=lambda dialect: dialect.value)
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"oncall: alice\n", LINE + b"\n"),
        (b"oncall: alice", LINE),
        (b"a: b\noncall: alice\nc: d\n", b"a: b\n" + LINE + b"\nc: d\n"),
        (b"a: b\r\noncall: alice\r\nc: d\r\n", b"a: b\r\n" + LINE + b"\r\nc: d\r\n"),
        (b"a: b\noncall: alice\r\nc: d\n", b"a: b\n" + LINE + b"\r\nc: d\n"),
        (b"OnCall:alice\n", b"OnCall: bob@example.com, carol\n"),
        (b"oncall: alice,\n\tdave,\n\teve\nc: d\n", LINE + b"\nc: d\n"),
        (b"oncall: alice\n dave\nc: d\n", LINE + b"\nc: d\n"),
        (b"oncall: |/bin/cat\n", LINE + b"\n"),
        (b"oncall: alice # note\n", LINE + b"\n"),
        (b"oncall:\n", LINE + b"\n"),
        (b"", LINE + b"\n"),
        (b"a: b\n", b"a: b\n" + LINE + b"\n"),
        (b"a: b", b"a: b\n" + LINE + b"\n"),
        (b"a: b\r\nc: d", b"a: b\r\nc: d\r\n" + LINE + b"\r\n"),
        (b"a: b\n# end", b"a: b\n# end\n" + LINE + b"\n"),
        (b"a: b\n\n\n", b"a: b\n\n\n" + LINE + b"\n"),
        (b"#oncall: alice\n", b"#oncall: alice\n" + LINE + b"\n"),
        (b"a: b,\n", b"a: b,\n" + LINE + b"\n"),
        (b"oncall-2: a\nxoncall: a\n", b"oncall-2: a\nxoncall: a\n" + LINE + b"\n"),
    ],
)
def test_edit(text: bytes, expected: bytes, dialect: Dialect) -> None:
    done = edit(text, NEW, dialect)
    assert done.text == expected
    assert edit(done.text, NEW, dialect) == Edit(done.text, {"oncall": tuple(NEW["oncall"])})


@pytest.mark.parametrize(
    ("text", "dialect", "expected"),
    [
        # comments inside the entry stay, its lines behind them go
        (b"oncall: a,\n# c\n  b\n\n c\nx: y\n", P, LINE + b"\n# c\n\nx: y\n"),
        # to Exim those lines are nothing, before as after
        (b"oncall: a,\n# c\n  b\nx: y\n", E, LINE + b"\n# c\n  b\nx: y\n"),
        (b"oncall: a,\n# c\n  b\nx: y\n", S, LINE + b"\n# c\n  b\nx: y\n"),
        (b"oncall: a,\n# c\n  b\nx: y\n", PLAIN, LINE + b"\n# c\nx: y\n"),
        (b'"OnCall": a\n', P, b"OnCall: bob@example.com, carol\n"),
        (b'"oncall" : a\n', S, LINE + b"\n"),
        (b"oncall alice\n", E, LINE + b"\n"),
        (b"oncall: a, \\\nb\nx: y\n", S, LINE + b"\nx: y\n"),
        # OpenSMTPD takes an indented line for an entry: it stays where it is one, and goes where
        # it makes OpenSMTPD refuse the table
        (b" oncall: a\n bob: c\n", OS, LINE + b"\n bob: c\n"),
        (b"oncall: a,\n dave\nx: y\n", OS, LINE + b"\nx: y\n"),
        (b"oncall: a\n , dave, eve\nx: y\n", P, LINE + b"\nx: y\n"),
        (b"oncall: a\n , dave, eve\nx: y\n", PLAIN, LINE + b"\nx: y\n"),
        (b"x: y \\\n", P, b"x: y \\\n" + LINE + b"\n"),
        (b"x: y\n z", E, b"x: y\n z\n" + LINE + b"\n"),
    ],
)
def test_edit_for_one_server(text: bytes, dialect: Dialect, expected: bytes) -> None:
    assert edit(text, NEW, dialect).text == expected


@pytest.mark.parametrize("dialect", ALL, ids=lambda dialect: dialect.value)
def test_everything_else_passes_through(dialect: Dialect) -> None:
    before = b'# d\xe9p\xeache\r\nlist: :include:/etc/list\ncmd: "|/bin/cat -n, -e"\n\n'
    after = b"mbox: /var/mail/x\r\n   \nowner-oncall: root\n# end, no newline"
    done = edit(before + b"oncall: alice\n" + after, NEW, dialect)
    assert done.text == before + LINE + b"\n" + after


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        (b"oncall: bob@example.com,carol", PLAIN),
        (b"OnCall :\tbob@example.com , carol\r\n", PLAIN),
        (b"oncall: bob@example.com,\n carol\n", P),
        (b"oncall: bob@example.com,\n carol\n", E),
        (b"oncall: bob@example.com,\n# c\n carol\n", P),
        (b'"oncall": bob@example.com,\n carol\n', S),
        (b"oncall: bob@example.com, carol\nOncall: bob@example.com, carol\n", PLAIN),
        (b"oncall: bob@example.com, carol\n\0\n", P),
    ],
)
def test_what_is_right_already_stays(text: bytes, dialect: Dialect) -> None:
    assert edit(text, NEW, dialect) == Edit(text, {"oncall": tuple(NEW["oncall"])})


def test_several_names_at_once() -> None:
    text = b"a: x\nB: y,\n z\nc: q\n"
    done = edit(text, {"b": ["1"], "new": ["2"], "c": ["q"], "other": ["3"]}, P)
    assert done.text == b"a: x\nB: 1\nc: q\nnew: 2\nother: 3\n"
    assert done.before == {"b": ("y", "z"), "new": None, "c": ("q",), "other": None}


def test_before() -> None:
    def before(text: bytes, dialect: Dialect) -> tuple[str, ...] | None:
        return edit(text, NEW, dialect).before["oncall"]

    assert before(b"oncall: a, b\n", PLAIN) == ("a", "b")
    assert before(b"oncall: a,\n b\n", P) == ("a", "b")
    assert before(b"oncall: a,\n b\n", PLAIN) is None  # the servers do not agree
    assert before(b"oncall: |cmd\n", P) is None
    assert before(b"", P) is None


@pytest.mark.parametrize(
    ("text", "dialect", "lines"),
    [
        *[(b"oncall: a\nx: y\nOnCall: b\n", dialect, [1, 3]) for dialect in ALL],
        (b'oncall: a\n"oncall": b\n', P, [1, 2]),
        (b"oncall: a\noncall:\n", P, [1, 2]),
        # looks like ours, is none of ours
        (b'"oncall": a\n', OS, [1]),
        (b'"oncall": a\n', PLAIN, [1]),
        (b" oncall: a\n", P, [1]),
        (b"x: y,\n oncall: a\n", E, [2]),
        (b"# c\\\noncall: a\n", S, [2]),
        (b"x: y,\n z\\\noncall: a\n", S, [3]),
        (b"oncall a\n", P, [1]),
        *[(b"\xef\xbb\xbfoncall: a\n", dialect, [1]) for dialect in ALL],
        (b"oncall@x.example: a\n", S, [1]),
        # looks like another's entry, is part of ours
        (b"oncall: a\n bob: c\n", P, [2]),
        (b"oncall: a\n bob: c\n", PLAIN, [2]),
        (b"oncall: a,\n\n  b\nx: y\n", S, [3]),
        (b"oncall: a \\\nbob: c\n", S, [2]),
        (b"oncall: a \\\nbob: c\n", PLAIN, [2]),
        (b"oncall: a, \\\ndave\n", PLAIN, [2]),
        (b"oncall: a\rbob: c\r", P, [1]),
        (b"oncall: a\n , dave, eve\nx: y\n", OS, [2]),
        # the newline that it lacks would become a part of the other's value
        (b'a: b\r\nx: "y', P, [None]),
        (b"a: b\r\nx: y\\", P, [None]),
        # dangerous files
        (b"x: y\n# \0\n", P, [2]),
        (b"x: y\noncall: a\nz\n", OS, [3]),
        (b"oncall: a,\n# c\n b\n", OS, [3]),
        (b"oncall: a\nx: " + b"y" * 9000 + b"\n", S, [2]),
        (b"x: y\n# c \\\n", S, [2]),
        (b"x: y\n# c \\", PLAIN, [2]),
    ],
)
def test_refused(text: bytes, dialect: Dialect, lines: list[int | None]) -> None:
    assert refused(text, NEW, dialect) == lines


@pytest.mark.parametrize("dialect", [P, E, PLAIN], ids=lambda dialect: dialect.value)
def test_dangers_elsewhere_are_not_ours_to_judge(dialect: Dialect) -> None:
    text = b"<<<<<<< HEAD\nx: y,\n  z\nbad:\nlong: " + b"a" * 9000 + b"\noncall: a\n"
    assert edit(text, NEW, dialect).text == text.replace(b"oncall: a\n", LINE + b"\n")


@pytest.mark.parametrize(
    "name", ["", "on call", "#x", "a:b", '"x"', "-x", "x@y", "jürgen", "x\n", "a,b", "a/b"]
)
def test_unfit_names(name: str) -> None:
    assert refused(b"", {name: ["alice"]}, P) == [None]


@pytest.mark.parametrize(
    "address",
    [
        *("", " ", "a b", "a,b", "|cmd", "|touch${IFS}/x@example.com", "/tmp/x@y.example", "#a"),
        *(
            '"a"@b',
            "a:b",
            ":include:/x",
            "~/x",
            "-f",
            "a@b@c",
            "a@",
            "@b",
            "a\n",
            "a\nb: c",
            "a\\b",
        ),
        *("jürgen@example.com", "a@exämple.com", "a%b@c", "a!b", "a(b)", "<a@b>", "a;b", "a..b@c"),
        *("a\0b", "a@-b", "a@b-"),
    ],
)
def test_unfit_addresses(address: str) -> None:
    assert refused(b"oncall: x\n", {"oncall": ["alice", address]}, P) == [None]


def test_other_unfit_wishes() -> None:
    assert refused(b"", {"oncall": []}, P) == [None]
    assert refused(b"", {"oncall": ["a"], "OnCall": ["b"]}, P) == [None]
    assert refused(b"", {"oncall": [f"user{n}@example.com" for n in range(120)]}, P) == [None]
    assert len(refused(b"", {"a b": ["x"], "c": ["|x"], "d": []}, P)) == 3
    longest = ["a" * (1999 - len("oncall: "))]
    assert len(edit(b"", {"oncall": longest}, P).text) == 2000  # with the newline


# --- properties --------------------------------------------------------------------------------

NAMES = st.sampled_from(
    [b"root", b"Root", b"bob", b"a.b", b'"bob"', b'"on call"', b"on call", b"x@y", b"owner-x"]
)
VALUES = st.sampled_from(
    [
        *(b"alice", b"alice, bob@example.com", b"alice,", b"a b", b"", b"alice # c", b"a (c)"),
        *(b'"|/bin/cat -n, -e"', b"|/bin/cat", b":include:/etc/list", b"/var/mail/x", b"a\\"),
        *(b'"alice', b"j\xc3\xbcrgen@x", b"\xe9@x", b"Al <a@b>", b"team: a, b;", b"\\alice"),
    ]
)
ENTRIES = st.builds(
    b"".join, st.tuples(NAMES, st.sampled_from([b":", b": ", b" : ", b" ", b""]), VALUES)
)
OTHER = st.sampled_from(
    [
        b"",
        b"  ",
        b"# c",
        b"  # c",
        b"# c \\",
        b"bad",
        b" bob: x",
        b"\t, carol",
        b" carol,",
        b"=== x",
    ]
)
ENDS = st.sampled_from([b"\n", b"\n", b"\n", b"\r\n", b"\\\n", b""])
OURS = st.sampled_from(
    [b"", b"oncall: alice", b"OnCall: alice,", b'"oncall": a', b"oncall: bob@example.com, carol"]
)
MADE_UP = st.lists(st.tuples(st.one_of(ENTRIES, OTHER, OURS), ENDS), max_size=8).map(
    lambda parts: b"".join(text + end for text, end in parts)
)
MEASURED = st.sampled_from([base64.b64decode(case["b64"]) for case in CASES])
FILES = st.one_of(MADE_UP, MADE_UP, MADE_UP, MEASURED, st.binary(max_size=60))
PEOPLE = st.lists(st.sampled_from(["alice", "bob@example.com", "x+y@a-b.example"]), min_size=1)
relaxed = settings(
    derandomize=True,
    deadline=None,
    max_examples=300,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)


def edited(text: bytes, people: list[str], dialect: Dialect) -> bytes:
    try:
        return edit(text, {"oncall": people}, dialect).text
    except EditRefused:
        assume(False)
        raise


@relaxed
@given(FILES, PEOPLE, st.sampled_from(ALL))
def test_reads_as_wanted_and_nothing_else_changes(
    text: bytes, people: list[str], dialect: Dialect
) -> None:
    new = edited(text, people, dialect)
    for server in SERVERS if dialect is PLAIN else (dialect,):
        old_reading, reading = read(text, server), read(new, server)
        if dialect is not PLAIN:
            assert not reading.refused
        if reading.refused or old_reading.refused:
            continue  # another server's table: it serves nothing either way
        winner = reading.winner("oncall")
        assert winner is not None
        assert members(winner.value) == tuple(people)
        if dialect is server or server is not OS:  # to OpenSMTPD continuation lines are entries
            old, now = values(old_reading), values(reading)
            old.pop("oncall", None), now.pop("oncall")
            assert {k: v.rstrip() for k, v in old.items()} == {
                k: v.rstrip() for k, v in now.items()
            }


@relaxed
@given(FILES, PEOPLE, PEOPLE, st.sampled_from(ALL))
def test_idempotent_and_forgetful(
    text: bytes, people: list[str], others: list[str], dialect: Dialect
) -> None:
    new = edited(text, people, dialect)
    assert edited(new, people, dialect) == new
    if new != text:  # else it may have been left in another form
        assert edited(new, others, dialect) == edited(text, others, dialect)


@relaxed
@given(FILES, PEOPLE, st.sampled_from(ALL))
def test_every_other_line_stays(text: bytes, people: list[str], dialect: Dialect) -> None:
    new = edited(text, people, dialect)
    old_lines = [text[line.start : line.end] for line in physical_lines(text)]
    new_lines = [new[line.start : line.end] for line in physical_lines(new)]
    same = sum(1 for _ in _common(old_lines, new_lines))
    tail = sum(1 for _ in _common(old_lines[same:][::-1], new_lines[same:][::-1]))
    middle = new_lines[same : len(new_lines) - tail]
    # what is new is our line, and perhaps the newline that the last line lacked
    fresh = [line for line in middle if line not in old_lines]
    ours = [line for line in fresh if line.lower().startswith(b"oncall: ")]
    assert len(ours) <= 1
    assert [line.rstrip(b"\r\n") for line in fresh if line not in ours] in (
        [],
        [old_lines[-1].rstrip(b"\r\n")] if old_lines else [],
    )


def _common(left: list[bytes], right: list[bytes]) -> list[bytes]:
    found = []
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        found.append(one)
    return found


@relaxed
@given(st.binary(max_size=200), st.sampled_from(ALL))
def test_any_bytes_can_be_read(text: bytes, dialect: Dialect) -> None:
    for entry in read(text, dialect).entries:
        assert 0 <= entry.start < entry.end <= len(text)
        assert text.count(b"\n", 0, entry.start) == entry.line - 1


@relaxed
@given(st.text(max_size=12), st.text(max_size=20), st.sampled_from(ALL))
def test_nothing_but_plain_ascii_is_ever_written(name: str, address: str, dialect: Dialect) -> None:
    try:
        new = edit(b"root: alice\n", {name: [address]}, dialect).text
    except EditRefused:
        return
    assert new.isascii()
    assert new.count(b"\n") == (1 if name.lower() == "root" else 2)
