"""Who may decide for root, from the command line: what is refused, and what a group may do."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rotation.roster.parse import parse
from tests.cli.sample import call
from tests.cli.team import ALICE, BOB, GROUP, MALLORY, NOW, ROOT, ROSTER
from tests.others import ENV, START, rotation_as


def held(team: Path) -> str:
    return (team / "mail" / "aliases").read_text()


def written_by_a_group(path: Path) -> None:
    os.chown(path, 0, ALICE)
    path.chmod(0o664)


PLANTS: dict[str, Callable[[Path], object]] = {
    "a user's roster": lambda team: os.chown(team / "etc" / "duty.toml", ALICE, 0),
    "a roster that everybody can write": lambda team: (team / "etc" / "duty.toml").chmod(0o666),
    "a roster that a group can write": lambda team: written_by_a_group(team / "etc" / "duty.toml"),
    "a roster in a user's folder": lambda team: os.chown(team / "etc", ALICE, 0),
    "a folder above that everybody can write": lambda team: team.chmod(0o777),
}


@ROOT
@pytest.mark.parametrize("plant", PLANTS)
@pytest.mark.parametrize("command", ["apply", "apply --check", "apply --dry-run", "verify"])
def test_what_others_could_change_is_refused(team: Path, plant: str, command: str) -> None:
    PLANTS[plant](team)
    roster = team / "etc" / "duty.toml"
    done = call(roster, *command.split(), now=NOW)
    assert done.exit_code == 2, done.output
    assert held(team) == "duty: nobody@example.com\n"
    assert re.search(r"hint: ch(own root|mod [go]-w) ", done.stderr)
    assert "must be for root alone to write" in done.stderr


@ROOT
@pytest.mark.parametrize("plant", PLANTS)
def test_what_others_could_change_can_be_asked(team: Path, plant: str) -> None:
    PLANTS[plant](team)
    roster = team / "etc" / "duty.toml"
    for question in ("who", "schedule", "check", "log", "report"):
        assert call(roster, question, now=NOW).exit_code in (0, 1)


@ROOT
def test_what_root_alone_can_change_is_taken(team: Path) -> None:
    done = call(team / "etc" / "duty.toml", "apply", now=NOW)
    assert (done.exit_code, held(team)) == (0, "duty: alice@example.com\n"), done.output


@ROOT
def test_notify_takes_no_users_roster(team: Path) -> None:
    os.chown(team / "etc" / "duty.toml", ALICE, 0)
    done = call(team / "etc" / "duty.toml", "notify", now=NOW)
    assert done.exit_code == 2
    assert "belongs to user 54321" in done.stderr


COVER = """
[[override]]
start = 2026-11-23T00:00:00Z
end = 2026-11-30T00:00:00Z
out = "alice"
in = "bob"
"""


@ROOT
def test_overrides_of_a_user_in_a_sticky_folder_decide_nothing(team: Path) -> None:
    overrides = team / "lib" / "duty.overrides.toml"
    overrides.write_text(COVER)
    os.chown(overrides, MALLORY, MALLORY)
    overrides.parent.chmod(0o1777)
    roster = team / "etc" / "duty.toml"
    done = call(roster, "apply", now=NOW)
    assert (done.exit_code, held(team)) == (2, "duty: nobody@example.com\n")
    assert f"chown root {overrides}" in done.stderr
    os.chown(overrides, 0, 0)
    assert call(roster, "apply", now=NOW).exit_code == 0
    assert held(team) == "duty: bob@example.com\n"


@ROOT
@pytest.mark.parametrize(
    "text",
    [
        '[people]\nmallory = "mallory@example.org"',
        '[[target]]\naliases = "/etc/aliases"\nname = "root"',
        'fallback = ["mallory@example.org"]',
        '[[rotation]]\nname = "weekly"\npeople = ["bob"]\nevery = "1 day"\nstart = 2026-01-01',
        '[[shift]]\nstart = 2026-11-23\nend = 2026-11-30\npeople = ["bob"]',
        COVER.replace('"bob"', '"mallory@example.org"'),
        COVER.replace('"bob"', '"bob"\nrebuild = ["/bin/sh"]'),
        'timezone = "UTC"',
        'overrides = "/etc/shadow"',
    ],
)
def test_overrides_can_move_duty_among_the_people_and_nothing_else(team: Path, text: str) -> None:
    (team / "lib" / "duty.overrides.toml").write_text(text)
    done = call(team / "etc" / "duty.toml", "apply", now=NOW)
    assert (done.exit_code, held(team)) == (2, "duty: nobody@example.com\n"), done.output


@ROOT
@pytest.mark.parametrize("how", ["a user's", "in a user's folder", "given to a shell"])
def test_a_program_that_others_could_change_does_not_run(team: Path, how: str) -> None:
    folder = team / "bin"
    folder.mkdir()
    program = folder / "rebuild"
    program.write_text(f"#!/bin/sh\ntouch '{folder}/ran'\n")
    program.chmod(0o755)
    words = f'"/bin/sh", "{program}"' if "shell" in how else f'"{program}"'
    roster = team / "etc" / "duty.toml"
    roster.write_text(ROSTER.format(rebuild=words))
    os.chown(folder if "folder" in how else program, ALICE, 0)
    for command in ("apply --check", "apply"):
        done = call(roster, *command.split(), now=NOW)
        assert (done.exit_code, held(team)) == (3, "duty: nobody@example.com\n"), done.output
        assert "chown root" in done.stderr
    assert not (folder / "ran").exists()
    os.chown(folder if "folder" in how else program, 0, 0)
    assert call(roster, "apply", now=NOW).exit_code == 0
    assert (folder / "ran").exists()


@ROOT
@pytest.mark.parametrize("user", [ALICE, BOB], ids=["alice", "bob"])
def test_members_of_a_group_change_the_plan_and_root_applies_it(team: Path, user: int) -> None:
    roster = team / "etc" / "duty.toml"
    env = {"ROTATION_STATE": str(team / "lib" / f".state-{user}")}
    asked: list[str | Path] = ["--rosters", roster]
    done = rotation_as(
        user, [user, GROUP],
        [*asked, "cover", "bob", "--for", "alice", "--from", "2090-01-01", "--to", "2090-02-15",
         "--yes", "--by", "a member"], env,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    overrides = team / "lib" / "duty.overrides.toml"
    status = overrides.stat()
    assert (status.st_uid, status.st_gid, status.st_mode & 0o777) == (user, GROUP, 0o664)
    then = call(roster, "who", "--at", "2090-01-20", "--json", now=NOW)
    before = json.loads(then.stdout)[0]["people"][0]["key"]
    assert before in ("bob", "carol")
    # the other one changes it too, and the file stays the group's
    other = BOB if user == ALICE else ALICE
    done = rotation_as(
        other, [other, GROUP],
        [*asked, "away", "carol", "2090-01-01", "2090-02-15", "--yes", "--by", "another"],
        {"ROTATION_STATE": str(team / "lib" / f".state-{other}")},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    status = overrides.stat()
    assert (status.st_uid, status.st_gid, status.st_mode & 0o777) == (other, GROUP, 0o664)
    # root takes it
    at = datetime(2090, 1, 20, 12, tzinfo=UTC)
    done = call(roster, "apply", now=at)
    assert (done.exit_code, held(team)) == (0, "duty: bob@example.com\n"), done.output
    # and a stranger changes nothing
    done = rotation_as(
        MALLORY, [MALLORY],
        [*asked, "away", "bob", "2090-03-01", "2090-03-02", "--yes", "--by", "mallory"],
        {"ROTATION_STATE": "/nonexistent"},
    )  # fmt: skip
    assert done.returncode == 3, done.stderr
    assert "bob" not in overrides.read_text().partition("[[absence]]")[2]


@ROOT
def test_a_member_cannot_change_who_is_in_the_team(team: Path) -> None:
    roster = team / "etc" / "duty.toml"
    done = rotation_as(
        ALICE, [ALICE, GROUP], ["--rosters", roster, "leave", "bob", "--yes", "--by", "alice"],
        {"ROTATION_STATE": str(team / "lib" / ".state")},
    )  # fmt: skip
    assert done.returncode == 3, done.stderr
    assert roster.read_text() == ROSTER.format(rebuild="")


CHANGES = """
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typer.testing import CliRunner
from rotation.cli.context import Call
from rotation.cli.main import app
from rotation.host.real import Host
roster, state, first, count = Path(sys.argv[2]), Path(sys.argv[3]), *map(int, sys.argv[4:])
print("ready", flush=True)
sys.stdin.readline()
for number in range(first, first + count):
    day = str((datetime(2090, 1, 1) + timedelta(days=number)).date())
    made = Call(rosters=roster, now=datetime(2026, 11, 24, 10, tzinfo=UTC), system=Host(state))
    argv = ["away", "carol", day, day, "--yes", "--by", str(number)]
    done = CliRunner().invoke(app, argv, obj=made)
    if done.exit_code == 0:
        print(number)
    else:
        print(done.output, file=sys.stderr)
"""


@ROOT
def test_no_accepted_change_is_lost_whatever_the_roster_is_called(team: Path) -> None:
    (team / "link").symlink_to(team / "etc")
    (team / "one.toml").symlink_to(team / "etc" / "duty.toml")
    file = team / "etc" / "duty.toml"
    spellings = [
        file, file.parent, team / "link" / "duty.toml", team / "lib" / ".." / "etc" / "duty.toml",
        Path(os.path.relpath(file, "/")),
    ]  # fmt: skip
    each, processes = 4, []
    users = (ALICE, BOB)
    whose = [(spelling, users[number % 2]) for number, spelling in enumerate(spellings)]
    for number, (spelling, user) in enumerate([*whose, (file, BOB)]):
        state = team / f"state-{number}"
        state.mkdir(mode=0o700)
        os.chown(state, user, user)
        argv = [sys.executable, "-c", START + CHANGES, str([user, user, GROUP]), str(spelling),
                str(state), str(number * each), str(each)]  # fmt: skip
        processes.append(
            subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                             env=ENV, cwd="/")
        )  # fmt: skip
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    accepted = {word for process in processes for word in process.communicate("\n")[0].split()}
    overrides = (team / "lib" / "duty.overrides.toml").read_bytes()
    written = [str(absence.by) for absence in parse(file.read_bytes(), file, overrides).absences]
    assert sorted(written) == sorted(accepted)
    assert len(accepted) == each * len(processes)
