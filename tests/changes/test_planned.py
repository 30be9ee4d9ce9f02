"""Joins and leaves before an order that is planned already: the plan is carried over."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotation.changes.book import Book
from rotation.changes.membership import join, leave
from rotation.changes.turns import change
from rotation.changes.undo import undo
from rotation.errors import UsageError
from tests.changes.roster_texts import NOW, WEEKLY, after, book, local, served, stamp, weeks

JANUARY = local("2027-01-18T00:00")
HOURS = f'{WEEKLY}hours = ["mon-fri 09:00-17:00"]\nsince = 2027-01-06T00:00:00\n'


def test_join_before_a_planned_leave() -> None:
    plan = after(leave(book(), "bob", stamp(), start=JANUARY))
    assert weeks(plan, 12) == "bob carol alice bob carol alice bob carol alice carol alice carol"
    done = join(plan, "dan", stamp())
    assert weeks(after(done), 12) == (
        "bob carol dan alice bob carol dan alice carol dan alice carol"
    )
    assert done.notes == (
        "weekly: bob until Mon 2026-11-30 09:00, then in this order: carol, dan, alice, bob",
        "weekly: from Mon 2027-01-18 09:00, as planned: carol, dan, alice",
    )
    # one change, which is taken back as one
    assert undo(after(done), done.after.roster.rotations[-1].id or "", NOW).roster_text == (
        plan.roster_text
    )


def test_leave_before_a_planned_join() -> None:
    plan = after(join(book(), "dan", stamp(), start=JANUARY))
    done = after(leave(plan, "bob", stamp()))
    assert weeks(done, 12) == ("bob carol alice carol alice carol alice carol dan alice carol dan")


def test_whoever_is_to_join_later_leaves_before_that() -> None:
    plan = after(join(book(), "dan", stamp(), start=JANUARY))
    done = after(leave(plan, "dan", stamp()))
    assert "dan" not in weeks(done, 30)
    assert weeks(done, 9) == weeks(book(), 9)


def test_whoever_is_to_join_later_joins_now() -> None:
    plan = after(join(book(), "dan", stamp(), start=JANUARY))
    done = after(join(plan, "dan", stamp()))
    assert weeks(done, 13) == ("bob carol dan alice bob carol dan alice bob carol dan alice bob")


def test_two_plans_are_carried_over() -> None:
    plan = after(leave(book(), "bob", stamp(), start=JANUARY))
    plan = after(join(plan, "bob", stamp(), start=local("2027-03-01T00:00"), after="carol"))
    done = join(plan, "dan", stamp())
    assert len(done.notes) == 3
    assert weeks(after(done), 20) == (
        "bob carol dan alice bob carol dan alice carol dan alice carol dan alice "
        "bob carol dan alice bob carol"
    )


def test_another_order_stands_as_it_was_planned() -> None:
    turns = (("carol",), ("alice", "bob"))
    plan = after(change(book(), "weekly", stamp(), start=JANUARY, turns=turns))
    assert weeks(plan, 12).split()[8:] == ["carol", "alice+bob"] * 2
    joined = after(join(plan, "dan", stamp()))
    assert weeks(joined, 14).split()[8:] == ["carol", "dan", "alice+bob"] * 2
    left = after(leave(plan, "bob", stamp()))
    assert weeks(left, 12).split()[8:] == ["carol", "alice"] * 2


def test_another_handoff_that_is_planned() -> None:
    plan = after(change(book(), "weekly", stamp(), start=JANUARY, handoff=time(17)))
    assert served(plan, "2027-01-18T12:00", "2027-01-18T18:00") == ["carol", "alice"]
    done = after(join(plan, "dan", stamp()))
    before = served(done, "2027-01-18T08:00")
    assert served(done, "2027-01-18T12:00") == before
    assert served(done, "2027-01-18T18:00") != before
    assert weeks(done, 16).count("dan") == 4


def test_what_would_leave_nobody_in_a_plan_is_refused() -> None:
    plan = after(change(book(), "weekly", stamp(), start=JANUARY, turns=(("bob",),)))
    with pytest.raises(UsageError, match="nobody would be left in 'weekly'"):
        leave(plan, "bob", stamp())


@pytest.mark.parametrize("every", ["1 week", "1 day", "2 days", "12 hours", "1 month"])
def test_with_hours_and_a_start_to_come_whoever_joined_can_leave(every: str) -> None:
    plan = book(HOURS.replace("1 week", every))
    joined = after(join(plan, "dan", stamp(), start=local("2027-02-01T00:00")))
    for start in (None, local("2027-01-04T00:00"), local("2027-02-01T00:00")):
        done = after(leave(joined, "carol", stamp(), start=start))
        rotations = done.roster.rotations
        assert "carol" not in rotations[-1].order
        assert "dan" in rotations[-1].order


@pytest.mark.parametrize("since", ["2026-12-05T12:00:00", "2027-01-06T09:00:00"])
@pytest.mark.parametrize("every", ["1 week", "1 day", "2 days", "12 hours", "1 month"])
@pytest.mark.parametrize("start", ["2026-01-05", "2027-02-01"])
def test_whoever_has_just_joined_can_leave(since: str, every: str, start: str) -> None:
    text = HOURS.replace("1 week", every).replace("2026-01-05", start)
    plan = book(text.replace("2027-01-06T00:00:00", since))
    joined = after(join(plan, "dan", stamp()))
    done = after(leave(joined, "dan", stamp()))
    assert done.roster.rotations[-1].order.count("dan") == 0
    schedule = done.loaded.known_schedule("duty")
    ahead = schedule.between(NOW, NOW + timedelta(days=200))
    assert all("dan" not in shift.people for shift in ahead)


@given(
    st.permutations(["alice", "bob", "carol", "dan"]),
    st.integers(2, 3),
    st.sampled_from(["1 week", "1 day", "3 days", "12 hours", "1 month"]),
    st.booleans(),
    st.integers(20, 90),
)
def test_a_plan_holds_in_either_order(
    people: list[str], size: int, every: str, hours: bool, days: int
) -> None:
    """Whoever plans first: the same people serve from the planned day on, in the same order."""
    inside, newcomer = people[:size], people[-1]
    listed = ", ".join(f'"{key}"' for key in inside)
    text = WEEKLY.replace('"alice", "bob", "carol"', listed).replace("1 week", every)
    start: Book = book(text + 'hours = ["mon-sat 08:00-20:00"]\n' * hours)
    then = NOW + timedelta(days=days)
    leaver = inside[0]
    first = after(join(after(leave(start, leaver, stamp(), start=then)), newcomer, stamp()))
    second = after(leave(after(join(start, newcomer, stamp())), leaver, stamp(), start=then))
    one, two = (plan.loaded.known_schedule("duty") for plan in (first, second))
    shifts, others = (
        [(s.start, s.end, s.people) for s in schedule.between(NOW, then + timedelta(days=120))]
        for schedule in (one, two)
    )
    assert shifts == others
