"""What is news to one person: the rules that a whole run seldom needs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from rotation.notify.news import KEPT, News, ToldNews, news
from rotation.notify.personal import PersonalDuty

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
UNTIL = NOW + timedelta(days=90)
WEEK = timedelta(days=7)


def duty(name: str, start: int, end: int, sequence: int = 0, role: str = "duty") -> PersonalDuty:
    """A duty from some hours after NOW to others."""
    hour = timedelta(hours=1)
    return PersonalDuty(name, role, NOW + start * hour, NOW + end * hour, sequence)


def told(known: Sequence[PersonalDuty], duties: Sequence[PersonalDuty], **gone: int) -> News:
    last = ToldNews(
        NOW - timedelta(minutes=5),
        UNTIL - timedelta(minutes=5),
        tuple(known),
        {uid: (number, NOW) for uid, number in gone.items()},
    )
    return news(last, duties, NOW, UNTIL, (), handoffs=True)


def test_the_same_time_in_other_pieces_is_no_news() -> None:
    known = [duty("a", 10, 20), duty("b", 20, 30)]
    for now in ([duty("x", 10, 30)], [duty("x", 10, 15), duty("y", 15, 30)], known[::-1]):
        found = told(known, now)
        assert not found
        assert sorted(one.uid for one in found.after.duties) == ["a", "b"]
    later = duty("late", 24 * 90 - 1, 24 * 91)
    found = told(known, [duty("x", 10, 30), later])
    assert later.start < UNTIL - timedelta(minutes=5)
    assert [one.uid for one in found.added] == ["late"]


def test_a_duty_in_other_pieces_goes_on_beyond_what_was_looked_at() -> None:
    """It was known as far as that piece lasted; that there is more of it was no news, nor is it
    when that comes into view."""
    day = 24
    known = [duty("a", 10, 50 * day), duty("b", 50 * day, 91 * day)]
    for now in (
        [duty("x", 10, 100 * day)],
        [duty("x", 10, 80 * day), duty("b", 80 * day, 95 * day), duty("y", 95 * day, 100 * day)],
    ):
        seen = told(known, now)
        assert not seen
        for days in (2, 6, 20):
            at = timedelta(days=days)
            seen = news(seen.after, now, NOW + at, UNTIL + at, (), handoffs=False)
            assert not seen, days
    gone = news(told(known, [duty("x", 10, 100 * day)]).after, [], NOW, UNTIL, (), handoffs=False)
    assert [duty.uid for duty in gone.removed] == ["a", "b"]


def test_another_role_is_another_duty() -> None:
    known = [duty("a", 10, 20), duty("b", 20, 30, role="backup")]
    found = told(known, [duty("a", 10, 20), duty("c", 20, 30)])
    assert [one.role for one in found.added] == ["duty"]
    assert [one.role for one in found.removed] == ["backup"]


def test_a_sequence_rises_whatever_the_event_s_own_is() -> None:
    found = told([duty("a", 10, 20, 7)], [duty("a", 10, 25, 1)])
    assert [one.sequence for one in found.requests] == [8]
    found = told([], [duty("a", 10, 20, 1)], a=9)
    assert [one.sequence for one in found.requests] == [10]
    found = told([duty("a", 10, 20, 7)], [])
    assert [one.sequence for one in found.cancels] == [8]
    assert found.after.gone["a"][0] == 8
    assert told([], [], a=3).after.gone == {"a": (3, NOW)}


def test_what_was_taken_out_is_forgotten_in_the_end() -> None:
    last = ToldNews(NOW, UNTIL, (), {"a": (3, NOW)})
    late = NOW + KEPT + timedelta(seconds=1)
    assert news(last, [], late, late + WEEK, (), handoffs=True).after.gone == {}


def test_a_clock_that_goes_back_repeats_nothing() -> None:
    duties = [duty("a", -10, 20), duty("b", 30, 40)]
    last = ToldNews(NOW + timedelta(hours=8), UNTIL, tuple(duties))
    found = news(last, duties, NOW, UNTIL, (timedelta(hours=25),), handoffs=True)
    assert not found
    assert found.after.at == last.at


def test_what_is_over_is_no_news() -> None:
    found = told([duty("a", -30, -1), duty("b", -1, 5)], [duty("b", -1, 5)])
    assert not found
    assert [one.uid for one in found.after.duties] == ["b"]
    assert not told([], [duty("a", -30, -1)])
