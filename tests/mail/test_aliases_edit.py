"""Edits of an aliases file: what is wanted is read, and nothing else is disturbed or refused."""

from __future__ import annotations

import pytest

from rotation.mail.aliases import (
    Dialect,
)
from rotation.mail.aliases_edit import Edit, edit
from tests.mail.aliases_cases import ALL, OS, PLAIN, E, P, S, refused

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
        # white space that Postfix takes for a part of the address
        (LINE + b"\f\n", P, LINE + b"\n"),
        (LINE + b"\f\n", PLAIN, LINE + b"\n"),
        (b"oncall: bob@example.com, \vcarol\n", P, LINE + b"\n"),
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
        (b"x: y\n# \0\n", PLAIN, [2]),
        (b"x: y\noncall: a\nz\n", OS, [3]),
        (b"oncall: a,\n# c\n b\n", OS, [3]),
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


@pytest.mark.parametrize("dialect", [P, E, S], ids=lambda dialect: dialect.value)
def test_a_server_that_is_known_judges_bytes_that_are_not_ours(dialect: Dialect) -> None:
    text = b"oncall: a\nx: " + b"y" * 9000 + b"\n# \0\n"
    assert edit(text, NEW, dialect).text == text.replace(b"oncall: a\n", LINE + b"\n")


def test_a_file_that_the_server_refuses_anyway_is_left_to_its_index() -> None:
    text = b"x: y\noncall: a\nz\n"
    changed = edit(text, NEW, OS, compiled=True)
    assert changed.text == text.replace(b"oncall: a\n", LINE + b"\n")


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
