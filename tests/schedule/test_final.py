"""The final schedule: roles, stand-ins, the fallback, and the reasons that it names."""

from __future__ import annotations

import pytest

from rotation.model import Roster
from rotation.schedule.final import Schedule
from tests.others import needs_holidays
from tests.schedule.rules_of_keys import recurring
from tests.schedule.timelines import (
    PEOPLE,
    WEEKLY,
    absence,
    during,
    fixed,
    instant,
    load,
    override,
    rotation,
    who,
)


def test_roles_have_schedules_of_their_own() -> None:
    backup = rotation("1 week", "2026-01-05", "bob cat", 'role = "backup"; priority = 5')
    text = during(out="bob", in_="dan", role="backup") + during(in_="cat", role="extra")
    roster = load(backup + WEEKLY.replace('"r"', '"main"'), text)
    assert roster.roles == ("duty", "backup", "extra")
    noon = "2026-01-06T10:00"
    assert [who(roster, noon, role) for role in roster.roles] == ["ann", "dan", "cat"]


def test_a_stand_in_may_have_another_role() -> None:
    backup = rotation("1 week", "2026-01-05", "bob", 'role = "backup"')
    roster = load(WEEKLY + backup.replace('"r"', '"b"'), absence("ann", "2026-01-06", "2026-01-06"))
    assert who(roster, "2026-01-06T10:00") == "bob"
    assert who(roster, "2026-01-06T10:00", "backup") == "bob"


def test_when_nobody_is_on_duty_the_fallback_has_addresses() -> None:
    roster = load(WEEKLY)
    assert roster.fallback_addresses == ("dan@example.com", "office@example.com")
    assert roster.addresses(("cat", "ann", "cat")) == (
        "cat@example.com",
        "cat@sms.example.net",
        "ann@example.com",
    )


def whys(roster: Roster, begin: str, end: str) -> list[tuple[str, str]]:
    pieces = Schedule(roster).between(instant(roster, begin), instant(roster, end))
    return [(" ".join(piece.people), piece.why) for piece in pieces]


def test_reasons_are_named_and_part_shifts() -> None:
    roster = load(
        rotation("1 week", "2026-01-05", "ann bob", "until = 2026-01-12")
        + fixed("2026-01-09", "2026-01-09", "ann", "priority = 3"),
        override("2026-01-06T09:00:00Z", "2026-01-06T12:00:00Z", out="ann", in_="dan", id="7f3a")
        + override("2026-01-07T09:00:00Z", "2026-01-07T12:00:00Z", out="*")
        + absence("ann", "2026-01-08", "2026-01-08")
        + absence("ann", "2026-01-11", "2026-01-11")
        + absence("bob", "2026-01-11", "2026-01-11"),
    )
    assert whys(roster, "2026-01-05T00:00", "2026-01-20T00:00") == [
        ("ann", "rotation r"),
        ("dan", "override 7f3a"),
        ("ann", "rotation r"),
        ("", "override"),
        ("ann", "rotation r"),
        ("bob", "rotation r (ann away)"),
        ("ann", "shift"),
        ("ann", "rotation r"),
        ("", "rotation r: nobody left"),
        ("bob", "rotation r"),
        ("", "gap"),
    ]


def test_reasons_name_the_line_that_decides() -> None:
    text = during(in_="dan") + during(out="cat", in_="bob")
    shift = Schedule(roster := load(WEEKLY, text)).at(instant(load(WEEKLY), "2026-01-06T10:00"))
    assert shift.people == ("ann", "dan")
    line = 1 + f'timezone = "x"\nfallback\n{PEOPLE}{WEEKLY}'.split("[[rotation]]")[0].count("\n")
    assert [str(reason.where) for reason in shift.reasons] == [
        f"/etc/rotation/team.toml:{line}",
        "/etc/rotation/team.overrides.toml:1",
    ]
    assert roster.name == "team"


@pytest.mark.parametrize("every", ["1 week", "1 day", "1 month", "13 hours"])
def test_where_everybody_is_always_away_nobody_is_on_duty_for_good(every: str) -> None:
    """It is not asked of week after week until the year 9999."""
    text = rotation(every, "2026-01-05", "ann bob", 'hours = ["mon 09:00-17:00"]')
    away = recurring("*", "mon")
    roster = load(text, away)
    shift = Schedule(roster).at(instant(roster, "2026-03-03T12:00"))
    assert (shift.people, shift.end) == ((), None)
    assert Schedule(roster).following(shift) is None
    # what begins years later is found, and what is agreed on
    for later in (
        load(text + rotation("1 day", "2040-01-05", "bob").replace('"r"', '"later"'), away),
        load(text, away + override("2040-01-05", "2040-01-05", in_="dan")),
    ):
        following = Schedule(later).following(
            Schedule(later).at(instant(later, "2026-03-03T12:00"))
        )
        assert following is not None
        assert following.start == instant(later, "2040-01-05T00:00")
    # a turn that meets a Monday once in thirteen weeks
    turns = rotation("1 week", "2026-01-05", "ann " * 12 + "bob", 'hours = ["mon"]')
    rare = Schedule(load(turns.replace('"ann"', "[]")))
    shift = rare.at(instant(roster, "2026-04-07T00:00"))
    assert shift.end == instant(roster, "2026-06-29T00:00")


def test_what_comes_together_once_in_years_is_found() -> None:
    """Turns of thirteen and of seventeen weeks meet after more than four years."""
    turns = rotation("1 week", "2026-01-05", "ann " * 12 + "bob").replace('"ann"', "[]")
    backup = rotation("1 week", "2026-01-05", "bob " * 16 + "cat", 'role = "backup"')
    apart = '[role.duty]\napart = ["backup"]\n'
    roster = load(turns + backup.replace('"r"', '"b"') + apart)
    shift = Schedule(roster).at(instant(roster, "2026-01-05T12:00"))
    # week 13 n + 12 is bob's, and in week 17 m + 16 he is free
    assert (shift.people, shift.end) == ((), instant(roster, "2030-03-25T00:00"))


def test_a_public_holiday_that_comes_into_a_month_once_in_years_is_found() -> None:
    """Good Friday was in March in 2018, and then in 2024."""
    hours = 'hours = ["holiday"]'
    needs_holidays(hours)
    turns = rotation("1 month", "2018-01-01", "ann ann bob" + " ann" * 9, hours)
    roster = load(turns.replace('"ann"', "[]"))
    shift = Schedule(roster).at(instant(roster, "2018-04-15T12:00"))
    assert (shift.people, shift.end) == ((), instant(roster, "2024-03-29T00:00"))
