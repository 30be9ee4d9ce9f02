"""Calendars as people's programs write them, through the roster and the command line."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from rotation.cli.context import Call
from rotation.cli.main import app
from rotation.host.real import Host

FIELD = Path(__file__).parents[1] / "cases" / "field-calendars.json"
CASES: list[dict[str, Any]] = json.loads(FIELD.read_text("utf-8"))["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_the_schedule_that_a_calendar_means(tmp_path: Path, case: dict[str, Any]) -> None:
    people = "".join(
        f'{key} = {{ email = "{person["email"]}", name = "{person["name"]}" }}\n'
        for key, person in case["people"].items()
    )
    roster = tmp_path / "team.toml"
    roster.write_text(
        f'timezone = "{case["timezone"]}"\n[people]\n{people}'
        f'[[rotation]]\nname = "team"\ncalendar = "duty.ics"\n{case["rotation_keys"]}\n'
    )
    (tmp_path / "duty.ics").write_bytes(case["calendar"].encode())
    call = Call(roster, datetime(2026, 11, 24, 10, tzinfo=UTC), Host(tmp_path / "state"))
    words = ["schedule", "--json", "--from", case["from"], "--to", case["to"]]
    done = CliRunner().invoke(app, words, obj=call)
    assert done.exit_code == 0, done.output
    shifts = [
        (datetime.fromisoformat(s["start"]), datetime.fromisoformat(s["end"]), s["people"])
        for s in json.loads(done.stdout)
        if s["people"]
    ]
    assert shifts == [
        (datetime.fromisoformat(s["start"]), datetime.fromisoformat(s["end"]), s["people"])
        for s in case["want"]
    ]
    if case["warning_mentions"] is None:
        assert done.stderr == ""
    else:
        assert case["warning_mentions"] in done.stderr.casefold()
