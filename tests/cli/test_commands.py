"""The command line: what people type, what they get, and the exit statuses."""

from __future__ import annotations

import json
import os
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from rotation.cli.context import Call
from rotation.cli.main import COMMANDS, app
from rotation.host.real import Host

ROSTERS = Path(__file__).parents[2] / "rosters"
NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)  # bob's week in weekly.toml


def call(rosters: Path, *arguments: str, now: datetime = NOW, state: Path | None = None) -> Any:
    made = Call(rosters=rosters, now=now, system=Host(state or rosters.parent / "state"))
    return CliRunner().invoke(app, list(arguments), obj=made)


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    """weekly.toml with its alias in a file beside it, which no server has to be told of."""
    text = (ROSTERS / "weekly.toml").read_text()
    text = text.replace('"/etc/aliases" ', '"aliases"\nrebuild = [] ')
    path = tmp_path / "weekly.toml"
    path.write_text(text)
    (tmp_path / "aliases").write_bytes(b"root: x\nall-system-notifications: alice@example.com\n")
    return path


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


def test_every_sample_can_be_read_and_checked() -> None:
    done = call(ROSTERS, "check")
    assert (done.exit_code, done.stdout) == (0, ""), done.stdout
    assert call(ROSTERS, "who", "--why").exit_code == 0


def test_apply_once_and_again(roster: Path) -> None:
    aliases = roster.parent / "aliases"
    shown = call(roster, "apply", "--dry-run")
    assert "-all-system-notifications: alice@example.com\n" in shown.stdout
    assert "+all-system-notifications: bob@example.com\n" in shown.stdout
    assert call(roster, "apply", "--check").exit_code == 1
    assert aliases.read_bytes().endswith(b": alice@example.com\n")
    assert not (roster.parent / "state").exists()
    done = call(roster, "apply")
    assert (done.exit_code, done.stdout) == (
        0,
        "all-system-notifications: alice -> bob, until Mon 30 Nov 09:00 GMT (weekly)\n",
    )
    assert aliases.read_bytes() == b"root: x\nall-system-notifications: bob@example.com\n"
    before = os.stat(aliases)
    again = call(roster, "apply")
    assert (again.exit_code, again.output) == (0, "")
    after = os.stat(aliases)
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert call(roster, "apply", "--check").exit_code == 0
    assert sorted(p.name for p in roster.parent.iterdir()) == ["aliases", "state", "weekly.toml"]


def test_an_alias_that_is_new_or_no_plain_list(roster: Path) -> None:
    aliases = roster.parent / "aliases"
    aliases.write_bytes(b"root: x")
    assert call(roster, "apply").stdout.startswith("all-system-notifications: (nothing) -> bob, ")
    assert aliases.read_bytes() == b"root: x\nall-system-notifications: bob@example.com\n"
    aliases.write_bytes(b'all-system-notifications: "|/bin/cat"\n')
    assert "(not a plain list) -> bob, " in call(roster, "apply").stdout


def test_apply_as_json(roster: Path) -> None:
    (answer,) = json.loads(call(roster, "apply", "--json").stdout)
    assert answer["before"] == ["alice@example.com"]
    assert answer["after"] == ["bob@example.com"]
    assert answer["changed"] is True
    assert answer["target"] == str(roster.parent / "aliases")
    assert answer["name"] == "all-system-notifications"


def test_a_rehearsed_instant_is_for_rehearsals(roster: Path) -> None:
    done = call(roster, "apply", "--at", "+7d")
    assert done.exit_code == 2
    assert "--dry-run" in done.stderr
    assert "carol" in call(roster, "apply", "--dry-run", "--at", "+7d").stdout


def test_no_fallback_leaves_the_target(roster: Path) -> None:
    roster.write_text(roster.read_text().replace("fallback", "#fallback"))
    before = (roster.parent / "aliases").read_bytes()
    done = call(roster, "apply", now=datetime(2020, 1, 1, tzinfo=UTC))
    assert done.exit_code == 1
    assert "no fallback" in done.stderr
    assert (roster.parent / "aliases").read_bytes() == before


def _absent(path: Path) -> None:
    path.unlink()


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _socket(path: Path) -> None:
    path.unlink()
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _open_to_all(path: Path) -> None:
    path.chmod(0o666)


def _huge(path: Path) -> None:
    with path.open("r+b") as stream:
        stream.truncate(10**10)


def _dangling(path: Path) -> None:
    path.unlink()
    path.symlink_to("nothing")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_absent, "no such aliases file"),
        (_folder, "is a folder"),
        (_socket, "is a socket"),
        (_pipe, "is a named pipe"),
        (_open_to_all, "written by everybody"),
        (_huge, "larger than"),
        (_dangling, "no such aliases file"),
    ],
)
def test_an_aliases_file_that_is_none(roster: Path, spoil: object, said: str) -> None:
    assert callable(spoil)
    spoil(roster.parent / "aliases")
    done = call(roster, "apply")
    assert done.exit_code == 3
    assert said in done.stderr
    assert done.stdout == ""


def test_a_folder_that_is_not_there(roster: Path) -> None:
    text = roster.read_text()
    roster.write_text(text + '\n[[target]]\ninclude = "nowhere/duty"\n')
    done = call(roster, "apply")
    assert done.exit_code == 3
    assert "no such folder" in done.stderr
    assert "all-system-notifications: alice -> bob" in done.stdout  # the other target is made true


def test_two_targets_of_one_alias(roster: Path) -> None:
    (roster.parent / "link").symlink_to("aliases")
    more = '\n[[target]]\naliases = "link"\nname = "ALL-system-notifications"\nrebuild = []\n'
    roster.write_text(roster.read_text() + more + 'also = ["eve@example.com"]\n')
    done = call(roster, "apply")
    assert done.exit_code == 3
    assert "different people" in done.stderr
    roster.write_text(roster.read_text().replace('also = ["eve@example.com"]\n', ""))
    assert call(roster, "apply").exit_code == 0


def test_a_rebuild_that_fails_or_is_not_there(roster: Path) -> None:
    good = roster.read_text()
    before = (roster.parent / "aliases").read_bytes()
    for command in (
        '"/bin/false"',
        '"/nonexistent/newaliases"',
        '"/bin/sh", "-c", "echo warning: x"',
    ):
        roster.write_text(good.replace("rebuild = []", f"rebuild = [{command}]"))
        done = call(roster, "apply")
        assert done.exit_code == 3
        assert done.stdout == ""
        assert (roster.parent / "aliases").read_bytes() == before


def test_an_unknown_person_changes_nothing(roster: Path) -> None:
    before = (roster.parent / "aliases").read_bytes()
    roster.write_text(roster.read_text().replace('"bob", "carol"]', '"bob", "carl"]'))
    done = call(roster, "apply")
    line = 1 + roster.read_text().splitlines().index('people  = ["alice", "bob", "carl"]')
    assert done.exit_code == 2
    assert done.stderr == (
        f"error: unknown person 'carl'\n  --> {roster}:{line}\n"
        "  hint: did you mean 'carol'? people are listed at line 6\n"
    )
    assert (roster.parent / "aliases").read_bytes() == before
    assert call(roster, "check").exit_code == 1
    assert f"{roster}:{line}: error: unknown person 'carl'" in call(roster, "check").stdout


def test_a_roster_that_everybody_can_write(roster: Path) -> None:
    roster.chmod(0o666)
    assert call(roster, "apply").exit_code == 2
    assert call(roster, "who").exit_code == 0


def test_no_roster(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.toml", tmp_path / "none"):
        done = call(path, "who")
        assert done.exit_code == 2
        assert "rotation init" in done.stderr


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
