"""Join and leave in a rotation with duty hours that nobody serves before an instant to come."""

from __future__ import annotations

from itertools import product

import pytest

from rotation.changes.membership import join, leave
from tests.changes.roster_texts import HEAD, after, book, local, stamp, weeks

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
