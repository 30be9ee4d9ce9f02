"""Looking only at the lines that can matter tells what looking at all of them does."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rotation.mail.aliases import SERVERS, Dialect, physical_lines, read
from rotation.mail.aliases_edit import Edit, EditRefused, edit
from rotation.mail.grammar.sections import sections
from tests.mail.aliases_cases import ALL, CASES, E, P, S

NAMES = ["oncall", "root", "bob", "a.b", "x"]

PLAIN_LINES = st.builds(
    "{}{} {}\n".format,
    st.sampled_from([*NAMES, *(name.upper() for name in NAMES), "u1", "u2", "oncall2", "on"]),
    st.sampled_from([":", ":", ": ", " :", "\t:"]),
    st.sampled_from(["x", "alice@example.com", "a, b", '"|cat -n"', "a # b", ":include:/l", "y\r"]),
).map(str.encode)

QUIET = st.sampled_from([b"# c\n", b"#\n", b"\n", b"# oncall: x\n"])

SMALL_ODD = [
    *(b" bob\n", b"\tcarol,\n", b"  # c\n", b"  \n", b"\r\n", b"# c \\\n", b"oncall: a \\\n"),
    *(b"root: a\\\n", b"bad\n", b"oncall\n", b"oncall x\n", b'"oncall": q\n', b"ONCALL:a\\\r\n"),
    *(
        b"a.b:\n",
        b"x: : \n",
        b"x::y\n",
        b"j\xc3\xbc: a\n",
        b"x: \xe9\n",
        b"\xef\xbb\xbf",
        b"x\0y: z\n",
    ),
    *(
        b"oncall: a\0b\n",
        b"\0\n",
        b"\\\n",
        b"oncall:\\\n",
        b"#@list\n",
        b"x: (a\n",
        b'x: "a\n',
        b" \\\n",
    ),
    *("\N{KELVIN SIGN}: z\n".encode(), b"k: z\n", b"x@y: z\n", b" oncall: z\n", b"<<<<<<< ours\n"),
]

LONG = [
    *(b"x: " + b"a" * 1600 + b"\n", b"x: " + b"a" * 4090 + b"\\\n", b" " + b"b" * 4100 + b"\n"),
    *(b"y: " + b"a" * 8187 + b"\n", b"y: " + b"a" * 8188 + b"\\\n", b"y: " + b"a" * 9000 + b"\\\n"),
    *(b"oncall: " + b"a" * 8183 + b"\n", b"x" * 300 + b": y\n"),
]

ODD = st.one_of(st.sampled_from(SMALL_ODD), st.sampled_from(SMALL_ODD), st.sampled_from(LONG))

MEASURED = st.sampled_from([base64.b64decode(case["b64"]) for case in CASES])

FILES = st.lists(
    st.one_of(PLAIN_LINES, PLAIN_LINES, PLAIN_LINES, QUIET, ODD, ODD, MEASURED),
    max_size=14,
).map(b"".join)

CUT = st.integers(0, 3)
"""So many bytes are missing at the end: no last newline, half a line."""

PEOPLE = st.sampled_from([["alice"], ["x"], ["a", "b"], ["bob@example.com"], ["y"]])

WANTED = st.dictionaries(st.sampled_from([*NAMES, "OnCall", "new"]), PEOPLE, min_size=1, max_size=3)

thorough = settings(
    derandomize=True,
    deadline=None,
    max_examples=600,
    suppress_health_check=[HealthCheck.too_slow],
)


def outcome(
    text: bytes, wanted: dict[str, list[str]], dialect: Dialect, *, compiled: bool, whole: bool
) -> tuple[Edit, frozenset[str]] | tuple[object, ...]:
    try:
        done = edit(text, wanted, dialect, compiled=compiled, whole=whole)
    except EditRefused as refusal:
        return refusal.problems
    return done, done.absent


def same(
    text: bytes, wanted: dict[str, list[str]], dialect: Dialect, *, compiled: bool = False
) -> None:
    near = outcome(text, wanted, dialect, compiled=compiled, whole=False)
    assert near == outcome(text, wanted, dialect, compiled=compiled, whole=True)


@thorough
@given(FILES, CUT, WANTED, st.sampled_from(ALL), st.booleans())
@example(b"u: v\noncall: a \\\nx: y\nz: w\n", 0, {"oncall": ["b"]}, S, True)
@example(b"x: y\nu: v\noncall: a\n\n\n# c\n bob\nu: v\nx: z\n", 0, {"oncall": ["b"]}, P, True)
@example(b"x: y\nu: v\nx\0: z\noncall: q\nu: v\nx: z\n", 0, {"oncall": ["b"]}, E, False)
def test_a_change_is_the_same(
    text: bytes, cut: int, wanted: dict[str, list[str]], dialect: Dialect, compiled: bool
) -> None:
    same(text[: len(text) - cut], wanted, dialect, compiled=compiled)


@thorough
@given(FILES, CUT, st.sampled_from(ALL))
@example(b"x: y\ny: " + b"a" * 8188 + b"\\\n\n# c\nx: y\nx: y\n# c\n", 0, S)
def test_a_reading_is_the_same(text: bytes, cut: int, dialect: Dialect) -> None:
    text = text[: len(text) - cut]
    for names in ([name] for name in NAMES):
        near, whole = read(text, dialect, names), read(text, dialect)
        assert near.refused == whole.refused
        for name in names:
            assert near.all(name) == whole.all(name)
            assert near.winner(name) == whole.winner(name)
            dropped = [entry for entry in whole.dropped if entry.key == name]
            if dialect in SERVERS and not whole.refused:
                assert [entry for entry in near.dropped if entry.key == name] == dropped


@thorough
@given(FILES, CUT, st.lists(st.sampled_from(NAMES), max_size=3))
def test_sections_are_parts_of_the_file_in_order(
    text: bytes, cut: int, names: Sequence[str]
) -> None:
    text = text[: len(text) - cut]
    lines = physical_lines(text)
    near = [line for section in sections(text, names) for line in section]
    assert near == [line for line in lines if line in near]
    assert near[-2:] == lines[-2:]
    assert near[:1] == lines[:1]
    for section in sections(text, names):
        assert [line.number for line in section] == list(
            range(section[0].number, section[0].number + len(section))
        )


def test_many_names_are_found_as_few_are() -> None:
    names = [f"user{number}" for number in range(0, 2000, 7)]
    text = b"".join(b"User%d: x\n# c\n" % number for number in range(3000))
    together = {line.number for part in sections(text, names) for line in part}
    each = {line.number for n in names for part in sections(text, [n]) for line in part}
    assert together == each
    assert len(together) < len(names) * 6


def test_of_a_large_file_few_lines_are_looked_at() -> None:
    text = b"".join(b"user%d: user%d@example.com\n" % (n, n) for n in range(5000))
    near = [line for part in sections(text + b"odd\n" + text, ["user77"]) for line in part]
    assert len(near) < 15
