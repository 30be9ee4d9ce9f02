"""A run of `rotation notify`: what is sent, sent again, remembered, and left alone."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from rotation.host import locks
from tests.export.roster_folder import COVER, ROSTER
from tests.notify.office import REMIND, Team, words


def test_a_first_run_tells_nothing(tmp_path: Path) -> None:
    team = Team(tmp_path)
    team.overrides(COVER)
    assert team.notify() == {}
    team.later(minutes=5)
    assert team.notify() == {}


def test_missed_runs(team: Team) -> None:
    team.later(days=10)  # alice's reminder was due on 30 November, carol has begun on that day
    mails = team.notify()
    assert {key: mail["Subject"] for key, mail in mails.items()} == {
        "alice": "sysduty: on duty from Mon 7 Dec 09:00",
        "carol": "sysduty: on duty until Mon 7 Dec 09:00",
    }
    team.later(days=28)  # all of carol's next duty went by unseen
    mails = team.notify()
    assert {key: mail["Subject"] for key, mail in mails.items()} == {
        "alice": "sysduty: on duty until Mon 4 Jan 09:00",
        "bob": "sysduty: on duty from Mon 4 Jan 09:00",
    }
    team.later(minutes=1)
    assert team.notify() == {}


def test_a_mail_that_is_not_taken_is_sent_again_and_nobody_else_is_told_twice(team: Team) -> None:
    team.overrides(COVER)
    team.office.refuses = {"bob@"}
    assert list(team.notify(status=3)) == ["carol"]
    team.later(minutes=5)
    assert list(team.notify(status=3)) == []
    team.office.refuses = set()
    team.later(minutes=5)
    assert list(team.notify()) == ["bob"]
    team.later(minutes=5)
    assert team.notify() == {}
    done = team.run("notify", system=team.office)
    assert done.output == ""


def test_a_reminder_that_was_not_taken_is_not_lost(team: Team) -> None:
    team.now = team.now.replace(day=29, hour=8)
    team.notify()
    team.later(hours=1)
    team.office.refuses = {"carol@"}
    assert team.notify(status=3) == {}
    team.office.refuses = set()
    team.later(hours=3)
    assert list(team.notify()) == ["carol"]


def test_the_problem_is_named(team: Team) -> None:
    team.overrides(COVER)
    team.office.refuses = {"bob@", "carol@"}
    done = team.run("notify", system=team.office)
    assert done.exit_code == 3
    assert done.stdout == ""
    assert done.stderr.count("error: sendmail did not take the mail: queue is full") == 2


def test_nothing_is_sent_that_cannot_be_remembered(team: Team) -> None:
    team.overrides(COVER)
    team.state.chmod(0o777)  # anybody's: not a folder to keep records in
    assert team.notify(status=3) == {}
    team.state.chmod(0o700)
    assert list(team.notify()) == ["bob", "carol"]


def test_a_dry_run_prints_and_remembers_nothing(team: Team) -> None:
    team.overrides(COVER)
    before = {path.name: path.read_bytes() for path in team.state.glob("*.json")}
    done = team.run("notify", "--dry-run", system=team.office)
    assert done.exit_code == 0
    assert team.office.taken == []
    assert "To: bob@example.com\nSubject: sysduty: your duties changed\n" in done.stdout
    assert "  | METHOD:CANCEL\n" in done.stdout
    assert {path.name: path.read_bytes() for path in team.state.glob("*.json")} == before
    assert list(team.notify()) == ["bob", "carol"]
    later = team.run("notify", "--dry-run", "--at", "2026-11-30T09:00", system=team.office)
    assert "Subject: sysduty: on duty until Mon 7 Dec 09:00" not in later.stdout
    assert "Subject: sysduty: on duty from Mon 7 Dec 09:00" in later.stdout


def test_an_instant_is_for_rehearsals(team: Team) -> None:
    done = team.run("notify", "--at", "tomorrow 9:00", system=team.office)
    assert done.exit_code == 2
    assert "add --dry-run" in done.stderr


def test_two_runs_at_once(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    team.overrides(COVER)
    # the other run holds the lock for longer than this one waits
    monkeypatch.setattr(inspect.unwrap(locks.hold), "__defaults__", (0.0,))
    (name,) = (path.name for path in team.state.glob("*.notify.json"))
    with team.office.alone(name):
        done = team.run("notify", system=team.office)
        assert done.exit_code == 3
        assert "another run is at work" in done.stderr
        assert team.office.taken == []
    assert list(team.notify()) == ["bob", "carol"]


def test_a_damaged_record_is_begun_anew(team: Team) -> None:
    (record,) = team.state.glob("*.notify.json")
    team.overrides(COVER)
    for text in ("", "{", "[]", '{"at": 1}', "[" * 100_000):
        record.write_text(text)
        done = team.run("notify", system=team.office)
        assert done.exit_code == 0
        assert "the record is damaged" in done.stderr
        assert team.office.taken == []
    assert team.notify() == {}


def test_somebody_new(team: Team) -> None:
    text = (ROSTER + REMIND).replace('"carol"]', '"carol", "dave"]')
    team.roster.write_text(text.replace("bob   =", 'dave = "dave@example.com"\nbob   ='))
    mails = team.notify()
    assert "  new    Mon" in words(mails["dave"])
    # and somebody who is gone cannot be told, nor is in the way
    team.roster.write_text(ROSTER + REMIND)
    team.later(minutes=5)
    assert "dave" not in team.notify()


def test_a_calendar_that_cannot_be_read_is_no_change(team: Team) -> None:
    more = '\n[[rotation]]\nname = "cal"\nrole = "backup"\ncalendar = "b.ics"\n'
    team.roster.write_text(ROSTER + REMIND + more)
    file = team.folder / "b.ics"
    file.write_text(
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:VEVENT\nUID:1\nDTSTAMP:20260101T000000Z\n"
        "DTSTART:20261201T090000Z\nDTEND:20261202T090000Z\nSUMMARY:alice\nEND:VEVENT\n"
        "END:VCALENDAR\n"
    )
    assert list(team.notify()) == ["alice"]
    text = file.read_text()
    file.unlink()
    team.later(minutes=5)
    assert team.notify(status=3) == {}
    file.write_text(text)
    team.later(minutes=5)
    assert team.notify() == {}


def test_several_rosters_one_of_which_has_lost_its_record(team: Team) -> None:
    (team.folder / "net.toml").write_text(ROSTER)
    team.run("notify", system=team.office, path=team.folder)
    team.overrides(COVER)
    (team.folder / "net.overrides.toml").write_text(COVER)
    record = min(team.state.glob("*.notify.json"))
    record.write_text("{")
    team.later(minutes=5)
    done = team.run("notify", system=team.office, path=team.folder)
    assert done.exit_code == 0
    assert len(team.office.taken) == 2
