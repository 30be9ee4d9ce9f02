"""A roster as somebody has edited it: whether the past reads otherwise, and what is unknown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rotation.changes.edited import edited
from rotation.schedule.loaded import Loaded
from tests.changes.roster_texts import NOW, WEEKLY, book

BACKUP = """
[[rotation]]
name = "second"
role = "backup"
people = ["carol", "dan"]
every = "1 week"
start = 2026-01-05
"""
OTHER_ORDER = WEEKLY.replace('"alice", "bob", "carol"', '"bob", "alice", "carol"')
LATER = f"""{WEEKLY}
[[rotation]]
name = "weekly"
people = ["dan"]
every = "1 week"
start = 2027-01-04
handoff = "09:00"
"""


def notes(text: str, *, before: frozenset[str], after: frozenset[str]) -> tuple[str, ...]:
    old, new = book(WEEKLY + BACKUP), book(text + BACKUP).loaded
    old = replace(old, loaded=Loaded(old.roster, unknown=before))
    return edited(old, Loaded(new.roster, unknown=after), b"", NOW).notes


NOTHING = frozenset[str]()
DUTY, ALL = frozenset({"duty"}), frozenset({"duty", "backup"})


@pytest.mark.parametrize(("text", "said"), [(WEEKLY, False), (OTHER_ORDER, True), (LATER, False)])
def test_it_says_that_the_past_would_read_otherwise(text: str, said: bool) -> None:
    assert bool(notes(text, before=NOTHING, after=NOTHING)) is said
    assert bool(notes(text, before=frozenset({"backup"}), after=frozenset({"backup"}))) is said


@pytest.mark.parametrize("before", [NOTHING, DUTY, ALL])
@pytest.mark.parametrize("after", [NOTHING, DUTY, ALL])
def test_of_what_nobody_can_know_it_says_nothing(
    before: frozenset[str], after: frozenset[str]
) -> None:
    said = notes(OTHER_ORDER, before=before, after=after)
    assert bool(said) is ("duty" not in before | after)
