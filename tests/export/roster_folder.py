"""A roster in a folder, and `rotation` run on it at an instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from rotation.cli.context import Call
from rotation.cli.main import app
from rotation.host.real import Host
from rotation.system import System
from tests.cli.sample import forget_what_was_said
from tests.export.lint import events

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
"""bob's week"""
ROSTER = """\
timezone = "Europe/London"
fallback = ["managers@example.com"]

[people]
alice = "alice@example.com"
bob   = "bob@example.com"
carol = { email = ["carol@example.com", "447700900123@sms.example.net"], name = "Carol Jones" }

[[rotation]]
name    = "weekly"
people  = ["alice", "bob", "carol"]
every   = "1 week"
start   = 2026-01-05
handoff = "09:00"
"""
COVER = """\
[[override]]
start = 2026-11-30T09:00:00Z
end   = 2026-12-07T09:00:00Z
out   = "carol"
in    = "bob"
id    = "7f3a"
note  = "swap; as agreed, by phone"
at    = 2026-11-24T09:12:00Z
"""


FILE = "out/duty.ics"


def by_start(data: bytes) -> dict[str, dict[str, str]]:
    """The events of a calendar by their start."""
    return {event["DTSTART"]: event for event in events(data)}


class RosterFolder:
    """A folder with a roster, `sysduty.toml`, and a state folder of its own."""

    def __init__(self, folder: Path, roster: str = ROSTER, name: str = "sysduty") -> None:
        self.folder = folder
        self.roster = folder / f"{name}.toml"
        self.now = NOW
        self.state = folder / "state"
        self.roster.write_text(roster)

    def overrides(self, text: str) -> None:
        """Put these exceptions in the place of all others."""
        self.roster.with_name(f"{self.roster.stem}.overrides.toml").write_text(text)

    def run(self, *arguments: str, system: System | None = None, path: Path | None = None) -> Any:
        """One call of the program."""
        forget_what_was_said(self.state)
        host = system or Host(self.state)
        call = Call(rosters=path or self.roster, now=self.now, system=host)
        return CliRunner().invoke(app, list(arguments), obj=call)

    def export(self, *arguments: str) -> bytes:
        """What `export` prints; it has to have worked."""
        done = self.run("export", *arguments)
        assert done.exit_code == 0, done.output
        return bytes(done.stdout_bytes)

    def later(self, **step: int) -> None:
        """Let time go by."""
        self.now += timedelta(**step)
