"""What becomes of the text and the index of an aliases file, whatever its server answers."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rotation.errors import ApplyError
from rotation.host.real import Host
from rotation.mail.aliases_file import AliasesFile
from rotation.mail.custom import AnyServer
from rotation.mail.outcome import Done
from tests.mail.copying import Copying

ALICE, BOB = ("alice@example.com",), ("bob@example.com",)
TEXT = b"# kept\nroot: ops\nduty: alice@example.com\nlast: y\n"
NEW = TEXT.replace(b"alice", b"bob")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "aliases"


def host(path: Path) -> Host:
    return Host(path.parent / "state")


def served(path: Path, text: bytes) -> Path:
    """A text, and the index that the server makes of it."""
    path.write_bytes(text)
    index = path.with_name("aliases.db")
    pairs = (line.split(b": ", 1) for line in text.splitlines() if b": " in line)
    index.write_bytes(b"".join(name.lower() + b"\t" + value + b"\n" for name, value in pairs))
    return index


def make_true(server: Copying, people: tuple[str, ...] = BOB) -> Done:
    file = AliasesFile(host(server.path), server, None)
    return file.make_true({"duty": people})["duty"]


def there(path: Path) -> dict[str, bytes]:
    """All that lies in the folder, whatever it is."""
    return {file.name: file.read_bytes() for file in path.parent.iterdir() if file.is_file()}


def test_a_handoff_is_in_the_text_and_in_the_index(path: Path) -> None:
    index = served(path, TEXT)
    server = Copying(path)
    assert make_true(server) == Done(ALICE, True)
    assert there(path) == {
        "aliases": NEW,
        "aliases.db": b"root\tops\nduty\tbob@example.com\nlast\ty\n",
    }
    assert index.stat().st_mtime_ns >= path.stat().st_mtime_ns
    assert server.told == 1
    assert make_true(server) == Done(BOB, False)
    assert server.told == 1


@pytest.mark.parametrize(
    ("indexed", "before"),
    [(b"root: ops\nduty: carol@example.com\nlast: y\n", ("carol@example.com",)), (b"", ())],
)
def test_where_the_text_is_right_what_was_served_is_what_was(
    path: Path, indexed: bytes, before: tuple[str, ...]
) -> None:
    served(path, indexed)
    path.write_bytes(NEW)
    assert make_true(Copying(path)) == Done(before, True)
    assert there(path)["aliases.db"] == b"root\tops\nduty\tbob@example.com\nlast\ty\n"
    assert make_true(Copying(path)) == Done(BOB, False)


def test_an_alias_that_was_not_there_had_nobody(path: Path) -> None:
    served(path, b"root: ops\n")
    assert make_true(Copying(path)) == Done((), True)
    assert path.read_bytes() == b"root: ops\nduty: bob@example.com\n"


@pytest.mark.parametrize("other", ["last", "root"])
def test_every_other_alias_is_served_as_before(path: Path, other: str) -> None:
    """Planted: the server's new index would lack somebody else's alias."""
    served(path, TEXT)
    before = there(path)
    with pytest.raises(ApplyError, match=f"would alter other aliases too: {other}"):
        make_true(Copying(path, spoils=other, when=b"bob"))
    assert there(path) == before


def test_what_another_alias_lacks_already_stops_no_handoff(path: Path) -> None:
    """The text says more of `last` than the index, both before and after."""
    served(path, TEXT)
    assert make_true(Copying(path, spoils="last", when=b"last")) == Done(ALICE, True)
    assert path.read_bytes() == NEW


def test_our_own_entry_has_to_be_in_the_new_index(path: Path) -> None:
    served(path, TEXT)
    before = there(path)
    with pytest.raises(ApplyError, match="would not take the new entry of 'duty'"):
        make_true(Copying(path, spoils="duty", when=b"bob"))
    assert there(path) == before


def test_a_complaint_of_lines_that_are_not_ours_is_no_reason(path: Path) -> None:
    served(path, TEXT + b"nonsense\n")
    assert make_true(Copying(path)) == Done(ALICE, True)
    assert path.read_bytes() == NEW + b"nonsense\n"


def test_a_text_that_the_server_does_not_take_is_not_put_there(path: Path) -> None:
    served(path, TEXT + b"# panic\n")
    before = there(path)
    with pytest.raises(ApplyError, match="copying makes no index of this file"):
        make_true(Copying(path))
    assert there(path) == before


def test_where_it_takes_neither_text_the_index_changes_in_our_entries_alone(path: Path) -> None:
    served(path, TEXT)
    path.write_bytes(TEXT + b"# panic\n")
    server = Copying(path, patches=True)
    assert make_true(server) == Done(ALICE, True)
    assert there(path) == {
        "aliases": NEW + b"# panic\n",
        "aliases.db": b"root\tops\nduty\tbob@example.com\nlast\ty\n",
    }


def test_what_the_server_does_not_confirm_is_taken_back(path: Path) -> None:
    """Planted: it goes on answering with the person before."""
    index = served(path, TEXT)
    os.utime(index, (1_800_000_000, 1_800_000_000))
    before, times = there(path), index.stat().st_mtime_ns
    server = Copying(path, deaf=True)
    with pytest.raises(ApplyError, match=r"answers alice@example.com for 'duty', not bob"):
        make_true(server)
    assert there(path) == before
    assert index.stat().st_mtime_ns == times
    assert server.told == 2  # of the new index, and of the old one again


def test_no_index_is_left_behind_where_none_was(path: Path) -> None:
    path.write_bytes(TEXT)
    server = Copying(path, deaf=True)
    with pytest.raises(ApplyError, match="answers nothing for 'duty'"):
        make_true(server)
    assert there(path) == {"aliases": TEXT}


def test_an_index_that_is_older_than_the_text_is_made_anew(path: Path) -> None:
    index = served(path, NEW)
    os.utime(index, (1_700_000_000, 1_700_000_000))
    server = Copying(path)
    assert make_true(server) == Done(BOB, False)
    assert index.stat().st_mtime_ns >= path.stat().st_mtime_ns
    assert server.told == 1


def test_while_somebody_is_at_work_on_the_text_its_older_index_is_left(path: Path) -> None:
    index = served(path, NEW)
    path.write_bytes(NEW + b"more: z\n")
    os.utime(index, (1_700_000_000, 1_700_000_000))
    server = Copying(path)
    assert make_true(server) == Done(BOB, False)
    assert index.stat().st_mtime_ns == 1_700_000_000 * 10**9
    assert server.told == 0


def test_a_handoff_that_a_killed_run_made_is_told_by_the_next(path: Path) -> None:
    served(path, NEW)
    host(path).remember(path, TEXT)
    assert make_true(Copying(path)) == Done(ALICE, True)
    assert make_true(Copying(path)) == Done(BOB, False)


def test_a_server_that_remembers_is_told_of_every_other_text(path: Path) -> None:
    path.write_bytes(TEXT)
    server = Copying(path, remembers=True)
    assert make_true(server, ALICE) == Done(ALICE, False)  # what it has in memory, nobody knows
    assert server.told == 1
    assert make_true(server, ALICE) == Done(ALICE, False)
    assert server.told == 1
    path.write_bytes(NEW)  # by hand, and nobody told the server
    assert make_true(server) == Done(ALICE, True)
    assert server.told == 2
    assert make_true(server) == Done(BOB, False)
    assert server.told == 2


def test_there_has_to_be_a_file(path: Path) -> None:
    with pytest.raises(ApplyError, match="no such aliases file"):
        make_true(Copying(path))


SAYS = 'cp "$0" "$0.db"; grep -n "$1" "$0" | sed "s/^/warning: /" >&2'
"""A command that copies the text, and warns of every line of it that holds a word."""


def rebuilt(path: Path, *words: str, script: str = SAYS) -> Done:
    """The handoff to bob by a command of the roster's."""
    command = ("/bin/sh", "-c", script, str(path), *words)
    file = AliasesFile(host(path), AnyServer(host(path), path), command)
    return file.make_true({"duty": BOB})["duty"]


@pytest.mark.parametrize("odd", ["nothing-like-it", "ops"])
def test_a_command_may_go_on_complaining_of_other_lines(path: Path, odd: str) -> None:
    path.write_bytes(TEXT)
    assert rebuilt(path, odd) == Done(ALICE, True)
    assert there(path) == {"aliases": NEW, "aliases.db": NEW}
    assert rebuilt(path, odd) == Done(BOB, False)


@pytest.mark.parametrize("status", ["", "; exit 1"])
def test_a_command_that_complains_of_the_change_has_it_taken_back(path: Path, status: str) -> None:
    path.write_bytes(TEXT)
    path.with_name("aliases.db").write_bytes(TEXT)
    before = there(path)
    with pytest.raises(ApplyError, match=r"warning: 3:duty: bob@example\.com"):
        rebuilt(path, "bob", script=SAYS + status)
    assert there(path) == before


def test_a_command_that_complains_only_the_second_time_has_it_taken_back(path: Path) -> None:
    """It is run with the new text, the old one, and the new one again."""
    path.write_bytes(TEXT)
    count = path.with_name("state-of-command")
    script = SAYS + f'; echo >> "{count}"; test $(wc -l < "{count}") != 3 || echo warning: no >&2'
    with pytest.raises(ApplyError, match="warning: 2:root: ops"):
        rebuilt(path, "ops", script=script)
    assert path.read_bytes() == TEXT
