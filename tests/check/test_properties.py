"""What must hold of the findings in any roster."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rotation.check import examine, people, view
from rotation.errors import Severity
from rotation.model import Roster
from rotation.schedule.difference import difference
from rotation.schedule.final import Schedule
from rotation.schedule.loaded import Loaded
from tests.schedule.rosters import Asked, every_kind, exceptional, load, mixed
from tests.schedule.test_properties import profile

HORIZON = timedelta(days=122)
_AT_ONCE = re.compile(r"'(\w+)' has the roles '(\w+)' and '(\w+)' at once")


@pytest.fixture(autouse=True, scope="module")
def near() -> Iterator[None]:
    """Look at a third of a year, and at more rosters in the same time."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (view, people):
            patch.setattr(module, "HORIZON", HORIZON)
        yield


@settings(profile, max_examples=24)
@given(every_kind())
def test_every_finding_has_a_line(ask: Asked) -> None:
    roster = load(ask.spec)
    checked = examine(Loaded(roster), ask.begin)
    assert checked == examine(Loaded(roster), ask.begin)
    for finding in checked.findings:
        where = finding.problem.where
        assert where is not None
        assert where.line is not None
        assert finding.severity in (Severity.WARNING, Severity.NOTE)
    gaps = sum(
        not shift.people
        for role in {r.role for r in roster.rotations} | {s.role for s in roster.shifts}
        for shift in Schedule(roster, role).between(ask.begin, ask.begin + HORIZON)
    )
    assert checked.gaps <= gaps
    assert not checked.open or checked.gaps


def _without(roster: Roster, lines: set[int | None]) -> Roster:
    kept = tuple(o for o in roster.overrides if o.where.line not in lines)
    return replace(roster, overrides=kept)


@settings(profile, max_examples=25)
@given(st.one_of(exceptional(), mixed()))
def test_overrides_that_are_called_dead_can_be_removed(ask: Asked) -> None:
    roster = load(ask.spec)
    checked = examine(Loaded(roster), ask.begin)
    dead = {
        finding.problem.where.line
        for finding in checked.findings
        if finding.problem.where and finding.problem.what.startswith("this override changes")
    }
    for role in roster.roles:
        one, two = Schedule(roster, role), Schedule(_without(roster, dead), role)
        assert difference(one, two, ask.begin, ask.begin + HORIZON) == []


@settings(profile, max_examples=24)
@given(mixed())
def test_who_is_said_to_have_two_roles_has_them(ask: Asked) -> None:
    roster = load(ask.spec)
    loaded = Loaded(roster)
    found = [f.problem.what for f in examine(loaded, ask.begin).findings]
    said = [match for what in found if (match := _AT_ONCE.match(what))]
    together = {
        (key, first, second)
        for first, second in (("duty", "backup"), ("backup", "duty"))
        for shift in Schedule(roster, first).between(ask.begin, ask.begin + HORIZON)
        for key in shift.people
        if shift.start and shift.end
        for other in Schedule(roster, second).between(shift.start, shift.end)
        if key in other.people
    }
    assert {(m[1], m[2], m[3]) for m in said} <= together
    both = {"duty", "backup"} <= {r.role for r in roster.rotations} | {
        s.role for s in roster.shifts
    }
    if both and not any(r.until for r in roster.rotations):
        assert {m[1] for m in said} == {key for key, _, _ in together}
