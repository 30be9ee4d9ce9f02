"""Rules of what people agreed on beside an absence, each with a roster that shows it."""

from __future__ import annotations

from tests.schedule.timelines import (
    OFFICE,
    WEEKLY,
    Rule,
    absence,
    during,
    fixed,
    override,
    rotation,
    tuesday,
)

AGREED = [
    Rule(
        "one of two who hold a turn together: the other one's place is as it was",
        rotation("1 week", "2026-01-05", "ann+bob cat dan"),
        ("2026-01-06T00:00", "2026-01-07T00:00"),
        tuesday("bob cat", "bob cat", "bob dan", "bob cat", "bob cat"),
        absence("ann", "2026-01-06", "2026-01-06") + during(out="ann", in_="dan"),
    ),
    Rule(
        "both away: only the one who is taken out gives the place away",
        rotation("1 week", "2026-01-05", "ann+bob cat dan"),
        ("2026-01-06T00:00", "2026-01-07T00:00"),
        tuesday("cat dan", "cat dan", "cat dan", "cat dan", "cat dan"),
        absence("ann", "2026-01-06", "2026-01-06")
        + absence("bob", "2026-01-06", "2026-01-06")
        + during(out="ann", in_="dan"),
    ),
    Rule(
        "a place of a higher priority that nobody could fill is filled there",
        WEEKLY + OFFICE.replace('"r"', '"office"'),
        ("2026-01-05T08:00", "2026-01-06T12:00"),
        """
        Mon 01-05 08:00:00+00:00 ann
        Mon 01-05 10:00:00+00:00 dan
        Mon 01-05 11:00:00+00:00 ann
        Tue 01-06 09:00:00+00:00 cat
        """,
        absence("bob", "2026-01-05", "2026-01-05")
        + absence("cat", "2026-01-05", "2026-01-05")
        + override("2026-01-05T10:00:00", "2026-01-05T11:00:00", out="bob", in_="dan"),
    ),
    Rule(
        "a dated shift of somebody who is away is covered",
        fixed("2026-01-05", "2026-01-07", "dan"),
        ("2026-01-05T00:00", "2026-01-08T00:00"),
        """
        Mon 01-05 00:00:00+00:00 dan
        Tue 01-06 00:00:00+00:00 -
        Tue 01-06 09:00:00+00:00 bob
        Tue 01-06 12:00:00+00:00 -
        Wed 01-07 00:00:00+00:00 dan
        """,
        absence("dan", "2026-01-06", "2026-01-06") + during(out="dan", in_="bob"),
    ),
    Rule(
        "a swap keeps both its halves when one of the two goes away",
        WEEKLY,
        ("2026-01-05T00:00", "2026-01-26T00:00"),
        """
        Mon 01-05 00:00:00+00:00 bob
        Mon 01-12 00:00:00+00:00 ann
        Mon 01-19 00:00:00+00:00 cat
        """,
        override("2026-01-05T00:00:00", "2026-01-12T00:00:00", out="ann", in_="bob")
        + override("2026-01-12T00:00:00", "2026-01-19T00:00:00", out="bob", in_="ann")
        + absence("ann", "2026-01-05", "2026-01-11"),
    ),
]
