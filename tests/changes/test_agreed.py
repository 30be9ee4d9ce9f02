"""What people agreed on holds, whichever was written first: the agreement or an absence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rotation.changes.absences import away, cancel
from rotation.changes.effects import effects
from rotation.changes.log import Effect, records
from rotation.changes.trades import cover, swap
from rotation.changes.undo import undo
from rotation.errors import UsageError, Where
from rotation.model import FixedShift
from tests.changes.roster_texts import (
    HEAD,
    NOW,
    after,
    book,
    hands,
    local,
    served,
    stamp,
    weeks,
)  # fmt: skip

CAROLS_WEEK = (local("2026-11-30T00:00"), local("2026-12-07T09:00"))


def test_a_cover_and_an_absence_in_either_order() -> None:
    covered = after(cover(book(), "bob", "carol", stamp()))
    change = away(covered, "carol", *CAROLS_WEEK, stamp())
    assert hands(change) == []
    assert effects(change, NOW) == []
    assert weeks(after(change), 3) == "bob bob alice"
    gone = after(away(book(), "carol", *CAROLS_WEEK, stamp()))
    assert weeks(gone, 3) == "bob alice alice"
    change = cover(gone, "bob", "carol", stamp())
    assert hands(change) == [("30 Nov 09:00", "07 Dec 09:00", "alice", "bob")]
    assert effects(change, NOW) == []
    assert weeks(after(change), 3) == "bob bob alice"


def test_a_swap_keeps_both_halves_in_either_order() -> None:
    traded = after(swap(book(), "carol", "alice", stamp()))
    change = away(traded, "carol", *CAROLS_WEEK, stamp())
    assert hands(change) == []
    assert weeks(after(change), 3) == "bob alice carol"
    gone = after(away(book(), "carol", *CAROLS_WEEK, stamp()))
    change = swap(gone, "carol", "alice", stamp())
    assert weeks(after(change), 3) == "bob alice carol"
    assert effects(change, NOW) == []


def test_the_stand_in_can_be_covered_too_and_the_absent_one_after_that() -> None:
    gone = after(away(book(), "carol", *CAROLS_WEEK, stamp()))
    passed = after(cover(gone, "dan", "alice", stamp()))
    assert weeks(passed, 3) == "bob dan alice"
    assert weeks(after(cover(passed, "bob", "carol", stamp())), 3) == "bob bob alice"


def test_who_would_stand_in_anyway_can_agree_to_it() -> None:
    gone = after(away(book(), "carol", *CAROLS_WEEK, stamp()))
    agreed = after(cover(gone, "alice", "carol", stamp()))
    assert weeks(agreed, 3) == "bob alice alice"
    # and is not replaced by somebody else when that changes who would stand in
    (absence,) = agreed.roster.absences
    assert absence.id is not None
    assert weeks(after(undo(agreed, absence.id, NOW)), 3) == "bob alice alice"
    (record,) = [r for r in records(agreed.loaded, NOW) if r.what == "cover alice for carol"]
    assert record.state is Effect.TO_COME


def test_whoever_agreed_and_is_away_then_finds_a_cover_in_turn() -> None:
    covered = after(cover(book(), "bob", "carol", stamp()))
    gone = after(away(covered, "bob", *CAROLS_WEEK, stamp()))
    assert weeks(gone, 3) == "bob bob alice"
    change = cover(gone, "dan", "bob", stamp(), start=local("2026-11-30T09:00"))
    assert weeks(after(change), 3) == "bob dan alice"


def test_a_dated_shift_of_somebody_who_is_away_is_covered_in_either_order() -> None:
    text = f"""{HEAD}
[[shift]]
start  = 2026-12-24T09:00:00
end    = 2026-12-27T09:00:00
people = ["carol"]
"""
    span = (local("2026-12-20T00:00"), local("2026-12-30T00:00"))
    first = after(away(after(cover(book(text), "bob", "carol", stamp())), "carol", *span, stamp()))
    second = after(cover(after(away(book(text), "carol", *span, stamp())), "bob", "carol", stamp()))
    for made in (first, second):
        assert served(made, "2026-12-24T08:59", "2026-12-25T09:00", "2026-12-27T09:00") == [
            "-", "bob", "-",
        ]  # fmt: skip


def test_a_duty_from_a_calendar_is_covered_in_either_order() -> None:
    shift = FixedShift(
        local("2026-12-24T09:00"), local("2026-12-27T09:00"), ("carol",),
        Where("duty.ics", 7), source="rotation team",
    )  # fmt: skip
    text = f'{HEAD}\n[[rotation]]\nname = "team"\ncalendar = "duty.ics"\n'
    start = replace(book(text), loaded=replace(book(text).loaded, shifts=(shift,)))
    span = (local("2026-12-20T00:00"), local("2026-12-30T00:00"))
    first = after(away(after(cover(start, "bob", "carol", stamp())), "carol", *span, stamp()))
    second = after(cover(after(away(start, "carol", *span, stamp())), "bob", "carol", stamp()))
    for made in (first, second):
        assert served(made, "2026-12-24T08:59", "2026-12-25T09:00", "2026-12-27T09:00") == [
            "-", "bob", "-",
        ]  # fmt: skip


DATED = f"""{HEAD}
[[shift]]
start  = 2026-12-24T09:00:00
end    = 2026-12-27T09:00:00
people = ["carol"]

[[shift]]
start  = 2027-01-02T09:00:00
end    = 2027-01-03T09:00:00
people = ["dan", "bob"]
"""


def test_dated_shifts_are_swapped_whole_and_others_in_them_stay() -> None:
    change = swap(book(DATED), "carol", "dan", stamp())
    assert hands(change) == [
        ("24 Dec 09:00", "27 Dec 09:00", "carol", "dan"),
        ("02 Jan 09:00", "03 Jan 09:00", "dan+bob", "carol+bob"),
    ]


def test_duties_of_a_calendar_are_swapped() -> None:
    shifts = tuple(
        FixedShift(
            local(f"{day}T09:00"), local(f"{day}T17:00"), (person,), Where("duty.ics", 1),
            source="rotation team",
        )
        for day, person in (("2026-12-01", "carol"), ("2026-12-02", "dan"))
    )  # fmt: skip
    text = f'{HEAD}\n[[rotation]]\nname = "team"\ncalendar = "duty.ics"\n'
    start = replace(book(text), loaded=replace(book(text).loaded, shifts=shifts))
    assert hands(swap(start, "dan", "carol", stamp())) == [
        ("01 Dec 09:00", "01 Dec 17:00", "carol", "dan"),
        ("02 Dec 09:00", "02 Dec 17:00", "dan", "carol"),
    ]


def test_somebody_whom_an_override_added_is_covered() -> None:
    added = (
        "[[override]]\nstart = 2026-12-01T09:00:00Z\nend = 2026-12-02T09:00:00Z\n"
        'in = "dan"\nrole = "duty"\n'
    )
    change = cover(book(overrides=added), "bob", "dan", stamp())
    assert hands(change) == [("01 Dec 09:00", "02 Dec 09:00", "carol+dan", "carol+bob")]


def test_a_company_holiday_and_who_keeps_watch_in_it() -> None:
    gone = after(away(book(), "*", *CAROLS_WEEK, stamp()))
    assert weeks(gone, 3) == "bob - alice"
    watched = after(cover(gone, "dan", "carol", stamp(), start=CAROLS_WEEK[0], end=CAROLS_WEEK[1]))
    assert weeks(watched, 3) == "bob dan alice"


def test_whoever_is_away_every_weekend_is_not_given_one() -> None:
    every = '[[absence]]\nperson = "dan"\nhours = ["sat,sun"]\n'
    start = book(overrides=every)
    with pytest.raises(UsageError, match="dan is away from Sat 2026-12-05 00:00"):
        cover(start, "dan", "carol", stamp())
    days = local("2026-12-01T00:00"), local("2026-12-04T00:00")
    change = cover(start, "dan", "carol", stamp(), start=days[0], end=days[1])
    assert hands(change) == [("01 Dec 00:00", "04 Dec 00:00", "carol", "dan")]


def test_an_absence_that_recurs_is_taken_back_from_now_on() -> None:
    every = '[[absence]]  # weekends\nperson = "carol"\nhours = ["sat,sun"]\nid = "aa11"\n'
    change = cancel(book(overrides=every), "carol", stamp(), None, None)
    assert change.overrides_text == (
        b'[[absence]]  # weekends\nend = 2026-11-24T10:00:00Z\nperson = "carol"\n'
        b'hours = ["sat,sun"]\nid = "aa11"\n'
    )
    assert hands(change)[0] == ("05 Dec 00:00", "07 Dec 00:00", "alice", "carol")
    (record,) = records(book(overrides=every).loaded, NOW)
    assert (record.start, record.end, record.state) == (None, None, Effect.NOW)
    two = book(overrides=every + every.replace("sat,sun", "mon").replace("aa11", "bb22"))
    with pytest.raises(UsageError, match="carol has 2 absences: sat,sun 00:00-24:00; mon 00:00-24"):
        cancel(two, "carol", stamp(), None, None)
