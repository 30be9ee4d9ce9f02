"""Swaps and covers that a new order takes from their turns: named, and moved with them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time

import pytest

from rotation.changes.assign import assign
from rotation.changes.book import Book, Change
from rotation.changes.effects import effects
from rotation.changes.log import Effect, records, remembered
from rotation.changes.membership import join, leave
from rotation.changes.moved import movable, moved
from rotation.changes.trades import cover, swap
from rotation.changes.turns import change
from rotation.changes.undo import undo
from rotation.errors import RosterError, UsageError
from tests.changes.roster_texts import NOW, after, book, local, served, stamp, weeks

TRADED = after(swap(book(), "alice", "bob", stamp()))
FEBRUARY = local("2027-02-01T00:00")


def said(done: Change) -> str:
    return "\n".join(f"{problem.what} | {problem.hint}" for problem in effects(done, NOW))


def test_a_swap_moves_with_its_turns() -> None:
    assert weeks(TRADED, 6) == "bob carol bob alice carol alice"
    done = join(TRADED, "dan", stamp())
    assert weeks(after(done), 6) == "bob carol dan alice bob carol"  # the swap is lost
    assert "an override would no longer do anything: swap alice bob" in said(done)
    assert "to move it with their turns: --move" in said(done)
    better = moved(done, NOW)
    assert weeks(after(better), 8) == "bob carol dan bob alice carol dan alice"
    assert said(better) == ""
    assert better.notes[1] == (
        "moved: swap alice bob: Mon 2026-12-07 09:00 to Mon 2026-12-14 09:00 is now "
        "Mon 2026-12-14 09:00 to Mon 2026-12-21 09:00"
    )
    # under the id that it had
    ids = {o.id for o in better.after.roster.overrides}
    assert ids == {o.id for o in TRADED.roster.overrides}
    assert [r.what for r in records(after(better).loaded, NOW)] == ["swap alice bob", "join dan"]


def test_a_cover_moves_with_its_turn_when_somebody_leaves() -> None:
    agreed = after(cover(book(), "dan", "alice", stamp()))
    done = leave(agreed, "carol", stamp())
    assert weeks(after(done), 4) == "bob alice bob alice"
    assert "--move" in said(done)
    assert weeks(after(moved(done, NOW)), 4) == "bob dan bob alice"


def test_another_handoff_moves_what_was_agreed_on() -> None:
    done = change(TRADED, "weekly", stamp(), start=local("2026-11-26T00:00"), handoff=time(17))
    assert "is not a handoff any more" in said(done)
    assert "--move" in said(done)
    better = after(moved(done, NOW))
    assert served(better, "2026-12-07T16:00", "2026-12-07T18:00", "2026-12-14T18:00") == [
        "carol",
        "bob",
        "alice",
    ]


def test_what_is_tied_to_a_date_and_what_keeps_its_turns_stays() -> None:
    day = (local("2026-12-24T00:00"), local("2026-12-27T00:00"))
    christmas = after(assign(TRADED, ["dan"], *day, stamp()))
    done = join(christmas, "dan", stamp())
    (only,) = movable(done, NOW)
    assert [entry.note for entry in only.before] == ["swap alice bob"] * 2
    assert served(after(moved(done, NOW)), "2026-12-25T12:00") == ["dan"]
    later = join(TRADED, "dan", stamp(), start=FEBRUARY)
    assert movable(later, NOW) == []
    assert moved(later, NOW) is later


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_what_cannot_be_moved_is_only_named(who: str) -> None:
    done = leave(TRADED, who, stamp())  # one of the two has no such turn any more
    assert movable(done, NOW) == []
    assert "--move" not in said(done)
    assert "swap alice bob" in said(done)


def test_a_part_of_a_duty_stays_where_it_is() -> None:
    part = (local("2026-12-08T00:00"), local("2026-12-09T00:00"))
    agreed = after(cover(book(), "dan", "alice", stamp(), start=part[0], end=part[1]))
    assert movable(join(agreed, "dan", stamp()), NOW) == []


def _reordered(start: Book) -> Change:
    order = (("bob",), ("carol",), ("alice",))
    return change(start, "weekly", stamp(), start=local("2026-12-01T00:00"), turns=order)


@pytest.mark.parametrize(
    "made",
    [
        lambda start: join(start, "dan", stamp(), after="bob"),
        lambda start: leave(start, "carol", stamp()),
        _reordered,
        lambda start: change(
            start, "weekly", stamp(), start=local("2026-11-26T00:00"), handoff=time(17)
        ),
    ],
)
def test_undo_moves_back_exactly_what_a_new_order_moved(made: Callable[[Book], Change]) -> None:
    agreed = after(cover(TRADED, "carol", "bob", stamp(), start=FEBRUARY))  # after the swap
    done = moved(made(agreed), NOW)
    assert done.notes[-1].startswith("moved: ")
    again = after(done)
    back = remembered(undo(again, done.id or "", NOW), stamp())
    assert weeks(after(back), 20) == weeks(agreed, 20)
    assert after(back).roster_text == agreed.roster_text
    # the very entries in their order, and a record of the order alone
    assert after(back).roster.overrides == agreed.roster.overrides
    assert (back.overrides_text or b"").startswith(agreed.overrides_text or b"-")
    assert [entry.id for entry in back.after.roster.undone] == [done.id]
    assert "moved back: swap alice bob: " in "\n".join(back.notes)
    assert "--move" not in said(back)
    states = {r.id: r.state for r in records(after(back).loaded, NOW)}
    assert states[TRADED.roster.overrides[0].id] is Effect.TO_COME


def test_a_swap_that_was_moved_twice_goes_back_step_by_step() -> None:
    once = moved(join(TRADED, "dan", stamp()), NOW)
    twice = moved(leave(after(once), "carol", stamp()), NOW)
    assert len(twice.after.roster.overrides[0].moved) == 2
    with pytest.raises(UsageError, match="another order since"):
        undo(after(twice), once.id or "", NOW)
    back = after(undo(after(twice), twice.id or "", NOW))
    assert back.roster == once.after.roster
    assert after(undo(back, once.id or "", NOW)).overrides_text == TRADED.overrides_text


@pytest.mark.parametrize("later", [["abcd"], ["abcd", "beef"], ["abcd", "beef", "0123"]])
def test_what_was_moved_again_by_another_rotation_is_not_taken_back_first(
    later: list[str],
) -> None:
    once = after(moved(join(TRADED, "dan", stamp()), NOW))
    id_ = once.roster.rotations[-1].id or ""
    places = "".join(f', "{by} 2026-12-14T09:00:00Z 2026-12-21T09:00:00Z"' for by in later)
    text = (once.overrides_text or b"").replace(
        b'14T09:00:00Z"]', f'14T09:00:00Z"{places}]'.encode()
    )
    with pytest.raises(UsageError, match="was moved again since") as caught:
        undo(book(once.roster_text, text), id_, NOW)
    assert f"rotation undo {later[-1]} first" in str(caught.value)


def test_what_was_agreed_on_since_and_an_undo_takes_from_its_turns_is_named() -> None:
    joined = join(book(), "dan", stamp())
    agreed = after(swap(after(joined), "alice", "dan", stamp()))
    back = undo(agreed, joined.id or "", NOW)
    assert "swap alice dan" in said(back)
    assert "--move" not in said(back)
    assert movable(back, NOW) == []


@pytest.mark.parametrize(
    "place",
    [
        "be9d",
        "be9d 2026-12-07 2026-12-14",
        "be9d x y",
        "be9d 0001-01-01T00:00:00+14:00 2026-12-14T09:00:00Z",
    ],
)
def test_a_place_that_is_none_is_named_by_its_line(place: str) -> None:
    text = f"""[[override]]
start = 2026-12-07T09:00:00Z
end = 2026-12-14T09:00:00Z
out = "alice"
in = "bob"
moved = ["{place}"]
"""
    with pytest.raises(RosterError) as caught:
        book(overrides=text)
    (problem,) = caught.value.problems
    assert problem.where is not None
    assert problem.where.line == 6
