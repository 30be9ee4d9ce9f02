"""What was agreed on in a file that no roster reads: `check` says so."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.check.roster_blocks import override, roster_text, rotation, run, write_roster

TEXT = roster_text(rotation()) + '[role.duty]\nload = "expected"\n'
SWAP = override("2026-12-01", "2026-12-02", "p2", "p4")


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    roster = write_roster(tmp_path / "rosters", TEXT, SWAP)
    assert run(roster.parent, "check").stdout == ""
    return roster


def lost(rosters: Path) -> list[str]:
    """The files that nobody reads, as `check` names them."""
    done = run(rosters, "check")
    lines = [line for line in done.stdout.splitlines() if ": no roster reads these" in line]
    assert done.exit_code == (1 if done.stdout else 0)
    return [line.partition(": warning: ")[0] for line in lines]


def test_a_roster_that_was_renamed(roster: Path) -> None:
    left = roster.with_name("team.overrides.toml")
    roster.rename(roster.with_name("night.toml"))
    assert lost(roster.parent) == [str(left)]
    assert "no roster reads" in run(roster.parent, "check", "--nagios").stdout
    left.rename(left.with_name("night.overrides.toml"))
    assert lost(roster.parent) == []


def test_overrides_that_stand_elsewhere_now(roster: Path) -> None:
    roster.write_text(f'overrides = "{roster.parent.parent}/agreed.toml"\n{TEXT}')
    beside = roster.with_name("team.overrides.toml")
    for rosters in (roster, roster.parent):
        assert lost(rosters) == [str(beside)]
    (roster.parent.parent / "agreed.toml").symlink_to(beside)
    assert lost(roster) == []


def test_overrides_beside_what_a_link_leads_to(roster: Path) -> None:
    """Whoever names the roster by its real path swaps there, and `apply` reads beside the link."""
    folder = roster.parent.parent / "linked"
    folder.mkdir()
    (folder / "duty.toml").symlink_to(roster)
    beside = roster.with_name("team.overrides.toml")
    for rosters in (folder, folder / "duty.toml"):
        assert lost(rosters) == [str(beside)]
    (folder / "duty.overrides.toml").symlink_to(beside)
    assert lost(folder) == []


def test_a_roster_that_names_the_file_of_another_name(roster: Path) -> None:
    write_roster(roster.parent, f'overrides = "team.overrides.toml"\n{TEXT}', name="night")
    assert lost(roster.parent) == []


def test_those_of_a_roster_that_cannot_be_read_are_its_own(roster: Path) -> None:
    write_roster(roster.parent, TEXT, name="night")
    roster.unlink()
    os.mkfifo(roster)
    done = run(roster.parent, "check")
    assert (done.exit_code, done.stdout) == (2, "")
