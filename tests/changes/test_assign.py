"""Assign: who serves in a stretch given by hand, what is refused, and taking it back."""

from __future__ import annotations

import pytest

from rotation.changes.absences import away
from rotation.changes.assign import assign, cover_all
from rotation.changes.book import Book, Change
from rotation.changes.log import Effect, records
from rotation.changes.trades import cover
from rotation.changes.undo import undo
from rotation.errors import UsageError
from rotation.schedule.difference import Overrides
from tests.changes.roster_texts import NOW, WEEKLY, after, book, hands, local, served, stamp
from tests.changes.test_swap import TWO_ROLES

EVE, LATER = local("2026-12-24T00:00"), local("2026-12-27T00:00")  # carol's week, 21 to 28 Dec


def christmas(*people: str, beside: bool = False, start: Book | None = None) -> Change:
    return assign(start or book(), people, EVE, LATER, stamp(), beside=beside)


def test_one_person_and_nobody_else() -> None:
    change = christmas("dan")
    assert hands(change) == [("24 Dec 00:00", "27 Dec 00:00", "carol", "dan")]
    (entry,) = change.after.roster.overrides
    assert (entry.out, entry.in_, entry.note, entry.by) == ("*", "dan", "assign dan", "root")


def test_several_people_and_nobody_else() -> None:
    change = christmas("alice", "bob")
    assert hands(change) == [("24 Dec 00:00", "27 Dec 00:00", "carol", "alice+bob")]
    one, two = change.after.roster.overrides
    assert one.id == two.id is not None
    assert (two.out, two.in_) == (None, "bob")


def test_beside_whoever_has_it() -> None:
    change = christmas("alice", "bob", beside=True)
    assert hands(change) == [("24 Dec 00:00", "27 Dec 00:00", "carol", "carol+alice+bob")]
    assert {entry.out for entry in change.after.roster.overrides} == {None}


@pytest.mark.parametrize("people", [("carol", "dan"), ("dan", "carol"), ("carol", "dan", "carol")])
def test_who_has_it_stays_where_they_are_named_too(people: tuple[str, ...]) -> None:
    change = christmas(*people)
    (handed,) = change.hands
    assert set(handed.after) == {"carol", "dan"}
    assert len(change.after.roster.overrides) == 2
    # neither entry is one that `check` would call dead
    assert all(Overrides(change.after).acts(o) for o in change.after.roster.overrides[:2])


def test_over_handoffs_and_earlier_covers() -> None:
    covered = after(cover(book(), "dan", "bob", stamp(), start=local("2026-12-28T00:00")))
    long = assign(covered, ("alice",), EVE, local("2027-02-01T00:00"), stamp())
    assert set(served(after(long), "2026-12-24T00:00", "2026-12-28T12:00", "2027-01-20T12:00")) == {
        "alice"
    }


def test_where_nobody_is_on_duty() -> None:
    late = book(WEEKLY.replace("2026-01-05", "2027-01-04"))
    assert hands(christmas("alice", "bob", start=late)) == [
        ("24 Dec 00:00", "27 Dec 00:00", "-", "alice+bob")
    ]


def test_what_has_begun_begins_now() -> None:
    change = assign(book(), ("dan",), local("2026-11-23T09:00"), LATER, stamp())
    assert change.after.roster.overrides[0].start == NOW


def test_undo_takes_all_of_it_back() -> None:
    made = after(christmas("alice", "bob"))
    (record,) = records(made.loaded, NOW)
    assert (record.what, record.state) == ("assign alice bob", Effect.TO_COME)
    gone = after(undo(made, record.id or "", NOW))
    assert gone.roster.overrides == ()
    running = undo(made, record.id or "", local("2026-12-25T12:00"))
    assert served(after(running), "2026-12-25T11:00", "2026-12-25T13:00") == ["alice+bob", "carol"]


def test_somebody_who_is_away_then_is_refused() -> None:
    gone = after(away(book(), "dan", local("2026-12-26T00:00"), local("2027-01-02T00:00"), stamp()))
    for beside in (False, True):
        with pytest.raises(UsageError, match="dan is away from"):
            christmas("alice", "dan", start=gone, beside=beside)


def test_which_role() -> None:
    with pytest.raises(UsageError, match="2 roles"):
        christmas("dan", start=book(TWO_ROLES))
    change = assign(book(TWO_ROLES), ("dan",), EVE, LATER, stamp(), role="backup")
    assert {handed.role for handed in change.hands} == {"backup"}


@pytest.mark.parametrize(
    ("people", "start", "end", "beside", "word"),
    [
        (("zed", "caroll"), "2026-12-24", "2026-12-27", False, "unknown person 'zed'"),
        (("dan",), "2026-12-27", "2026-12-24", False, "wrong way round"),
        (("dan",), "2026-12-24", "2026-12-24", False, "--to is not after --from"),
        (("dan",), "2026-11-20", "2026-11-22", False, "the past is not changed"),
        (("carol",), "2026-12-24", "2026-12-27", False, "carol has that duty already"),
        (("carol", "dan"), "2026-12-24", "2026-12-27", True, "carol has that duty already"),
    ],
)
def test_what_is_refused(
    people: tuple[str, ...], start: str, end: str, beside: bool, word: str
) -> None:
    begin, until = local(f"{start}T00:00"), local(f"{end}T00:00")
    with pytest.raises(UsageError) as caught:
        assign(book(), people, begin, until, stamp(), beside=beside)
    assert word in str(caught.value)


def test_a_role_that_nobody_has() -> None:
    with pytest.raises(UsageError, match="no such role"):
        assign(book(), ("dan",), EVE, LATER, stamp(), role="dutty")


# cover for everybody

OFFICE = WEEKLY.replace('handoff = "09:00"', 'hours   = ["mon-fri 09:00-17:00"]')


def test_cover_for_whoever_is_on_duty() -> None:
    assert hands(cover_all(book(), "dan", stamp())) == [
        ("24 Nov 10:00", "30 Nov 09:00", "bob", "dan")
    ]
    both = after(christmas("alice", "bob"))
    change = cover_all(both, "dan", stamp(), start=local("2026-12-23T00:00"), end=LATER)
    assert hands(change) == [
        ("23 Dec 00:00", "24 Dec 00:00", "carol", "dan"),
        ("24 Dec 00:00", "27 Dec 00:00", "alice+bob", "dan"),
    ]


def test_gaps_stay_gaps() -> None:
    span = local("2026-11-25T12:00"), local("2026-11-26T12:00")
    change = cover_all(book(OFFICE), "dan", stamp(), start=span[0], end=span[1])
    assert [(h[0], h[1], h[3]) for h in hands(change)] == [
        ("25 Nov 12:00", "25 Nov 17:00", "dan"),
        ("26 Nov 09:00", "26 Nov 12:00", "dan"),
    ]
    evening = local("2026-11-25T18:00")
    assert hands(cover_all(book(OFFICE), "dan", stamp(), start=evening)) == [
        ("26 Nov 09:00", "26 Nov 17:00", "bob", "dan")
    ]


def test_covers_for_everybody_that_are_refused() -> None:
    with pytest.raises(UsageError, match="would change nothing"):
        cover_all(book(), "carol", stamp(), start=EVE, end=LATER)
    with pytest.raises(UsageError, match="--to is not after --from"):
        cover_all(book(), "carol", stamp(), start=LATER, end=EVE)
    with pytest.raises(UsageError, match="unknown person"):
        cover_all(book(), "zed", stamp())
    with pytest.raises(UsageError, match="2 roles"):
        cover_all(book(TWO_ROLES), "dan", stamp())
    gone = after(away(book(), "dan", EVE, LATER, stamp()))
    with pytest.raises(UsageError, match="dan is away"):
        cover_all(gone, "dan", stamp(), start=EVE, end=LATER)
