"""`rotation assign` and `change`: what is shown, written, taken back and refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.sample import ROSTERS, call


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    path = tmp_path / "rosters" / "weekly.toml"
    path.parent.mkdir()
    path.write_bytes((ROSTERS / "weekly.toml").read_bytes())
    return path


def overrides(roster: Path) -> Path:
    return roster.with_name("weekly.overrides.toml")


def test_christmas_by_hand(roster: Path) -> None:
    span = ("--from", "2026-12-24", "--to", "2026-12-26")
    done = call(roster, "assign", "alice", "bob", *span, "--yes", "--by", "root")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith(
        "weekly: assign alice bob\n"
        "role  from                  to                    now    then\n"
        "duty  Thu 24 Dec 00:00 GMT  Sun 27 Dec 00:00 GMT  carol  alice, bob\n"
    )
    (entry,) = json.loads(call(roster, "log", "--json").stdout)
    assert f"rotation undo {entry['id']}" in done.stdout
    assert overrides(roster).read_text() == "\n".join(
        f"""[[override]]
start = 2026-12-24T00:00:00Z
end   = 2026-12-27T00:00:00Z
{who}
role  = "duty"
id    = "{entry["id"]}"
note  = "assign alice bob"
by    = "root"
at    = 2026-11-24T10:00:00Z
"""
        for who in ('out   = "*"\nin    = "alice"', 'in    = "bob"')
    )
    then = call(roster, "who", "--at", "2026-12-25", "--json")
    assert [p["key"] for p in json.loads(then.stdout)[0]["people"]] == ["alice", "bob"]
    assert call(roster, "undo", entry["id"], "--yes").exit_code == 0
    assert "[[override]]" not in overrides(roster).read_text()


def test_beside_in_a_dry_run(roster: Path) -> None:
    span = ("--from", "2026-12-24T09:00", "--to", "2026-12-24T17:00")
    done = call(roster, "assign", "alice", "--beside", *span, "--dry-run")
    assert done.exit_code == 0, done.output
    assert "carol  carol, alice" in done.stdout
    assert "out " not in done.stdout
    assert not overrides(roster).exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("alise", "--from", "2026-12-24", "--to", "2026-12-26"), "did you mean 'alice'?"),
        (("alice", "--from", "2026-12-24", "--to", "2026-12-23"), "the wrong way round"),
        (("alice", "--from", "2026-11-01", "--to", "2026-11-02"), "the past is not changed"),
        (("alice", "--from", "2027-03-28T01:30", "--to", "2027-03-29"), "does not exist"),
        (("alice", "--from", "2027-10-31", "--to", "2027-10-31T01:30"), "twice"),
        (("alice", "--from", "2026-12-24"), "--to"),
        (("alice", "--from", "2026-12-24", "--to", "2026-12-26", "--role", "x"), "no such role"),
        (("--from", "2026-12-24", "--to", "2026-12-26"), "PERSON"),
    ],
)
def test_refused(roster: Path, arguments: tuple[str, ...], said: str) -> None:
    done = call(roster, "assign", *arguments, "--yes")
    assert done.exit_code == 2
    assert said in done.stderr
    assert "Traceback" not in done.output
    assert not overrides(roster).exists()


def test_another_order_and_length(roster: Path) -> None:
    before = roster.read_bytes()
    wanted = ("--from", "2026-12-07", "--people", "bob, carol+alice,-", "--every", "2 weeks")
    done = call(roster, "change", "weekly", *wanted, "--yes", "--by", "root")
    assert done.exit_code == 0, done.output
    (entry,) = json.loads(call(roster, "log", "--json").stdout)
    assert entry["what"] == "change weekly"
    assert roster.read_text().removeprefix(before.decode()) == (
        f"""
[[rotation]]
name    = "weekly"
people  = ["bob", ["carol", "alice"], []]
every   = "2 weeks"
start   = 2026-12-07
handoff = "09:00"
id      = "{entry["id"]}"
note    = "change weekly"
by      = "root"
at      = 2026-11-24T10:00:00Z
"""
    )
    assert call(roster, "undo", entry["id"], "--yes").exit_code == 0
    assert roster.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("weekly", "--from", "2026-12-07"), "change what?"),
        (("weekli", "--from", "2026-12-07", "--every", "2 weeks"), "did you mean 'weekly'"),
        (("weekly", "--from", "2026-12-07", "--every", "often"), "is not a length of a turn"),
        (("weekly", "--from", "2026-12-07", "--handoff", "24:00"), "is not a time of day"),
        (("weekly", "--from", "2026-12-07", "--people", "alice,,bob"), "a name is missing"),
        (("weekly", "--from", "2026-12-07", "--people", "alise"), "did you mean 'alice'"),
        (("weekly", "--every", "2 weeks"), "--from"),
    ],
)
def test_changes_refused(roster: Path, arguments: tuple[str, ...], said: str) -> None:
    before = roster.read_bytes()
    done = call(roster, "change", *arguments, "--yes")
    assert done.exit_code == 2
    assert said in done.stderr
    assert "Traceback" not in done.output
    assert roster.read_bytes() == before


def test_cover_for_everybody_in_a_part_of_a_day(roster: Path) -> None:
    span = ("--from", "2026-12-24T12:00", "--to", "2026-12-24T18:00")
    done = call(roster, "cover", "alice", "--for", "*", *span, "--yes")
    assert done.exit_code == 0, done.output
    assert "duty  Thu 24 Dec 12:00 GMT  Thu 24 Dec 18:00 GMT  carol  alice\n" in done.stdout
    assert 'out   = "*"' in overrides(roster).read_text()


@pytest.mark.parametrize(
    "wanted", [("join", "dan"), ("leave", "alice"), ("change", "weekly", "--people", "bob")]
)
def test_dates_are_in_the_zone_of_the_rotation(roster: Path, wanted: tuple[str, ...]) -> None:
    text = roster.read_text().replace('handoff = "09:00"', 'timezone = "Asia/Tokyo"')
    assert "Tokyo" in text
    roster.write_text(text.replace("[people]\n", '[people]\ndan = "dan@example.com"\n'))
    done = call(roster, *wanted, "--from", "2026-12-07", "--yes")
    assert done.exit_code == 0, done.output
    assert roster.read_text().count("start    = 2026-12-07\n") == 1
