"""The second way out: a dead-man's switch hears of every run, and of how it ends."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.sample import call
from tests.host.web_server import Site, site

ROSTER = """timezone = "UTC"
people.alice = "alice@example.com"
people.bob = "bob@example.com"
[role.duty]
load = "expected"
[monitor]
ping = "{ping}"
[[rotation]]
name = "weekly"
people = ["alice", "bob"]
every = "1 week"
start = 2026-11-09
[[target]]
include = "list"
"""


@pytest.fixture
def web() -> Iterator[Site]:
    with site() as server:
        for word in ("", "/start", "/1", "/2", "/3"):
            server.serve(f"/0123{word}?k=v", b"OK")
        yield server


def write(folder: Path, ping: str) -> Path:
    path = folder / "team.toml"
    path.write_text(ROSTER.format(ping=ping))
    return path


def asked(web: Site) -> list[str]:
    paths = [path for path, _ in web.asked]
    web.asked.clear()
    return paths


def test_apply_says_that_it_begins_and_how_it_ends(tmp_path: Path, web: Site) -> None:
    roster = write(tmp_path, web.url("/0123?k=v"))
    assert call(roster, "apply").exit_code == 0
    assert asked(web) == ["/0123/start?k=v", "/0123?k=v"]
    (tmp_path / "list").unlink()
    (tmp_path / "list").mkdir()
    assert call(roster, "apply").exit_code == 3
    assert asked(web) == ["/0123/start?k=v", "/0123/3?k=v"]


def test_what_only_rehearses_or_asks_is_told_to_nobody(tmp_path: Path, web: Site) -> None:
    roster = write(tmp_path, web.url("/0123?k=v"))
    for words in (["apply", "--dry-run"], ["apply", "--check"], ["who"], ["notify", "--dry-run"]):
        call(roster, *words)
    assert asked(web) == []
    assert call(roster, "notify").exit_code == 0
    assert asked(web) == ["/0123/start?k=v", "/0123?k=v"]


def test_a_roster_that_is_left_out_is_no_success(tmp_path: Path, web: Site) -> None:
    write(tmp_path, web.url("/0123?k=v"))
    (tmp_path / "other.toml").write_text('timezone = "UTC\n')
    assert call(tmp_path, "apply").exit_code == 2
    assert asked(web) == ["/0123/start?k=v", "/0123/2?k=v"]


def test_a_monitor_that_is_away_is_no_error(tmp_path: Path, web: Site) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    done = call(write(tmp_path, f"http://127.0.0.1:{port}/0123"), "apply")
    assert (done.exit_code, done.stderr) == (0, "")
    web.serve("/0123", b"", 500)
    done = call(write(tmp_path, web.url("/0123")), "apply")
    assert (done.exit_code, done.stderr) == (0, "")


def test_a_monitor_that_never_answers_stops_no_handoff(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rotation.host.network.KNOCK", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        done = call(write(tmp_path, f"http://127.0.0.1:{mute.getsockname()[1]}/x"), "apply")
    assert (done.exit_code, done.stderr) == (0, "")
    assert (tmp_path / "list").read_text() == "alice@example.com\n"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('ping = "ftp://x.example/1"', "an address of the kind ftp:// is not read"),
        ('ping = "|touch /tmp/x"', "'ping': not the address of a web page"),
        ("ping = 3", "'ping' must be text in quotes"),
        ('alarm = "oncall"', "is a name on this host"),
        ('alarm = "|touch${IFS}/x@example.com"', "address"),
        ('pings = "https://x.example"', "unknown key 'pings' in [monitor]"),
    ],
)
def test_what_cannot_be_a_monitor(tmp_path: Path, line: str, said: str) -> None:
    roster = write(tmp_path, "http://127.0.0.1:9/x")
    roster.write_text(roster.read_text().replace('ping = "http://127.0.0.1:9/x"', line))
    done = call(roster, "apply")
    assert done.exit_code == 2
    assert said in done.stderr
    assert f"--> {roster}:7" in done.stderr
