"""Assign, cover for everybody and change on random rosters: what must hold whatever the roster."""

from __future__ import annotations

from datetime import time, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from rotation.changes.assign import assign, cover_all
from rotation.changes.blocks import names
from rotation.changes.book import Stamp
from rotation.changes.turns import change as changed
from rotation.changes.undo import undo
from rotation.errors import UsageError
from rotation.model import Every, Unit
from tests.changes.roster_texts import after
from tests.changes.test_properties import (
    LOOK,
    book_of,
    cuts,
    person,
    profile,
    the_past_is_the_same,
    timeline,
)
from tests.schedule.parts import PEOPLE
from tests.schedule.rosters import Asked, exceptional, mixed


@given(
    exceptional(),
    st.lists(person, min_size=1, max_size=3),
    st.integers(-3000, 3000),
    st.integers(1, 9000),
    st.booleans(),
)
@profile
def test_assign(ask: Asked, people: list[str], wait: int, length: int, beside: bool) -> None:
    book, now = book_of(ask), ask.begin
    start = now + timedelta(minutes=wait)
    end = start + timedelta(minutes=length)
    try:
        change = assign(book, people, start, end, Stamp("root", now), beside=beside)
    except UsageError:
        assume(False)
        return
    the_past_is_the_same(change, now)
    for at, old, new in cuts(change, now - LOOK, end + LOOK):
        if max(start, now) <= at < end:
            assert new == set(people) | (old if beside else set())
        else:
            assert new == old
    id_ = change.after.roster.overrides[-1].id or ""
    assert undo(after(change), id_, now).overrides_text == (book.overrides_text or b"")


@given(exceptional(), person, st.integers(0, 3000), st.integers(1, 9000))
@profile
def test_cover_for_everybody(ask: Asked, taker: str, wait: int, length: int) -> None:
    book, now = book_of(ask), ask.begin
    start = now + timedelta(minutes=wait)
    end = start + timedelta(minutes=length)
    try:
        change = cover_all(book, taker, Stamp("root", now), start=start, end=end)
    except UsageError:
        assume(False)
        return
    for at, old, new in cuts(change, now - LOOK, end + LOOK):
        assert new == ({taker} if old and start <= at < end else old)


every = st.builds(Every, st.integers(1, 3), st.sampled_from(Unit))
clock = st.builds(time, st.integers(0, 23), st.sampled_from((0, 30)))


@given(
    mixed(),
    st.none() | st.permutations(PEOPLE),
    st.none() | clock,
    st.none() | every,
    st.integers(0, 30),
)
@profile
def test_change(
    ask: Asked,
    people: list[str] | None,
    handoff: time | None,
    length: Every | None,
    wait: int,
) -> None:
    book, now = book_of(ask), ask.begin
    turns = None if people is None else tuple((key,) for key in people)
    named = names(book)
    assume(named)
    try:
        change = changed(
            book, named[0], Stamp("root", now),
            start=now + timedelta(days=wait), turns=turns, handoff=handoff, every=length,
        )  # fmt: skip
    except UsageError:
        assume(False)
        return
    the_past_is_the_same(change, now + timedelta.resolution)
    # nobody's duty changes before the new block
    assert timeline(book.loaded, now, change.start) == timeline(change.after, now, change.start)
    entry = change.after.roster.rotations[-1]
    present = [r for r in book.roster.rotations if r.name == named[0]][-1]
    kept = ("hours", "role", "priority", "zone", "until")
    assert all(getattr(entry, key) == getattr(present, key) for key in kept)
    if turns is not None:
        assert entry.turns == turns
    back = undo(after(change), entry.id or "", now)
    assert back.roster_text == book.roster_text
