"""Cover: which duty is meant, what is refused, what stays as it was."""

from __future__ import annotations

import pytest

from rotation.changes.trades import cover
from rotation.errors import UsageError
from rotation.model import Override
from tests.changes.roster_texts import (
    NOW,
    after,
    book,
    hands,
    local,
    stamp,
    weeks,
)  # fmt: skip
from tests.changes.test_swap import TOGETHER, TWO_ROLES

# cover


def test_cover_is_the_rest_of_the_present_duty() -> None:
    change = cover(book(), "dan", "bob", stamp())
    assert hands(change) == [("24 Nov 10:00", "30 Nov 09:00", "bob", "dan")]


def test_cover_is_the_next_duty_of_who_is_not_on_duty() -> None:
    change = cover(book(), "dan", "alice", stamp())
    assert hands(change) == [("07 Dec 09:00", "14 Dec 09:00", "alice", "dan")]


def test_cover_of_a_part() -> None:
    start, end = local("2026-12-08T00:00"), local("2026-12-10T00:00")
    assert hands(cover(book(), "dan", "alice", stamp(), start=start, end=end)) == [
        ("08 Dec 00:00", "10 Dec 00:00", "alice", "dan")
    ]
    assert hands(cover(book(), "dan", "alice", stamp(), start=start)) == [
        ("08 Dec 00:00", "14 Dec 09:00", "alice", "dan")
    ]
    assert hands(cover(book(), "dan", "alice", stamp(), end=end)) == [
        ("07 Dec 09:00", "10 Dec 00:00", "alice", "dan")
    ]


def test_cover_over_several_duties_leaves_the_others_alone() -> None:
    change = cover(
        book(),
        "dan",
        "bob",
        stamp(),
        start=local("2026-11-26T00:00"),
        end=local("2026-12-20T00:00"),
    )
    assert hands(change) == [
        ("26 Nov 00:00", "30 Nov 09:00", "bob", "dan"),
        ("14 Dec 09:00", "20 Dec 00:00", "bob", "dan"),
    ]
    assert weeks(after(change)) == "bob carol alice dan carol alice"


def test_cover_over_an_earlier_override() -> None:
    one = after(cover(book(), "dan", "alice", stamp()))
    change = cover(one, "carol", "dan", stamp())
    assert weeks(after(change), 3) == "bob carol carol"
    assert [o.in_ for o in change.after.roster.overrides] == ["dan", "carol"]


def test_cover_by_somebody_who_is_on_duty_too_lets_the_other_go() -> None:
    change = cover(book(TOGETHER), "dan", "alice", stamp())
    assert hands(change) == [("07 Dec 09:00", "14 Dec 09:00", "alice+dan", "dan")]


def test_the_past_is_not_covered() -> None:
    change = cover(book(), "dan", "bob", stamp(), start=local("2026-11-20T00:00"))
    assert hands(change) == [("24 Nov 10:00", "30 Nov 09:00", "bob", "dan")]
    with pytest.raises(UsageError, match="the past is not changed"):
        cover(
            book(), "dan", "alice", stamp(),
            start=local("2026-11-17T00:00"), end=local("2026-11-18T00:00"),
        )  # fmt: skip


@pytest.mark.parametrize(
    ("taker", "person", "start", "end", "word"),
    [
        ("bob", "bob", None, None, "cannot cover for themself"),
        ("bob", "zed", None, None, "unknown person 'zed'"),
        ("bob", "dan", None, None, "would change nothing"),
        (
            "dan",
            "alice",
            "2026-12-01T00:00",
            "2026-12-02T00:00",
            "next duties begin Mon 2026-12-07",
        ),
        ("dan", "alice", "2026-12-02T00:00", "2026-12-01T00:00", "wrong way round"),
    ],
)
def test_covers_that_are_refused(
    taker: str, person: str, start: str | None, end: str | None, word: str
) -> None:
    with pytest.raises(UsageError) as caught:
        cover(
            book(), taker, person, stamp(),
            start=local(start) if start else None, end=local(end) if end else None,
        )  # fmt: skip
    assert word in str(caught.value)


def test_a_cover_for_the_role_that_somebody_has_now() -> None:
    # alice is backup this week, and her duty comes later
    change = cover(book(TWO_ROLES), "dan", "alice", stamp())
    (entry,) = change.after.roster.overrides
    assert (entry.role, entry.start) == ("backup", NOW)
    assert isinstance(entry, Override)
