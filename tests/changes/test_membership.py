"""Join and leave: whoever is on duty stays, the order goes on after them, the past is as it was."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from rotation.changes.book import Book, Change
from rotation.changes.effects import effects
from rotation.changes.membership import join, leave
from rotation.changes.trades import swap
from rotation.changes.undo import undo
from rotation.errors import UsageError
from tests.changes.roster_texts import HEAD, NOW, WEEKLY, after, book, local, served, stamp, weeks


def test_join_goes_to_the_end_of_the_list_and_moves_nobody_who_is_on_duty() -> None:
    change = join(book(), "dan", stamp())
    assert weeks(book(), 7) == "bob carol alice bob carol alice bob"
    assert weeks(after(change), 7) == "bob carol dan alice bob carol dan"
    assert change.notes == (
        "weekly: bob until Mon 2026-11-30 09:00, then in this order: carol, dan, alice, bob",
    )


def test_join_after_somebody() -> None:
    assert weeks(after(join(book(), "dan", stamp(), after="alice")), 6) == (
        "bob carol alice dan bob carol"
    )


def test_join_after_whoever_is_on_duty_is_next() -> None:
    assert weeks(after(join(book(), "dan", stamp(), after="bob")), 6) == (
        "bob dan carol alice bob dan"
    )
    # the last of the list is on duty: at the end of the list is next
    in_carols_week = local("2026-12-02T12:00")
    assert weeks(after(join(book(), "dan", stamp(in_carols_week))), 6) == (
        "bob carol dan alice bob carol"
    )


def test_the_past_keeps_its_order() -> None:
    made = after(join(book(), "dan", stamp()))
    past = local("2026-01-05T09:00"), NOW + timedelta(seconds=1)
    before = [
        (s.start, s.end, s.people) for s in book().loaded.known_schedule("duty").between(*past)
    ]
    assert [
        (s.start, s.end, s.people) for s in made.loaded.known_schedule("duty").between(*past)
    ] == before


def test_somebody_new_is_written_beside_their_rotation() -> None:
    change = join(book(), "erin", stamp(), emails=["erin@example.com"])
    assert (
        change.roster_text
        == (
            WEEKLY
            + """
[people.erin]
email = ["erin@example.com"]
id    = "0f8d"

[[rotation]]
name    = "weekly"
people  = ["carol", "erin", "alice", "bob"]
every   = "1 week"
start   = 2026-11-30
handoff = "09:00"
id      = "0f8d"
note    = "join erin"
by      = "root"
at      = 2026-11-24T10:00:00Z
"""
        ).encode()
    )
    assert undo(after(change), "0f8d", NOW).roster_text == WEEKLY.encode()


def test_from_a_date_on() -> None:
    change = join(book(), "dan", stamp(), start=local("2026-12-09T00:00"))
    assert weeks(after(change), 7) == "bob carol alice bob carol dan alice"
    on_the_handoff = join(book(), "dan", stamp(), start=local("2026-12-14T09:00"))
    assert weeks(after(on_the_handoff), 7) == "bob carol alice bob carol dan alice"


def test_two_who_join_in_one_week() -> None:
    one = after(join(book(), "dan", stamp()))
    two = join(one, "erin", stamp(), emails=["erin@example.com"], after="bob")
    assert weeks(after(two), 7) == "bob erin carol dan alice bob erin"
    with pytest.raises(UsageError, match="builds on this one"):
        undo(after(two), one.roster.rotations[-1].id or "", NOW)
    back = after(undo(after(two), two.after.roster.rotations[-1].id or "", NOW))
    assert back.roster_text == one.roster_text


def test_leave() -> None:
    change = leave(book(), "alice", stamp())
    assert weeks(after(change)) == "bob carol bob carol bob carol"
    assert "alice" in change.after.roster.people


def test_who_leaves_in_the_middle_of_their_duty_stays_until_the_handoff() -> None:
    change = leave(book(), "bob", stamp())
    assert weeks(after(change)) == "bob carol alice carol alice carol"


def test_leave_a_turn_held_together() -> None:
    text = WEEKLY.replace('"alice", "bob", "carol"', '["alice", "dan"], "bob", ["carol", "bob"]')
    assert weeks(after(leave(book(text), "dan", stamp()))) == (
        "bob carol+bob alice bob carol+bob alice"
    )
    assert weeks(after(leave(book(text), "bob", stamp()))) == (
        "bob carol alice+dan carol alice+dan carol"
    )


def test_leave_every_rotation_and_what_is_left_is_said() -> None:
    rotation = "[[rotation]]" + WEEKLY.partition("[[rotation]]")[2]
    backup = rotation.replace('"weekly"', '"second"') + 'role = "backup"\n'
    shift = '[[shift]]\nstart = 2026-12-24\nend = 2026-12-24\npeople = ["bob"]\n'
    text = f"{HEAD}{rotation}{backup}{shift}"
    change = leave(book(text), "bob", stamp())
    assert len(change.after.roster.rotations) == 4
    said = [problem.what for problem in effects(change, NOW)]
    assert "bob still has a duty in Thu 2026-12-24 00:00 to Fri 2026-12-25 00:00" in said
    only = leave(book(text), "bob", stamp(), rotation="second")
    assert [r.name for r in only.after.roster.rotations][2:] == ["second"]


def test_a_swap_that_a_new_order_empties_is_said() -> None:
    one = after(swap(book(), "alice", "carol", stamp()))
    change = join(one, "dan", stamp(), after="carol")
    said = {problem.what for problem in effects(change, NOW)}
    assert (
        "only a part of this would be left: swap alice carol: alice for carol in "
        "Mon 2026-11-30 09:00 to Mon 2026-12-07 09:00"
    ) in said


@pytest.mark.parametrize(
    ("every", "start", "extra", "handoff"),
    [
        ("1 month", "2026-01-30", 'handoff = "09:00"', "2027-01-30T09:00"),
        ("1 month", "2026-02-28", "", "2026-11-28T00:00"),
        ("8 hours", "2026-01-05", 'handoff = "06:00"', "2026-11-24T14:00"),
        ("36 hours", "2026-01-05", "", None),
        ("2 days", "2026-01-05", 'hours = ["mon-fri 09:00-17:00"]', None),
        ("1 day", "2026-01-05", 'hours = ["22:00-06:00"]\nhandoff = "12:00"', "2026-11-24T00:00"),
        ("1 week", "2026-01-05", 'hours = ["sat,sun"]', "2026-11-30T00:00"),
    ],
)
def test_counting_anew_moves_no_handoff(
    every: str, start: str, extra: str, handoff: str | None
) -> None:
    text = f"""{HEAD}
[[rotation]]
name   = "r"
people = ["alice", "bob", "carol"]
every  = "{every}"
start  = {start}
{extra}
"""
    now = local("2027-01-29T12:00") if "30" in start else NOW
    joined = after(join(book(text), "dan", stamp(now)))
    if handoff is not None:
        begin = joined.roster.rotations[-1]
        assert f"{begin.start}" == handoff[:10]
    back = after(leave(joined, "dan", stamp(now)))
    span = (local("2026-01-05T00:00"), local("2028-06-01T00:00"))

    def shifts(one: Book) -> list[tuple[datetime | None, tuple[str, ...]]]:
        found = one.loaded.known_schedule("duty").between(*span)
        return [(found[0].start, found[0].people)] + [
            (shift.start, shift.people)
            for last, shift in pairwise(found)
            if last.people != shift.people
        ]

    assert shifts(back) == shifts(book(text))


def test_a_month_too_short_for_the_day_waits_for_one_that_is_not() -> None:
    text = WEEKLY.replace("1 week", "1 month").replace("2026-01-05", "2026-01-30")
    change = join(book(text), "dan", stamp(local("2027-02-03T12:00")))
    assert change.after.roster.rotations[-1].start.isoformat() == "2027-03-30"


def test_a_rotation_that_has_not_begun() -> None:
    text = WEEKLY.replace("2026-01-05", "2027-01-04")
    change = join(book(text), "dan", stamp())
    assert served(after(change), "2026-12-30T12:00", "2027-01-06T12:00", "2027-01-27T12:00") == [
        "-", "alice", "dan",
    ]  # fmt: skip


BAD: list[tuple[Callable[..., Change], str, dict[str, Any], str]] = [
    (join, "alice", {}, "alice is in 'weekly' already"),
    (join, "erin", {}, "somebody new needs an address: --email erin@example.com"),
    (join, "Dan", {}, "did you mean 'dan'?"),
    (join, "dan", {"emails": ["other@example.com"]}, "dan has another address"),
    (join, "erin", {"emails": ["|id@example.com"]}, "runs a command"),
    (join, "er in", {"emails": ["erin@example.com"]}, "cannot be a person's key"),
    (join, 'er"in\n[x]', {"emails": ["erin@example.com"]}, "cannot be a person's key"),
    (join, "dan", {"after": "zed"}, "unknown person 'zed'"),
    (join, "dan", {"after": "dan"}, "dan is not in 'weekly'"),
    (join, "dan", {"rotation": "wekly"}, "did you mean 'weekly'?"),
    (leave, "dan", {}, "dan is in no rotation"),
    (leave, "dan", {"rotation": "weekly"}, "dan is not in 'weekly'"),
    (leave, "zed", {}, "unknown person 'zed'"),
]


@pytest.mark.parametrize(("make", "person", "options", "word"), BAD)
def test_refused_with_the_reason(
    make: Callable[..., Change], person: str, options: dict[str, Any], word: str
) -> None:
    with pytest.raises(UsageError) as caught:
        make(book(), person, stamp(), **options)
    assert word in str(caught.value)


def test_the_last_one_cannot_leave() -> None:
    with pytest.raises(UsageError, match="nobody would be left"):
        leave(book(WEEKLY.replace('"alice", "bob", "carol"', '"alice"')), "alice", stamp())


def test_calendars_and_ended_rotations_have_no_order_to_join() -> None:
    calendar = f'{HEAD}[[rotation]]\nname = "cal"\ncalendar = "x.ics"\n'
    with pytest.raises(UsageError, match="comes from a calendar"):
        join(book(calendar), "dan", stamp(), rotation="cal")
    with pytest.raises(UsageError, match="there is no rotation"):
        join(book(calendar), "dan", stamp())
    with pytest.raises(UsageError, match="has no handoff after"):
        join(book(WEEKLY + "until = 2026-11-25\n"), "dan", stamp())


def test_people_in_an_inline_table_are_added_by_hand() -> None:
    people = "people = { alice = 'alice@example.com', bob = 'bob@example.com' }\n"
    text = f'timezone = "UTC"\n{people}\n[[rotation]]' + WEEKLY.partition("[[rotation]]")[2]
    text = text.replace(', "carol"', "")
    with pytest.raises(UsageError, match="TOML syntax"):
        join(book(text), "erin", stamp(), emails=["erin@example.com"])


def test_who_steps_in_does_not_depend_on_where_the_new_order_is_written() -> None:
    rotation = "[[rotation]]" + WEEKLY.partition("[[rotation]]")[2]
    one = rotation.replace('"alice", "bob", "carol"', '"alice", "dan"')
    two = rotation.replace('"alice", "bob", "carol"', '"bob", "dan", "carol"').replace(
        '"weekly"', '"second"'
    )
    away = "".join(
        f'[[absence]]\nperson = "{person}"\nstart = 2026-11-01\nend = 2027-11-01\n'
        for person in ("alice", "bob")
    )
    start = book(f"{HEAD}{one}{two}", away)
    joined = after(join(start, "carol", stamp(), rotation="weekly"))
    assert weeks(after(leave(joined, "carol", stamp(), rotation="weekly"))) == weeks(start)
