"""Join and leave where a rotation has a zone, turns of nobody, or a beginning to come."""

from __future__ import annotations

from itertools import product
from zoneinfo import ZoneInfo

import pytest

from rotation.changes.membership import join, leave
from rotation.errors import UsageError
from tests.changes.roster_texts import HEAD, WEEKLY, after, book, local, served, stamp, weeks

CASES = list(
    product(
        ("1 day", "3 days", "1 week", "12 hours", "1 month"),
        ("2026-11-24T12:00:00", "2026-11-25T06:00:00", "2027-02-01", "2027-02-02T03:00:00"),
        ("mon-fri 09:00-17:00", "20:00-08:00", "mon 09:00-10:00"),
    )
)


@pytest.mark.parametrize(("every", "since", "hours"), CASES)
def test_whoever_has_joined_can_leave_again(every: str, since: str, hours: str) -> None:
    text = f"""{HEAD}
[[rotation]]
name    = "office"
people  = ["alice", "bob"]
every   = "{every}"
start   = 2026-01-05
since   = {since}
hours   = ["{hours}"]
"""
    for begin in (None, local("2027-03-01T00:00")):
        joined = after(join(book(text), "carol", stamp(), start=begin))
        assert "carol" in joined.roster.rotations[-1].order
        left = after(leave(joined, "carol", stamp(), start=begin))
        assert "carol" not in left.roster.rotations[-1].order
        assert weeks(left, 30) == weeks(book(text), 30)


@pytest.mark.parametrize("every", ["1 day", "2 days", "1 week"])
@pytest.mark.parametrize("start", ["2026-01-05", "2026-11-25"])
def test_whoever_has_joined_before_the_beginning_stays_when_another_leaves(
    every: str, start: str
) -> None:
    """No window is open from midnight until the beginning: the new order waits for it too."""
    text = f"""{HEAD}
[[rotation]]
name    = "office"
people  = ["alice", "bob"]
every   = "{every}"
start   = {start}
since   = 2026-11-25T05:00:00
hours   = ["22:00-03:00", "05:00-06:00"]
"""
    joined = after(join(book(text), "carol", stamp()))
    left = after(leave(joined, "alice", stamp()))
    assert set(left.roster.rotations[-1].order) == {"bob", "carol"}
    mornings = (f"2026-12-{day:02}T05:30" for day in range(3, 17))
    assert set(served(left, *mornings)) == {"bob", "carol"}


@pytest.mark.parametrize("since", ["2026-11-01", "2026-11-30T09:00:00"])
def test_what_has_begun_by_the_handoff_is_not_begun_again(since: str) -> None:
    """The beginning of a rotation is carried over only where it is still to come."""
    joined = after(join(book(f"{WEEKLY}since = {since}\n"), "dan", stamp()))
    assert joined.roster.rotations[-1].since is None
    assert joined.roster_text.count(b"since") == 1


CHICAGO = f"""{HEAD}
[[rotation]]
name     = "us"
timezone = "America/Chicago"
people   = ["alice", [], "bob"]
every    = "1 week"
start    = 2026-01-05
handoff  = "08:00"
hours    = ["mon-fri 08:00-20:00", "sat"]
"""


def test_whoever_joins_a_rotation_of_another_zone_moves_nobodys_handoff() -> None:
    change = join(book(CHICAGO), "carol", stamp(), after="bob")
    joined = after(change)
    block = joined.roster.rotations[-1]
    assert block.zone == ZoneInfo("America/Chicago")
    assert (str(block.start), str(block.handoff)) == ("2026-11-30", "08:00:00")
    # 08:00 there is 14:00 in London
    assert served(joined, "2026-11-30T13:59", "2026-11-30T14:01") == [
        *served(book(CHICAGO), "2026-11-30T13:59"), *served(book(CHICAGO), "2026-11-30T14:01"),
    ]  # fmt: skip
    assert set(block.turns) == {("alice",), (), ("bob",), ("carol",)}
    assert "nobody" in change.notes[0]


def test_a_turn_of_nobody_stays_one_when_somebody_leaves() -> None:
    block = after(leave(book(CHICAGO), "alice", stamp())).roster.rotations[-1]
    assert sorted(block.turns) == [(), ("bob",)]
    alone = CHICAGO.replace('"alice", [], "bob"', '[], "bob"')
    with pytest.raises(UsageError, match="nobody would be left in 'us'"):
        leave(book(alone), "bob", stamp())
