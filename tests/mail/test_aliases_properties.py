"""Made-up aliases files: what must hold of every edit."""

from __future__ import annotations

import base64

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from rotation.mail.aliases import (
    SERVERS,
    Dialect,
    members,
    physical_lines,
    read,
)
from rotation.mail.aliases_edit import EditRefused, edit
from tests.mail.aliases_cases import ALL, CASES, OS, PLAIN, values

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
