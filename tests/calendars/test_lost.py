"""A calendar that had duties and has none at all any more, from an address and from a file."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.calendars.feeds import calendar
from tests.calendars.places import DAY, HOUR, MINUTE, NOW, SECRET, Place
from tests.host.web_server import DUTY, Site

EMPTY = calendar()
BUSY = DUTY.replace(b"SUMMARY:alice", b"SUMMARY:Busy").replace(b"SUMMARY:bob", b"SUMMARY:Busy")
OFF = DUTY.replace(b"END:VEVENT", b"STATUS:CANCELLED\r\nEND:VEVENT")
PAST = calendar(["SUMMARY:bob", "DTSTART:20260105T090000Z", "DURATION:P7D"])
NOBODY = [EMPTY, BUSY, OFF]


class Source:
    """The team's calendar at an address or in a file, to be changed."""

    def __init__(self, place: Place, web: Site, kind: str) -> None:
        self.place, self.web, self.kind = place, web, kind
        self.say(DUTY)
        self.roster("")

    def roster(self, more: str) -> None:
        self.place.write(self.web.url(SECRET) if self.kind == "address" else "duty.ics", more)

    def say(self, data: bytes) -> None:
        self.web.serve(SECRET, data)
        (self.place.folder / "duty.ics").write_bytes(data)

    def run(self, *words: str, **more: Any) -> Any:
        return self.place.run(*words, **more)


@pytest.fixture(params=["address", "file"])
def source(request: pytest.FixtureRequest, place: Place, web: Site) -> Source:
    return Source(place, web, request.param)


@pytest.mark.parametrize("nothing", NOBODY, ids=["empty", "free and busy", "cancelled"])
def test_its_last_good_copy_counts_until_it_is_stale(source: Source, nothing: bytes) -> None:
    source.run("apply")
    assert source.place.held() == "alice@example.com"
    source.say(nothing)
    for after in (HOUR, 2 * HOUR, 2 * DAY):
        done = source.run("apply", now=NOW + after)
        assert "nobody has any duty in it any more" in done.stderr
        assert "ago is used" in done.stderr
        assert source.place.held() == "alice@example.com"
    # the next handoff is made from the copy
    assert "duty: alice" in source.run("who", now=NOW + 3 * DAY).stdout
    done = source.run("apply", now=NOW + 5 * DAY, status=3)
    assert "is not used after 3 days" in done.stderr
    assert source.place.held() == "alice@example.com"
    done = source.run("who", now=NOW + 5 * DAY, status=1)
    assert "nobody has any duty in it any more" in done.stderr
    source.say(DUTY)
    done = source.run("apply", now=NOW + 7 * DAY)
    assert done.stderr == ""
    assert source.place.held() == "bob@example.com"
    # a fault that is over is forgotten: the next one has its own three days
    source.say(nothing)
    assert "ago is used" in source.run("apply", now=NOW + 8 * DAY).stderr


def test_the_roster_says_for_how_long(source: Source) -> None:
    source.roster('stale = "2 hours"')
    source.run("apply")
    source.say(EMPTY)
    source.run("apply", now=NOW + 5 * MINUTE)
    source.run("apply", now=NOW + 2 * HOUR)
    source.run("apply", now=NOW + 2 * HOUR + 10 * MINUTE, status=3)


def test_a_calendar_whose_events_are_all_over_is_not_empty(source: Source) -> None:
    source.run("apply")
    source.say(PAST)
    done = source.run("apply", now=NOW + HOUR)
    assert done.stderr == ""
    assert source.place.held() == "managers@example.com"


def test_what_was_over_anyway_is_not_lost(source: Source) -> None:
    # programs that leave out what is past export an empty calendar in the end
    source.say(PAST)
    source.run("apply")
    source.say(EMPTY)
    done = source.run("apply", now=NOW + HOUR)
    assert done.stderr == ""
    assert "duty: nobody" in source.run("who", now=NOW + HOUR, status=1).stdout
    # and so is what is over by now, though it was not when the calendar became empty
    source.say(DUTY)
    source.run("apply", now=NOW + 2 * HOUR)
    source.say(EMPTY)
    source.run("apply", now=NOW + 2 * DAY)
    source.roster('stale = "60 days"')
    assert "ago is used" in source.run("apply", now=NOW + 12 * DAY).stderr
    assert source.run("apply", now=NOW + 14 * DAY).stderr == ""


def test_one_that_never_had_duties_is_believed(source: Source) -> None:
    source.say(EMPTY)
    assert source.run("apply").stderr == ""
    assert source.place.held() == "managers@example.com"


def test_people_who_leave_the_roster_are_no_fault_of_the_calendar(source: Source) -> None:
    source.run("apply")
    text = source.place.roster.read_text()
    people = text.replace("alice = ", "carol = ").replace("bob = ", "dan = ")
    source.place.roster.write_text(people)
    done = source.run("apply", now=NOW + HOUR)
    assert "names nobody known" in done.stderr
    assert "any more" not in done.stderr


def test_only_and_ignore_say_what_a_duty_is(source: Source) -> None:
    source.roster('only = ["alice", "bob"]')
    source.run("apply")
    source.say(DUTY.replace(b"alice", b"x").replace(b"bob", b"y") + PAST.replace(b"bob", b"z"))
    assert "any more" in source.run("apply", now=NOW + HOUR).stderr


def test_calendars_of_other_folders_are_others(place: Place, web: Site, tmp_path: Path) -> None:
    source = Source(place, web, "file")
    source.run("apply")
    other = tmp_path / "other"
    other.mkdir()
    (other / "team.toml").write_text(place.roster.read_text())
    (other / "duty.ics").write_bytes(EMPTY)
    before, place.roster = place.roster, other / "team.toml"
    assert source.run("who", status=1).stderr == ""
    place.roster = before


@pytest.mark.parametrize("suffix", ["useful", "since"])
@pytest.mark.parametrize("data", [b"", b"{}", b"[1]\n", b"\xff\xfe", b'{"digest": 1}'])
def test_notes_of_a_file_that_are_damaged_do_no_harm(
    place: Place, web: Site, suffix: str, data: bytes
) -> None:
    source = Source(place, web, "file")
    source.run("apply")
    (note,) = place.state.glob(f"*.{suffix}")
    note.write_bytes(data)
    assert source.run("apply", now=NOW + HOUR).stderr == ""
    note.write_bytes(data)
    source.say(EMPTY)
    assert source.run("apply", now=NOW + 2 * HOUR).stderr == ""


@pytest.mark.parametrize("lost", [False, True])
def test_that_it_is_still_asked_for_is_noted_once_a_month(
    place: Place, web: Site, *, lost: bool
) -> None:
    source = Source(place, web, "file")
    source.roster('stale = "100 days"')
    source.say(
        calendar(["SUMMARY:bob", "DTSTART:20260105T090000Z", "DURATION:P7D", "RRULE:FREQ=WEEKLY"])
    )
    source.run("apply")
    (note,) = place.state.glob("*.since")
    if lost:
        source.say(EMPTY)
        source.run("apply", now=NOW + HOUR)
    written = []
    for days in (1, 29, 32, 33, 63):
        source.run("apply", now=NOW + days * DAY)
        written.append(note.read_text())
    assert written[0] == written[1] != written[2] == written[3] != written[4]
    said = source.run("apply", now=NOW + 64 * DAY).stderr
    assert ("what it said 63 days ago is used" in said) == lost  # that is not counted anew


def test_the_copy_of_an_address_that_is_damaged_does_no_harm(place: Place, web: Site) -> None:
    source = Source(place, web, "address")
    source.run("apply")
    (copy,) = place.state.glob("*.calendar")
    head, _, _ = copy.read_bytes().partition(b"\n")
    copy.write_bytes(head + b"\nno calendar any more")
    source.say(EMPTY)
    assert source.run("apply", now=NOW + HOUR).stderr == ""
    assert place.held() == "managers@example.com"


def test_a_state_folder_that_cannot_be_written_costs_nothing(place: Place, web: Site) -> None:
    source = Source(place, web, "file")
    place.state.write_text("a file")
    done = source.run("who")
    assert "duty: alice" in done.stdout
    assert done.stderr == ""


def test_what_one_role_loses_costs_another_nothing(place: Place, web: Site) -> None:
    both = calendar(
        ["UID:1", "SUMMARY:duty alice", "DTSTART:20261123T090000Z", "DTEND:20261130T090000Z"],
        ["UID:2", "SUMMARY:backup bob", "DTSTART:20261123T090000Z", "DTEND:20261130T090000Z"],
    )
    web.serve(SECRET, both)
    backup = f'[[rotation]]\nname = "b"\nrole = "backup"\ncalendar = "{web.url(SECRET)}"\n'
    place.write(web.url(SECRET), f'only = ["duty"]\n{backup}only = ["backup"]')
    place.run("who")
    changed = both.replace(b"backup bob", b"Busy").replace(b"duty alice", b"duty bob")
    for after in (HOUR, 2 * HOUR):
        # each fetch another one, as those of programs that write the time of the export into it
        web.serve(SECRET, changed.replace(b"UID:1", b"UID:1%d" % after.seconds))
        done = place.run("who", now=NOW + after)
        assert "duty: bob" in done.stdout
        assert "backup: bob" in done.stdout
        assert done.stderr.count("any more") == 1
    done = place.run("apply", now=NOW + 4 * DAY)
    assert place.held() == "bob@example.com"
    assert "is not used after 3 days" in done.stderr


def test_a_call_with_another_clock(source: Source) -> None:
    source.run("apply")
    source.say(EMPTY)
    source.run("apply", now=NOW + HOUR)
    # a clock that was set back makes nothing stale
    assert "less than a minute ago" in source.run("apply", now=NOW - timedelta(days=1)).stderr
