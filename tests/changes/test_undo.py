"""Log and undo: exactly what was changed goes, and the past stays."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rotation.changes.absences import away
from rotation.changes.log import Effect, records
from rotation.changes.membership import join
from rotation.changes.trades import cover, swap
from rotation.changes.undo import undo
from rotation.errors import UsageError
from tests.changes.roster_texts import NOW, after, book, hands, local, stamp, weeks


def test_a_swap_is_undone_as_a_whole() -> None:
    one = after(cover(book(overrides="# ours\n"), "dan", "carol", stamp()))
    two = after(swap(one, "alice", "bob", stamp()))
    three = after(away(two, "carol", local("2027-01-01T00:00"), local("2027-01-02T00:00"), stamp()))
    id_ = three.roster.overrides[1].id or ""
    back = undo(three, id_, NOW)
    assert weeks(after(back)) == weeks(one)
    assert back.what == "undo swap alice bob"
    assert undo(two, id_, NOW).overrides_text == one.overrides_text


def test_what_is_under_way_ends_now_and_the_past_stays() -> None:
    one = after(cover(book(), "dan", "bob", stamp()))
    later = NOW + timedelta(days=2)
    change = undo(one, one.roster.overrides[0].id or "", later)
    assert hands(change) == [("26 Nov 10:00", "30 Nov 09:00", "dan", "bob")]
    (entry,) = change.after.roster.overrides
    assert (entry.start, entry.end) == (NOW, later)


def test_at_its_first_instant_a_change_has_no_past() -> None:
    one = after(cover(book(), "dan", "bob", stamp()))
    assert undo(one, one.roster.overrides[0].id or "", NOW).overrides_text == b""


def test_half_of_a_swap_that_is_over_stays() -> None:
    one = after(swap(book(), "alice", "bob", stamp()))
    change = undo(one, one.roster.overrides[0].id or "", local("2026-12-14T08:00"))
    assert hands(change) == [
        ("14 Dec 08:00", "14 Dec 09:00", "bob", "alice"),
        ("14 Dec 09:00", "21 Dec 09:00", "alice", "bob"),
    ]
    after_one = undo(one, one.roster.overrides[0].id or "", local("2026-12-14T09:00"))
    assert hands(after_one) == [("14 Dec 09:00", "21 Dec 09:00", "alice", "bob")]
    assert len(after_one.after.roster.overrides) == 1


def test_what_is_over_is_not_undone() -> None:
    one = after(swap(book(), "alice", "bob", stamp()))
    with pytest.raises(UsageError, match="the past is not changed"):
        undo(one, one.roster.overrides[0].id or "", local("2026-12-21T09:00"))
    two = after(join(book(), "dan", stamp()))
    with pytest.raises(UsageError, match="has this order since"):
        undo(two, two.roster.rotations[-1].id or "", local("2026-11-30T09:00"))


def test_an_id_that_nothing_has() -> None:
    one = after(swap(book(), "alice", "bob", stamp()))
    with pytest.raises(UsageError) as caught:
        undo(one, "beef", NOW)
    assert f"known: {one.roster.overrides[0].id}" in str(caught.value)


def test_an_edited_file_is_still_the_same_entries() -> None:
    one = after(swap(book(), "alice", "bob", stamp()))
    assert one.overrides_text is not None
    text = one.overrides_text.replace(b'in    = "bob"', b'in = "carol"  # bob is ill')
    change = undo(book(overrides=text), one.roster.overrides[0].id or "", NOW)
    assert change.overrides_text == b""


def test_records() -> None:
    by_hand = '[[override]]\nstart = 2026-10-01\nend = 2026-10-02\nout = "bob"\nin = "dan"\n'
    one = after(swap(book(overrides=by_hand), "alice", "bob", stamp()))
    one = after(cover(one, "dan", "bob", stamp(NOW + timedelta(hours=1))))
    one = after(join(one, "dan", stamp(NOW + timedelta(hours=2))))
    one = after(join(one, "erin", stamp(NOW + timedelta(hours=3)), emails=["e@example.com"]))
    found = [(r.what, r.by, r.state) for r in records(one.loaded, NOW + timedelta(hours=4))]
    assert found == [
        ("dan for bob", None, Effect.OVER),
        ("swap alice bob", "root", Effect.IDLE),  # their weeks are others' since people joined
        ("cover dan for bob", "root", Effect.NOW),
        ("join dan", "root", Effect.REPLACED),
        ("join erin", "root", Effect.TO_COME),
    ]


def test_ids_are_never_used_twice() -> None:
    one = book()
    for _ in range(8):
        one = after(swap(one, "alice", "bob", stamp()))
    ids = [override.id for override in one.roster.overrides]
    assert len(set(ids)) == 8
    assert all(id_ is not None and len(id_) == 4 for id_ in ids)


def test_an_override_that_no_longer_does_anything_is_logged_as_such() -> None:
    one = after(cover(book(), "dan", "alice", stamp()))
    assert [r.state for r in records(one.loaded, NOW)] == [Effect.TO_COME]
    moved = after(join(one, "dan", stamp(), after="carol"))  # alice's week is dan's own now
    assert [r.state for r in records(moved.loaded, NOW)] == [Effect.IDLE, Effect.TO_COME]


def test_somebody_whom_later_changes_name_is_not_forgotten_before_them() -> None:
    joined = after(join(book(), "eve", stamp(), emails=["eve@example.com"]))
    swapped = after(swap(joined, "eve", "alice", stamp()))
    gone = local("2027-03-01T00:00"), local("2027-03-02T00:00")
    last = after(away(swapped, "eve", *gone, stamp()))
    ids = [entry.id or "" for entry in (*last.roster.overrides[:1], *last.roster.absences)]
    first = next(r.id for r in last.roster.rotations if r.id) or ""
    with pytest.raises(UsageError) as caught:
        undo(last, first, NOW)
    assert [problem.hint for problem in caught.value.problems] == [
        f"rotation undo {ids[1]} first", f"rotation undo {ids[0]} first"
    ]  # fmt: skip
    assert {p.what for p in caught.value.problems} == {
        "eve would not be in team any more, and is named here"
    }
    # as the hints say, in their order
    one = after(undo(last, ids[1], NOW))
    two = after(undo(one, ids[0], NOW))
    assert after(undo(two, first, NOW)).roster_text == book().roster_text


def test_what_somebody_wrote_by_hand_is_pointed_at() -> None:
    joined = after(join(book(), "eve", stamp(), emails=["eve@example.com"]))
    first = next(r.id for r in joined.roster.rotations if r.id) or ""
    over = '[[absence]]\nperson = "eve"\nstart = 2026-11-02\nend = 2026-11-03\n'
    to_come = '[[override]]\nstart = 2027-05-03T09:00:00Z\nend = 2027-05-04T09:00:00Z\nin = "eve"\n'
    more = (
        b'\n[[rotation]]\nname = "more"\npeople = ["eve"]\nevery = "1 week"\nstart = 2027-01-04\n'
    )
    by_hand = book((joined.roster_text or b"") + more, over + to_come)
    with pytest.raises(UsageError) as caught:
        undo(by_hand, first, NOW)
    assert [problem.hint for problem in caught.value.problems] == [
        "take that out of the file first",
        "that is over and stays: rotation leave eve, in place of undo",
        "take that out of the file first",
    ]
    assert [str(problem.where) for problem in caught.value.problems] == [
        "rosters/team.toml:32", "rosters/team.overrides.toml:1", "rosters/team.overrides.toml:5"
    ]  # fmt: skip
