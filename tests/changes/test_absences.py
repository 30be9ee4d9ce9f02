"""Away: who steps in, what stands in the file, and taking it back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rotation.changes.absences import away, cancel
from rotation.changes.effects import effects
from rotation.changes.trades import cover
from rotation.errors import UsageError
from tests.changes.roster_texts import NOW, after, book, hands, local, stamp, weeks

FROM, TO = local("2026-12-24T00:00"), local("2027-01-03T00:00")


def test_who_steps_in_for_which_shift() -> None:
    change = away(book(), "carol", FROM, TO, stamp())
    assert hands(change) == [("24 Dec 00:00", "28 Dec 09:00", "carol", "alice")]
    assert change.overrides_text is not None
    assert b"\nstart  = 2026-12-24\nend    = 2027-01-02\n" in change.overrides_text


def test_an_absence_that_has_begun_begins_now() -> None:
    change = away(book(), "bob", local("2026-11-20T00:00"), local("2026-11-26T00:00"), stamp())
    assert hands(change) == [("24 Nov 10:00", "26 Nov 00:00", "bob", "carol")]
    (absence,) = change.after.roster.absences
    assert (absence.start, absence.end) == (NOW, local("2026-11-26T00:00"))


def test_an_absence_without_a_duty_in_it_is_noted_too() -> None:
    change = away(book(), "dan", FROM, TO, stamp())
    assert hands(change) == []
    assert len(change.after.roster.absences) == 1


def test_everybody_away_is_a_gap_that_is_said() -> None:
    one = book()
    for person in ("alice", "bob"):
        one = after(away(one, person, FROM, TO, stamp()))
    change = away(one, "carol", FROM, TO, stamp())
    said = [problem.what for problem in effects(change, NOW)]
    assert said == [
        "nobody would be on duty as 'duty' in Thu 2026-12-24 00:00 to Sun 2027-01-03 00:00"
    ]


def test_an_override_that_puts_the_absent_on_duty_is_said() -> None:
    one = after(cover(book(), "carol", "alice", stamp()))
    change = away(one, "carol", local("2026-12-10T00:00"), local("2026-12-12T00:00"), stamp())
    (problem,) = effects(change, NOW)
    assert "carol is on duty all the same in Thu 2026-12-10 00:00" in problem.what
    assert str(problem.where) == "rosters/team.overrides.toml:1"


@pytest.mark.parametrize(
    ("person", "start", "end", "word"),
    [
        ("zed", "2026-12-24T00:00", "2026-12-25T00:00", "unknown person"),
        ("bob", "2026-12-25T00:00", "2026-12-24T00:00", "wrong way round"),
        ("bob", "2026-11-01T00:00", "2026-11-10T00:00", "the past is not changed"),
    ],
)
def test_absences_that_are_refused(person: str, start: str, end: str, word: str) -> None:
    with pytest.raises(UsageError) as caught:
        away(book(), person, local(start), local(end), stamp())
    assert word in str(caught.value)


def test_the_same_absence_twice_is_refused() -> None:
    one = after(away(book(), "bob", FROM, TO, stamp()))
    with pytest.raises(UsageError, match="already") as caught:
        away(one, "bob", local("2026-12-25T00:00"), TO, stamp())
    assert "rosters/team.overrides.toml:1" in str(caught.value)


def test_cancel() -> None:
    one = after(away(book(), "carol", FROM, TO, stamp()))
    change = cancel(one, "carol", stamp(), None, None)
    assert change.overrides_text == b""
    assert weeks(after(change)) == weeks(book())


def test_an_absence_under_way_ends_now() -> None:
    text = '[[absence]]\nperson = "bob"\nstart = 2026-11-23\nend = 2026-11-26  # the flu\n'
    change = cancel(book(overrides=text), "bob", stamp(), None, None)
    assert change.overrides_text == text.replace("2026-11-26", "2026-11-24T10:00:00Z").encode()
    assert hands(change) == [("24 Nov 10:00", "27 Nov 00:00", "carol", "bob")]
    assert "stays as it was" in change.warnings[0].what


def test_cancel_says_which_where_there_are_several() -> None:
    one = after(away(book(), "bob", FROM, TO, stamp()))
    one = after(away(one, "bob", local("2027-02-01T00:00"), local("2027-02-02T00:00"), stamp()))
    with pytest.raises(UsageError, match="bob has 2 absences"):
        cancel(one, "bob", stamp(), None, None)
    change = cancel(one, "bob", stamp(), local("2027-02-01T00:00"), local("2027-02-02T00:00"))
    assert [a.start for a in change.after.roster.absences] == [FROM]
    with pytest.raises(UsageError, match="no absence that could be taken back"):
        cancel(one, "bob", stamp(), local("2027-03-01T00:00"), local("2027-03-02T00:00"))
    with pytest.raises(UsageError, match="no absence that could be taken back"):
        cancel(one, "carol", stamp(), None, None)


def test_one_that_never_ends_is_looked_at_until_everybody_has_had_their_turns() -> None:
    friday = '[[absence]]\nperson = "bob"\nhours = ["fri"]\n'
    change = cancel(book(overrides=friday), "bob", stamp(), None, None)
    assert NOW + timedelta(days=365) <= change.end < NOW + timedelta(days=366 * 7)
    assert hands(change)[0] == ("27 Nov 00:00", "28 Nov 00:00", "carol", "bob")
    later = f"{friday}start = 2026-12-24\nend = 2027-01-02\n"
    change = cancel(book(overrides=later), "bob", stamp(), None, None)
    assert (change.start, change.end) == (FROM, TO)


def test_several_are_listed_as_they_were_written() -> None:
    text = (
        '[[absence]]\nperson = "bob"\nstart = 2026-12-24\nend = 2026-12-25\n'
        '[[absence]]\nperson = "bob"\nhours = ["fri 12:00-18:00"]\n'
        '[[absence]]\nperson = "bob"\nhours = ["sat"]\nstart = 2027-01-01\n'
    )
    with pytest.raises(UsageError) as caught:
        cancel(book(overrides=text), "bob", stamp(), None, None)
    (problem,) = caught.value.problems
    assert problem.what == (
        "bob has 3 absences: Thu 2026-12-24 00:00 to Sat 2026-12-26 00:00; fri 12:00-18:00; "
        "sat 00:00-24:00 from Fri 2027-01-01 00:00"
    )


def test_to_the_handoffs_of_the_duties_it_touches() -> None:
    # alice has 7 to 14 December
    days = local("2026-12-08T00:00"), local("2026-12-14T00:00")
    change = away(book(), "alice", *days, stamp(), whole=True)
    assert hands(change) == [("07 Dec 09:00", "14 Dec 09:00", "alice", "bob")]
    assert effects(change, NOW) == []
    # where there is no duty nothing is longer than was said, and what has begun begins now
    free = away(
        book(), "alice", local("2026-12-16T00:00"), local("2026-12-18T00:00"), stamp(), whole=True
    )
    (absence,) = free.after.roster.absences
    assert absence.end - absence.start == timedelta(days=2)
    now = away(book(), "bob", NOW, NOW + timedelta(days=1), stamp(), whole=True)
    assert hands(now) == [("24 Nov 10:00", "30 Nov 09:00", "bob", "carol")]


def test_a_stub_of_a_duty_is_named() -> None:
    days = local("2026-12-07T09:00"), local("2026-12-14T00:00")
    (problem,) = effects(away(book(), "alice", *days, stamp()), NOW)
    assert problem.what == "alice keeps Mon 2026-12-14 00:00 to Mon 2026-12-14 09:00"
    assert problem.hint == (
        "away for the whole duty: --whole, or rotation away alice 2026-12-07T09:00 2026-12-14T09:00"
    )
    # half a week is no stub, and neither is what somebody else has
    half = local("2026-12-07T09:00"), local("2026-12-11T00:00")
    assert effects(away(book(), "alice", *half, stamp()), NOW) == []
    covered = cover(book(), "dan", "alice", stamp(), start=days[1], end=local("2026-12-14T09:00"))
    assert effects(away(after(covered), "alice", *days, stamp()), NOW) == []
