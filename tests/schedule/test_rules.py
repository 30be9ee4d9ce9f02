"""What holds of every rule: looked at as a timeline, and instant by instant."""

from __future__ import annotations

import pytest

from rotation.schedule.final import Schedule
from tests.others import needs_holidays
from tests.schedule.rules_of_agreement import AGREED
from tests.schedule.rules_of_exceptions import ABSENCES, LAYERS, OVERRIDES
from tests.schedule.rules_of_hours import WINDOWS
from tests.schedule.rules_of_keys import NOBODY, PUBLIC, RECURRING, ZONES
from tests.schedule.rules_of_turns import CUTS, TIME
from tests.schedule.timelines import TICK, Rule, instant, lines, load, rotation, stretches

RULES = [*TIME, *WINDOWS, *CUTS, *LAYERS, *ABSENCES, *OVERRIDES, *AGREED]
RULES += [*ZONES, *NOBODY, *RECURRING, *PUBLIC]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_rule(rule: Rule) -> None:
    needs_holidays(rule.roster, rule.overrides)
    roster = load(rule.roster, rule.overrides, rule.zone)
    assert stretches(roster, *rule.span) == lines(rule.expected)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_rule_asked_instant_by_instant(rule: Rule) -> None:
    needs_holidays(rule.roster, rule.overrides)
    roster = load(rule.roster, rule.overrides, rule.zone)
    schedule = Schedule(roster)
    begin, end = (instant(roster, text) for text in rule.span)
    for piece in schedule.between(begin, end):
        assert piece.start is not None
        assert piece.end is not None
        assert schedule.at(piece.start).people == piece.people
        assert schedule.at(piece.end - TICK).people == piece.people


def test_24_hours_and_one_day_are_the_same() -> None:
    span = ("2026-03-20T00:00", "2026-04-05T00:00")
    for handoff in ("00:00", "01:30", "09:00"):
        rest = f'handoff = "{handoff}"'
        hours, days = (
            load(rotation(every, "2026-01-05", rest=rest)) for every in ("24 hours", "1 day")
        )
        assert stretches(hours, *span) == stretches(days, *span)
