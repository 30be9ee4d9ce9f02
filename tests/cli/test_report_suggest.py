"""`rotation report --suggest`: who should take a shift."""
# ruff: noqa: E501 - the lines are the calendar's

from __future__ import annotations

import json
from pathlib import Path

from tests.check.roster_blocks import absence, override, roster_text, rotation, run, write_roster


def test_who_should_take_a_shift(tmp_path: Path) -> None:
    exceptions = absence("p3", "2026-12-24", "2027-01-02")
    path = write_roster(tmp_path, roster_text(rotation(handoff='"09:00"')), exceptions)
    done = run(path, "report", "--suggest", "2026-12-24")
    assert (done.exit_code, done.stderr) == (0, "")
    # p0 has it; p4 has just had a week, p1 and p2 are next
    assert done.stdout == (
        "team duty: Mon 21 Dec 09:00 GMT to Mon 28 Dec 09:00 GMT, now p0\n"
        "   person  nearest duty  begun before  begins after\n"
        "1  p2      14 days       21 days       14 days\n"
        "2  p4      7 days        7 days        28 days\n"
        "3  p1      7 days        28 days       7 days\n"
        "not: p0 (on duty then), p3 (away)\n"
    )


def test_the_rest_of_a_shift_or_a_part_of_it(tmp_path: Path) -> None:
    path = write_roster(tmp_path, roster_text(rotation(handoff='"09:00"')))
    (rest,) = json.loads(run(path, "report", "--suggest", "now", "--json").stdout)
    assert (rest["start"], rest["end"]) == (
        "2026-11-24T10:00:00+00:00",
        "2026-11-30T09:00:00+00:00",
    )
    assert rest["now"] == ["p1"]
    until = ("--until", "2026-12-02T12:00")
    (part,) = json.loads(run(path, "report", "--suggest", "friday 9:00", *until, "--json").stdout)
    assert (part["start"], part["end"]) == (
        "2026-11-27T09:00:00+00:00",
        "2026-12-02T12:00:00+00:00",
    )
    assert part["now"] == ["p1", "p2"]
    assert part["suggested"] == "p4"
    assert [one["person"] for one in part["busy"]] == ["p1", "p2"]


def test_a_gap_can_be_filled(tmp_path: Path) -> None:
    path = write_roster(
        tmp_path, roster_text(rotation()), override("2026-12-02", "2026-12-03", "*")
    )
    done = run(path, "report", "--suggest", "2026-12-03")
    assert done.stdout.splitlines()[0] == (
        "team duty: Wed 2 Dec 00:00 GMT to Fri 4 Dec 00:00 GMT, now nobody"
    )
    assert " p0 " in done.stdout.splitlines()[2]
    done = run(path, "report", "--suggest", "2020-01-01")
    assert "Mon 5 Jan 00:00 GMT, now nobody" in done.stdout
    ever = write_roster(tmp_path, roster_text(rotation(until="2026-12-31")))
    done = run(ever, "report", "--suggest", "2027-06-01")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "--suggest '2027-06-01' --until WHEN" in done.stderr
    done = run(ever, "report", "--suggest", "2027-06-01", "--until", "2027-06-08")
    assert done.exit_code == 0
    assert len(done.stdout.splitlines()) == 2 + 5


def test_nobody_is_free(tmp_path: Path) -> None:
    text = roster_text(
        rotation(0, 1, 2), rotation(1, 2, 0, name="second", role='"backup"'), people=3
    )
    path = write_roster(tmp_path, text, absence("p0", "2026-12-01", "2026-12-01"))
    done = run(path, "report", "--suggest", "2026-12-01")
    assert done.exit_code == 1
    assert done.stdout == (
        "team duty: Mon 30 Nov 00:00 GMT to Mon 7 Dec 00:00 GMT, now p2\n"
        "nobody is free\n"
        "not: p2 (on duty then), p0 (away), p1 (has the role 'backup' then)\n"
    )
    (answer,) = json.loads(run(path, "report", "--suggest", "2026-12-01", "--json").stdout)
    assert (answer["suggested"], answer["ranking"]) == (None, [])


def test_a_calendar_s_people(tmp_path: Path) -> None:
    (tmp_path / "duty.ics").write_text(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-\r\n"
        + "".join(
            f"BEGIN:VEVENT\r\nUID:{n}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:202611{2 + 7 * n:02}T090000Z\r\n"
            f"DTEND:202611{3 + 7 * n:02}T090000Z\r\nRRULE:FREQ=WEEKLY;INTERVAL=3\r\nSUMMARY:p{n}\r\nEND:VEVENT\r\n"
            for n in range(3)
        )
        + "END:VCALENDAR\r\n"
    )
    path = write_roster(
        tmp_path, roster_text('[[rotation]]\nname = "team"\ncalendar = "duty.ics"\n', people=4)
    )
    (table,) = json.loads(
        run(path, "report", "--from", "2026-11-01", "--to", "2026-12-13", "--json").stdout
    )
    assert {one["person"]: (one["hours"], one["fair"]) for one in table["people"]} == {
        f"p{n}": (48, 0.333333) for n in range(3)
    }
    assert table["score"]["balance"] == 100
    (answer,) = json.loads(run(path, "report", "--suggest", "2026-12-07T12:00", "--json").stdout)
    assert [one["person"] for one in answer["ranking"]] == ["p1", "p0"]  # p0 began first
