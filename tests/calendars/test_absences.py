"""Calendars of absences: who is away by them, and what happens when they cannot be read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rotation.calendars.people import Absences, Attendee, Matcher, PersonNames
from tests.calendars.feeds import calendar
from tests.calendars.places import DAY, HOUR, NOW, SECRET, Place
from tests.host.web_server import Site

PEOPLE = {name: PersonNames((f"{name}@example.com",)) for name in ("alice", "bob", "carol")}
LEAVE = calendar(["SUMMARY:Alice on leave", "DTSTART:20261124T000000Z", "DURATION:P10D"])
TURNS = '[[rotation]]\nname = "turns"\npeople = ["alice", "bob"]\nevery = "1 week"\n'
TURNS += "start = 2026-11-23\n"


def write(place: Place, absence: str, overrides: str | None = None) -> None:
    place.roster.write_text(
        'timezone = "UTC"\nfallback = ["managers@example.com"]\n'
        'people = { alice = "alice@example.com", bob = "bob@example.com" }\n'
        f'{TURNS}{absence}[[target]]\ninclude = "duty"\n'
    )
    if overrides is not None:
        (place.folder / "team.overrides.toml").write_text(overrides)


class Source:
    """The calendar of absences at an address or in a file, in the roster or the overrides file."""

    def __init__(self, place: Place, web: Site, kind: str, *, dated: bool) -> None:
        self.place, self.web = place, web
        self.file = place.folder / "leave.ics"
        where = web.url(SECRET) if kind == "address" else "leave.ics"
        entry = f'[[absence]]\ncalendar = "{where}"\n'
        write(place, "" if dated else entry, entry if dated else None)
        self.say(LEAVE)

    def say(self, data: bytes, status: int = 200) -> None:
        self.web.serve(SECRET, data, status)
        self.file.write_bytes(data)

    def gone(self) -> None:
        self.web.serve(SECRET, b"", 500)
        self.file.unlink(missing_ok=True)


@pytest.fixture(params=["address", "file", "address, dated", "file, dated"])
def source(request: pytest.FixtureRequest, place: Place, web: Site) -> Source:
    kind, _, dated = request.param.partition(", ")
    return Source(place, web, kind, dated=bool(dated))


def test_whoever_is_away_is_not_on_duty(source: Source) -> None:
    place = source.place
    assert place.run("apply").stderr == ""
    assert place.held() == "bob@example.com"
    assert "duty: bob" in place.run("who").stdout
    assert "alice away" in place.run("who", "--why").stdout
    shifts = json.loads(
        place.run("schedule", "--json", "--from", "2026-11-23", "--to", "2026-12-08").stdout
    )
    assert [(shift["start"][5:10], shift["people"]) for shift in shifts] == [
        ("11-23", ["alice"]),
        ("11-24", ["bob"]),
        ("11-30", ["bob"]),
        ("12-07", ["alice"]),
    ]
    done = place.run("cover", "alice", "--for", "bob", "--from", "2026-12-01", "--yes", status=2)
    assert "alice is away from" in done.stderr
    # somebody has come back: an empty calendar is believed
    source.say(calendar())
    assert place.run("apply", now=NOW + HOUR).stderr == ""
    assert place.held() == "alice@example.com"


@pytest.mark.parametrize("body", [b"<html>", b"", LEAVE[:60], None])
def test_it_never_stops_a_handoff(source: Source, body: bytes | None) -> None:
    place = source.place
    place.run("apply")
    if body is None:
        source.gone()
    else:
        source.say(body)
    # the last copy counts, however old it is
    for after in (HOUR, 2 * DAY, 5 * DAY, 30 * DAY):
        done = place.run("apply", now=NOW + after)
        assert "what it said" in done.stderr
        assert f"--> {place.folder}" in done.stderr
        expected = "bob" if after < 13 * DAY and after != 30 * DAY else "alice"
        assert place.held() == f"{expected}@example.com"
    assert place.run("who", now=NOW + 5 * DAY).exit_code == 0
    # and well again
    source.say(LEAVE)
    assert place.run("apply", now=NOW + 31 * DAY).stderr == ""


@pytest.mark.parametrize("body", [b"<html>", b"root:$6$secret:19000::::::\n", None])
def test_without_any_copy_it_counts_for_nothing(source: Source, body: bytes | None) -> None:
    place = source.place
    if body is None:
        source.gone()
    else:
        source.say(body)
    done = place.run("apply")
    assert place.held() == "alice@example.com"
    assert "no absence in it counts" in done.stderr
    assert "warning: " in done.stderr
    place.run("apply", "--check")
    if source.file.exists() and "127.0.0.1" not in done.stderr:
        # a group may have named the file: what is in it is not told
        assert "$6$" not in done.stderr


def test_a_file_that_is_cut_short_counts_as_far_as_it_goes(place: Place, web: Site) -> None:
    source = Source(place, web, "file", dated=False)
    source.say(LEAVE[: LEAVE.index(b"END:VCALENDAR")])
    done = place.run("apply")
    assert place.held() == "bob@example.com"
    assert "cut short" in done.stderr
    # but a whole copy says more
    source.say(LEAVE)
    place.run("apply", now=NOW + HOUR)
    source.say(LEAVE[:100])
    assert "what it said" in place.run("apply", now=NOW + 2 * HOUR).stderr
    assert place.held() == "bob@example.com"


def test_every_event_of_a_persons_calendar_is_theirs(place: Place, web: Site) -> None:
    (place.folder / "hers.ics").write_bytes(
        calendar(
            ["SUMMARY:Dentist", "DTSTART:20261124T090000Z", "DURATION:PT3H"],
            ["SUMMARY:Lunch with bob", "DTSTART:20261125T090000Z", "DURATION:PT3H"],
            ["SUMMARY:Canceled: trip", "DTSTART:20261126T090000Z", "DURATION:PT3H"],
            ["SUMMARY:Duty", "CATEGORIES:Work,On-Call", "DTSTART:20261127T090000Z", "DURATION:P1D"],
        )
    )
    write(place, '[[absence]]\ncalendar = "hers.ics"\nperson = "alice"\nignore = ["on-call"]\n')
    done = place.run("schedule", "--json", "--from", "2026-11-24", "--to", "2026-11-29")
    assert done.stderr == ""
    stands = [s["start"][5:16] for s in json.loads(done.stdout) if s["people"] == ["bob"]]
    assert stands == ["11-24T09:00", "11-25T09:00"]


def test_a_recurring_event_is_an_absence_each_time(place: Place, web: Site) -> None:
    rule = ["DTSTART;VALUE=DATE:20260102", "RRULE:FREQ=WEEKLY"]
    (place.folder / "fridays.ics").write_bytes(calendar(["SUMMARY:alice off", *rule]))
    write(place, '[[absence]]\ncalendar = "fridays.ics"\n')
    done = place.run("schedule", "--json", "--from", "2027-11-22", "--to", "2027-12-13")
    people = {s["start"][5:10]: s["people"] for s in json.loads(done.stdout)}
    assert people["11-26"] == ["bob"]
    assert people["11-27"] == ["alice"]


def test_an_event_that_names_nobody_is_told_and_one_left_out_is_not(
    place: Place, web: Site
) -> None:
    company = calendar(["SUMMARY:Company party", "DTSTART:20261124T090000Z", "DURATION:PT3H"])
    (place.folder / "leave.ics").write_bytes(company)
    write(place, '[[absence]]\ncalendar = "leave.ics"\n')
    assert "the event 'Company party' names nobody known" in place.run("who").stderr
    write(place, '[[absence]]\ncalendar = "leave.ics"\nignore = "party"\n')
    assert place.run("who").stderr == ""


def test_absences_beside_a_calendar_of_duties(place: Place, web: Site) -> None:
    team = f'[[rotation]]\nname = "team"\ncalendar = "{web.url(SECRET)}"\n'
    write(place, '[[absence]]\ncalendar = "leave.ics"\n')
    place.roster.write_text(place.roster.read_text().replace(TURNS, team))
    (place.folder / "leave.ics").write_bytes(LEAVE)
    # there is nobody to step in for a duty of a calendar
    assert "duty: nobody" in place.run("who", status=1).stdout
    (place.folder / "leave.ics").unlink()
    web.serve(SECRET, b"", 500)
    done = place.run("who", status=1)
    assert done.stderr.count("what it said less than a minute ago") == 2


def test_undo_takes_back_the_right_absence(place: Place, web: Site) -> None:
    (place.folder / "leave.ics").write_bytes(calendar())
    plain = '[[absence]]\nperson = "bob"\nstart = 2027-03-01\nend = 2027-03-02\n'
    dated = '[[absence]]\ncalendar = "leave.ics"\n'
    write(place, plain, dated)
    place.run("away", "alice", "2027-02-01", "2027-02-03", "--yes")
    place.run("away", "bob", "2027-02-10", "2027-02-12", "--yes")
    file = place.folder / "team.overrides.toml"
    both = file.read_text()
    assert both.count("[[absence]]") == 3
    assert both.count('person = "alice"') == 1
    place.run("away", "alice", "2027-02-01", "2027-02-03", "--cancel", "--yes")
    left = file.read_text()
    assert "leave.ics" in left
    assert 'person = "alice"' not in left
    assert 'person = "bob"' in left
    # what stands in the roster is nobody's to take back by a command
    done = place.run("away", "bob", "2027-03-01", "2027-03-02", "--cancel", "--yes", status=2)
    assert "no absence that could be taken back" in done.stderr


@pytest.mark.parametrize(
    ("title", "away"),
    [
        ("Alice vacation", "alice"),
        ("alice, bob: conference", "alice bob"),
        ("PTO alice@example.com", "alice"),
        # whoever covers is not away
        ("alice on leave (bob covers)", "alice"),
        ("alice on leave, cover: bob", "alice"),
        ("bob for alice", "alice"),
        ("alice -> bob", "alice"),
        ("not alice", "alice"),
        ("Company holiday", ""),
    ],
)
def test_whom_an_absence_means(title: str, away: str) -> None:
    matcher = Matcher(PEOPLE, "attendee-or-summary")
    people, remarks = Absences(matcher, None).people((), title)
    assert " ".join(people) == away
    assert bool(remarks) == (not away)
    assert Absences(matcher, "carol").people((), title) == (("carol",), [])


def test_of_those_invited_the_title_chooses() -> None:
    everybody = [Attendee((f"mailto:{name}@example.com",)) for name in PEOPLE]
    absences = Absences(Matcher(PEOPLE, "attendee-or-summary"), None)
    assert absences.people(everybody, "Alice on leave") == (("alice",), [])
    assert absences.people(everybody, "Retreat")[0] == ("alice", "bob", "carol")
    people, ((what, _),) = absences.people((), "alice then bob")
    assert people == ("alice", "bob")
    assert "absent together" in what


def test_the_other_absences_of_a_roster_count_too(tmp_path: Path, place: Place, web: Site) -> None:
    plain = '[[absence]]\nperson = "alice"\nstart = 2026-11-24\nend = 2026-11-24\n'
    write(place, plain)
    done: Any = place.run("who")
    assert "duty: bob" in done.stdout
