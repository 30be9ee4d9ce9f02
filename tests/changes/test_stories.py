"""Stories of swap, cover, away, join, leave and undo on rosters of every kind: what was agreed
holds, in whichever order it was written."""

from __future__ import annotations

from itertools import permutations

import pytest

from tests.changes.stories import at_noon, told

# roster: what people do, one after the other: on which days, who; those of the first list hold in
# every order
IN_EVERY_ORDER = """
weekly: swap carol alice; away carol 11-30T09:00 12-07T09:00: 12-02 12-09: alice carol
weekly: cover bob carol; away carol 11-30 12-05: 12-02 12-06: bob bob
weekly: cover dan alice; away alice 12-01 12-31; away bob 12-07 12-14: 12-09 12-30: dan bob
weekly: assign dan 12-24 12-27; away bob 12-01 12-31; leave alice 12-28: 12-25 12-16: dan carol
weekly: swap alice bob; handoff weekly 12-28: 12-09 12-16 12-30: bob alice alice
weekly: leave carol 01-18; join dan weekly: 12-09 01-20 01-27 02-03: dan bob dan alice
weekly: beside dan 12-07 12-14; away alice 12-07 12-14; away bob 12-07 12-14: 12-09: carol+dan
layered: cover alice dan 12-07 12-12; away dan 12-01 12-31: 12-09 12-09T20:00: alice alice
layered: swap dan carol 12-07 12-14; away dan 12-07 12-12: 12-09 12-16 12-16T20:00: carol dan bob
layered: away carol 11-30 12-12; cover bob carol 11-30 12-05: 12-02 12-02T20:00: bob bob
layered: leave dan 12-14; away carol 12-14 12-19; cover bob carol 12-14 12-19: 12-16: bob
nested: cover carol alice 12-07 12-15; away alice 12-01 12-31: 12-09: bob+carol
nested: swap alice carol 11-30 12-14; away carol 12-14 12-19: 12-02 12-16: carol alice+dan
nested: beside dan 12-08 12-14; away bob 12-01 12-31: 12-09: alice+carol+dan
nested: leave bob 12-28; away alice 12-28 01-04T09:00: 12-30 01-06: carol carol+dan
monthly: swap carol alice; away carol 12-05 01-05: 12-16 01-13: alice carol
monthly: cover bob carol 12-20 12-27; away carol 12-01 12-31: 12-16 12-23 12-29: alice bob alice
monthly: join dan monthly; leave bob 02-05: 12-16 01-13 02-10 03-10: carol dan alice carol
monthly: assign dan 12-24 12-27; away carol 12-20 12-31: 12-23 12-25 12-29: alice dan alice
hourly: swap bob carol 11-25 11-26T01:00; away carol 11-26T01:00 11-27: 11-25T18:00: carol
hourly: cover dan alice 11-26T17:00 11-27T01:00; away alice 11-26 11-28: 11-26T18:00: dan
hourly: leave dan 12-01; cover dan alice 11-25T09:00 11-25T17:00; away alice 11-25 11-26: 11-25: dan
"""
ONE_AFTER_THE_OTHER = """
weekly: swap alice bob; undo 1: 12-09 12-16: alice bob
weekly: away carol 11-30 12-05; back carol; cover bob carol: 12-02: bob
weekly: cover bob carol; away carol 11-30 12-05; back carol: 12-02: bob
weekly: cover bob carol; away carol 11-30 12-08; undo 1: 12-02: alice
weekly: cover dan carol; away dan 12-01 12-05: 12-02: dan
weekly: swap alice bob; join+ dan weekly: 12-09 12-16 12-23: dan bob alice
weekly: swap alice bob; swap alice carol 12-14 11-30: 12-02 12-09 12-16: alice bob carol
layered: swap dan carol 12-07 12-14; join+ bob office: 12-09 12-16 12-23: bob carol dan
nested: cover dan alice 11-30 12-07T09:00; leave alice 12-07; undo 2: 12-02 12-09: dan alice+bob
monthly: join dan monthly; swap carol dan; undo 2: 12-16 01-13: dan alice
hourly: cover dan alice 11-25T09:00 11-25T17:00; away dan 11-25 11-26: 11-25T12:00: dan
"""


def stories(text: str) -> list[tuple[str, str, str, str]]:
    rows = [line.split(": ") for line in text.strip().splitlines()]
    return [(row[0], row[1], row[2], row[3]) for row in rows]


@pytest.mark.parametrize(("roster", "story", "days", "who"), stories(IN_EVERY_ORDER))
def test_in_every_order(roster: str, story: str, days: str, who: str) -> None:
    for order in permutations(story.split("; ")):
        assert at_noon(told(roster, "; ".join(order)), days) == who, order


@pytest.mark.parametrize(("roster", "story", "days", "who"), stories(ONE_AFTER_THE_OTHER))
def test_one_after_the_other(roster: str, story: str, days: str, who: str) -> None:
    assert at_noon(told(roster, story), days) == who
