"""What `check` and `apply` say before it hurts: addresses that lead nowhere, odd zones, duty that
begins in months, swaps whose handoffs have moved."""

from __future__ import annotations

import pwd
from pathlib import Path

import pytest

from tests.cli.sample import NOW, call

ROSTER = """timezone = "{zone}"
fallback = ["managers@example.com"]
people.alice = "{alice}"
people.bob = "bob@example.com"
[role.duty]
load = "expected"
[[rotation]]
name = "weekly"
people = ["alice", "bob"]
every = "1 week"
start = {start}
handoff = "{handoff}"
[[target]]
{target}
"""
LIST = 'include = "list"'
ALIAS = 'aliases = "aliases"\nname = "oncall"\nrebuild = []'


def write(
    folder: Path,
    alice: str = "alice@example.com",
    *,
    zone: str = "Europe/London",
    start: str = "2026-11-09",
    handoff: str = "09:00",
    target: str = LIST,
) -> Path:
    path = folder / "team.toml"
    path.write_text(
        ROSTER.format(zone=zone, alice=alice, start=start, handoff=handoff, target=target)
    )
    (folder / "list").write_text("old@example.com\n")
    (folder / "aliases").write_text("oncall: old@example.com\nhelper: bob@example.com\n")
    return path


def test_a_team_that_is_well_is_told_nothing(tmp_path: Path) -> None:
    done = call(write(tmp_path), "check")
    assert (done.exit_code, done.stdout) == (0, "")
    user = pwd.getpwall()[1].pw_name
    done = call(write(tmp_path, user, target=ALIAS), "check")
    assert (done.exit_code, done.stdout) == (0, "")
    done = call(write(tmp_path, "helper", target=ALIAS), "check")
    assert (done.exit_code, done.stdout) == (0, "")


def test_a_bare_name_that_nobody_answers_for(tmp_path: Path) -> None:
    roster = write(tmp_path, "nobody-like-that", target=ALIAS)
    done = call(roster, "check")
    assert done.exit_code == 1
    assert "no account and no alias of this host is called 'nobody-like-that'" in done.stdout
    # somebody's name in a directory that we cannot ask is no reason to leave the old person there
    done = call(roster, "apply", now=NOW.replace(day=23))
    assert "warning: no account and no alias" in done.stderr
    assert done.exit_code == 0


@pytest.mark.parametrize("local", ["oncall", "OnCall", "oncall+x", "root"])
def test_an_address_that_leads_back(tmp_path: Path, local: str) -> None:
    roster = write(tmp_path, f"{local}@localhost", target=ALIAS)
    done = call(roster, "check")
    assert "would go round in circles" in done.stdout
    done = call(roster, "apply", now=NOW.replace(day=23))
    assert done.exit_code == 3
    assert "would go round in circles" in done.stderr
    assert (tmp_path / "aliases").read_text().startswith("oncall: old@example.com\n")


def test_an_alias_with_an_extension_leads_back_to_itself_alone(tmp_path: Path) -> None:
    target = ALIAS.replace('"oncall"', '"oncall+night"')
    done = call(write(tmp_path, "oncall+night@localhost", target=target), "check")
    assert "oncall+night@localhost is the alias itself on this host" in done.stdout
    done = call(write(tmp_path, "oncall@localhost", target=target), "check")
    assert (done.exit_code, done.stdout) == (0, "")


def test_a_file_with_another_name_is_told_before_they_part(tmp_path: Path) -> None:
    roster = write(tmp_path)
    (tmp_path / "other").hardlink_to(tmp_path / "list")
    done = call(roster, "check")
    assert done.exit_code == 1
    assert "list: warning: has 2 names (hard links)" in done.stdout
    done = call(roster, "apply")
    assert done.exit_code == 0
    assert "warning: has 2 names (hard links): a change reaches this one alone" in done.stderr
    assert (tmp_path / "other").read_text() == "old@example.com\n"
    assert call(roster, "check").stdout == ""


def test_a_name_that_a_killed_run_of_ours_left_is_none(tmp_path: Path) -> None:
    roster = write(tmp_path)
    stage = tmp_path / ".rotation-0123456789abcdef"
    stage.mkdir()
    (stage / "kept-list").hardlink_to(tmp_path / "list")
    assert call(roster, "check").stdout == ""
    (tmp_path / "other").hardlink_to(tmp_path / "list")
    assert "list: warning: has 2 names (hard links)" in call(roster, "check").stdout


def test_nor_is_one_beside_the_link_that_the_target_is(tmp_path: Path) -> None:
    roster = write(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "list").rename(tmp_path / "elsewhere/list")
    (tmp_path / "list").symlink_to("elsewhere/list")
    stage = tmp_path / ".rotation-0123456789abcdef"
    stage.mkdir()
    (stage / "kept-list").hardlink_to(tmp_path / "elsewhere/list")
    assert call(roster, "check").stdout == ""
    (tmp_path / "other").hardlink_to(tmp_path / "elsewhere/list")
    assert "list: warning: has 2 names (hard links)" in call(roster, "check").stdout


@pytest.mark.parametrize("name", ["oncall", "OnCall"])
def test_the_bare_name_of_the_alias_itself(tmp_path: Path, name: str) -> None:
    roster = write(tmp_path, name.lower(), target=ALIAS.replace('"oncall"', f'"{name}"'))
    done = call(roster, "check")
    assert done.exit_code == 1
    assert "oncall is the alias itself" in done.stdout
    done = call(roster, "apply", now=NOW.replace(day=23))
    assert done.exit_code == 3
    assert "oncall is the alias itself" in done.stderr
    assert (tmp_path / "aliases").read_text().startswith("oncall: old@example.com\n")


def test_the_same_name_at_another_host_is_somebody_else(tmp_path: Path) -> None:
    done = call(write(tmp_path, "oncall@far.example.org", target=ALIAS), "check")
    assert (done.exit_code, done.stdout) == (0, "")


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("EST", 'timezone = "America/New_York"'),
        ("CET", 'timezone = "Europe/Berlin"'),
        ("MST", 'timezone = "America/Denver"'),
        ("Etc/GMT+5", "has no summer time"),
        ("EST5EDT", "the time zone 'EST5EDT'"),
    ],
)
def test_a_zone_that_is_no_place(tmp_path: Path, zone: str, said: str) -> None:
    done = call(write(tmp_path, zone=zone), "check")
    assert done.exit_code == 1
    assert said in done.stdout


@pytest.mark.parametrize("zone", ["UTC", "Etc/UTC", "GMT", "Asia/Kolkata", "America/Phoenix"])
def test_a_zone_that_is_meant(tmp_path: Path, zone: str) -> None:
    assert call(write(tmp_path, zone=zone), "check").stdout == ""


def test_a_first_handoff_that_is_months_away(tmp_path: Path) -> None:
    done = call(write(tmp_path, start="2027-11-08"), "check")
    assert done.exit_code == 1
    assert (
        "the first handoff of rotation 'weekly' is 348 days away, at 2027-11-08 09:00 GMT: "
        "until then nobody has the role 'duty'" in done.stdout
    )
    assert call(write(tmp_path, start="2026-12-07"), "check").stdout == ""


def test_a_swap_whose_handoffs_have_moved(tmp_path: Path) -> None:
    roster = write(tmp_path, handoff="10:00")
    assert call(roster, "swap", "alice", "bob", "--yes").exit_code == 0
    assert call(roster, "check").stdout == ""
    roster.write_text(roster.read_text().replace('"10:00"', '"09:00"'))
    done = call(roster, "check")
    assert done.exit_code == 1
    assert "this swap has a bound at 2026-11-30 10:00 GMT, but the handoff is at" in done.stdout
    assert "rotation undo" in done.stdout
