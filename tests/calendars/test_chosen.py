"""Which events count: `only` and `ignore`, by title or category, and in silence."""

from __future__ import annotations

import pytest

from rotation.calendars.read import Reading, read
from tests.calendars.feeds import BERLIN, PEOPLE, calendar, instant

WHEN = ["DTSTART:20260105T090000Z", "DURATION:PT1H"]


def chosen(*events: list[str], only: tuple[str, ...] = (), ignore: tuple[str, ...] = ()) -> Reading:
    return read(
        calendar(*events),
        zone=BERLIN,
        people=PEOPLE,
        start=instant("2026-01-01T00:00Z"),
        end=instant("2027-01-01T00:00Z"),
        only=only,
        ignore=ignore,
    )


@pytest.mark.parametrize(
    ("labels", "only", "ignore", "counts"),
    [
        (["SUMMARY:alice"], (), (), True),
        (["SUMMARY:On-Call: alice"], ("on-call",), (), True),
        (["SUMMARY:on-call: alice"], ("ON-CALL", "x"), (), True),
        (["SUMMARY:alice"], ("on-call",), (), False),
        (["SUMMARY:alice", "CATEGORIES:Work,ON-CALL"], ("on-call",), (), True),
        (["SUMMARY:alice", "CATEGORIES:Work", "CATEGORIES:On-call"], ("on-call",), (), True),
        (["SUMMARY:alice", "CATEGORIES:Work"], (), ("work",), False),
        (["SUMMARY:alice W\u00c4RTER"], ("w\u00e4rter",), (), True),
        (["SUMMARY:alice Wa\u0308rter"], ("W\u00e4rter",), (), True),
        (["SUMMARY:Stra\u00dfe alice"], ("STRASSE",), (), True),
        (["SUMMARY:duty  of\\, alice"], ("duty of, alice",), (), True),
        (["SUMMARY:duty alice (PTO)"], ("duty",), ("pto",), False),
        (["SUMMARY:duty alice"], ("duty",), ("pto",), True),
        # attendees make no difference to whether an event counts
        (["SUMMARY:x", "ATTENDEE:mailto:alice@example.com"], ("duty",), (), False),
        (["SUMMARY:duty", "ATTENDEE:mailto:alice@example.com"], ("duty",), (), True),
        (["ATTENDEE:mailto:alice@example.com"], ("duty",), (), False),
        (["DESCRIPTION:duty", "SUMMARY:alice"], ("duty",), (), False),
    ],
)
def test_the_words_of_a_title_or_a_category(
    labels: list[str], only: tuple[str, ...], ignore: tuple[str, ...], counts: bool
) -> None:
    found = chosen([*labels, *WHEN], only=only, ignore=ignore)
    assert len(found.occurrences) == counts
    assert found.damages == ()


TITLE = "SUMMARY:Standup vacation 1:1 nobody"


@pytest.mark.parametrize(
    "event",
    [
        *([TITLE, *WHEN], [TITLE], [TITLE, "DTSTART:yesterday"], [TITLE, WHEN[0]]),
        [TITLE, WHEN[0], "DTEND:20260105T080000Z"],
        [TITLE, *WHEN, "RRULE:FREQ=SOMETIMES"],
        [TITLE, *WHEN, "RRULE:FREQ=SECONDLY"],
        [TITLE, *WHEN, "BEGIN:VALARM"],
        [TITLE, "DTSTART;TZID=Nowhere:20260105T090000"],
        [TITLE, *WHEN, "X", "DTSTART"],
    ],
)
def test_what_is_left_out_is_left_out_in_silence(event: list[str]) -> None:
    duty = ["SUMMARY:duty alice", *WHEN]
    assert chosen(event, duty).damages
    for found in (chosen(event, duty, only=("duty",)), chosen(event, duty, ignore=("standup",))):
        assert len(found.occurrences) == 1
        assert found.damages == ()


def test_of_a_series_every_day_is_judged_by_its_own_title() -> None:
    series = ["UID:1", "SUMMARY:duty alice", *WHEN, "RRULE:FREQ=DAILY;COUNT=3"]
    day = ["UID:1", "DTSTART:20260106T090000Z", "DURATION:PT1H", "RECURRENCE-ID:20260106T090000Z"]
    found = chosen(series, [*day, "SUMMARY:alice on leave"], ignore=("leave",))
    assert [one.start.day for one in found.occurrences] == [5, 7]
    other = chosen(series, [*day, "SUMMARY:trip"], only=("trip", "duty"))
    assert [one.start.day for one in other.occurrences] == [5, 7]
    assert "names nobody known" in other.damages[0].what
    lone = chosen([*series[:1], "SUMMARY:party", *series[2:]], [*day, "SUMMARY:duty bob"])
    assert len(lone.damages) == 1
    only = chosen(
        [*series[:1], "SUMMARY:party", *series[2:]], [*day, "SUMMARY:duty bob"], only=("duty",)
    )
    assert [(one.start.day, one.people) for one in only.occurrences] == [(6, ("bob",))]
    assert only.damages == ()


def test_an_older_event_of_the_same_uid_is_told_only_if_it_counts() -> None:
    old = ["UID:1", "SUMMARY:duty alice", "DTSTAMP:20260101T000000Z", *WHEN]
    new = ["UID:1", "SUMMARY:duty bob", "DTSTAMP:20260102T000000Z", "DTSTART:20260201T090000Z"]
    found = chosen(old, [*new, "DURATION:PT1H"])
    assert [one.people for one in found.occurrences] == [("bob",)]
    assert "is newer" in found.damages[0].what
    assert chosen(old, [*new, "DURATION:PT1H"], ignore=("alice",)).damages == ()
    # another revision is another matter: it was meant to take its place
    assert chosen(old, [*new, "DURATION:PT1H", "SEQUENCE:1"]).damages == ()
