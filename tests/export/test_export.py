"""`rotation export`: what is in the calendar, and what it is written over."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from icalendar import Calendar

from rotation.export import events as export_events
from rotation.export.events import ShiftEvent
from rotation.export.icalendar import calendar
from rotation.export.ledger import RevisedEvent, Revision
from rotation.roster.parse import parse
from tests.export.lint import events, lint, unfolded
from tests.export.roster_folder import COVER, FILE, ROSTER, RosterFolder, by_start


def test_one_event_for_each_shift(roster_folder: RosterFolder) -> None:
    data = roster_folder.export("--from", "2026-11-24", "--to", "2026-12-08")
    assert not lint(data)
    assert [(e["DTSTART"], e["DTEND"], e["SUMMARY"]) for e in events(data)] == [
        ("20261123T090000Z", "20261130T090000Z", "sysduty duty: bob"),
        ("20261130T090000Z", "20261207T090000Z", "sysduty duty: carol"),
        ("20261207T090000Z", "20261214T090000Z", "sysduty duty: alice"),
    ]
    first = events(data)[0]
    assert first["UID"].startswith("20261123T090000Z-")
    assert first["TRANSP"] == "TRANSPARENT"
    assert first["X-MICROSOFT-CDO-BUSYSTATUS"] == "FREE"
    assert first["CATEGORIES"] == "sysduty,duty"
    for line in (
        "NAME:sysduty",
        "X-WR-CALNAME:sysduty",
        "X-WR-TIMEZONE:Europe/London",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
        "COLOR:steelblue",
    ):
        assert f"\r\n{line}\r\n".encode() in data


def test_the_default_span(roster_folder: RosterFolder) -> None:
    found = events(roster_folder.export())
    assert found[0]["DTSTART"] == "20261109T090000Z"
    assert found[-1]["DTSTART"] == "20271122T090000Z"
    assert len(found) == 55


def test_a_shift_that_is_cut_by_the_span_is_exported_whole(roster_folder: RosterFolder) -> None:
    whole = by_start(roster_folder.export("--from", "2026-11-20", "--to", "2026-12-20"))
    cut = by_start(roster_folder.export("--from", "2026-11-26", "--to", "2026-11-27"))
    assert cut == {"20261123T090000Z": whole["20261123T090000Z"]}
    at_the_handoff = by_start(
        roster_folder.export("--from", "2026-11-30T09:00", "--to", "2026-12-07T09:00")
    )
    assert list(at_the_handoff) == ["20261130T090000Z"]


def test_a_file_that_would_not_change_is_not_touched(roster_folder: RosterFolder) -> None:
    (roster_folder.folder / "out").mkdir()
    file = roster_folder.folder / FILE
    assert roster_folder.run("export", "-o", str(file)).exit_code == 0
    was, folder = os.stat(file), os.stat(file.parent)
    assert was.st_mode & 0o777 == 0o644
    roster_folder.later(minutes=1)
    assert roster_folder.run("export", "-o", str(file)).exit_code == 0
    assert os.stat(file) == was or os.stat(file).st_ino == was.st_ino
    assert os.stat(file).st_mtime_ns == was.st_mtime_ns
    assert os.stat(file.parent).st_mtime_ns == folder.st_mtime_ns
    assert file.read_bytes() == roster_folder.export()
    roster_folder.overrides(COVER)
    os.chmod(file, 0o640)
    assert roster_folder.run("export", "-o", str(file)).exit_code == 0
    assert os.stat(file).st_mode & 0o777 == 0o640
    assert os.listdir(file.parent) == ["duty.ics"]


@pytest.mark.parametrize("held", ["root:x:0:0\n", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "\xff"])
def test_a_file_of_somebody_else_is_left_alone(roster_folder: RosterFolder, held: str) -> None:
    file = roster_folder.folder / "theirs"
    file.write_bytes(held.encode("latin-1"))
    done = roster_folder.run("export", "-o", str(file))
    assert done.exit_code == 3
    assert "is not a calendar that rotation exported" in done.stderr
    assert file.read_bytes() == held.encode("latin-1")


def test_an_empty_file_is_nobodys(roster_folder: RosterFolder) -> None:
    file = roster_folder.folder / "new.ics"
    file.touch()
    assert roster_folder.run("export", "-o", str(file)).exit_code == 0
    assert not lint(file.read_bytes())


def test_one_person_and_one_role(roster_folder: RosterFolder) -> None:
    more = '\n[[rotation]]\nname = "b"\nrole = "backup"\npeople = [["alice", "bob"]]\n'
    roster_folder.roster.write_text(ROSTER + more + 'every = "4 weeks"\nstart = 2026-11-02\n')
    span = ("--from", "2026-11-24", "--to", "2026-12-08")
    data = roster_folder.export("--person", "alice", *span)
    assert [event["SUMMARY"] for event in events(data)] == [
        "sysduty backup: alice\\, bob",
        "sysduty backup: alice\\, bob",
        "sysduty duty: alice",
    ]
    assert b"\r\nX-WR-CALNAME:sysduty: alice\r\n" in data
    both = roster_folder.export("--person", "bob", "--role", "backup", *span)
    assert [event["UID"] for event in events(both)] == [
        event["UID"] for event in events(data) if "backup" in event["SUMMARY"]
    ]
    # to look at a part of it says nothing of the rest: it is not gone
    assert {event["SEQUENCE"] for event in events(roster_folder.export())} == {"0"}


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["--person", "carl"], 2, "did you mean 'carol'?"),
        (["--person", "zz"], 2, "known: alice, bob, carol"),
        (["--role", "backup"], 2, "no roster has the role 'backup'"),
        (["--from", "2026-12-24", "--to", "2026-12-01"], 2, "--to is not after --from"),
        (["--from", "soon"], 2, "'soon' is not a point in time"),
        (["--alarm", "an hour"], 2, "--alarm 'an hour' is not a length of time"),
        (["-o", "/nowhere/at/all.ics"], 3, "/nowhere/at"),
    ],
)
def test_bad_questions(
    roster_folder: RosterFolder, arguments: list[str], status: int, said: str
) -> None:
    done = roster_folder.run("export", *arguments)
    assert (done.exit_code, done.stdout) == (status, "")
    assert said in done.stderr
    assert "Traceback" not in done.output


def test_too_much(roster_folder: RosterFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_events, "LIMIT", 50)
    done = roster_folder.run("export")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "more than 50 shifts of 'duty'" in done.stderr
    assert len(events(roster_folder.export("--to", "+10d"))) == 4


def test_alarms(roster_folder: RosterFolder) -> None:
    data = roster_folder.export("--alarm", "1h", "--alarm", "30 min", "--alarm", "2 days")
    assert not lint(data)
    for trigger in ("-PT1H", "-PT30M", "-P2D"):
        assert data.count(f"TRIGGER:{trigger}\r\n".encode()) == 55


def test_gaps_give_nothing(roster_folder: RosterFolder) -> None:
    roster_folder.overrides(
        "[[override]]\nstart = 2026-11-24T00:00:00Z\nend = 2028-01-01T00:00:00Z\nout = '*'\n"
    )
    found = events(roster_folder.export("--from", "2026-11-24", "--to", "2027-11-24"))
    assert found == []
    assert events(roster_folder.export("--from", "2020-01-01", "--to", "2021-01-01")) == []


def test_several_rosters_are_one_calendar(roster_folder: RosterFolder) -> None:
    (roster_folder.folder / "net.toml").write_text(ROSTER.replace("London", "Berlin"))
    done = roster_folder.run("export", path=roster_folder.folder)
    found = events(done.stdout_bytes)
    assert not lint(done.stdout_bytes)
    assert len(found) == 110
    assert {event["SUMMARY"].partition(":")[0] for event in found} == {"net duty", "sysduty duty"}
    assert b"\r\nNAME:net\\, sysduty\r\n" in done.stdout_bytes
    assert b"X-WR-TIMEZONE" not in done.stdout_bytes


def test_a_calendar_that_cannot_be_read_takes_no_duties_away(roster_folder: RosterFolder) -> None:
    roster_folder.roster.write_text(
        ROSTER + '\n[[rotation]]\nname = "cal"\ncalendar = "none.ics"\n'
    )
    done = roster_folder.run("export")
    assert (done.exit_code, done.stdout) == (3, "")
    assert "no such calendar" in done.stderr
    assert "could not be read" in done.stderr


def test_names_are_text(tmp_path: Path) -> None:
    odd = 'x\\n; a,b: "é' + "ü" * 90
    people = ROSTER.replace("Carol Jones", odd.replace("\\", "\\\\").replace('"', '\\"'))
    roster = parse(people.encode(), tmp_path / "sysduty.toml")
    start = datetime(2026, 11, 30, tzinfo=UTC)
    around = (start, start + timedelta(1))
    event = ShiftEvent(
        "u", "u", around, odd, "r;,\\", *around, ("carol",), (), odd, (odd,), 0, None
    )
    revision = Revision(start, start, "", 3, start)
    data = calendar(f"a\x1b[31m{odd}\r\nX-EVIL:1", [RevisedEvent(roster, event, revision)])
    assert not lint(data)
    assert b"\r\nX-EVIL" not in data
    read = Calendar.from_ical(data)
    (name,) = (line for line in unfolded(data) if line.startswith("NAME:"))
    plain = re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], name)
    assert plain == f"NAME:a\\x1b[31m{odd}\\r\nX-EVIL:1"
    (one,) = read.walk("VEVENT")
    assert one["SUMMARY"] == event.summary
    assert f"On duty: {odd} (carol)\n" in str(one["DESCRIPTION"])
    assert f"\nNote: {odd}" in str(one["DESCRIPTION"])
    (words,) = (line for line in unfolded(data) if line.startswith("CATEGORIES:"))
    assert words.endswith(",r\\;\\,\\\\")


def test_other_commands_do_not_wait_for_the_library() -> None:
    code = "import sys, rotation.cli.main; print('icalendar' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
