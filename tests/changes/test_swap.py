"""Swap: which duty is meant, what is refused, what stays as it was."""

from __future__ import annotations

from datetime import datetime

import pytest

from rotation.changes.assign import assign
from rotation.changes.effects import effects
from rotation.changes.trades import cover, swap
from rotation.clock.typed import parse_span
from rotation.errors import UsageError
from tests.changes.roster_texts import (
    HEAD,
    LONDON,
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

OFFICE = f"""{HEAD}
[[rotation]]
name    = "office"
people  = ["alice", "bob"]
every   = "1 week"
start   = 2026-01-05
hours   = ["mon-fri 09:00-17:00"]

[[rotation]]
name    = "nights"
people  = ["carol", "dan"]
every   = "1 week"
start   = 2026-01-05
hours   = ["mon-thu 17:00-09:00", "fri 17:00-24:00", "sat,sun"]
"""

TWO_ROLES = f"""{WEEKLY}
[[rotation]]
name    = "second"
people  = ["carol", "alice", "bob"]
every   = "1 week"
start   = 2026-01-05
handoff = "09:00"
role    = "backup"
"""

TOGETHER = WEEKLY.replace('"alice", "bob", "carol"', '["alice", "dan"], "bob", ["carol", "bob"]')


def day(text: str) -> tuple[datetime, datetime]:
    return parse_span(text, NOW, LONDON)


def test_swap_trades_the_next_whole_duties() -> None:
    change = swap(book(), "alice", "bob", stamp())
    assert hands(change) == [
        ("07 Dec 09:00", "14 Dec 09:00", "alice", "bob"),
        ("14 Dec 09:00", "21 Dec 09:00", "bob", "alice"),
    ]
    assert weeks(after(change)) == "bob carol bob alice carol alice"
    first, second = change.after.roster.overrides
    assert (first.id, first.note, first.by, first.at) == (second.id, "swap alice bob", "root", NOW)


def test_a_day_that_two_duties_begin_on_is_not_enough_from_its_first_instant_on() -> None:
    shifts = "".join(
        f'[[shift]]\nstart = 2026-12-0{day}\nend = 2026-12-0{end}\npeople = ["{who}"]\n'
        for day, end, who in (
            ("7T00:00:00", "7T06:00:00", "alice"),
            ("7T06:00:00", "7T18:00:00", "carol"),
            ("7T18:00:00", "8T00:00:00", "alice"),
            ("8T00:00:00", "8T12:00:00", "bob"),
        )
    )
    with pytest.raises(UsageError, match="alice has 2 duties on 2026-12-07"):
        swap(book(HEAD + shifts), "alice", "bob", stamp(), of=day("2026-12-07"))
    change = swap(book(HEAD + shifts), "alice", "bob", stamp(), of=day("2026-12-07T18:00"))
    assert hands(change)[0] == ("07 Dec 18:00", "08 Dec 00:00", "alice", "bob")


def test_the_duty_that_is_under_way_is_never_meant() -> None:
    change = swap(book(), "bob", "carol", stamp())  # bob is on duty until the 30th
    assert weeks(after(change)) == "bob bob alice carol carol alice"


def test_a_duty_begins_at_its_handoff() -> None:
    at_handoff, before = local("2026-11-30T09:00"), local("2026-11-30T08:59:59")
    assert weeks(after(swap(book(), "carol", "alice", stamp(before)))).startswith("bob alice carol")
    assert weeks(after(swap(book(), "carol", "alice", stamp(at_handoff)))) == (
        "bob carol carol bob alice alice"
    )


def test_of_and_with_choose_other_duties() -> None:
    change = swap(
        book(), "alice", "bob", stamp(), of=day("2026-12-28"), with_=day("2027-01-07")
    )  # fmt: skip
    assert weeks(after(change), 8) == "bob carol alice bob carol bob alice carol"


def test_a_day_on_which_a_duty_ends_and_another_begins_means_the_one_that_begins() -> None:
    text = WEEKLY.replace('"carol"]', '"carol", "carol"]')
    ends_and_begins = day("2026-12-28")
    change = swap(book(text), "carol", "alice", stamp(), of=ends_and_begins)
    assert hands(change)[-1][:3] == ("28 Dec 09:00", "04 Jan 09:00", "carol")


def test_a_swap_back_is_the_plan_as_it_was() -> None:
    once = after(swap(book(), "alice", "bob", stamp()))
    twice = after(swap(once, "alice", "bob", stamp()))
    assert weeks(twice) == weeks(book())


def test_a_duty_with_hours_moves_as_one_set() -> None:
    change = swap(book(OFFICE), "alice", "bob", stamp())
    moved = {(was, will) for _, _, was, will in hands(change)}
    assert moved == {("alice", "bob"), ("bob", "alice")}
    assert len(hands(change)) == 10
    assert len(change.after.roster.overrides) == 2  # one entry each, not one a day
    assert served(after(change), "2026-11-30T10:00", "2026-12-04T16:59") == ["alice", "alice"]
    assert served(after(change), "2026-11-25T10:00", "2026-12-08T10:00") == ["alice", "bob"]


def test_an_entry_over_a_whole_week_does_not_take_what_lies_between() -> None:
    # alice's days for carol's nights of the same week: each lies within the other's
    change = swap(book(OFFICE), "alice", "carol", stamp(), with_=day("2026-12-07"))
    made = after(change)
    assert served(made, "2026-12-08T10:00", "2026-12-08T20:00", "2026-12-09T10:00") == [
        "carol", "alice", "carol",
    ]  # fmt: skip
    assert len(change.after.roster.overrides) > 2


def test_only_the_one_named_of_several_people() -> None:
    change = swap(book(TOGETHER), "alice", "carol", stamp())
    assert weeks(after(change)) == "bob alice+bob carol+dan bob carol+bob alice+dan"


def test_what_somebody_took_over_is_theirs_to_trade() -> None:
    one = after(cover(book(), "dan", "carol", stamp()))
    assert weeks(one, 3) == "bob dan alice"
    change = swap(one, "dan", "alice", stamp())
    assert weeks(after(change), 3) == "bob alice dan"


def test_a_part_that_another_covers_stays_with_them() -> None:
    one = after(
        cover(
            book(), "dan", "alice", stamp(),
            start=local("2026-12-09T09:00"), end=local("2026-12-10T09:00"),
        )
    )  # fmt: skip
    made = after(swap(one, "alice", "bob", stamp()))
    assert served(made, "2026-12-08T12:00", "2026-12-09T12:00", "2026-12-11T12:00") == [
        "bob", "dan", "bob",
    ]  # fmt: skip


def test_the_role_that_both_have() -> None:
    with pytest.raises(UsageError, match="both have duties ahead as duty and as backup"):
        swap(book(TWO_ROLES), "alice", "bob", stamp())
    change = swap(book(TWO_ROLES), "alice", "bob", stamp(), role="backup")
    assert {o.role for o in change.after.roster.overrides} == {"backup"}
    assert weeks(after(change)) == weeks(book())


def test_two_roles_at_once_are_said_once_and_how_often() -> None:
    """alice is second in the weeks from 14 December and 4 January on."""
    said = {}
    for until in ("2026-12-21T09:00", "2027-01-11T09:00"):
        span = local("2026-12-14T09:00"), local(until)
        change = assign(book(TWO_ROLES), ["alice"], *span, stamp(), role="duty")
        (said[until],) = [p.what for p in effects(change, NOW) if "at once" in p.what]
    first = "alice would be duty and backup at once in Mon 2026-12-14 09:00 to Mon 2026-12-21 09:00"
    assert list(said.values()) == [first, f"{first}, and 1 times more"]


def test_a_swap_that_gives_somebody_two_roles_at_once_says_so() -> None:
    change = swap(book(TWO_ROLES), "alice", "bob", stamp(), role="duty")
    said = [problem.what for problem in effects(change, NOW)]
    assert any("would be duty and backup at once" in what for what in said)


@pytest.mark.parametrize(
    ("one", "other", "options", "words"),
    [
        ("alice", "alice", {}, ("cannot swap with themself",)),
        ("alice", "zed", {}, ("unknown person 'zed'", "known: alice")),
        ("alcie", "bob", {}, ("did you mean 'alice'",)),
        ("dan", "alice", {}, ("dan has no duty ahead", "rotation cover dan --for alice")),
        ("alice", "bob", {"of": "2026-11-16"}, ("is over", "past is not changed", "next duties")),
        ("bob", "alice", {"of": "2026-11-23"}, ("under way", "rotation cover alice --for bob")),
        ("bob", "alice", {"of": "today"}, ("under way", "rotation cover alice --for bob")),
        ("alice", "bob", {"of": "2026-12-01"}, ("no duty as 'duty' on 2026-12-01", "07 09:00")),
        ("alice", "bob", {"role": "backup"}, ("no such role: 'backup'", "known: duty")),
    ],
)
def test_refused_with_the_reason(
    one: str, other: str, options: dict[str, str], words: tuple[str, ...]
) -> None:
    given = {k: day(v) if k in ("of", "with_") else v for k, v in options.items()}
    with pytest.raises(UsageError) as caught:
        swap(book(), one, other, stamp(), **given)  # type: ignore[arg-type]
    for word in words:
        assert word in str(caught.value)


def test_a_duty_that_both_hold_is_refused() -> None:
    with pytest.raises(UsageError, match="both hold that duty"):
        swap(book(TOGETHER), "carol", "bob", stamp())


def test_two_duties_on_one_day_are_ambiguous() -> None:
    text = WEEKLY.replace("1 week", "6 hours").replace('"bob", ', "")
    with pytest.raises(UsageError, match="2 duties on 2026-12-07: they begin Mon 2026-12-07 09:00"):
        swap(book(text), "alice", "carol", stamp(), of=day("2026-12-07"))
    change = swap(book(text), "alice", "carol", stamp(), of=day("2026-12-07T09:00"))
    assert hands(change)[-1][0] == "07 Dec 09:00"


def test_nobody_is_given_a_duty_in_their_absence() -> None:
    away = '[[absence]]\nperson = "bob"\nstart = 2026-12-10\nend = 2026-12-11\n'
    with pytest.raises(UsageError, match="bob is away") as caught:
        swap(book(overrides=away), "alice", "bob", stamp())
    assert "rosters/team.overrides.toml:1" in str(caught.value)
    with pytest.raises(UsageError, match="bob is away"):
        cover(book(overrides=away), "bob", "alice", stamp())
