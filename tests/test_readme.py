"""What the README shows is what the program says."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from typer.testing import CliRunner

from rotation.cli.checker.group import checker
from rotation.cli.context import Call
from rotation.cli.main import COMMANDS, app
from rotation.host.real import Host

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def run(tmp_path: Path, *arguments: str) -> str:
    call = Call(tmp_path / "sysduty.toml", NOW, Host(tmp_path / "state"))
    return CliRunner().invoke(app, list(arguments), obj=call).output


def test_the_first_screen(tmp_path: Path) -> None:
    roster, *_ = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    shown, *_ = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    aliases = tmp_path / "aliases"
    aliases.write_text("postmaster: root\nall-system-notifications: bob@example.com\n")
    text = roster.replace('"/etc/aliases"', f'"{aliases}"\nrebuild = ["/usr/sbin/postalias", "x"]')
    (tmp_path / "sysduty.toml").write_text(text)
    who = run(tmp_path, "who")
    assert f"$ rotation who\n{who}" in shown
    dry = run(tmp_path, "apply", "--dry-run")
    dry = dry.replace(str(aliases), "/etc/aliases").replace(
        "postalias x", "postalias hash:/etc/aliases"
    )
    # a command of one's own is not tried, as Postfix's is
    dry = dry.replace("  (not tried: only the real run shows whether it works)\n", "")
    assert shown == f"$ rotation who\n{who}$ rotation apply --dry-run\n{dry}"


def test_the_swap_that_is_shown(tmp_path: Path) -> None:
    _, shown, *_ = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    sample = ROOT / "rosters" / "weekly.toml"
    call = Call(sample, NOW, Host(tmp_path / "state"))
    said = CliRunner().invoke(app, ["swap", "alice", "bob", "--dry-run"], obj=call).stdout
    table, _, _ = said.partition("---")
    assert shown == f"$ rotation swap alice bob\n{table}Write this? [y/N]:\n"


def test_every_command_is_in_the_readme() -> None:
    for name in COMMANDS:
        assert re.search(rf"^\|.*`rotation {name}\b", README, re.MULTILINE), name


def test_every_command_of_a_group_is_in_its_row() -> None:
    (row,) = [line for line in README.splitlines() if line.startswith("| `rotation checker ")]
    for command in checker.registered_commands:
        assert command.callback is not None
        assert f"{command.name or command.callback.__name__}`" in row
