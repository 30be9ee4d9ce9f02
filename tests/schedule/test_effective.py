"""Which overrides act: by one schedule for all of them, and by two for each."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from rotation.schedule.difference import Overrides, difference, together, without_absences
from rotation.schedule.loaded import Loaded
from tests.schedule.rosters import Asked, exceptional, load, mixed, modern
from tests.schedule.test_properties import profile


def by_two_schedules(loaded: Loaded, number: int, start: datetime, end: datetime) -> bool:
    """A schedule with the overrides before it that it meets, and one with it as well."""
    override = loaded.roster.overrides[number]
    before = [o for o in loaded.roster.overrides[:number] if together(o, override)]
    present = without_absences(loaded, override.out) if override.out else loaded
    one, two = (
        replace(present, roster=replace(present.roster, overrides=tuple(some)))
        for some in (before, (*before, override))
    )
    schedules = one.known_schedule(override.role), two.known_schedule(override.role)
    return bool(difference(*schedules, start, end))


@profile
@given(st.one_of(exceptional(), exceptional(), mixed(), modern()))
def test_both_tell_the_same_of_every_override(ask: Asked) -> None:
    loaded = Loaded(load(ask.spec))
    overrides = Overrides(loaded)
    listed = list(enumerate(loaded.roster.overrides))
    for number, override in (*listed, *reversed(listed)):
        middle = override.start + (override.end - override.start) / 2
        for span in ((override.start, override.end), (middle, override.end)):
            assert overrides.acts(override, span) == by_two_schedules(loaded, number, *span)
