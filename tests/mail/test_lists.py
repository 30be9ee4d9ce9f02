"""Lists of addresses, and the files that are none."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotation.address import fault
from rotation.errors import Where
from rotation.mail.lists import members, of_another_kind, rewritten
from rotation.model.target import FileTarget, Kind

TARGET = FileTarget(Kind.INCLUDE, Path("/etc/mail/duty"), Where("duty.toml"))
ADDRESSES = st.from_regex(
    r"[a-z0-9_+][a-z0-9_.+=-]{0,8}[a-z0-9=](@[a-z0-9]{1,8}(\.[a-z]{2,3})?)?", fullmatch=True
)


@given(addresses=st.lists(ADDRESSES, max_size=4))
def test_what_was_written_is_a_list(addresses: list[str]) -> None:
    accepted = tuple(address for address in addresses if fault(address) is None)
    for kind in (Kind.INCLUDE, Kind.FORWARD):
        target = FileTarget(kind, TARGET.path, TARGET.where)
        assert of_another_kind(rewritten(b"# ours\n", accepted), target) is None


@pytest.mark.parametrize(
    "line",
    ["fax=447700900123@fax.example.net", "1=2@example.com", "alice, bob", "\\alice", "|/bin/x"],
)
def test_lines_of_lists(line: str) -> None:
    assert of_another_kind(f"{line}\n".encode(), TARGET) is None


@pytest.mark.parametrize(
    "line",
    ["root: alice", "a@b.example c", "key = 1", 'key="alice@example.com"', "[section]", "a\0"],
)
def test_lines_of_other_files(line: str) -> None:
    assert of_another_kind(f"alice\n{line}\n".encode(), TARGET) is not None


@pytest.mark.parametrize("line", ["# Exim filter", "\n  #eximfilter", "# Sieve filter\nkeep;"])
def test_filters(line: str) -> None:
    forward = FileTarget(Kind.FORWARD, Path("/root/.forward"), Where("duty.toml"))
    assert of_another_kind(f"{line}\n".encode(), forward) is not None


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("alice\nbob\n", ("alice", "bob")),
        ("# x\r\nalice\r\n\r\nbob", ("alice", "bob")),
        ("\talice , bob,\n", ("alice", "bob")),
        # to a server these are not alice and bob
        ("alice\f\n", ("alice\f",)),
        ("\u00a0alice\n", ("\u00a0alice",)),
        ("alice\rbob\n", ("alice\rbob",)),
        ("alice\x1cbob\n", ("alice\x1cbob",)),
        ("alice\u2028# bob\n", ("alice\u2028# bob",)),
        ("\ufeffalice\n", ("\ufeffalice",)),
    ],
)
def test_only_what_servers_leave_out_is_no_part_of_an_entry(
    text: str, entries: tuple[str, ...]
) -> None:
    assert members(text.encode()) == entries
