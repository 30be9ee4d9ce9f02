"""Rest, weekends, roles kept apart: who steps in minds them, and what people agree on does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotation.changes.absences import away
from rotation.changes.assign import assign, cover_all
from rotation.changes.book import Book, Change
from rotation.changes.effects import effects
from rotation.changes.trades import cover, swap
from rotation.clock.days import Stretch
from rotation.errors import UsageError
from rotation.schedule.duties import on_duty
from rotation.schedule.strain import long_runs, short_rests
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
)

WEEKENDS = f"{WEEKLY}\n[role.duty]\nweekends = 1\n".replace('"carol"]', '"carol", "dan"]')
DAILY = f"""{HEAD}
[[rotation]]
name    = "daily"
people  = ["alice", "bob", "carol"]
every   = "12 hours"
start   = 2026-01-05
handoff = "08:00"

[role.duty]
rest = "11 hours"
"""
APART = f"""{WEEKLY}
[[rotation]]
name    = "behind"
role    = "backup"
people  = ["dan", "carol", "alice", "bob"]
every   = "1 week"
start   = 2026-01-05
handoff = "09:00"

[role.backup]
apart = ["duty"]
"""


def test_who_steps_in_has_no_weekends_in_a_row_for_it() -> None:
    # alice, bob, carol, dan: bob's weekends lie beside alice's, carol's do not
    start, end = local("2026-12-01T00:00"), local("2026-12-31T00:00")
    plan = book(WEEKENDS)
    assert weeks(plan, 6) == "carol dan alice bob carol dan"
    assert weeks(after(away(plan, "alice", start, end, stamp())), 6) == (
        "carol dan carol bob carol dan"
    )
    unlimited = book(WEEKENDS.replace("weekends = 1", ""))
    assert weeks(after(away(unlimited, "alice", start, end, stamp())), 3) == "carol dan bob"


def test_a_tired_stand_in_is_better_than_nobody() -> None:
    one = book(WEEKENDS.replace(', "carol", "dan"]', "]"))
    plan = after(away(one, "alice", local("2026-12-01T00:00"), local("2026-12-31T00:00"), stamp()))
    assert weeks(plan, 5) == "alice bob bob bob bob"


def test_who_steps_in_has_rested() -> None:
    # alice 08-20, bob 20-08, carol 08-20, alice 20-08 ...: nobody has 11 hours beside two turns
    plan = book(DAILY)
    start = local("2026-12-01T00:00")
    who = served(plan, "2026-12-01T12:00", "2026-12-01T21:00", "2026-12-02T12:00")
    out = after(away(plan, who[1], start, start + timedelta(days=1, hours=8), stamp()))
    # both others serve beside it without a pause, so neither has one that is too short
    assert served(out, "2026-12-01T21:00") == [who[2]]


@pytest.mark.parametrize("anyway", [False, True])
def test_a_cover_that_would_make_two_weekends_in_a_row(anyway: bool) -> None:
    plan = book(WEEKENDS)  # dan's week, then alice's, from 30 November on
    if not anyway:
        with pytest.raises(UsageError, match="dan would have more than 1 weekend in a row") as no:
            cover(plan, "dan", "alice", stamp())
        assert "if they agreed all the same: --anyway" in str(no.value)
        return
    change = cover(plan, "dan", "alice", stamp(), anyway=True)
    assert "dan would have more than 1 weekend in a row as 'duty'" in change.warnings[0].what
    assert len(effects(change, NOW)) == 1
    assert served(after(change), "2026-12-09T12:00") == ["dan"]


def test_every_command_refuses_it_and_has_one_word_for_doing_it_all_the_same() -> None:
    plan = book(WEEKENDS)
    start, end = local("2026-12-12T00:00"), local("2026-12-14T00:00")
    day = local("2026-12-28T09:00")
    asked: list[Callable[[bool], Change]] = [
        lambda anyway: cover(plan, "dan", "alice", stamp(), anyway=anyway),
        lambda anyway: assign(plan, ["dan"], start, end, stamp(), anyway=anyway),
        lambda anyway: assign(plan, ["dan"], start, end, stamp(), beside=True, anyway=anyway),
        lambda anyway: cover_all(plan, "dan", stamp(), start=start, end=end, anyway=anyway),
        # dan has the week before hers, and she the one after that of his
        lambda anyway: swap(plan, "alice", "dan", stamp(), with_=(day, day), anyway=anyway),
    ]
    for refused in asked:
        with pytest.raises(UsageError, match=r"more than 1 weekend in a row(.|\n)*--anyway"):
            refused(False)
        assert "weekend in a row" in refused(True).warnings[0].what


def test_somebody_who_is_away_is_put_on_duty_only_if_told() -> None:
    start, end = local("2026-12-01T00:00"), local("2026-12-31T00:00")
    plan = after(away(book(), "dan", start, end, stamp()))
    with pytest.raises(UsageError, match="dan is away") as no:
        cover(plan, "dan", "alice", stamp())
    assert "--anyway" in str(no.value)
    change = cover(plan, "dan", "alice", stamp(), anyway=True)
    assert hands(change) == [("07 Dec 09:00", "14 Dec 09:00", "alice", "dan")]
    assert "dan is away" in change.warnings[0].what


def test_a_role_is_not_given_to_whoever_has_the_one_it_is_apart_from() -> None:
    plan = book(APART)
    day = local("2026-12-09T12:00")
    primary, backup = served(plan, "2026-12-09T12:00") + served(
        plan, "2026-12-09T12:00", role="backup"
    )
    assert primary != backup
    with pytest.raises(UsageError, match=f"{primary} has the role 'duty'"):
        cover(plan, primary, backup, stamp(), role="backup", start=day)


def test_what_nobody_decides_is_only_named() -> None:
    three = book(WEEKENDS.replace(', "dan"]', "]"))
    change = away(three, "alice", local("2026-12-01T00:00"), local("2026-12-31T00:00"), stamp())
    said = [problem.what for problem in effects(change, NOW)]
    assert "bob would have more than 1 weekend in a row as 'duty'" in said[0]


def broken(plan: Book, key: str, start: datetime, end: datetime) -> bool:
    duties: list[Stretch] = list(on_duty(plan.loaded.known_schedule("duty"), key, start, end))
    limits = plan.roster.limit("duty")
    rest, most = limits.rest, limits.weekends
    return bool((rest and short_rests(duties, rest)) or (most and long_runs(duties, most, LONDON)))


@given(
    st.permutations(["alice", "bob", "carol", "dan"]),
    st.integers(0, 60),
    st.sampled_from(["rest = '60 hours'", "weekends = 1", "rest = '30 hours'\nweekends = 2"]),
    st.sampled_from(["1 day", "2 days", "1 week", "12 hours"]),
)
def test_nobody_steps_in_too_tired_while_somebody_else_could(
    order: list[str], day: int, limits: str, every: str
) -> None:
    """By brute force: whoever could have stepped in for one turn instead, and would have kept to
    the limits, is found by trying each of them."""
    listed = ", ".join(f'"{key}"' for key in order)
    text = WEEKLY.replace('"alice", "bob", "carol"', listed).replace('"1 week"', f'"{every}"')
    plan = book(f"{text}\n[role.duty]\n{limits}\n")
    shift = plan.loaded.known_schedule("duty").at(NOW + timedelta(days=day + 8))
    assert shift.start is not None
    assert shift.end is not None
    (person,) = shift.people
    gone = after(away(plan, person, shift.start, shift.end, stamp()))
    (stand_in,) = gone.loaded.known_schedule("duty").at(shift.start).people
    start, end = shift.start - timedelta(weeks=6), shift.end + timedelta(weeks=6)
    others = [*order[order.index(person) + 1 :], *order[: order.index(person)]]
    fit = []
    for other in others:
        tried = after(cover(plan, other, person, stamp(), start=shift.start, end=shift.end,
                            anyway=True))  # fmt: skip
        had = broken(plan, other, start, end)
        if not broken(tried, other, start, end) or had:
            fit.append(other)
    if not any(broken(plan, other, start, end) for other in others):
        assert stand_in == (fit[0] if fit else others[0])
