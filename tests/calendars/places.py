"""A roster whose one calendar is at an address, and commands that are run on it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from rotation.cli.context import Call
from rotation.cli.main import app
from rotation.host.network import fetcher
from rotation.host.real import Host
from tests.cli.sample import forget_what_was_said

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SECRET = "/private-s3cret/basic.ics?token=s3cret"


class Place:
    """A roster with one calendar by address and one target, and the state kept beside it."""

    def __init__(self, folder: Path, url: str, more: str = "") -> None:
        self.folder, self.state = folder, folder / "state"
        self.roster, self.target = folder / "team.toml", folder / "duty"
        self.write(url, more)

    def write(self, url: str, more: str = "") -> None:
        self.roster.write_text(
            'timezone = "UTC"\nfallback = ["managers@example.com"]\n'
            'people = { alice = "alice@example.com", bob = "bob@example.com" }\n'
            f'[[rotation]]\nname = "team calendar"\ncalendar = "{url}"\n{more}\n'
            '[[target]]\ninclude = "duty"\n'
        )

    def run(self, *words: str, now: datetime = NOW, status: int = 0) -> Any:
        forget_what_was_said(self.state)
        made = Call(self.roster, now, Host(self.state), fetcher(lambda: self.folder / "netrc"))
        done = CliRunner().invoke(app, list(words), obj=made)
        assert done.exit_code == status, done.output
        assert "s3cret" not in done.output
        assert "basic.ics" not in done.output
        return done

    def held(self) -> str:
        return self.target.read_text().strip() if self.target.exists() else ""
