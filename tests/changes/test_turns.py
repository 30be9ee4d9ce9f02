"""Change: another order, handoff or length of turns from a handoff on; what stays as it was."""

from __future__ import annotations

from datetime import time

import pytest

from rotation.changes.blocks import Turns
from rotation.changes.effects import effects
from rotation.changes.log import records
from rotation.changes.trades import swap
from rotation.changes.turns import change
from rotation.changes.undo import undo
from rotation.clock.words import parse_every
from rotation.errors import UsageError
from tests.changes.roster_texts import (
    HEAD,
    NOW,
    WEEKLY,
    after,
    book,
    hands,
    local,
    served,
    stamp,
    weeks,
)  # fmt: skip

DEC = local("2026-12-07T00:00")
DAILY = f"""{HEAD}
[[rotation]]
name     = "office"
people   = ["alice", "bob", "carol"]
every    = "1 day"
start    = 2026-01-05
hours    = ["mon-fri 09:00-17:00"]
role     = "duty"
priority = 2
"""
HOURLY = f"""{HEAD}
[[rotation]]
name    = "watch"
people  = ["alice", "bob", "carol"]
every   = "8 hours"
start   = 2026-01-05
handoff = "06:00"
"""


def order(*turns: str) -> Turns:
    return tuple(tuple(turn.split("+")) if turn else () for turn in turns)


def test_another_order_from_the_first_handoff_at_or_after_the_date() -> None:
    assert weeks(book()) == "bob carol alice bob carol alice"
    made = change(book(), "weekly", stamp(), start=DEC, turns=order("dan", "bob+alice", ""))
    assert weeks(after(made)) == "bob carol dan bob+alice - dan"
    entry = made.after.roster.rotations[-1]
    assert (entry.note, entry.by, entry.handoff) == ("change weekly", "root", time(9))
    assert made.notes == (
        "weekly: carol until Mon 2026-12-07 09:00, then in this order: dan, bob with alice, nobody",
    )
    at_handoff = change(
        book(), "weekly", stamp(), start=local("2026-12-07T09:00"), turns=order("dan")
    )
    assert weeks(after(at_handoff), 3) == "bob carol dan"


def test_two_rounds_that_lie_between_the_duty_hours_are_not_all_that_is_looked_at() -> None:
    """Four turns of 12 hours are over before the weekend; what they change comes after them."""
    watch = HOURLY.replace('"8 hours"', '"12 hours"').replace(', "carol"', "")
    weekends = book(f'{watch}hours = ["sat,sun"]\n')
    made = change(weekends, "watch", stamp(), start=local("2026-12-07"), turns=order("bob", "dan"))
    first = made.hands[0]
    assert (first.start, first.before, first.after) == (
        local("2026-12-12T00:00"),
        ("bob",),
        ("dan",),
    )


def test_another_length_goes_on_with_the_order() -> None:
    made = change(book(), "weekly", stamp(), start=DEC, every=parse_every("2 weeks"))
    assert weeks(after(made), 8) == "bob carol alice alice bob bob carol carol"
    months = change(book(), "weekly", stamp(), every=parse_every("1 month"))
    assert weeks(after(months), 7) == "bob carol carol carol carol alice alice"


def test_a_later_handoff_keeps_who_is_on_duty_until_then() -> None:
    made = change(book(), "weekly", stamp(), start=DEC, handoff=time(17))
    assert served(
        after(made), "2026-12-07T08:59", "2026-12-07T16:59", "2026-12-07T17:00", "2026-12-14T16:59"
    ) == ["carol", "carol", "alice", "alice"]
    assert hands(made)[0] == ("07 Dec 09:00", "07 Dec 17:00", "alice", "carol")
    # with another order too, nobody has a stub of the old one
    both = change(book(), "weekly", stamp(), start=DEC, handoff=time(17), turns=order("dan", "bob"))
    assert served(after(both), "2026-12-07T12:00", "2026-12-07T17:00") == ["carol", "dan"]


def test_an_earlier_handoff() -> None:
    made = change(book(), "weekly", stamp(), start=DEC, handoff=time(8))
    assert hands(made)[0] == ("07 Dec 08:00", "07 Dec 09:00", "carol", "alice")
    assert len(made.after.roster.rotations) == 2


def test_an_earlier_handoff_that_is_past_today_is_the_next_one() -> None:
    now = local("2026-11-30T08:30")
    made = change(book(), "weekly", stamp(now), handoff=time(8))
    assert hands(made)[0] == ("07 Dec 08:00", "07 Dec 09:00", "carol", "alice")


def test_turns_of_hours_get_another_grid() -> None:
    made = change(book(HOURLY), "watch", stamp(), start=DEC, handoff=time(9))
    before, now = book(HOURLY), after(made)
    days = ("2026-12-07T05:00", "2026-12-07T08:59")
    assert served(now, *days) == served(before, *days)
    (last,) = served(now, "2026-12-07T08:59")
    after_last = {"alice": "bob", "bob": "carol", "carol": "alice"}[last]
    assert served(now, "2026-12-07T09:00", "2026-12-07T16:59") == [after_last] * 2


def test_days_with_hours() -> None:
    made = change(book(DAILY), "office", stamp(), start=DEC, every=parse_every("2 days"))
    entry = made.after.roster.rotations[-1]
    assert (entry.hours, entry.priority) == (made.book.roster.rotations[0].hours, 2)
    noons = [f"2026-12-{day:02}T12:00" for day in (7, 8, 9, 10)]
    one, two, three, four = served(after(made), *noons)
    assert one == two != three == four
    with pytest.raises(UsageError, match="counts days with hours"):
        change(book(DAILY), "office", stamp(), handoff=time(10))


def test_undo_until_its_handoff_and_log() -> None:
    made = after(change(book(), "weekly", stamp(), start=DEC, handoff=time(17)))
    (record,) = records(made.loaded, NOW)
    assert record.what == "change weekly"
    back = undo(made, record.id or "", NOW)
    assert back.roster_text == WEEKLY.encode()
    with pytest.raises(UsageError, match="the past is not changed"):
        undo(made, record.id or "", local("2026-12-08T00:00"))


def test_a_swap_that_loses_its_effect_is_named() -> None:
    swapped = after(swap(book(), "alice", "bob", stamp()))
    made = change(swapped, "weekly", stamp(), start=DEC, turns=order("carol", "carol", "dan"))
    assert any("no longer do anything: swap alice bob" in p.what for p in effects(made, NOW))


def test_a_swap_that_loses_half_is_named_with_the_other_half() -> None:
    swapped = after(swap(book(), "alice", "bob", stamp()))  # alice has the week of 14 Dec
    made = change(
        swapped, "weekly", stamp(), start=local("2026-12-14T00:00"), turns=order("carol", "dan")
    )
    (found,) = [p for p in effects(made, NOW) if "swap alice bob" in p.what]
    assert found.what == (
        "only a part of this would be left: swap alice bob: bob for alice in "
        "Mon 2026-12-07 09:00 to Mon 2026-12-14 09:00"
    )
    assert "rotation undo" in (found.hint or "")


def test_weeks_with_hours_become_days() -> None:
    nights = WEEKLY.replace('handoff = "09:00"', 'hours   = ["20:00-08:00"]')
    made = change(book(nights), "weekly", stamp(), start=DEC, every=parse_every("1 day"))
    # the night from Sunday ends with the day: from then on the new block counts
    assert hands(made)[0][:2] == ("07 Dec 00:00", "07 Dec 08:00")
    with pytest.raises(UsageError, match="the past is not changed"):
        undo(after(made), made.after.roster.rotations[-1].id or "", local("2026-12-07T05:00"))


def test_a_swap_between_handoffs_that_move_is_named_once() -> None:
    swapped = after(swap(book(), "alice", "bob", stamp()))
    made = change(swapped, "weekly", stamp(), start=DEC, handoff=time(17))
    (found,) = [p for p in effects(made, NOW) if "swap alice bob" in p.what]
    assert "its bound at Mon 2026-12-14 09:00 is not a handoff any more" in found.what
    # one that is over before that is nobody's concern
    late = change(swapped, "weekly", stamp(), start=local("2027-01-04T00:00"), handoff=time(17))
    assert effects(late, NOW) == []


@pytest.mark.parametrize(
    ("name", "turns", "handoff", "every", "word"),
    [
        ("weekly", None, None, None, "change what?"),
        ("weakly", order("bob"), None, None, "did you mean 'weekly'"),
        ("weekly", order("bobb"), None, None, "unknown person 'bobb'"),
        ("weekly", order(""), None, None, "nobody would be left"),
        ("weekly", order("alice", "bob", "carol"), None, None, "so already"),
        ("weekly", None, time(9), "1 week", "so already"),
    ],
)
def test_what_is_refused(
    name: str, turns: Turns | None, handoff: time | None, every: str | None, word: str
) -> None:
    with pytest.raises(UsageError) as caught:
        change(
            book(), name, stamp(), start=DEC, turns=turns, handoff=handoff,
            every=parse_every(every) if every else None,
        )  # fmt: skip
    assert word in caught.value.problems[0].render("error")


def test_a_change_before_one_that_is_planned_is_refused() -> None:
    planned = after(change(book(), "weekly", stamp(), start=DEC, turns=order("dan", "bob")))
    with pytest.raises(UsageError, match="which would undo this"):
        change(planned, "weekly", stamp(), turns=order("bob", "dan"))
