"""Just after a handoff that `apply` has not come to yet, a target is judged as it was before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rotation.errors import Exit
from rotation.host.real import Host
from rotation.roster.parse import parse
from rotation.schedule.loaded import Loaded
from rotation.watch.runs import HOST, applied
from rotation.watch.verify import instants, target_problems

HANDOFF = datetime(2026, 11, 30, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
NOW = HANDOFF + 3 * MINUTE


@pytest.fixture
def loaded(tmp_path: Path) -> Loaded:
    text = f"""timezone = "UTC"
people = {{ alice = "alice@example.com", bob = "bob@example.com" }}
[[rotation]]
name = "weekly"
people = ["alice", "bob"]
every = "1 week"
start = 2026-11-23
handoff = "09:00"
[[target]]
include = "{tmp_path / "duty"}"
"""
    return Loaded(parse(text.encode(), tmp_path / "team.toml"))


@pytest.mark.parametrize(
    ("held", "ran", "early", "wrong"),
    [
        ("alice@example.com", HANDOFF - 2 * MINUTE, True, 0),
        ("bob@example.com", HANDOFF - 2 * MINUTE, False, 0),
        ("mallory@example.com", HANDOFF - 2 * MINUTE, False, 1),
        ("alice@example.com", HANDOFF + MINUTE, False, 1),
        ("alice@example.com", HANDOFF - timedelta(hours=2), False, 1),
    ],
)
def test_who_was_on_duty_may_still_be_there_until_apply_comes(
    loaded: Loaded, tmp_path: Path, held: str, ran: datetime, early: bool, wrong: int
) -> None:
    host = Host(tmp_path / "state")
    for at in (ran - 5 * MINUTE, ran):
        applied(host, at, Exit.OK)
    (tmp_path / "duty").write_text(f"{held}\n")
    pairs = instants(host, [loaded], NOW, HOST)
    ((_, at),) = pairs
    assert (at < HANDOFF) is early
    assert HANDOFF - timedelta(seconds=1) <= at <= NOW
    assert len(target_problems(host, pairs)) == wrong


def test_a_run_that_failed_may_not_make_the_handoff(loaded: Loaded, tmp_path: Path) -> None:
    host = Host(tmp_path / "state")
    applied(host, HANDOFF - 2 * MINUTE, Exit.FAILED)
    (tmp_path / "duty").write_text("alice@example.com\n")
    assert instants(host, [loaded], NOW, HOST) == [(loaded, NOW)]
