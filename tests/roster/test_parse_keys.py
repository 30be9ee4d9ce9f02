"""Zones of rotations and people, shares, turns of nobody, recurring absences, limits of roles."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from rotation.errors import Problem, RosterError
from rotation.model import EVER, NEVER, Limits, Roster, Window
from rotation.roster.parse import parse
from rotation.roster.write import absence_text, rotation_text
from tests.others import needs_holidays
from tests.roster.example_rosters import PATH

LONDON = ZoneInfo("Europe/London")
# the roster that the README's table describes, every key once
SAMPLE = """
timezone = "Europe/London"
fallback = ["managers@example.com"]
holidays = "GB"

[people]
alice = "alice@example.com"
bob   = "bob@example.com"
carol = { email = ["carol@example.com", "447700900123@sms.example.net"], name = "Carol Jones" }
dan   = { email = "dan@example.com", timezone = "America/Chicago", share = 0.5 }
erin  = "erin@example.com"

[[rotation]]
name    = "weekly"
people  = ["alice", "bob", ["carol", "alice"]]
every   = "1 week"
start   = 2026-01-05
handoff = "09:00"

[[rotation]]
name     = "office hours"
people   = ["bob", "carol"]
every    = "1 day"
start    = 2026-01-05
hours    = ["mon-fri 09:00-17:00"]
priority = 1
role     = "duty"

[[rotation]]
name     = "chicago"
timezone = "America/Chicago"
people   = ["dan", [], "erin"]
every    = "1 week"
start    = 2026-01-05
hours    = ["mon-fri 08:00-20:00", "holiday 10:00-16:00"]

[[rotation]]
name     = "from the team calendar"
calendar = "duty.ics"
role     = "backup"
only     = ["on-call", "duty"]
ignore   = ["vacation", "birthday"]

[role.backup]
apart    = ["duty"]
rest     = "11 hours"
weekends = 1

[[absence]]
calendar = "https://calendar.example.com/vacation.ics"

[[shift]]
start    = 2026-12-24T09:00:00
end      = 2026-12-27T09:00:00
people   = ["alice"]
priority = 2
note     = "Christmas"

[[target]]
aliases = "/etc/aliases"
name    = "all-system-notifications"

[[target]]
include = "/etc/mail/duty"
also    = ["archive@example.com"]

[[target]]
forward = "/root/.forward"
role    = "backup"
"""
EXCEPTIONS = """
[[override]]
start = 2026-11-30T09:00:00Z
end   = 2026-12-07T09:00:00Z
out   = "alice"
in    = "bob"
role  = "duty"
id    = "7f3a"
note  = "swap alice bob"
by    = "root"
at    = 2026-11-24T10:12:00Z

[[absence]]
person = "*"
start  = 2026-12-24
end    = 2027-01-02

[[absence]]
person = "dan"
hours  = ["sat,sun"]
"""


def load(text: str = SAMPLE, exceptions: str = EXCEPTIONS) -> Roster:
    needs_holidays(text)
    return parse(text.encode(), PATH, exceptions.encode())


def problems(text: str, exceptions: str = "") -> list[Problem]:
    with pytest.raises(RosterError) as caught:
        load(text, exceptions)
    return list(caught.value.problems)


def test_every_key() -> None:
    roster = load()
    dan = roster.people["dan"]
    assert (str(dan.zone), dan.share) == ("America/Chicago", 0.5)
    assert (roster.people["bob"].zone, roster.people["bob"].share) == (None, 1.0)
    chicago = roster.rotations[2]
    assert (str(chicago.zone), chicago.turns) == ("America/Chicago", (("dan",), (), ("erin",)))
    assert chicago.hours[1] == Window(frozenset(), 600, 960, holiday=True)
    assert chicago.holidays == "GB"
    assert roster.limit("backup") == Limits(("duty",), timedelta(hours=11), 1)
    assert roster.limit("duty") == Limits()
    assert roster.shifts[0].note == "Christmas"
    everybody, weekends = roster.absences
    assert everybody.person == "*"
    assert (weekends.start, weekends.end) == (EVER, NEVER)
    assert weekends.hours == (Window(frozenset({5, 6}), 0, 1440),)


def test_local_times_of_a_rotation_are_in_its_zone() -> None:
    text = SAMPLE.replace(
        'timezone = "America/Chicago"\npeople',
        'timezone = "America/Chicago"\nsince = 2026-02-01T08:00:00\nuntil = 2026-12-31\npeople',
    )
    chicago = load(text).rotations[2]
    assert chicago.since == datetime(2026, 2, 1, 14, tzinfo=UTC)
    assert chicago.until == datetime(2027, 1, 1, 6, tzinfo=UTC)
    # 02:30 on that day exists in London, and not in Chicago
    text = text.replace("since = 2026-02-01T08:00:00", "since = 2026-03-08T02:30:00")
    (problem,) = problems(text)
    assert "does not exist" in problem.what
    assert "America/Chicago" in problem.what


def test_what_is_written_reads_as_what_it_was() -> None:
    roster = load()
    _, _, chicago, *_ = roster.rotations
    head = SAMPLE.split("[[rotation]]", maxsplit=1)[0]
    again = load(head + rotation_text(chicago, LONDON)).rotations[0]
    assert (again.zone, again.turns, again.hours, again.holidays) == (
        chicago.zone, chicago.turns, chicago.hours, chicago.holidays,
    )  # fmt: skip
    texts = "".join(absence_text(absence, LONDON) for absence in roster.absences)
    for absence, read in zip(roster.absences, load(exceptions=texts).absences, strict=True):
        assert (read.person, read.start, read.end, read.hours) == (
            absence.person, absence.start, absence.end, absence.hours,
        )  # fmt: skip
    assert "start" not in absence_text(roster.absences[1], LONDON)


def test_a_since_to_come_is_written_in_the_rotations_zone() -> None:
    text = SAMPLE.replace('every    = "1 week"', 'every = "1 week"\nsince = 2030-01-07T08:00:00')
    roster = load(text)
    assert "since    = 2030-01-07T08:00:00-06:00" in rotation_text(roster.rotations[2], LONDON)


@pytest.mark.parametrize(
    ("before", "after", "what", "hint"),
    [
        ("share = 0.5", "share = 0", "'share' must be a number above 0", "share = 0.5"),
        ("share = 0.5", 'share = "half"', "'share' must be a number above 0", "share = 0.5"),
        ('timezone = "America/Chicago", s', 'timezone = "CST6", s', "time zone 'CST6'", "IANA"),
        ('apart    = ["duty"]', 'apart = ["backup"]', "apart from itself", "leave it out"),
        ('apart    = ["duty"]', 'apart = ["dut"]', "the role 'dut'", "did you mean 'duty'?"),
        (
            '[role.backup]\napart    = ["duty"]',
            '[role.duty]\napart = ["backup"]\n[role.backup]\napart = ["duty"]',
            "in a circle: duty, backup",
            "one of them comes first",
        ),
        ('"11 hours"', '"some"', "'some' is not a length of time", '"11 hours"'),
        ("weekends = 1", "weekends = 0", "'weekends' must be 1 or more", "weekends = 1"),
        ('holidays = "GB"', "", "'holiday' without 'holidays'", 'holidays = "GB"'),
        ('holidays = "GB"', 'holidays = "QQ"', "no public holidays are known for 'QQ'", "ISO"),
        (
            'every    = "1 week"\nstart    = 2026-01-05\nhours    = ["mon-fri 08:00-20:00"',
            'every    = "2 days"\nstart    = 2026-01-05\nhours    = ["mon-fri 08:00-20:00"',
            "turns counted in days with hours cannot have 'holiday' among them",
            "week",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong(before: str, after: str, what: str, hint: str) -> None:
    assert SAMPLE.count(before) == 1
    (problem,) = problems(SAMPLE.replace(before, after))
    assert what in problem.what
    assert hint in (problem.hint or "")
    assert problem.where is not None
    assert problem.where.line is not None


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("Europe/Lodnon", "'Europe/London'"),
        ("europe/berlin", "'Europe/Berlin'"),
        ("london", "'Europe/London'"),
        ("New York", "'America/New_York'"),
        ("CEST", "an abbreviation is not a zone"),
        ("PST", "an abbreviation is not a zone"),
        ("IST", "an abbreviation is not a zone"),
        ("BST", "an abbreviation is not a zone"),
        ("UTC+2", "an abbreviation is not a zone"),
    ],
)
def test_what_to_write_for_a_zone(written: str, hint: str) -> None:
    (problem,) = problems(f'timezone = "{written}"\n[people]\nalice = "alice@example.com"\n')
    assert hint in (problem.hint or "")
    if "abbreviation" in hint:  # never another abbreviation
        assert "did you mean" not in (problem.hint or "")
