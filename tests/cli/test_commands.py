"""Who, schedule and init as people type them, what they get, and the exit statuses."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from rotation.cli.main import COMMANDS, app
from tests.cli.sample import ROSTERS, call


def test_who() -> None:
    done = call(ROSTERS / "weekly.toml", "who")
    assert done.exit_code == 0
    assert done.stdout == (
        "weekly duty: bob, since Mon 23 Nov 09:00, until Mon 30 Nov 09:00 GMT; next carol\n"
    )


def test_who_as_json_in_2090() -> None:
    done = call(ROSTERS / "weekly.toml", "who", "--json", "--at", "2090-07-01T12:00")
    (answer,) = json.loads(done.stdout)
    assert {k: v for k, v in answer.items() if k not in ("why", "recipients")} == {
        "roster": "weekly",
        "role": "duty",
        "at": "2090-07-01T12:00:00+01:00",
        "people": [{"key": "bob", "email": ["bob@example.com"]}],
        "start": "2090-06-26T09:00:00+01:00",
        "end": "2090-07-03T09:00:00+01:00",
        "fallback": False,
        "next": {"start": "2090-07-03T09:00:00+01:00", "people": ["carol"]},
        "known": True,
    }


def test_who_when_nobody_is() -> None:
    done = call(ROSTERS / "weekly.toml", "who", "--json", "--at", "2020-01-01")
    (answer,) = json.loads(done.stdout)
    assert done.exit_code == 1
    assert (answer["people"], answer["fallback"]) == ([], True)
    assert answer["start"] is None
    assert answer["next"] == {"start": "2026-01-05T09:00:00+00:00", "people": ["alice"]}


def test_schedule_tiles_what_is_asked() -> None:
    done = call(
        ROSTERS / "layers.toml", "schedule", "--from", "2026-07-01", "--to", "2026-08-01", "--json"
    )
    entries = json.loads(done.stdout)
    for role in ("duty", "backup"):
        mine = [entry for entry in entries if entry["role"] == role]
        assert mine[0]["start"] == "2026-07-01T00:00:00+02:00"
        assert mine[-1]["end"] == "2026-08-01T00:00:00+02:00"
        assert [e["end"] for e in mine[:-1]] == [e["start"] for e in mine[1:]]


def test_schedule_is_cut_to_the_second_that_is_asked_for() -> None:
    asked = "2026-07-01T10:11:12+02:00", "2026-07-01T10:11:13+02:00"
    done = call(ROSTERS / "layers.toml", "schedule", "--from", asked[0], "--to", asked[1], "--json")
    assert {(shift["start"], shift["end"]) for shift in json.loads(done.stdout)} == {asked}


def test_every_sample_can_be_read_and_checked() -> None:
    done = call(ROSTERS, "check")
    assert (done.exit_code, done.stdout) == (0, ""), done.stdout
    assert call(ROSTERS, "who", "--why").exit_code == 0


def test_no_roster(tmp_path: Path) -> None:
    team = tmp_path / "none.toml"
    for path, starter in (
        (tmp_path, tmp_path / "duty.toml"),
        (team, team),
        (tmp_path / "none", None),
    ):
        done = call(path, "who")
        assert done.exit_code == 2
        assert f"rotation init {starter or path / 'duty.toml'}" in done.stderr


def test_init_makes_a_roster_that_who_answers_for(tmp_path: Path) -> None:
    path = tmp_path / "new" / "team.toml"
    people = ["--person", "alice=alice@example.com", "--person", "bob=bob@example.com"]
    done = call(path, "init", str(path), *people, "--timezone", "Europe/London")
    assert done.exit_code == 0, done.stderr
    assert call(path, "who").stdout.startswith("team duty: alice, since Mon 23 Nov 09:00")
    assert call(path, "check").exit_code == 0
    again = call(path, "init", str(path), *people)
    assert again.exit_code == 2
    assert "already" in again.stderr
    for bad in ("carol", "carol=|sh@example.com", "a b=x@example.com"):
        assert call(path, "init", str(tmp_path / "x.toml"), "--person", bad).exit_code == 2
    assert not (tmp_path / "x.toml").exists()


def test_a_calendar_instead_of_turns(roster: Path) -> None:
    more = '\n[[rotation]]\nname = "team calendar"\ncalendar = "duty.ics"\nrole = "backup"\n'
    more += '\n[[target]]\ninclude = "backup"\nrole = "backup"\n'
    roster.write_text(roster.read_text() + more)
    done = call(roster, "apply")
    assert done.exit_code == 3
    assert "no such calendar" in done.stderr
    assert not (roster.parent / "backup").exists()
    (roster.parent / "duty.ics").write_text(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-\r\nBEGIN:VEVENT\r\nUID:1\r\n"
        "DTSTAMP:20260101T000000Z\r\nDTSTART;VALUE=DATE:20261123\r\nDTEND;VALUE=DATE:20261130\r\n"
        "SUMMARY:Carol\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    assert call(roster, "apply").exit_code == 0
    assert (roster.parent / "backup").read_text().split() == [
        "carol@example.com",
        "447700900123@sms.example.net",
    ]


def test_the_help_has_a_line_for_every_command() -> None:
    shown = CliRunner().invoke(app, ["--help"]).stdout
    for name, (_, line) in COMMANDS.items():
        assert f"  {name.ljust(8)}  {line}\n" in shown
