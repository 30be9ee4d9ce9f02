"""Users whom the host does not know: a number without an entry in passwd(5), and no HOME."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.cli.sample import call
from tests.cli.team import ALICE, GROUP, NOW, ROOT
from tests.others import START

COMMAND = """
from rotation.cli.main import main
sys.argv = ["rotation", *sys.argv[2:]]
main()
"""
SWAP = ["cover", "bob", "--for", "alice", "--from", "2090-01-01", "--to", "2090-02-15", "--yes"]


def homeless(roster: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """`rotation` as a member of the group, without a home, an account or a name."""
    return subprocess.run(
        [sys.executable, "-c", START + COMMAND, str([ALICE, GROUP, GROUP]),
         "--rosters", str(roster), *arguments],
        capture_output=True, text=True, check=False, env=env, cwd="/", stdin=subprocess.DEVNULL,
    )  # fmt: skip


@ROOT
def test_it_asks_as_anybody_does(team: Path) -> None:
    roster = team / "etc" / "duty.toml"
    for question in ("who --at 2026-11-24T10:00Z", "schedule --from 2026-11-24 --to 2027-02-01"):
        done = homeless(roster, *question.split())
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == call(roster, *question.split()).stdout


@ROOT
def test_a_change_is_told_by_the_number(team: Path) -> None:
    roster = team / "etc" / "duty.toml"
    done = homeless(roster, *SWAP, ROTATION_STATE=str(team / "lib" / ".state"))
    assert (done.returncode, done.stderr) == (0, "")
    entries = json.loads(call(roster, "log", "--json", now=NOW).stdout)
    assert [entry["by"] for entry in entries] == [str(ALICE)]


@ROOT
def test_a_change_needs_no_home_for_its_lock(team: Path) -> None:
    roster = team / "etc" / "duty.toml"
    assert not Path("/nonexistent").exists()
    done = homeless(roster, *SWAP)
    assert (done.returncode, done.stderr) == (0, "")
    assert (team / "lib" / "duty.overrides.toml").stat().st_uid == ALICE


@ROOT
def test_apply_writes_where_such_a_user_is_at_home(team: Path) -> None:
    """`.forward` of a user without an account is written as its owner would."""
    home = team / "home"
    home.mkdir(mode=0o755)
    os.chown(home, ALICE, GROUP)
    roster = team / "etc" / "duty.toml"
    text = roster.read_text().partition("[[target]]")[0]
    roster.write_text(f'{text}[[target]]\nforward = "{home}/.forward"\n')
    done = call(roster, "apply", now=NOW)
    assert (done.exit_code, done.stderr) == (0, "")
    forward = home / ".forward"
    assert forward.read_text() == "alice@example.com\n"
    assert (forward.stat().st_uid, forward.stat().st_gid) == (ALICE, GROUP)
