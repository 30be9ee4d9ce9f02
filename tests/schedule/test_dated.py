"""Spans in force at an instant: by a sweep, and by a look at all of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given, settings
from hypothesis import strategies as st

from rotation.model import EVER, NEVER
from rotation.schedule.dated import Dated

FIRST = datetime(2026, 1, 5, tzinfo=UTC)
INSTANTS = st.integers(0, 40).map(lambda hours: FIRST + timedelta(hours=hours))
ELSEWHERE = INSTANTS.map(lambda at: at.astimezone(timezone(timedelta(hours=5, minutes=30))))
SPANS = st.tuples(
    st.one_of(INSTANTS, ELSEWHERE, st.just(EVER)), st.one_of(INSTANTS, ELSEWHERE, st.just(NEVER))
)


@settings(derandomize=True, deadline=None, max_examples=400)
@given(st.lists(SPANS, max_size=30), st.lists(INSTANTS, min_size=1, max_size=30))
def test_every_order_of_questions_has_the_same_answers(
    spans: list[tuple[datetime, datetime]], asked: list[datetime]
) -> None:
    dated = Dated(spans)
    for at in [*asked, *sorted(asked), *sorted(asked, reverse=True)]:
        expected = [n for n, (start, end) in enumerate(spans) if start <= at < end]
        assert list(dated.at(at)) == expected
    bounds = {bound for span in spans for bound in span} - {EVER, NEVER}
    assert dated.bounds == sorted(bounds)
    assert all(bound.tzinfo is UTC for bound in dated.bounds)


@given(st.lists(SPANS, max_size=30), st.lists(INSTANTS, min_size=1, max_size=30))
def test_the_bounds_around_an_instant_and_what_meets_a_stretch(
    spans: list[tuple[datetime, datetime]], asked: list[datetime]
) -> None:
    dated = Dated(spans)
    bounds = {bound for span in spans for bound in span} - {EVER, NEVER}
    for at in asked:
        assert dated.after(at) == min((bound for bound in bounds if bound > at), default=None)
        assert dated.before(at) == max((bound for bound in bounds if bound <= at), default=None)
        for end in asked:
            met = [n for n, (s, e) in enumerate(spans) if max(s, at) < min(e, end)]
            assert dated.meeting(at, end) == met
