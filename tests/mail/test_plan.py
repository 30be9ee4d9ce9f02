"""What a target should hold while mail does not arrive, and the alias of its owner."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from rotation.plan import Hold, plan
from rotation.roster.parse import parse
from rotation.schedule.loaded import Loaded

ROSTER = """\
timezone = "Etc/UTC"
fallback = ["boss@example.com"]

[people]
alice = ["alice@example.com", "Alice@pager.example"]
bob   = "bob@example.com"
carol = "carol@example.com"

[[rotation]]
name   = "weekly"
people = ["alice", "bob"]
every  = "1 week"
start  = 2026-01-05

[[rotation]]
name   = "second"
people = ["carol", []]
every  = "1 week"
start  = 2026-01-05
role   = "backup"

[[target]]
aliases = "/etc/aliases"
name    = "duty"
also    = ["archive@example.com"]
owner   = "carol"
bounced = "backup"
"""
ALICE = datetime(2026, 1, 6, tzinfo=UTC)
BOB = ALICE + timedelta(days=7)


def _held(at: datetime, failing: set[str], text: str = ROSTER) -> list[Hold]:
    roster = parse(text.encode(), Path("/etc/rotation/duty.toml"))
    wishes = plan([(Loaded(roster), at)], failing)
    assert all(isinstance(wish, Hold) for wish in wishes)
    return [wish for wish in wishes if isinstance(wish, Hold)]


def test_others_are_added_for_whoever_has_it_now() -> None:
    due = ("alice@example.com", "Alice@pager.example")
    for failing in ({"alice@example.com"}, {"alice@pager.example"}):
        duty, owner = _held(ALICE, failing)
        assert duty.addresses == (*due, "carol@example.com", "archive@example.com")
        assert {address.lower() for address in duty.lost} == failing
        assert owner.addresses == ("carol@example.com",)
        assert owner.target.name == "owner-duty"


def test_not_for_somebody_else() -> None:
    """The person changes: what did not get to the last one is nothing to the next one."""
    for failing in (set(), {"alice@example.com", "alice@pager.example"}):
        duty, _ = _held(BOB, failing)
        assert (duty.addresses, duty.lost) == (("bob@example.com", "archive@example.com"), ())
    duty, _ = _held(ALICE, {"archive@example.com", "carol@example.com"})
    assert duty.lost == ()
    assert "carol@example.com" not in duty.addresses


def test_nobody_in_the_other_role_is_the_fallback() -> None:
    duty, _ = _held(BOB, {"bob@example.com"})
    assert duty.addresses == ("bob@example.com", "boss@example.com", "archive@example.com")


def test_without_the_key_nothing_is_added() -> None:
    text = ROSTER.replace('bounced = "backup"\n', "").replace('owner   = "carol"\n', "")
    (duty,) = _held(ALICE, {"alice@example.com"}, text)
    assert duty.lost == ()
    assert "carol@example.com" not in duty.addresses
