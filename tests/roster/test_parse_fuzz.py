"""Whatever the loader is given, it raises nothing but a `RosterError`."""

from __future__ import annotations

import random

from hypothesis import example, given, settings
from hypothesis import strategies as st

from rotation.errors import RosterError
from rotation.roster.parse import parse
from tests.roster.example_rosters import HEAD, PATH, WHOLE, WHOLE_OVERRIDES

fuzz = settings(derandomize=True, deadline=None, database=None, max_examples=300)

WORDS = ("=", "[", "]", "[[", "]]", "{", "}", '"', "'''", '"""', "\n", ",", ".", "#", "0", "-", "é")

VALUES = ("1", "-1", '""', '"*"', '"alice"', "[]", "[[]]", "{}", "true", "nan", "1e999", "09:00:00",
          "1900-01-01", "8999-12-31", "9999-12-31", "0001-01-01", "2026-03-29T01:30:00",
          "2026-01-05T09:00:00.5+23:59", "[1]", '[["alice", "alice"], "bob"]', '"\\u0000"', '"\\n"',
          '"1 hour"', '"1200 months"', '"00:00-00:00"', "9" * 40, '{ email = 1 }', "[{}]",
          '["sat", 1]')  # fmt: skip


def only_roster_errors(text: bytes, overrides: bytes | None = None) -> None:
    try:
        roster = parse(text, PATH, overrides)
    except RosterError as error:
        found = error.problems
    else:
        assert roster.people
        return
    assert found
    last = 1 + max(text.count(b"\n"), (overrides or b"").count(b"\n"))
    for problem in found:
        assert problem.where is not None
        assert problem.where.line in range(1, last + 1)
        assert all(line.isprintable() for line in problem.render().split("\n"))


@fuzz
@given(st.binary(max_size=200), st.one_of(st.none(), st.binary(max_size=60)))
@example(b"a = " + b"1" * 5000, None)
@example(b"a = 0x" + b"1" * 5000, None)
@example(b"a = " + b"[" * 5000, None)
@example(b"a = " + b"{a=" * 5000, None)
@example(b"a." * 5000 + b"a = 1", None)
@example(b"\xef\xbb\xbf\xef\xbb\xbf", None)
@example(b"\r", b"\x00")
def test_bytes(text: bytes, overrides: bytes | None) -> None:
    only_roster_errors(text, overrides)


@fuzz
@given(st.lists(st.one_of(st.sampled_from(WORDS), st.sampled_from(VALUES), st.text(max_size=8))))
def test_text(words: list[str]) -> None:
    text = " ".join(words).encode()
    only_roster_errors(text)
    only_roster_errors(HEAD.encode() + text)


@fuzz
@given(st.integers(0, 2**32))
def test_mutated_rosters(seed: int) -> None:
    rng = random.Random(seed)
    files = [WHOLE, WHOLE_OVERRIDES]
    for _ in range(rng.randint(1, 3)):
        which = rng.randrange(2)
        files[which] = mutated(files[which], rng)
    only_roster_errors(files[0].encode(), files[1].encode())


def mutated(text: str, rng: random.Random) -> str:
    lines = text.splitlines()
    number = rng.randrange(len(lines))
    match rng.randrange(6):
        case 0:
            del lines[number]
        case 1:
            lines.insert(number, rng.choice(lines))
        case 2:
            key = lines[number].partition("=")[0]
            lines[number] = f"{key} = {rng.choice(VALUES)}"
        case 3:
            other = rng.choice(lines).partition("=")[2]
            lines[number] = f"{lines[number].partition('=')[0]} = {other}"
        case 4:
            at = rng.randrange(len(lines[number]) + 1)
            lines[number] = lines[number][:at] + rng.choice(WORDS) + lines[number][at:]
        case _:
            keys = ("since", "until", "hours", "calendar", "match", "role", "also", "rebuild", "at")
            lines.insert(number, f"{rng.choice(keys)} = {rng.choice(VALUES)}")
    return "\n".join(lines)


@fuzz
@given(st.text(max_size=20))
def test_any_time_zone(name: str) -> None:
    text = HEAD.replace("Europe/London", name.encode("unicode_escape").decode().replace('"', ""))
    only_roster_errors(text.encode())
