"""Documents that mean harm, or nothing: refused in words, and never in a roster unvetted."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from rotation.errors import RosterError, UsageError
from rotation.imports.draft import People, overrides_of, text_of
from rotation.imports.read import ImportFile, read
from rotation.roster.parse import parse

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
CASES = Path(__file__).parents[1] / "cases" / "imports"
EVIL: list[Any] = [
    None, True, -1, 10**30, float("nan"), "", "\x00\x1b[31m", 'a"\n[[target]]\naliases = "/etc/x"',
    "|touch /tmp/x", "|sh@example.com", "'''", "../../etc/passwd", "Europe/Lodnon", [], {}, [[]],
    {"id": 5}, "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+23:59", "\ud800", "é" * 5000, "*",
]  # fmt: skip


def outcome(files: list[bytes]) -> str:
    """The roster's text, or what is said instead."""
    people = People({"carol jones": "carol@example.com"})
    try:
        draft = read(
            [ImportFile(f"{n}", data) for n, data in enumerate(files)],
            people, NOW, schedule=None, zone=ZoneInfo("UTC"), handoff=time(9),
        )  # fmt: skip
    except UsageError as error:
        return str(error)
    if problems := people.problems():
        return "\n".join(problem.render() for problem in problems)
    text, overrides = text_of(draft, people.all, "x"), overrides_of(draft)
    try:
        roster = parse(text.encode(), Path("imported.toml"), overrides.encode() or None)
    except RosterError as error:
        return str(error)
    assert roster.targets == (), "nothing in a document becomes a target"
    for person in roster.people.values():
        assert all("|" not in email and "/" not in email for email in person.email)
    assert text.isprintable() or all(line.isprintable() for line in text.splitlines())
    return text


def planted(value: Any, random: Random) -> Any:
    """A copy of a document with one value in it replaced."""
    if isinstance(value, dict) and value and random.random() < 0.9:
        key = random.choice(sorted(value))
        return {**value, key: planted(value[key], random)}
    if isinstance(value, list) and value and random.random() < 0.9:
        at = random.randrange(len(value))
        return [*value[:at], planted(value[at], random), *value[at + 1 :]]
    return random.choice(EVIL)


@pytest.mark.parametrize("name", ["opsgenie.json", "pagerduty.json", "goalert.json"])
def test_any_value_may_be_anything(name: str) -> None:
    random, document = Random(name), json.loads((CASES / name).read_text())
    users = (CASES / "pagerduty-users.json").read_bytes()
    for _ in range(150):
        evil = planted(document, random)
        try:
            data = json.dumps(evil).encode()
        except (UnicodeEncodeError, ValueError):
            continue
        assert outcome([data, users] if name == "pagerduty.json" else [data])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "an empty table"),
        (b"{", "not JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b"{}", "no schedule is in it"),
        (b'{"data": [1]}', "no schedule is in it"),
        (b"\xff\xfe", "UTF-8"),
        (b'start,end,person\n"x', "not CSV"),
        (b"a,b,c\n1,2,3\n", "no column start"),
        (b"start,end,person\n2026-01-05,2026-01-04,al\n", "the end is not after the start"),
        (b"start,end,person\n5/1/2026,6/1/2026,al\n", "'5/1/2026' may begin with the day"),
        (b"start,end,person\n13/1/2026,1/14/2026,al\n", "some dates begin with the day"),
        (b"start,end,person\n2026-02-30,2026-03-02,al\n", "'2026-02-30' is not a date"),
        (b"start,end,person\n2026-01-05,2026-01-06,|sh\n", "no mail address"),
        (b"start,end,person,email\n2026-01-05,2026-01-06,al,|sh@b.c\n", "runs a command"),
        (b"start,end,person\n2026-W02,2026-01-20,al\n", "'2026-W02' is not a date"),
        (b"start,end,person\n2026-0105,2026-01-20,al\n", "'2026-0105' is not a date"),
        (b"start,end,person\n0001-01-01,9999-12-31,al\n", "is the year 1 a typo?"),
        (b"start,end,person\n2026-01-05,9999-12-31,al\n", "is the year 9999 a typo?"),
        (b"start,end,person\n2026-01-05,1/13/9999,al\n", "is the year 9999 a typo?"),
        (b"start,end,person\n2026-01-05,9999-W52-5 23:59,al\n", "is the year 9999 a typo?"),
        (
            b"start,end,person,email\n2026-01-05,2026-01-12,Al / Bo,al@b.c\n",
            "2 people and 'al@b.c': whose address is it?",
        ),
        (
            b"start,end,person,email\n2026-01-05,2026-01-12,Al,al@b.c;bo@b.c\n",
            "1 people and 'al@b.c;bo@b.c': whose address is it?",
        ),
        (
            b"start,end,person,email\n2026-01-05,2026-01-12,al@b.c,bo@b.c\n",
            "al@b.c has the address bo@b.c beside it",
        ),
        (
            b"start,end,person,email\n2026-01-05,2026-01-12,al,al@b.c\n"
            b"2026-01-12,2026-01-19,al,old@b.c\n",
            "al has the address old@b.c here, and al@b.c above",
        ),
        (
            b"start,end,person,email\n2026-01-05,2026-01-12,al,al@b.c\n"
            b"2026-01-12,2026-01-19,bo,AL@b.c\n",
            "AL@b.c is the address of bo here, and of al above",
        ),
        (b"start,end,person\n2026-03-29 01:30,2026-03-30,a@b.c\n", ""),
    ],
)
def test_it_is_refused_in_words(data: bytes, words: str) -> None:
    assert words in outcome([data])


def test_a_row_is_told_by_its_line() -> None:
    rows = b"start,end,person\n\n2026-01-05,2026-01-12,a@b.c\n2026-01-12,soon,a@b.c\n"
    with pytest.raises(UsageError) as refused:
        read(
            [ImportFile("0", rows)], People({}), NOW,
            schedule=None, zone=ZoneInfo("UTC"), handoff=time(9),
        )  # fmt: skip
    assert [str(problem.where) for problem in refused.value.problems] == ["0:4"]


def test_each_of_several_people_has_an_address_of_their_own() -> None:
    rows = "start,end,person,email\n2026-01-05,2026-01-12,Al / Bo,al@b.c; bo@b.c\n"
    roster = parse(outcome([rows.encode()]).encode(), Path("x.toml"))
    assert {key: person.email for key, person in roster.people.items()} == {
        "al": ("al@b.c",),
        "bo": ("bo@b.c",),
    }


@pytest.mark.parametrize("day", ["2026-01-05", "20260105", "2026-W02-1", "2026W021"])
@pytest.mark.parametrize("time_of_day", ["", " 10:00", "T10", "T1000"])
def test_every_spelling_of_a_day_means_the_handoff(day: str, time_of_day: str) -> None:
    rows = f"start,end,person\n{day}{time_of_day},2026-01-12 00:00,al@b.c\n"
    roster = parse(outcome([rows.encode()]).encode(), Path("x.toml"))
    assert roster.shifts[0].start == datetime(2026, 1, 5, 10 if time_of_day else 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rows", "first"),
    [
        ("2026-01-05,2026-01-12,al\n2026-01-12,2026-01-19,bo", "2026-01-12T09:00:00Z"),
        ("2026-01-05,2026-01-11,al\n2026-01-12,2026-01-18,bo", "2026-01-12T09:00:00Z"),
        ("05.01.2026,11.01.2026,al\n12.01.2026,18.01.2026,bo", "2026-01-12T09:00:00Z"),
        ("1/5/2026,1/18/2026,al\n1/19/2026,1/25/2026,bo", "2026-01-19T09:00:00Z"),
        ("2026-01-05 18:00,2026-01-06 08:00,al", "2026-01-06T08:00:00Z"),
        ("2026-01-05T18:00+01:00,2026-01-06T08:00+01:00,al", "2026-01-06T07:00:00Z"),
    ],
)
def test_ends_of_shifts(rows: str, first: str) -> None:
    named = rows.replace("al", "al@b.c").replace("bo", "bo@b.c")
    text = outcome([f"start,end,person\n{named}\n".encode()])
    roster = parse(text.encode(), Path("x.toml"))
    assert roster.shifts[0].end == datetime.fromisoformat(first)
