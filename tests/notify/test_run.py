"""A run of `rotation notify`: what is sent, sent again, remembered, and left alone."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from rotation.host import locks
from tests.export.roster_folder import COVER, ROSTER
from tests.notify.mailed_roster import REMIND, MailedRoster, words


def test_a_first_run_tells_nothing(tmp_path: Path) -> None:
    mailed = MailedRoster(tmp_path)
    mailed.overrides(COVER)
    assert mailed.notify() == {}
    mailed.later(minutes=5)
    assert mailed.notify() == {}


def test_a_link_to_a_roster_with_other_overrides_is_told_apart(tmp_path: Path) -> None:
    """What was told of the one plan says nothing of the other: nobody is told again and again."""
    mailed = MailedRoster(tmp_path)
    roster = next(tmp_path.rglob("sysduty.toml"))
    (linked := tmp_path / "linked").mkdir()
    for folder in (roster.parent, linked):
        (folder / "night.toml").symlink_to(roster)
    (linked / "sysduty.toml").symlink_to(roster)
    plans = [roster.parent / "night.toml", linked / "night.toml", linked / "sysduty.toml", roster]
    for plan in plans:
        assert mailed.notify("--rosters", str(plan)) == {}
    mailed.overrides(COVER)
    assert list(mailed.notify()) == ["bob", "carol"]
    for plan in (*plans, *plans):
        mailed.later(minutes=5)
        assert mailed.notify("--rosters", str(plan)) == {}


def test_missed_runs(mailed: MailedRoster) -> None:
    mailed.later(days=10)  # alice's reminder was due on 30 November, carol has begun on that day
    mails = mailed.notify()
    assert {key: mail["Subject"] for key, mail in mails.items()} == {
        "alice": "sysduty: on duty from Mon 7 Dec 09:00",
        "carol": "sysduty: on duty until Mon 7 Dec 09:00",
    }
    mailed.later(days=28)  # all of carol's next duty went by unseen
    mails = mailed.notify()
    assert {key: mail["Subject"] for key, mail in mails.items()} == {
        "alice": "sysduty: on duty until Mon 4 Jan 09:00",
        "bob": "sysduty: on duty from Mon 4 Jan 09:00",
    }
    mailed.later(minutes=1)
    assert mailed.notify() == {}


def test_a_mail_that_is_not_taken_is_sent_again_and_nobody_else_is_told_twice(
    mailed: MailedRoster,
) -> None:
    mailed.overrides(COVER)
    mailed.host.refuses = {"bob@"}
    assert list(mailed.notify(status=3)) == ["carol"]
    mailed.later(minutes=5)
    assert list(mailed.notify(status=3)) == []
    mailed.host.refuses = set()
    mailed.later(minutes=5)
    assert list(mailed.notify()) == ["bob"]
    mailed.later(minutes=5)
    assert mailed.notify() == {}
    done = mailed.run("notify", system=mailed.host)
    assert done.output == ""


def test_a_reminder_that_was_not_taken_is_not_lost(mailed: MailedRoster) -> None:
    mailed.now = mailed.now.replace(day=29, hour=8)
    mailed.notify()
    mailed.later(hours=1)
    mailed.host.refuses = {"carol@"}
    assert mailed.notify(status=3) == {}
    mailed.host.refuses = set()
    mailed.later(hours=3)
    assert list(mailed.notify()) == ["carol"]


def test_the_problem_is_named(mailed: MailedRoster) -> None:
    mailed.overrides(COVER)
    mailed.host.refuses = {"bob@", "carol@"}
    done = mailed.run("notify", system=mailed.host)
    assert done.exit_code == 3
    assert done.stdout == ""
    assert done.stderr.count("error: sendmail did not take the mail: queue is full") == 2


def test_nothing_is_sent_that_cannot_be_remembered(mailed: MailedRoster) -> None:
    mailed.overrides(COVER)
    mailed.state.chmod(0o777)  # anybody's: not a folder to keep records in
    assert mailed.notify(status=3) == {}
    mailed.state.chmod(0o700)
    assert list(mailed.notify()) == ["bob", "carol"]


def test_a_dry_run_prints_and_remembers_nothing(mailed: MailedRoster) -> None:
    mailed.overrides(COVER)
    before = {path.name: path.read_bytes() for path in mailed.state.glob("*.json")}
    done = mailed.run("notify", "--dry-run", system=mailed.host)
    assert done.exit_code == 0
    assert mailed.host.taken == []
    assert "To: bob@example.com\nSubject: sysduty: your duties changed\n" in done.stdout
    assert "  | METHOD:CANCEL\n" in done.stdout
    assert {path.name: path.read_bytes() for path in mailed.state.glob("*.json")} == before
    assert list(mailed.notify()) == ["bob", "carol"]
    later = mailed.run("notify", "--dry-run", "--at", "2026-11-30T09:00", system=mailed.host)
    assert "Subject: sysduty: on duty until Mon 7 Dec 09:00" not in later.stdout
    assert "Subject: sysduty: on duty from Mon 7 Dec 09:00" in later.stdout


def test_an_instant_is_for_rehearsals(mailed: MailedRoster) -> None:
    done = mailed.run("notify", "--at", "tomorrow 9:00", system=mailed.host)
    assert done.exit_code == 2
    assert "add --dry-run" in done.stderr


def test_two_runs_at_once(mailed: MailedRoster, monkeypatch: pytest.MonkeyPatch) -> None:
    mailed.overrides(COVER)
    # the other run holds the lock for longer than this one waits
    monkeypatch.setattr(inspect.unwrap(locks.hold), "__defaults__", (0.0,))
    (name,) = (path.name for path in mailed.state.glob("*.notify.json"))
    with mailed.host.alone(name):
        done = mailed.run("notify", system=mailed.host)
        assert done.exit_code == 3
        assert "another run is at work" in done.stderr
        assert mailed.host.taken == []
    assert list(mailed.notify()) == ["bob", "carol"]


def test_a_damaged_record_is_begun_anew(mailed: MailedRoster) -> None:
    (record,) = mailed.state.glob("*.notify.json")
    mailed.overrides(COVER)
    for text in ("", "{", "[]", '{"at": 1}', "[" * 100_000):
        record.write_text(text)
        done = mailed.run("notify", system=mailed.host)
        assert done.exit_code == 0
        assert "who was told what is damaged" in done.stderr
        assert mailed.host.taken == []
    assert mailed.notify() == {}


def test_somebody_new(mailed: MailedRoster) -> None:
    text = (ROSTER + REMIND).replace('"carol"]', '"carol", "dave"]')
    mailed.roster.write_text(text.replace("bob   =", 'dave = "dave@example.com"\nbob   ='))
    mails = mailed.notify()
    assert "  new    Mon" in words(mails["dave"])
    # and somebody who is gone is told so, once
    mailed.roster.write_text(ROSTER + REMIND)
    mailed.later(minutes=5)
    assert "no longer in this roster" in words(mailed.notify()["dave"])
    mailed.later(minutes=5)
    assert mailed.notify() == {}


def test_a_calendar_that_cannot_be_read_is_no_change(mailed: MailedRoster) -> None:
    more = '\n[[rotation]]\nname = "cal"\nrole = "backup"\ncalendar = "b.ics"\n'
    mailed.roster.write_text(ROSTER + REMIND + more)
    file = mailed.folder / "b.ics"
    file.write_text(
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:VEVENT\nUID:1\nDTSTAMP:20260101T000000Z\n"
        "DTSTART:20261201T090000Z\nDTEND:20261202T090000Z\nSUMMARY:alice\nEND:VEVENT\n"
        "END:VCALENDAR\n"
    )
    assert list(mailed.notify()) == ["alice"]
    text = file.read_text()
    file.unlink()
    mailed.later(minutes=5)
    assert mailed.notify(status=3) == {}
    file.write_text(text)
    mailed.later(minutes=5)
    assert mailed.notify() == {}


def test_several_rosters_one_of_which_has_lost_its_record(mailed: MailedRoster) -> None:
    (mailed.folder / "net.toml").write_text(ROSTER)
    mailed.run("notify", system=mailed.host, path=mailed.folder)
    mailed.overrides(COVER)
    (mailed.folder / "net.overrides.toml").write_text(COVER)
    record = min(mailed.state.glob("*.notify.json"))
    record.write_text("{")
    mailed.later(minutes=5)
    done = mailed.run("notify", system=mailed.host, path=mailed.folder)
    assert done.exit_code == 0
    assert len(mailed.host.taken) == 3, "one of them to a phone"
