"""The samples, and `rotation` run on them at an instant."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from rotation.cli.context import Call
from rotation.cli.main import app
from rotation.host.real import Host

ROSTERS = Path(__file__).parents[2] / "rosters"

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)  # bob's week in weekly.toml


def forget_what_was_said(state: Path) -> None:
    """Let the next run say everything again; that it says things once is tested by itself."""
    for record in state.glob("said-*.json"):
        record.unlink()


def call(rosters: Path, *arguments: str, now: datetime = NOW, state: Path | None = None) -> Any:
    made = Call(rosters=rosters, now=now, system=Host(state or rosters.parent / "state"))
    return CliRunner().invoke(app, list(arguments), obj=made)


def overrides(roster: Path) -> Path:
    """The overrides file of a roster."""
    return roster.with_name(f"{roster.stem}.overrides.toml")
