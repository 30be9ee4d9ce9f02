"""Who is asked to take an offered duty: whoever shares the role about then."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from rotation.changes.offers import asked, offer
from tests.changes.roster_texts import HEAD, NOW, after, book, stamp

DAY = timedelta(days=1)
BEGIN = date(2026, 12, 7)
HALF_A_YEAR = 183


def shift(person: str, start: date, days: int, role: str = "duty") -> str:
    return (
        f"[[shift]]\nstart = {start}T00:00:00Z\nend = {start + days * DAY}T00:00:00Z\n"
        f'people = ["{person}"]\nrole = "{role}"\n'
    )


def asked_with(*shifts: str) -> list[str]:
    """Who is asked about alice's week of December, beside these shifts."""
    planned = book("\n".join([HEAD, shift("alice", BEGIN, 7), *shifts]))
    change, entry = offer(planned, "alice", stamp(), of=None)
    assert entry.start.date() == BEGIN
    return [answer.person for answer in asked(after(change), entry, stamp(NOW))]


@pytest.mark.parametrize("days", [1, 3])
@pytest.mark.parametrize("off", [-400, -185, -184, -183, -30, 0, 30, 188, 189, 190, 191, 500])
def test_dated_shifts_within_half_a_year_make_somebody_share_the_role(off: int, days: int) -> None:
    near = off + days > -HALF_A_YEAR and off < 7 + HALF_A_YEAR
    assert asked_with(shift("bob", BEGIN + off * DAY, days)) == (["bob"] if near else [])
    assert asked_with(shift("bob", BEGIN + off * DAY, days, role="backup")) == []
