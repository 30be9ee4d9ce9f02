"""Roles kept apart, notes of shifts, and that nothing without an end is enumerated."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rotation.schedule.final import Schedule
from rotation.schedule.loaded import with_dependents
from rotation.schedule.turns import Block
from tests.schedule.rules_of_keys import CHICAGO, recurring
from tests.schedule.timelines import (
    WEEKLY,
    absence,
    extent,
    fixed,
    instant,
    lines,
    load,
    override,
    rotation,
    stretches,
    who,
)

APART = '\n[role.backup]\napart = ["duty"]\n'
BACKUP = rotation("1 week", "2026-01-05", "ann bob cat dan", 'role = "backup"').replace(
    '"r"', '"backup"'
)


def backups(roster: str, overrides: str = "") -> list[str]:
    loaded = load(roster + BACKUP + APART, overrides)
    return stretches(loaded, "2026-01-05T00:00", "2026-02-02T00:00", "backup")


def test_whoever_is_on_duty_counts_as_away_for_a_role_apart_and_turns_do_not_move() -> None:
    expected = """
    Mon 01-05 00:00:00+00:00 bob
    Mon 01-12 00:00:00+00:00 cat
    Mon 01-19 00:00:00+00:00 dan
    """
    # week by week: ann, bob, cat, ann have the duty; ann, bob, cat, dan are the backup's turns
    assert backups(WEEKLY) == lines(expected)


def test_five_of_one_against_four_of_the_other() -> None:
    duty = rotation("1 week", "2026-01-05", "dan cat bob ann")
    loaded = load(duty + BACKUP + APART)
    for week in range(40):
        at = instant(loaded, "2026-01-07T12:00") + timedelta(days=7 * week)
        (first,) = Schedule(loaded).at(at).people
        (second,) = Schedule(loaded, "backup").at(at).people
        assert first != second


def test_an_override_of_the_duty_counts_too_and_only_while_it_lasts() -> None:
    covered = override("2026-01-14T00:00:00", "2026-01-15T00:00:00", out="bob", in_="dan")
    expected = """
    Mon 01-05 00:00:00+00:00 bob
    Mon 01-12 00:00:00+00:00 cat
    Wed 01-14 00:00:00+00:00 bob
    Thu 01-15 00:00:00+00:00 cat
    Mon 01-19 00:00:00+00:00 dan
    """
    assert backups(WEEKLY, covered) == lines(expected)


def test_who_was_agreed_on_as_the_backup_is_the_backup() -> None:
    agreed = override(
        "2026-01-05T00:00:00", "2026-01-12T00:00:00", out="ann", in_="cat", role="backup"
    )
    assert backups(WEEKLY, agreed)[0] == "Mon 01-05 00:00:00+00:00 cat"


def test_three_roles_one_above_the_other() -> None:
    third = BACKUP.replace('"backup"', '"third"')
    apart = APART + '\n[role.third]\napart = ["duty", "backup"]\n'
    loaded = load(WEEKLY + BACKUP + third + apart)
    for text in ("2026-01-06T00:00", "2026-01-13T00:00", "2026-01-20T00:00", "2026-01-27T00:00"):
        assert len({who(loaded, text, role) for role in ("duty", "backup", "third")}) == 3


def test_the_note_of_a_dated_shift_is_why() -> None:
    roster = load(fixed("2026-12-24", "2026-12-26", "ann", 'note = "Christmas"'))
    assert Schedule(roster).at(instant(roster, "2026-12-25T12:00")).why == "shift Christmas"


def test_a_turn_of_nobody_says_so() -> None:
    roster = load(WEEKLY.replace('"bob"', "[]"))
    assert Schedule(roster).at(instant(roster, "2026-01-13T12:00")).why == (
        "rotation r: a turn of nobody"
    )


@pytest.mark.parametrize("person", ["ann", "dan", "*"])
def test_an_absence_without_an_end_is_not_enumerated(
    person: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = 0
    real = Block.active

    def counted(block: Block, at: object) -> tuple[int, ...]:
        nonlocal calls
        calls += 1
        return real(block, at)  # type: ignore[arg-type]

    monkeypatch.setattr(Block, "active", counted)
    roster = load(
        rotation("1200 months", "2026-01-05", "ann bob", "until = 2100-01-01"),
        recurring(person, "sat,sun"),
    )
    weekday = Schedule(roster).at(instant(roster, "2090-06-07T12:00"))
    assert weekday.people == ("ann",)
    # long before the first handoff and after the end nobody's absence matters
    assert extent(roster, "2020-01-01T00:00")[0] is None
    assert extent(roster, "2150-01-01T00:00")[1] is None
    few = 60 if person == "dan" else 200
    assert calls < few


def test_a_person_whose_weekends_are_free_serves_on_weekdays_in_2090_as_tomorrow() -> None:
    roster = load(rotation("1 week", "2026-01-05", "ann bob"), recurring("ann", "sat,sun"))
    schedule = Schedule(roster)
    for year in (2026, 2090, 8000):
        found = schedule.between(
            instant(roster, f"{year}-06-01T00:00"), instant(roster, f"{year}-07-01T00:00")
        )
        for shift in found:
            assert shift.start is not None
            if "ann" in shift.people and shift.end is not None:
                last = shift.end.astimezone(roster.zone) - timedelta(seconds=1)
                assert last.weekday() < 5


def test_a_zone_of_its_own_in_2090() -> None:
    roster = load(rotation("1 week", "2026-01-05", "ann", f'handoff = "08:00"; {CHICAGO}'))
    assert extent(roster, "2090-06-07T12:00")[0] == "2090-06-05T14:00:00+01:00"


def test_an_absence_of_everybody_in_a_roster_of_two_roles() -> None:
    roster = load(WEEKLY + BACKUP, absence("*", "2026-01-06", "2026-01-06"))
    for role in ("duty", "backup"):
        assert who(roster, "2026-01-06T12:00", role) == "-"


def test_what_is_apart_from_an_unknown_role_is_unknown() -> None:
    third = '\n[role.third]\napart = ["backup"]\n'
    roster = load(WEEKLY + BACKUP + BACKUP.replace('"backup"', '"third"') + APART + third)
    assert with_dependents(roster, ["duty"]) == {"duty", "backup", "third"}
    assert with_dependents(roster, ["backup"]) == {"backup", "third"}
    assert with_dependents(roster, []) == frozenset()
