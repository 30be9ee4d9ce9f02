"""The log: when an entry is to come, in effect and over."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rotation.changes.absences import away
from rotation.changes.assign import assign
from rotation.changes.book import Book
from rotation.changes.log import Effect, records
from tests.changes.roster_texts import after, book, local, stamp

START, END = local("2026-12-24T00:00"), local("2026-12-27T00:00")
ENTRIES: dict[str, Book] = {
    "an override": after(assign(book(), ["dan"], START, END, stamp())),
    "an absence": after(away(book(), "carol", START, END, stamp())),
}
SECONDS = int((END - START).total_seconds())


@pytest.mark.parametrize("entry", ENTRIES)
@given(st.integers(-SECONDS, 2 * SECONDS))
@example(-1)
@example(0)
@example(SECONDS - 1)
@example(SECONDS)
def test_an_entry_is_in_effect_from_its_start_until_its_end(entry: str, seconds: int) -> None:
    now: datetime = START + timedelta(seconds=seconds)
    (record,) = records(ENTRIES[entry].loaded, now)
    state = Effect.TO_COME if now < START else Effect.NOW if now < END else Effect.OVER
    assert record.state is state
