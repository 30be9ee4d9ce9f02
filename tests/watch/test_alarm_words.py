"""What an alarm by mail tells people to type."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from rotation.cli.context import Call
from rotation.host.real import Host
from rotation.watch.alarm import chain_words, delivery_words


def test_commands_name_the_rosters_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    call = Call(now=datetime(2026, 11, 24, tzinfo=UTC), system=Host(tmp_path / "state"))
    assert chain_words("hub", call.command).hint == "There: rotation verify; rotation trace root."
    call.take(Path("our duty.toml"))
    command = f"rotation --rosters '{tmp_path}/our duty.toml'"
    assert (
        chain_words("hub", call.command).hint == f"There: {command} verify; {command} trace root."
    )
    assert delivery_words("hub", call.command).hint == f"There: {command} doctor --dns; mailq."
