"""Whom an event means whose attendees are known: they, the title, or both."""

from __future__ import annotations

import pytest

from rotation.calendars.people import Attendee, Duties, Matcher
from tests.calendars.test_titles import PEOPLE


def named(title: str, *attendees: Attendee, match: str = "attendee-or-summary") -> list[str]:
    return list(Matcher(PEOPLE, match).said(attendees, title).people)


def one(address: str, name: str = "", refused: bool = False) -> Attendee:
    return Attendee((f"mailto:{address}@example.com",), name, refused)


ALICE, BOB = one("alice"), one("bob")


@pytest.mark.parametrize(
    ("title", "attendees", "people"),
    [
        ("Duty", [ALICE, BOB], "alice bob"),
        ("On-call: Bob Smith", [ALICE, BOB], "bob"),
        ("alice -> bob", [ALICE, BOB], "bob"),
        ("bob for alice", [ALICE, BOB], "bob"),
        ("bob for alice", [ALICE], "bob"),
        ("Duty (not alice)", [ALICE, BOB], "bob"),
        ("covering for alice", [ALICE, BOB], "bob"),
        ("not alice", [ALICE], "alice"),
        # who is named and was not invited does not count
        ("carol", [ALICE, BOB], "alice bob"),
        ("alice, carol", [ALICE, BOB], "alice"),
        ("Duty", [one("alice", refused=True), BOB], "bob"),
        ("alice, bob", [one("alice", refused=True), BOB], "bob"),
        ("alice", [one("alice", refused=True), BOB], "bob"),
        ("Duty", [one("x", "Alice Jones")], "alice"),
        ("Duty", [one("x", "jones, alice")], "alice"),
        ("Duty", [Attendee(("/principals/users/7/",), "Jos\u00e9 \u00c1lvarez")], "jose"),
        ("Duty", [one("bob", "Alice Jones")], "bob"),
        # a CN that is no full name is nobody's
        ("Duty", [one("x", "alice")], ""),
        ("bob", [one("x", "alice")], "bob"),
        ("Duty", [one("x", "Alice Jones", refused=True)], ""),
        ("Duty", [ALICE, ALICE, one("x", "Alice Jones")], "alice"),
    ],
)
def test_attendees_and_the_title(title: str, attendees: list[Attendee], people: str) -> None:
    assert " ".join(named(title, *attendees)) == people


@pytest.mark.parametrize(
    ("title", "attendees", "named_"),
    [
        ("bob", [ALICE], "bob"),
        ("Duty: Bob Smith and carol", [ALICE], "bob and carol"),
        ("carol", [ALICE, BOB], "carol"),
        ("alice, bob", [ALICE], None),
        ("alice", [ALICE, BOB], None),
        ("bob for alice", [ALICE], None),
        ("alice (swap with bob)", [ALICE], None),
        ("Duty", [ALICE], None),
        ("bob", [], None),
    ],
)
def test_a_title_that_names_somebody_who_is_not_invited_is_questioned(
    title: str, attendees: list[Attendee], named_: str | None
) -> None:
    matcher = Matcher(PEOPLE, "attendee-or-summary")
    _, remarks = Duties(matcher).people(attendees, title)
    if named_ is None:
        assert remarks == []
    else:
        ((what, hint),) = remarks
        assert what.endswith(f"on duty, whom it invites, though it names {named_}")
        assert hint is not None
        assert f"invite {named_}" in hint


def test_by_attendees_alone_no_title_counts() -> None:
    assert named("bob for alice", ALICE, match="attendee") == ["alice"]
    assert named("bob", match="attendee") == []
    assert named("bob", ALICE, match="summary") == ["bob"]


def test_who_declined_and_is_named_all_the_same_is_told() -> None:
    duties = Duties(Matcher(PEOPLE, "attendee-or-summary"))
    people, ((what, _),) = duties.people([one("alice", refused=True)], "On-call: alice")
    assert people == ("alice",)
    assert "though alice declined it" in what


def test_where_everybody_declined_that_is_said() -> None:
    duties = Duties(Matcher(PEOPLE, "attendee-or-summary"))
    people, ((what, _),) = duties.people([one("alice", refused=True)], "Duty")
    assert people == ()
    assert what == "the event 'Duty' puts nobody on duty: alice declined it"
