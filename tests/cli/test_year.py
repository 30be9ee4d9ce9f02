"""A year of a team of ten, played through the command line: who is on duty at every handoff.

Nobody opens an editor: people join and leave, have holidays and a calendar of their leave, trade
duties, and the team is reorganised. Who should be on duty is written down here, week by week.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.notify.mailed_roster import MailedRoster, words

LONDON = ZoneInfo("Europe/London")
TEAM = ("ann", "bob", "cat", "dan", "eve", "fay", "gus", "hal", "ivy", "jon")
ROSTER = """\
timezone = "Europe/London"
fallback = ["managers@example.com"]
holidays = "GB-ENG"

[people]
{people}

[[rotation]]
name    = "weekly"
people  = [{order}]
every   = "1 week"
start   = 2027-01-04
handoff = "09:00"

[role.duty]
weekends = 1
rest     = "11 hours"

[[absence]]
calendar = "pto.ics"
"""
EMPTY = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//hr//EN\r\nEND:VCALENDAR\r\n"


class Year(MailedRoster):
    """The roster of the team, and the instant at which it is."""

    def __init__(self, folder: Path) -> None:
        people = "\n".join(f'{key} = "{key}@example.com"' for key in TEAM)
        order = ", ".join(f'"{key}"' for key in TEAM)
        super().__init__(folder, ROSTER.format(people=people, order=order))
        self.leave: list[str] = []
        (folder / "pto.ics").write_text(EMPTY)

    def at(self, local: str) -> None:
        self.now = datetime.fromisoformat(local).replace(tzinfo=LONDON).astimezone(UTC)

    def do(self, command: str, status: int = 0) -> Any:
        """A command that is not asked about; the texts of one person's year have no blanks."""
        done = self.run(*command.split(), "--yes", "--by", "ann", system=self.host)
        assert done.exit_code == status, done.output
        return done

    def pto(self, who: str, first: str, after: str) -> None:
        """Somebody enters leave in the calendar of the company, from one day to before another."""
        self.leave.append(
            f"BEGIN:VEVENT\r\nUID:{len(self.leave)}\r\nDTSTAMP:20270101T000000Z\r\n"
            f"SUMMARY:{who} vacation\r\nDTSTART;VALUE=DATE:{first.replace('-', '')}\r\n"
            f"DTEND;VALUE=DATE:{after.replace('-', '')}\r\nEND:VEVENT\r\n"
        )
        text = EMPTY.replace("END:VCALENDAR", "".join(self.leave) + "END:VCALENDAR")
        (self.folder / "pto.ics").write_text(text)

    def on_duty(self, local: str | None = None) -> str:
        """Who is on duty at a local time, now unless given."""
        when = ("--at", local) if local else ()
        done = self.run("who", "--json", *when)
        (answer,) = json.loads(done.stdout)
        people = "+".join(sorted(person["key"] for person in answer["people"]))
        assert done.exit_code == (0 if people else 1)
        return people or "nobody"


# when, and what somebody types
WHAT_HAPPENS = """
2027-01-12T14:00  swap dan fay
2027-02-02T09:30  hal is on vacation from 2027-02-20 until 2027-03-02
2027-02-02T09:35  join kim --email kim@example.com --from 2027-03-08
2027-03-10T11:00  away * 2027-03-26 2027-03-29
2027-03-15T11:00  leave bob --from 2027-05-17
2027-04-13T11:00  join lee --email lee@example.com
2027-04-20T11:00  offer ivy --of 2027-05-24
2027-04-20T15:00  take IT kim --with 2027-06-14
2027-06-01T11:00  change weekly --from 2027-07-05 --handoff 10:00 --people PAIRS
2027-07-20T11:00  away cat 2027-08-20 2027-08-24 --whole
2027-08-10T11:00  swap eve gus --of 2027-09-06 --with 2027-09-20
2027-08-10T11:05  join mia --email mia@example.com --from 2027-08-30 --after dan --move
2027-09-01T11:00  leave hal --from 2027-10-01
2027-09-14T11:00  cover dan --for ivy --from 2027-09-15T18:00 --to 2027-09-16T08:00
2027-11-30T11:00  assign ann --from 2027-12-24 --to 2027-12-26
2027-11-30T11:10  undo IT
2027-11-30T11:15  assign lee --from 2027-12-24 --to 2027-12-26
"""
PAIRS = "ann+kim,cat+lee,dan+jon,eve+ivy,fay+hal,gus"

# who is on duty from each handoff on, at nine, and from July on at ten
HANDOFFS = """
2027-01-04 ann
2027-01-11 bob
2027-01-18 cat
2027-01-25 fay      swapped with dan
2027-02-01 eve
2027-02-08 dan      swapped with fay
2027-02-15 gus
2027-02-22 jon      hal is on vacation; ivy has the weekend after that
2027-03-01 ivy
2027-03-08 jon
2027-03-15 kim      has joined
2027-03-22 ann
2027-03-29 nobody   bob's week, Easter Monday
2027-04-05 cat
2027-04-12 dan
2027-04-19 eve
2027-04-26 fay
2027-05-03 gus
2027-05-10 hal
2027-05-17 kim      took what ivy offered
2027-05-24 lee      has joined; bob has left
2027-05-31 jon
2027-06-07 ivy      in return
2027-06-14 ann
2027-06-21 cat
2027-06-28 dan
2027-07-05 ann+kim  in pairs
2027-07-12 cat+lee
2027-07-19 dan+jon
2027-07-26 eve+ivy
2027-08-02 fay+hal
2027-08-09 gus
2027-08-16 ann+kim
2027-08-23 eve+lee  cat is away; dan and jon have the weekend after that
2027-08-30 dan+jon
2027-09-06 mia      has joined, and what eve and gus agreed on moves
2027-09-13 gus+ivy
2027-09-20 fay+hal
2027-09-27 eve
2027-10-04 ann+kim
2027-10-11 cat+lee
2027-10-18 dan+jon
2027-10-25 mia
2027-11-01 eve+ivy
2027-11-08 fay      hal has left
2027-11-15 gus
2027-11-22 ann+kim
2027-11-29 cat+lee
2027-12-06 dan+jon
2027-12-13 mia
2027-12-20 eve+ivy
2027-12-27 fay
2028-01-03 gus
"""
BETWEEN = {
    "2027-02-20T12:00": "gus",
    "2027-03-26T00:00": "nobody",
    "2027-03-30T00:00": "bob",
    "2027-09-15T17:59": "gus+ivy",
    "2027-09-15T18:00": "dan+gus",
    "2027-09-16T08:00": "gus+ivy",
    "2027-12-23T23:59": "eve+ivy",
    "2027-12-24T00:00": "lee",
    "2027-12-27T00:00": "eve+ivy",
}


@pytest.fixture
def year(tmp_path: Path) -> Year:
    return Year(tmp_path)


def happens(year: Year, what: str) -> None:
    """What somebody does, in the words of the table."""
    words_ = what.split()
    if words_[0] == "hal":
        year.pto(words_[0], words_[5], words_[7])
        return
    log = json.loads(year.run("log", "--json").stdout)
    latest = max(log, key=lambda record: record["at"])["id"] if log else ""
    year.do(what.replace("IT", latest, 1).replace("PAIRS", PAIRS))


def test_the_year(year: Year) -> None:
    coming = [line.split("  ", 1) for line in WHAT_HAPPENS.strip().splitlines()]
    handoffs = [line.split()[:2] for line in HANDOFFS.strip().splitlines()]
    before = ""
    for day, who in handoffs:
        at = f"{day}T{'09' if day < '2027-07-05' else '10'}:00"
        while coming and coming[0][0] < at:
            when, what = coming.pop(0)
            year.at(when)
            happens(year, what)
        year.at(at)
        assert year.on_duty() == who, at
        if before:
            year.now -= timedelta(minutes=1)
            holiday = day == "2027-03-29"
            assert year.on_duty() == ("nobody" if holiday else before), f"before {at}"
        # the rest of Easter Monday is nobody's, and the rest of that week bob's
        before = "bob" if who == "nobody" else who
    assert coming == []
    for local, who in BETWEEN.items():
        assert year.on_duty(local) == who, local
    # the past is what it was, seen from the end of the year
    for day, who in handoffs:
        assert year.on_duty(f"{day}T{'09' if day < '2027-07-05' else '10'}:00") == who
    done = year.run("check")
    assert done.exit_code in (0, 1)
    assert "error" not in done.output
    log = json.loads(year.run("log", "--json").stdout)
    assert len(log) == 14
    assert [r["undone_by"] for r in log if r["state"] == "undone"] == ["ann"]
    assert "swap ivy kim, offered by ann" in [record["what"] for record in log]
    # whoever was asked, and whoever was told
    subjects = [str(mail["Subject"]) for mail in year.host.taken]
    assert subjects.count("sysduty: ivy offers a duty, Mon 17 May 09:00") == 10
    assert subjects.count("sysduty: kim takes the duty of Mon 17 May 09:00") == 2
    assert all("ivy" in words(mail) for mail in year.host.taken)
