"""Changes on random rosters: what must hold whatever the roster."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from rotation.changes.absences import away
from rotation.changes.book import Book, Change, Stamp
from rotation.changes.membership import join, leave
from rotation.changes.trades import cover, swap
from rotation.changes.undo import undo
from rotation.errors import UsageError
from rotation.schedule.difference import without_absences
from rotation.schedule.duties import upcoming
from rotation.schedule.loaded import Loaded
from tests.changes.roster_texts import after
from tests.drawn import few, pick
from tests.schedule.oracle_spec import overrides_toml, roster_toml
from tests.schedule.parts import PEOPLE
from tests.schedule.rosters import ROSTER, Asked, exceptional, load, mixed

profile = settings(
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=40,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
LOOK = timedelta(days=15)
person = st.sampled_from(PEOPLE)
When = tuple[datetime, datetime, frozenset[str]]
Cut = tuple[datetime, set[str], set[str]]


def book_of(ask: Asked) -> Book:
    roster = load(ask.spec)
    dated = overrides_toml(ask.spec).encode()
    return Book(Loaded(roster), roster_toml(ask.spec).encode(), dated)


def timeline(loaded: Loaded, start: datetime, end: datetime) -> list[When]:
    found: list[When] = []
    for shift in loaded.known_schedule("duty").between(start, end):
        people = frozenset(shift.people)
        assert shift.start
        assert shift.end
        if found and found[-1][2] == people:
            found[-1] = (found[-1][0], shift.end, people)
        else:
            found.append((shift.start, shift.end, people))
    return found


def both(change: Change, start: datetime, end: datetime) -> tuple[list[When], list[When]]:
    """Who is on duty before and after the change."""
    return timeline(change.book.loaded, start, end), timeline(change.after, start, end)


def cuts(change: Change, start: datetime, end: datetime) -> list[Cut]:
    """Stretches of time with who is on duty in them before and after the change."""
    return cut(*both(change, start, end))


def cut(old: list[When], new: list[When]) -> list[Cut]:
    """Stretches of time with who is on duty in them in both."""
    marks = sorted({s for s, _, _ in (*old, *new)})
    found: list[Cut] = []
    for mark in marks:
        before, after_it = (
            next(people for s, e, people in line if s <= mark < e) for line in (old, new)
        )
        found.append((mark, set(before), set(after_it)))
    return found


def hours(line: list[When], key: str) -> timedelta:
    return sum((e - s for s, e, people in line if key in people), timedelta())


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Asked, str, str]:
    """Two people, most of them such as have duties to trade and are not away."""
    ask = draw(exceptional())
    away = {absence.person for absence in ask.spec.aways}
    serving = {key for rot in ask.spec.rotations for turn in rot.turns for key in turn}
    there = sorted(serving - away)
    anybody = len(there) < 2 or pick(draw, (False, False, False, True))
    one, other = few(draw, PEOPLE if anybody else there, 2, 2)
    return ask, one, other


def the_past_is_the_same(change: Change, now: datetime) -> None:
    start = now - LOOK
    assert timeline(change.book.loaded, start, now) == timeline(change.after, start, now)


@given(pairs())
@profile
def test_swap(drawn: tuple[Asked, str, str]) -> None:
    ask, one, other = drawn
    book, now = book_of(ask), ask.begin
    try:
        change = swap(book, one, other, Stamp("root", now))
    except UsageError:
        assume(False)
        return
    the_past_is_the_same(change, now + datetime.resolution)
    # the place of somebody who is away stays theirs to trade
    present = without_absences(book.loaded, one, other)
    schedule = present.known_schedule("duty")
    mine, theirs = (next(upcoming(schedule, p, now)) for p in (one, other))
    start, end = min(mine.start, theirs.start) - LOOK, max(mine.end, theirs.end) + LOOK
    assume(not any(a.person in (one, other) for a in book.roster.absences))
    lines = both(change, start, end)
    for at, old, new in cut(*lines):
        in_mine = any(s <= at < e for s, e in mine.pieces)
        in_theirs = any(s <= at < e for s, e in theirs.pieces)
        wanted = old
        if in_mine:
            wanted = old - {one} | {other}
        if in_theirs:
            wanted = old - {other} | {one}
        assert new == wanted
        assert len(new) == len(old)
    length = [sum((e - s for s, e in d.pieces), timedelta()) for d in (mine, theirs)]
    for key, lost, won in ((one, length[0], length[1]), (other, length[1], length[0])):
        before, later = (hours(line, key) for line in lines)
        assert later == before - lost + won
    id_ = change.after.roster.overrides[-1].id or ""
    assert undo(after(change), id_, now).overrides_text == (book.overrides_text or b"")


@given(exceptional(), person, person, st.integers(0, 3000), st.integers(1, 3000))
@profile
def test_cover(ask: Asked, taker: str, absent: str, wait: int, length: int) -> None:
    book, now = book_of(ask), ask.begin
    start = now + timedelta(minutes=wait)
    end = start + timedelta(minutes=length)
    try:
        change = cover(book, taker, absent, Stamp("root", now), start=start, end=end)
    except UsageError:
        assume(False)
        return
    present = without_absences(book.loaded, absent)
    there = timeline(present, now - LOOK, end + LOOK)
    gone = any(a.person == absent for a in book.roster.absences)
    for at, old, new in cuts(change, now - LOOK, end + LOOK):
        serving = next(people for s, e, people in there if s <= at < e)
        if start <= at < end and absent in serving:
            assert new == (serving - {absent}) | {taker}
        elif not gone:
            assert new == old
    id_ = change.after.roster.overrides[-1].id or ""
    assert undo(after(change), id_, now).overrides_text == (book.overrides_text or b"")


@given(exceptional(), person, st.integers(0, 3000), st.integers(1, 9000))
@profile
def test_away(ask: Asked, absent: str, wait: int, length: int) -> None:
    book, now = book_of(ask), ask.begin
    start = now + timedelta(minutes=wait)
    end = start + timedelta(minutes=length)
    try:
        change = away(book, absent, start, end, Stamp("root", now))
    except UsageError:
        assume(False)
        return
    the_past_is_the_same(change, now)
    assert timeline(book.loaded, end, end + LOOK) == timeline(change.after, end, end + LOOK)
    id_ = change.after.roster.absences[-1].id or ""
    assert undo(after(change), id_, now).overrides_text == (book.overrides_text or b"")


@given(mixed(), person)
@profile
def test_join_and_leave(ask: Asked, anchor: str) -> None:
    book, now = book_of(ask), ask.begin
    name = book.roster.rotations[0].name
    people = book.roster_text.replace(b"[people]\n", b'[people]\nnew = "new@example.com"\n')
    from rotation.roster.parse import parse

    book = Book(Loaded(parse(people, ROSTER, book.overrides_text)), people, book.overrides_text)
    try:
        change = join(book, "new", Stamp("root", now), after=anchor, rotation=name)
    except UsageError:
        assume(False)
        return
    joined = after(change)
    the_past_is_the_same(change, change.start)
    assert change.start > now
    back = leave(joined, "new", Stamp("root", now), rotation=name)
    end = now + 2 * LOOK
    assert timeline(back.after, now - LOOK, end) == timeline(book.loaded, now - LOOK, end)
    id_ = joined.roster.rotations[-1].id or ""
    assert undo(joined, id_, now).roster_text == people
