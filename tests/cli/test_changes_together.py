"""Several people at once, a terminal that asks, and a file that somebody wrote meanwhile."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rotation.roster.parse import parse
from tests.cli.sample import NOW, call, overrides
from tests.cli.terminal import pair, run


def test_many_at_once_lose_nothing(roster: Path) -> None:
    days = [f"2090-01-{day}" for day in range(10, 16)]
    runs = [run(roster, "away", "bob", day, "--yes") for day in days]
    for process in runs:
        _, said = process.communicate()
        assert process.returncode == 0, said
    made = parse(roster.read_bytes(), roster, overrides(roster).read_bytes())
    assert sorted(f"{a.start:%Y-%m-%d}" for a in made.absences) == days
    assert len({a.id for a in made.absences}) == 6


@pytest.mark.parametrize(("answer", "status"), [(b"y\n", 0), (b"n\n", 1), (b"\x04", 1)])
def test_on_a_terminal_it_asks(roster: Path, answer: bytes, status: int) -> None:
    keyboard, terminal = pair()
    process = run(roster, "cover", "carol", "--for", "bob", stdin=terminal)
    os.close(terminal)
    os.write(keyboard, answer)
    out, said = process.communicate(timeout=600)
    os.close(keyboard)
    assert process.returncode == status, said
    assert b"Write this?" in said
    assert overrides(roster).exists() == (status == 0)
    assert b"Traceback" not in said
    assert out


def test_what_somebody_wrote_meanwhile_is_not_overwritten(roster: Path) -> None:
    keyboard, terminal = pair()
    process = run(roster, "cover", "carol", "--for", "bob", stdin=terminal, bufsize=0)
    os.close(terminal)
    said = b""
    while b"Write this?" not in said and (more := process.stderr.read(1)):  # type: ignore[union-attr]
        said += more
    overrides(roster).write_text("# mine\n")
    os.write(keyboard, b"y\n")
    _, rest = process.communicate(timeout=600)
    os.close(keyboard)
    assert process.returncode == 3
    assert b"somebody has changed the roster meanwhile" in rest
    assert overrides(roster).read_text() == "# mine\n"


def test_the_same_instant_gives_the_same_file(roster: Path, tmp_path: Path) -> None:
    again = tmp_path / "again" / "weekly.toml"
    again.parent.mkdir()
    again.write_bytes(roster.read_bytes())
    for path in (roster, again):
        call(path, "swap", "alice", "bob", "--yes", "--by", "root", now=NOW)
    assert overrides(roster).read_bytes() == again.with_name("weekly.overrides.toml").read_bytes()


@pytest.mark.parametrize(("answers", "moved"), [(b"y\ny\n", True), (b"n\ny\n", False)])
def test_on_a_terminal_it_offers_to_move_what_was_agreed_on(
    roster: Path, answers: bytes, moved: bool
) -> None:
    agreed = run(roster, "swap", "alice", "bob", "--yes")
    assert agreed.communicate(timeout=600)[1] == b""
    before = overrides(roster).read_bytes()
    keyboard, terminal = pair()
    process = run(roster, "join", "erin", "--email", "erin@example.com", stdin=terminal)
    os.close(terminal)
    os.write(keyboard, answers)
    out, said = process.communicate(timeout=600)
    os.close(keyboard)
    assert process.returncode == 0, said
    assert b"swap alice bob" in said
    assert b"Move what was agreed on with the turns?" in said
    assert (b"moved: swap alice bob" in out) == moved
    assert (overrides(roster).read_bytes() != before) == moved
    assert before.count(b"[[override]]") == overrides(roster).read_bytes().count(b"[[override]]")
