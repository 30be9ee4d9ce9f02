"""Entries in a file: appended, taken out and ended, with every other byte as it was."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotation.clock.words import parse_window
from rotation.errors import RosterError, Where
from rotation.model import Absence, Override, Window
from rotation.roster.parse import parse
from rotation.roster.write import (  # fmt: skip
    absence_text,
    appended,
    ended,
    override_text,
    replaced,
    rotation_text,
    window_text,
    without,
)
from tests.changes.roster_texts import HEAD, LONDON, PATH, WEEKLY, local

FILE = "team.overrides.toml"
ENTRY = '[[override]]\nstart = 2026-11-30T09:00:00Z\nend   = 2026-12-07T09:00:00Z\nin = "bob"\n'
LINES = (
    "# alice is getting married\n", "\n", "   # indented\n", "\t\n", "# [[override]] no table\n",
    '# id = "7f3a" ü \u2028 x\n',
)  # fmt: skip
BODIES = (
    ENTRY,
    ENTRY.replace("end ", "# between\nend "),
    ENTRY.replace("\n", "  # beside\n"),
    '[[ absence ]]\nperson = """bob"""\nstart = 2026-12-24\n"end" = 2026-12-25\n',
    ENTRY + "note = '''\\\n'''\n",
)


def files() -> st.SearchStrategy[bytes]:
    """Overrides files as people edit them."""
    piece = st.one_of(st.sampled_from(LINES), st.sampled_from(BODIES))
    ending = st.sampled_from(("\n", "\r\n"))
    text = st.lists(piece, max_size=8).map("".join)
    # two tables of one entry each have to be told apart by their headers only
    return st.tuples(text, ending).map(lambda t: t[0].replace("\n", t[1]).encode())


@given(files(), st.integers(1, 3))
def test_what_was_appended_can_be_taken_out_again(data: bytes, count: int) -> None:
    before = tomllib.loads(data.decode())
    number = len(before.get("override", ()))
    longer = appended(data, [ENTRY] * count)
    assert longer.startswith(data)
    after = tomllib.loads(longer.decode())
    assert (
        after["override"]
        == before.get("override", []) + [tomllib.loads(ENTRY)["override"][0]] * count
    )
    assert without(longer, FILE, [("override", number + n) for n in range(count)]) == data


@given(files(), st.data())
def test_taking_an_entry_out_leaves_the_others_and_every_comment(
    data: bytes, choice: st.DataObject
) -> None:
    values = tomllib.loads(data.decode())
    entries = [(kind, n) for kind in values for n in range(len(values[kind]))]
    if not entries:
        return
    kind, number = choice.draw(st.sampled_from(entries))
    shorter = without(data, FILE, [(kind, number)])
    del values[kind][number]
    left = tomllib.loads(shorter.decode())
    assert {k: v for k, v in left.items() if v} == {k: v for k, v in values.items() if v}
    comments = [line for line in data.split(b"\n") if line.lstrip().startswith(b"#")]
    assert [line for line in shorter.split(b"\n") if line.lstrip().startswith(b"#")] == comments


def test_the_first_entry_of_a_new_file_begins_it() -> None:
    assert appended(b"", [ENTRY]) == ENTRY.encode()
    assert appended(b"# x", [ENTRY]) == b"# x\n\n" + ENTRY.encode()


@pytest.mark.parametrize(
    ("line", "changed"),
    [
        ("end = 2026-12-26", "end = 2026-12-25T12:00:00Z"),
        ("end=2026-12-26T09:00:00+01:00 # late", "end=2026-12-25T12:00:00Z # late"),
        ("  'end'  =  2026-12-26 09:00:00Z", "  'end'  =  2026-12-25T12:00:00Z"),
    ],
)
def test_an_entry_ends_earlier(line: str, changed: str) -> None:
    text = f'# a\n[[absence]]\nperson = "bob"\nstart = 2026-12-24\n{line}\n# b\n'
    at = datetime(2026, 12, 25, 12, tzinfo=UTC)
    assert ended(text.encode(), FILE, ("absence", 0), at, LONDON) == (
        text.replace(line, changed).encode()
    )


@pytest.mark.parametrize(
    "text",
    [
        'override = [{ start = 2026-12-24, end = 2026-12-26, in = "bob" }]\n',
        'override = [\n  { start = 2026-12-24, end = 2026-12-26, in = "bob" },\n]\n',
    ],
)
def test_entries_that_are_no_tables_of_their_own_are_left_to_people(text: str) -> None:
    with pytest.raises(RosterError, match="by hand"):
        without(text.encode(), FILE, [("override", 0)])
    with pytest.raises(RosterError, match="by hand"):
        ended(text.encode(), FILE, ("override", 0), local("2026-12-25T00:00"), LONDON)


@pytest.mark.parametrize("zone", ["Europe/London", "Asia/Kathmandu", "America/Sao_Paulo", "UTC"])
def test_an_entry_is_read_as_it_was_written(zone: str) -> None:
    text = HEAD.replace("Europe/London", zone).encode()
    where = Where("x")
    at = datetime(2026, 11, 24, 10, 12, 13, tzinfo=UTC)
    start, end = datetime(2026, 11, 30, 9, tzinfo=UTC), datetime(2026, 12, 7, 9, 30, tzinfo=UTC)
    note = 'a "quoted" \\ note ü'
    override = Override(
        start, end, where, "alice", "bob", "duty", id="7f3a", note=note, by="root", at=at
    )
    absence = Absence("bob", start, end, where, id="7f3b", by="root", at=at)
    written = override_text(override, ZoneInfo(zone)) + absence_text(absence, ZoneInfo(zone))
    roster = parse(text, PATH, written.encode())
    (one,), (two,) = roster.overrides, roster.absences
    assert (one.start, one.end, one.out, one.in_, one.id, one.note, one.by, one.at) == (
        start, end, "alice", "bob", "7f3a", note, "root", at,
    )  # fmt: skip
    assert (two.person, two.start, two.end, two.id) == ("bob", start, end, "7f3b")


def test_whole_days_are_written_as_days() -> None:
    start, end = local("2026-12-24T00:00"), local("2027-01-03T00:00")
    text = absence_text(Absence("bob", start, end, Where("x")), LONDON)
    assert text == '[[absence]]\nperson = "bob"\nstart  = 2026-12-24\nend    = 2027-01-02\n'


def test_a_note_with_another_kind_of_line_end_stays_one_string() -> None:
    start, end = local("2026-12-24T00:00"), local("2027-01-03T00:00")
    override = Override(start, end, Where("x"), None, "bob", note="agreed\u2028by phone\x85")
    text = override_text(override, LONDON)
    data = replaced(ENTRY.encode(), FILE, {("override", 0): text})
    assert tomllib.loads(data.decode())["override"][0]["note"] == override.note


@pytest.mark.parametrize("above", ["", "# one\n", "# one\n\n", "# one\n\n# two\n", f"{ENTRY}\n"])
def test_an_entry_is_replaced_where_it_stands_and_comments_stay(above: str) -> None:
    rest = '# inside\n\n# below\n[[absence]]\nperson = "bob"\nstart = 2026-12-24\n'
    data = f"{above}{ENTRY}{rest}".replace("\n", "\r\n").encode()
    keys = ("override", above.count("[[override]]"))
    written = replaced(data, FILE, {keys: '[[override]]\nin = "carol"\n'})
    assert written.decode().replace("\r\n", "\n") == (f'{above}[[override]]\nin = "carol"\n{rest}')
    assert written.count(b"\n") == written.count(b"\r\n")


def test_a_rotation_is_read_as_it_was_written() -> None:
    text = WEEKLY.replace(
        'handoff = "09:00"',
        'handoff = "09:30"\nrole = "backup"\npriority = 2\nuntil = 2027-01-01T00:00:00\n'
        'hours = ["mon-fri 09:00-17:00", "sat,sun", "20:00-08:00"]',
    ).replace('"bob",', '["bob", "dan"],')
    (rotation,) = parse(text.encode(), PATH).rotations
    (again,) = parse((HEAD + rotation_text(rotation, LONDON)).encode(), PATH).rotations
    assert {f: getattr(again, f) for f in rotation.__slots__ if f != "where"} == {
        f: getattr(rotation, f) for f in rotation.__slots__ if f != "where"
    }


@given(st.frozensets(st.integers(0, 6), min_size=1), st.integers(0, 1439), st.integers(1, 1440))
def test_duty_hours_are_read_as_they_were_written(days: frozenset[int], a: int, b: int) -> None:
    window = Window(days, a, b)
    assert parse_window(window_text(window)) == window
