"""`rotation init`, on a terminal and without one."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from rotation.roster.parse import parse
from rotation.roster.starter import Newcomer, first_handoff, key_of, starter
from tests.cli.sample import call


def typed(folder: Path, *lines: str, arguments: tuple[str, ...] = ()) -> tuple[int, str]:
    """`rotation init` with what somebody types on a terminal; exit status and what they see."""
    master, slave = pty.openpty()
    environment = {**os.environ, "ROTATION_STATE": str(folder / "state"), "TZ": "Europe/Paris"}
    program = [sys.executable, "-m", "rotation", "init", str(folder / "team.toml"), *arguments]
    with subprocess.Popen(
        program, stdin=slave, stdout=slave, stderr=slave, env=environment, close_fds=True
    ) as process:
        os.close(slave)
        # what is typed ahead waits in the terminal; ^D ends the input
        os.write(master, "".join(f"{line}\n" for line in lines).encode() + b"\x04\x04")
        seen = b""
        while True:
            try:
                data = os.read(master, 65536)
            except OSError:  # the other end is closed
                break
            if not data:
                break
            seen += data
        os.close(master)
    return process.returncode, seen.decode().replace("\r\n", "\n")


def test_each_answer_is_checked_and_none_is_lost(tmp_path: Path) -> None:
    status, seen = typed(
        tmp_path,
        "Alice Jones", "alice@@example.com", "alice at example.com", "alice@example.com",
        "***", "bjorn@example.com", "Björn Åkesson", "bjorn@example.com",
        "Alice Smith", "|sh@example.com", "smith@example.com",
        "dan", "dan@example.com",
        "Erin <erin@@example.com>", "erin@example.com", "Frank Moss <frank@example.com>", "",
        "Europe/Lodnon", "Europe/London",
    )  # fmt: skip
    assert status == 0, seen
    roster = parse((tmp_path / "team.toml").read_bytes(), tmp_path / "team.toml")
    assert {key: (p.email, p.name) for key, p in roster.people.items()} == {
        "alice": (("alice@example.com",), "Alice Jones"),
        "bjorn": (("bjorn@example.com",), "Björn Åkesson"),
        "alice-smith": (("smith@example.com",), "Alice Smith"),
        "dan": (("dan@example.com",), None),
        "erin": (("erin@example.com",), "Erin"),
        "frank": (("frank@example.com",), "Frank Moss"),
    }
    assert roster.zone.key == "Europe/London"
    assert "'bjorn@example.com' is not a name" in seen
    assert not re.search(r"\.toml:\d", seen), (
        "no error names a line of a file that was never written"
    )


def test_the_end_of_the_input_keeps_what_was_said(tmp_path: Path) -> None:
    status, seen = typed(tmp_path, "Alice Jones", "alice@example.com")
    assert status == 0, seen
    roster = parse((tmp_path / "team.toml").read_bytes(), tmp_path / "team.toml")
    assert list(roster.people) == ["alice"]
    assert roster.zone.key == "Europe/Paris", "this host's, where nothing else is said"


def test_nobody_is_no_roster(tmp_path: Path) -> None:
    status, seen = typed(tmp_path, "")
    assert (status, "nobody is named" in seen) == (2, True)
    assert not (tmp_path / "team.toml").exists()


def test_a_zone_is_vetted_before_anything_is_asked(tmp_path: Path) -> None:
    status, seen = typed(tmp_path, arguments=("--timezone", "Europe/Lodnon"))
    assert status == 2
    assert "did you mean 'Europe/London'?" in seen
    assert "name (" not in seen


def test_what_cannot_be_written_is_shown(tmp_path: Path) -> None:
    path = Path("/proc/nowhere/team.toml")
    people = ("--person", "alice=alice@example.com")
    done = call(path, "init", str(path), *people, state=tmp_path / "state")
    assert done.exit_code == 3
    assert 'alice = "alice@example.com"' in done.stdout


def test_people_by_name(tmp_path: Path) -> None:
    path = tmp_path / "team.toml"
    people = ("--person", "Zoë Müller <z@example.com>", "--person", "bob=bob@example.com")
    done = call(path, "init", str(path), *people)
    assert done.exit_code == 0, done.stderr
    assert parse(path.read_bytes(), path).people["zoe"].name == "Zoë Müller"


@pytest.mark.parametrize(
    ("name", "taken", "key"),
    [
        ("Alice Jones", (), "alice"),
        ("Alice Jones", ("alice",), "alice-jones"),
        ("Alice Jones", ("alice", "alice-jones"), "alice2"),
        ("Jürgen Weiß", (), "jurgen"),
        ("Weiß", (), "weiss"),
        ("O'Brien, Pat", (), "obrien"),
        ("李雷", (), "李雷"),
    ],
)
def test_a_key_from_a_name(name: str, taken: tuple[str, ...], key: str) -> None:
    assert key_of(name, taken) == key
    text = starter([Newcomer(key, "a@example.com", name)], "UTC", date(2026, 1, 5))
    assert parse(text.encode(), Path("x.toml")).people[key].name == name


@pytest.mark.parametrize("day", [date(2026, 1, 1), date(2026, 12, 24), date(2027, 1, 2)])
def test_its_example_dates_lie_ahead(day: date) -> None:
    now = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    start = first_handoff(now, parse(b'timezone="UTC"\n[people]\na="a@b.c"\n', Path("x")).zone)
    text = starter([Newcomer("alice", "alice@example.com")], "UTC", start)
    said = re.findall(r"^#.*(\d{4}-\d{2}-\d{2})T", text, re.MULTILINE)
    assert len(said) == 2
    assert all(date.fromisoformat(one) > day for one in said)
    assert day - timedelta(days=8) < start <= day, "and somebody is on duty at once"
