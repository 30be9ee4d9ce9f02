"""Lines of TOML documents, against documents that know where they put things."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rotation.toml.places import Path, locate

STRINGS = (
    '"a"',
    '""',
    "''",
    "'a # b'",
    '"[x]"',
    '"a \\" # ] } b"',
    '"\\\\"',
    "'\\'",
    '"""one line"""',
    '"""\n[x]\nb = "c" # d\n"""',
    '"""a\\\n   b"""',
    '"""a""b"""""',
    '""""a"""',
    '"""\\""""',
    "'''\nit''s\n[y]\n'''",
    "'''a'''''",
    '"""\n\n\n"""',
)
SCALARS: tuple[str, ...] = (
    "1",
    "-1_000",
    "1.5e3",
    "true",
    "inf",
    "2026-01-05",
    "2026-01-05T09:00:00Z",
)
SCALARS += ("2026-01-05 09:00:00", "09:00:00")
BLANKS = ("", " ", "\n", " # ] } \" '''\n", "\n\n  # [z]\n\t")
KEYS = ("{}", '"{}"', "'{}'", '"{} . "', "' {} # '", '"{} = [ "', '"{}\\""', "'{}\\'", '"{}\\\\"')
ESCAPED = ('"{}\\t"', '"{}\\u00e9"', '"\\U0001F600{}"')


class Writer:
    """Writes a document and notes the line of each thing that it writes."""

    def __init__(self, random: Random, keys: tuple[str, ...]) -> None:
        self.random = random
        self.keys = keys
        self.text = ""
        self.expected: dict[Path, int] = {}
        self.count = 0

    def pick(self, *choices: str) -> str:
        return self.random.choice(choices)

    def number(self, least: int, most: int) -> int:
        return self.random.randint(least, most)

    def line(self) -> int:
        return self.text.count("\n") + 1

    def note(self, path: Path) -> None:
        self.expected.setdefault(path, self.line())

    def key(self) -> str:
        """A new key: writes it and gives what it means."""
        self.count += 1
        written = self.pick(*self.keys).format(f"k{self.count}")
        self.text += written
        (key,) = tomllib.loads(f"{written} = 1")
        return key

    def document(self) -> None:
        self.text += self.pick(*BLANKS, "\n# [no]\n")
        self.assignments(())
        for _ in range(self.number(0, 4)):
            self.text += self.pick("\n", "\n\n# a = 1\n", "\n \t\n")
            if self.number(0, 1):
                self.table(())
            else:
                self.tables(())

    def table(self, prefix: Path) -> None:
        line = self.line()
        self.text += "[" + self.pick("", " ")
        path = (*prefix, self.key())
        if not self.number(0, 2):
            self.text += self.pick(".", " . ")
            self.expected[path] = line
            path = (*path, self.key())
        self.text += "]"
        self.expected[path] = line
        self.end()
        self.assignments(path)

    def tables(self, prefix: Path) -> None:
        self.count += 1
        name = f"t{self.count}"
        for index in range(self.number(1, 3)):
            self.note((name,))
            path: Path = (*prefix, name, index)
            self.note(path)
            self.text += f"[[{name}]]"
            self.end()
            self.assignments(path)
            if not self.number(0, 2):
                self.note((*path, "sub"))
                self.text += f"[{name}.sub]"
                self.end()
                self.assignments((*path, "sub"))
            for number in range(self.number(0, 2)):
                self.note((*path, "list"))
                self.note((*path, "list", number))
                self.text += f"[[ {name} . 'list' ]]"
                self.end()
                self.assignments((*path, "list", number))

    def end(self) -> None:
        self.text += self.pick("\n", "  # x = [\n", "\n\n")

    def assignments(self, path: Path) -> None:
        for _ in range(self.number(0, 3)):
            self.text += self.pick("", "  ", "\t")
            self.assignment(path)
            self.end()

    def assignment(self, path: Path) -> None:
        line = self.line()
        path = (*path, self.key())
        self.expected[path] = line
        if not self.number(0, 3):
            self.text += self.pick(".", " . ")
            path = (*path, self.key())
            self.expected[path] = line
        self.text += self.pick("=", " = ", "\t=\t")
        self.value(path, 0)

    def value(self, path: Path, depth: int) -> None:
        kind = self.pick("string", "scalar", *(("array", "inline") if depth < 3 else ()))
        if kind == "string":
            self.text += self.pick(*STRINGS)
        elif kind == "scalar":
            self.text += self.pick(*SCALARS)
        elif kind == "array":
            self.array(path, depth)
        else:
            self.text += "{"
            for index in range(self.number(0, 3)):
                self.text += ", " if index else self.pick("", " ")
                self.assignment(path)
            self.text += self.pick("", " ") + "}"

    def array(self, path: Path, depth: int) -> None:
        self.text += "["
        count = self.number(0, 4)
        for index in range(count):
            self.text += self.pick(*BLANKS)
            self.note((*path, index))
            self.value((*path, index), depth + 1)
            self.text += self.pick(*BLANKS)
            self.text += "," if index < count - 1 else self.pick("", ",")
        self.text += self.pick(*BLANKS) + "]"


def paths(value: object, path: Path = ()) -> Iterator[Path]:
    """The path of everything in a parsed document."""
    if path:
        yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from paths(inner, (*path, index))


def check(seed: int, keys: tuple[str, ...]) -> None:
    writer = Writer(Random(seed), keys)
    writer.document()
    found = locate(writer.text)
    assert set(paths(tomllib.loads(writer.text))) == set(writer.expected), "the test is wrong"
    assert found == writer.expected, writer.text


profile = settings(derandomize=True, deadline=None, database=None, max_examples=300)


@profile
@given(st.integers(0, 2**32))
def test_everything_is_found_where_it_stands(seed: int) -> None:
    check(seed, KEYS)


@profile
@given(st.integers(0, 2**32))
def test_keys_with_escapes_are_found(seed: int) -> None:
    check(seed, (*KEYS, *ESCAPED))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("# only a comment", {}),
        ("a = 1", {("a",): 1}),
        ("\n\na.b.c = 1\n", {("a",): 3, ("a", "b"): 3, ("a", "b", "c"): 3}),
        ('a."b.c" = 1', {("a",): 1, ("a", "b.c"): 1}),
        ("a = [\n  1,\n  # two\n  2]", {("a",): 1, ("a", 0): 2, ("a", 1): 4}),
        (
            "a = [ [1,\n2], { b = 3 } ]",
            {("a",): 1, ("a", 0): 1, ("a", 0, 0): 1, ("a", 0, 1): 2, ("a", 1): 2, ("a", 1, "b"): 2},
        ),
        ('a = """\n\n"""\nb = 1', {("a",): 1, ("b",): 4}),
        ("a = '''\n[x]\n'''\n[b]\nc = 1", {("a",): 1, ("b",): 4, ("b", "c"): 5}),
        (
            "[[a]]\nb = 1\n\n[[a]]\nb = 2\n[a.c]\nd = 3",
            {
                ("a",): 1,
                ("a", 0): 1,
                ("a", 0, "b"): 2,
                ("a", 1): 4,
                ("a", 1, "b"): 5,
                ("a", 1, "c"): 6,
                ("a", 1, "c", "d"): 7,
            },
        ),
    ],
)
def test_examples(text: str, expected: dict[Path, int]) -> None:
    assert locate(text) == expected


@pytest.mark.parametrize("header", ["[people.alice]", "[[people.alice]]", "[ people . 'alice' ]"])
def test_a_table_that_is_only_named_on_the_way_stands_there_too(header: str) -> None:
    assert locate(f"a = 1\n\n{header}\nb = 2")[("people",)] == 3


def test_a_table_that_is_opened_after_its_part() -> None:
    found = locate("[a.b]\nc = 1\n[a]\nd = 2\n")
    assert found[("a", "b")] == 1
    assert found[("a", "d")] == 4
    assert ("a",) in found


def test_long_documents_take_no_longer_per_line() -> None:
    # quadratic time would be an hour here
    text = "".join(f"[[a]]\nb = {json.dumps('x' * 20)}\nc = [1, 2]\n" for _ in range(20_000))
    assert locate(text)["a", 19_999, "b"] == 3 * 19_999 + 2
