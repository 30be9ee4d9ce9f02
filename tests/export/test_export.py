"""`rotation export`: identities that stay, revisions that rise, bytes that do not change."""

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
from rotation.host.real import Host
from rotation.roster.parse import parse

from .lint import events, lint, unfolded
from .roster_folder import COVER, ROSTER, Desk

FILE = "out/duty.ics"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def by_start(data: bytes) -> dict[str, dict[str, str]]:
    return {event["DTSTART"]: event for event in events(data)}


def test_one_event_for_each_shift(desk: Desk) -> None:
    data = desk.export("--from", "2026-11-24", "--to", "2026-12-08")
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


def test_the_default_span(desk: Desk) -> None:
    found = events(desk.export())
    assert found[0]["DTSTART"] == "20261109T090000Z"
    assert found[-1]["DTSTART"] == "20271122T090000Z"
    assert len(found) == 55


def test_a_shift_that_is_cut_by_the_span_is_exported_whole(desk: Desk) -> None:
    whole = by_start(desk.export("--from", "2026-11-20", "--to", "2026-12-20"))
    cut = by_start(desk.export("--from", "2026-11-26", "--to", "2026-11-27"))
    assert cut == {"20261123T090000Z": whole["20261123T090000Z"]}
    at_the_handoff = by_start(desk.export("--from", "2026-11-30T09:00", "--to", "2026-12-07T09:00"))
    assert list(at_the_handoff) == ["20261130T090000Z"]


def test_a_shift_that_changes_hands(desk: Desk) -> None:
    before = by_start(desk.export())
    desk.overrides(COVER)
    data = desk.export()
    after = by_start(data)
    assert not lint(data)
    changed = {start for start in after if after[start] != before[start]}
    assert changed == {"20261130T090000Z"}
    (old,), (new,) = ([table[start] for start in changed] for table in (before, after))
    assert new["UID"] == old["UID"]
    assert new["SUMMARY"] == "sysduty duty: bob for carol"
    assert "Instead of: Carol Jones (carol)" in new["DESCRIPTION"].replace("\\,", ",")
    assert "Note: swap\\; as agreed\\, by phone" in new["DESCRIPTION"]
    assert (old["SEQUENCE"], new["SEQUENCE"]) == ("0", "1")
    assert new["LAST-MODIFIED"] == new["DTSTAMP"] == "20261124T091200Z"
    desk.later(hours=5)
    assert by_start(desk.export()) == after


def test_whoever_was_agreed_on_comes_for_somebody_who_is_away(desk: Desk) -> None:
    desk.overrides(COVER + '[[absence]]\nperson = "carol"\nstart = 2026-11-30\nend = 2026-12-20\n')
    shifts = by_start(desk.export("--to", "2026-12-07T09:00"))
    assert shifts["20261130T090000Z"]["SUMMARY"] == "sysduty duty: bob for carol"


def test_a_change_that_is_taken_back_is_a_change(desk: Desk) -> None:
    seen = []
    for text in ("", COVER, "", COVER, COVER.replace('"bob"', '"alice"'), ""):
        desk.overrides(text)
        desk.later(hours=1)
        seen.append(by_start(desk.export())["20261130T090000Z"])
        desk.later(hours=1)
        assert by_start(desk.export())["20261130T090000Z"] == seen[-1]
    assert [event["SEQUENCE"] for event in seen] == ["0", "1", "2", "3", "4", "5"]
    assert [e["LAST-MODIFIED"] for e in seen] == sorted({e["LAST-MODIFIED"] for e in seen})
    assert len({event["UID"] for event in seen}) == 1


def test_two_changes_within_a_second_differ(desk: Desk) -> None:
    stamps = []
    for text in ("", COVER, "", COVER, ""):
        desk.overrides(text.replace("at  ", "# at"))
        stamps.append(by_start(desk.export())["20261130T090000Z"]["LAST-MODIFIED"])
    assert stamps == sorted(set(stamps))


def test_pieces_of_a_shift(desk: Desk) -> None:
    whole = by_start(desk.export())["20261130T090000Z"]
    cover = COVER.replace("11-30T09", "12-02T09").replace("12-07T09", "12-04T09")
    desk.overrides(cover)
    data = desk.export("--from", "2026-11-30T09:00", "--to", "2026-12-07")
    assert not lint(data)
    first, second, third = events(data)
    assert (first["DTSTART"], first["DTEND"]) == ("20261130T090000Z", "20261202T090000Z")
    assert first["UID"] == whole["UID"]
    assert [int(event["SEQUENCE"]) for event in (first, second, third)] == [1, 1, 1]
    assert second["SUMMARY"].endswith("bob for carol")
    assert second["UID"].startswith("20261130T090000Z-20261202T090000Z-")
    assert third["UID"].startswith("20261130T090000Z-20261204T090000Z-")
    # the piece that bob has goes on to alice: it is the same piece
    desk.overrides(cover.replace('"bob"', '"alice"'))
    desk.later(hours=1)
    again = events(desk.export("--from", "2026-12-03", "--to", "2026-12-03T10:00"))[0]
    assert (again["UID"], again["SEQUENCE"]) == (second["UID"], "2")
    # a piece that was taken back and comes again is newer than it was
    desk.overrides("")
    desk.export()
    desk.overrides(cover.replace('"bob"', '"alice"'))
    again = by_start(desk.export())["20261202T090000Z"]
    assert (again["UID"], again["SEQUENCE"]) == (second["UID"], "4")


def test_an_absence_and_a_duty_where_there_was_none(desk: Desk) -> None:
    desk.roster.write_text(ROSTER.replace('"09:00"', '"09:00"\nhours = ["mon-fri"]'))
    before = events(desk.export())
    desk.overrides(
        '[[absence]]\nperson = "carol"\nstart = 2026-12-01\nend = 2026-12-02\n'
        "[[override]]\nstart = 2026-12-05T08:00:00Z\nend = 2026-12-05T20:00:00Z\nin = 'alice'\n"
    )
    data = desk.export("--from", "2026-11-30T09:00", "--to", "2026-12-06")
    assert not lint(data)
    who = [event["SUMMARY"].partition(": ")[2] for event in events(data)]
    assert who == ["carol", "alice for carol", "carol", "alice"]
    assert len({event["UID"] for event in events(data)}) == 4
    assert events(data)[0]["UID"] in {event["UID"] for event in before}


def test_parts_of_a_second(desk: Desk) -> None:
    before = by_start(desk.export())
    odd = COVER.replace("11-30T09:00:00", "11-30T09:00:00.25").replace("12-07T09:00:00", "11-30T10")
    desk.overrides(
        odd.replace("T10Z", "T09:00:00.75Z") + COVER.replace("12-07T09:00:00", "12-01T09:00:00.5")
    )
    data = desk.export()
    assert not lint(data)
    after = by_start(data)
    assert after["20261130T090000Z"]["UID"] == before["20261130T090000Z"]["UID"]
    assert after["20261201T090000Z"]["SUMMARY"].endswith(": carol")
    assert len(after) == 56


def test_the_same_on_every_host(desk: Desk) -> None:
    desk.overrides(COVER)
    here = desk.export()
    desk.state = desk.folder / "elsewhere"
    desk.later(hours=9)
    assert desk.export() == here


def test_a_file_that_stands_there_is_learnt_from(desk: Desk) -> None:
    (desk.folder / "out").mkdir()
    file = desk.folder / FILE
    for text, state in ((COVER, "one"), ("", "one"), (COVER, "two"), ("", "three")):
        desk.overrides(text)
        desk.state = desk.folder / state
        desk.later(hours=1)
        assert desk.run("export", "-o", str(file)).output == ""
    event = by_start(file.read_bytes())["20261130T090000Z"]
    assert event["SEQUENCE"] == "4"
    assert not lint(file.read_bytes())


def test_a_file_that_would_not_change_is_not_touched(desk: Desk) -> None:
    (desk.folder / "out").mkdir()
    file = desk.folder / FILE
    assert desk.run("export", "-o", str(file)).exit_code == 0
    was, folder = os.stat(file), os.stat(file.parent)
    assert was.st_mode & 0o777 == 0o644
    desk.later(minutes=1)
    assert desk.run("export", "-o", str(file)).exit_code == 0
    assert os.stat(file) == was or os.stat(file).st_ino == was.st_ino
    assert os.stat(file).st_mtime_ns == was.st_mtime_ns
    assert os.stat(file.parent).st_mtime_ns == folder.st_mtime_ns
    assert file.read_bytes() == desk.export()
    desk.overrides(COVER)
    os.chmod(file, 0o640)
    assert desk.run("export", "-o", str(file)).exit_code == 0
    assert os.stat(file).st_mode & 0o777 == 0o640
    assert os.listdir(file.parent) == ["duty.ics"]


@pytest.mark.parametrize("held", ["root:x:0:0\n", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "\xff"])
def test_a_file_of_somebody_else_is_left_alone(desk: Desk, held: str) -> None:
    file = desk.folder / "theirs"
    file.write_bytes(held.encode("latin-1"))
    done = desk.run("export", "-o", str(file))
    assert done.exit_code == 3
    assert "something else than a calendar that was exported" in done.stderr
    assert file.read_bytes() == held.encode("latin-1")


def test_an_empty_file_is_nobodys(desk: Desk) -> None:
    file = desk.folder / "new.ics"
    file.touch()
    assert desk.run("export", "-o", str(file)).exit_code == 0
    assert not lint(file.read_bytes())


def test_one_person_and_one_role(desk: Desk) -> None:
    more = '\n[[rotation]]\nname = "b"\nrole = "backup"\npeople = [["alice", "bob"]]\n'
    desk.roster.write_text(ROSTER + more + 'every = "4 weeks"\nstart = 2026-11-02\n')
    span = ("--from", "2026-11-24", "--to", "2026-12-08")
    data = desk.export("--person", "alice", *span)
    assert [event["SUMMARY"] for event in events(data)] == [
        "sysduty backup: alice\\, bob",
        "sysduty backup: alice\\, bob",
        "sysduty duty: alice",
    ]
    assert b"\r\nX-WR-CALNAME:sysduty: alice\r\n" in data
    both = desk.export("--person", "bob", "--role", "backup", *span)
    assert [event["UID"] for event in events(both)] == [
        event["UID"] for event in events(data) if "backup" in event["SUMMARY"]
    ]
    # to look at a part of it says nothing of the rest: it is not gone
    assert {event["SEQUENCE"] for event in events(desk.export())} == {"0"}


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["--person", "carl"], 2, "did you mean 'carol'?"),
        (["--person", "zz"], 2, "known: alice, bob, carol"),
        (["--role", "backup"], 2, "no roster has the role 'backup'"),
        (["--from", "2026-12-24", "--to", "2026-12-01"], 2, "--to is not after --from"),
        (["--from", "soon"], 2, "'soon' is no point in time"),
        (["--alarm", "an hour"], 2, "--alarm 'an hour' is no length of time"),
        (["-o", "/nowhere/at/all.ics"], 3, "/nowhere/at"),
    ],
)
def test_bad_questions(desk: Desk, arguments: list[str], status: int, said: str) -> None:
    done = desk.run("export", *arguments)
    assert (done.exit_code, done.stdout) == (status, "")
    assert said in done.stderr
    assert "Traceback" not in done.output


def test_too_much(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_events, "LIMIT", 50)
    done = desk.run("export")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "more than 50 shifts of 'duty'" in done.stderr
    assert len(events(desk.export("--to", "+10d"))) == 4


def test_alarms(desk: Desk) -> None:
    data = desk.export("--alarm", "1h", "--alarm", "30 min", "--alarm", "2 days")
    assert not lint(data)
    for trigger in ("-PT1H", "-PT30M", "-P2D"):
        assert data.count(f"TRIGGER:{trigger}\r\n".encode()) == 55


def test_gaps_give_nothing(desk: Desk) -> None:
    desk.overrides(
        "[[override]]\nstart = 2026-11-24T00:00:00Z\nend = 2028-01-01T00:00:00Z\nout = '*'\n"
    )
    found = events(desk.export("--from", "2026-11-24", "--to", "2027-11-24"))
    assert found == []
    assert events(desk.export("--from", "2020-01-01", "--to", "2021-01-01")) == []


def test_several_rosters_are_one_calendar(desk: Desk) -> None:
    (desk.folder / "net.toml").write_text(ROSTER.replace("London", "Berlin"))
    done = desk.run("export", path=desk.folder)
    found = events(done.stdout_bytes)
    assert not lint(done.stdout_bytes)
    assert len(found) == 110
    assert {event["SUMMARY"].partition(":")[0] for event in found} == {"net duty", "sysduty duty"}
    assert b"\r\nNAME:net\\, sysduty\r\n" in done.stdout_bytes
    assert b"X-WR-TIMEZONE" not in done.stdout_bytes


def test_a_calendar_that_cannot_be_read_takes_no_duties_away(desk: Desk) -> None:
    desk.roster.write_text(ROSTER + '\n[[rotation]]\nname = "cal"\ncalendar = "none.ics"\n')
    done = desk.run("export")
    assert (done.exit_code, done.stdout) == (3, "")
    assert "no such calendar" in done.stderr
    assert "could not be read" in done.stderr


def test_without_a_state_folder_it_says_so_and_goes_on(desk: Desk) -> None:
    desk.state = desk.folder / "file"
    desk.state.touch()
    done = desk.run("export")
    assert done.exit_code == 0
    assert "warning: " in done.stderr
    assert len(events(done.stdout_bytes)) == 55


def test_a_damaged_ledger_is_begun_anew(desk: Desk) -> None:
    data = desk.export()
    (ledger,) = desk.state.glob("*.json")
    for text in ("", "{", "[]", '{"events": {"x": {}}}', '{"events": []}', "[" * 100_000):
        ledger.write_text(text)
        done = desk.run("export")
        assert done.stdout_bytes == data
        assert "was damaged" in done.stderr
        assert desk.run("export").stderr == ""


def test_what_ended_long_ago_is_forgotten(desk: Desk) -> None:
    desk.export()
    (ledger,) = desk.state.glob("*.json")
    assert b"20261109T" in ledger.read_bytes()
    desk.later(days=1000)
    desk.export()
    assert b"20261109T" not in ledger.read_bytes()


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


def test_a_host_that_is_used_elsewhere_keeps_its_records_apart(tmp_path: Path) -> None:
    host = Host(tmp_path / "state")
    assert host.recorded("a.json") is None
    host.record("a.json", b"1")
    assert host.recorded("a.json") == b"1"
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700
