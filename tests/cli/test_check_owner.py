"""Two rosters that share an alias: `check` foresees what `apply` refuses, of `owner` and `bounced`
too."""

from __future__ import annotations

from pathlib import Path

import pytest

from .sample import call

ROSTER = """\
timezone = "Europe/London"
[people]
alice = "alice@example.com"
bob = "bob@example.com"
[[rotation]]
name = "weekly"
people = ["alice"]
every = "1 week"
start = 2026-01-05
[[rotation]]
name = "second"
people = ["bob"]
every = "1 week"
start = 2026-01-05
role = "backup"
[role.duty]
load = "expected"
[role.backup]
load = "expected"
[[target]]
aliases = "/{folder}/aliases"
name = "duty"
rebuild = []
"""
DIFFER = "two targets want the alias 'owner-duty' to hold different people"
OWNER = 'owner = "{}@example.com"\n'


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (OWNER.format("a"), OWNER.format("a"), ""),
        (OWNER.format("a"), "", ""),  # whoever has none leaves it alone
        (OWNER.format("a"), OWNER.format("b"), DIFFER),
        ("", 'bounced = "backup"\n', "to hold different people once mail bounces"),
        ('bounced = "backup"\n', 'bounced = "backup"\n', ""),
        (
            OWNER.format("a"),
            '[[target]]\naliases = "/{folder}/aliases"\nname = "OWNER-duty"\nrebuild = []\n',
            "to hold different people",
        ),
    ],
)
def test_two_rosters_that_share_an_alias(
    tmp_path: Path, first: str, second: str, said: str
) -> None:
    folder = str(tmp_path).lstrip("/")
    (tmp_path / "aliases").write_text("postmaster: root\nduty: x\nowner-duty: x\n")
    rosters = tmp_path / "rosters"
    rosters.mkdir()
    for name, more in (("a", first), ("b", second)):
        (rosters / f"{name}.toml").write_text((ROSTER + more).replace("{folder}", folder))
    checked = call(rosters, "check")
    applied = call(rosters, "apply")
    assert "Traceback" not in checked.stderr + applied.stderr
    if not said:
        assert (checked.exit_code, applied.exit_code) == (0, 0), checked.stdout + applied.stderr
        return
    assert checked.exit_code == 1
    assert checked.stdout.count(said) == 2, checked.stdout  # each roster is told
    if "bounces" in said:
        assert applied.exit_code == 0
        return
    assert applied.exit_code == 3
    assert "to hold different people" in applied.stderr
    text = (tmp_path / "aliases").read_text()
    assert "duty: alice@example.com" in text  # only what they differ in is left
    assert "owner-duty: x\n" in text
