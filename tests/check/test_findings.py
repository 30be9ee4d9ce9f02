"""Every finding of `rotation check`, word for word, and what is no finding."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.check.quiet_rosters import QUIET
from tests.check.roster_blocks import override, roster_text, rotation, run, write_roster
from tests.check.said import WEEKLY, Said
from tests.check.worded_findings import FOUND

ROSTERS = Path(__file__).parents[2] / "rosters"


@pytest.mark.parametrize("said", [*FOUND.values(), *QUIET.values()], ids=[*FOUND, *QUIET])
def test_what_is_said(said: Said, tmp_path: Path) -> None:
    path = write_roster(tmp_path, said.roster, said.exceptions)
    done = run(path, "check", now=said.now)
    lines = done.stdout.replace(f"{tmp_path}/", "").splitlines()
    assert lines == list(said.lines), done.output
    assert (done.exit_code, done.stderr) == (1 if said.lines else 0, "")
    later = run(path, "check", "--at", said.now.isoformat(), now=datetime(2030, 1, 1, tzinfo=UTC))
    assert later.stdout == done.stdout


def test_several_overlaps_are_one_finding(tmp_path: Path) -> None:
    exceptions = "".join(override("2026-12-01", "2026-12-03", "*", f"p{n}") for n in (0, 1, 3))
    lines = run(
        write_roster(tmp_path, roster_text(WEEKLY), exceptions), "check"
    ).stdout.splitlines()
    assert [line.split("(")[0] for line in lines] == [
        f"{tmp_path}/team.overrides.toml:6: warning: this override overlaps the one at line 1, "
        "and their order decides ",
        f"{tmp_path}/team.overrides.toml:11: warning: this override overlaps those at lines 1, 6, "
        "and their order decides ",
    ]


def test_how_early_to_warn_of_an_end(tmp_path: Path) -> None:
    path = write_roster(tmp_path, roster_text(rotation(until="2026-12-25")))  # 32 days on
    assert run(path, "check").exit_code == 0
    assert "runs out on 2026-12-26 00:00 GMT" in run(path, "check", "--within", "32").stdout
    assert run(path, "check", "--within", "31").exit_code == 0
    assert run(path, "check", "--within", "367").exit_code == 2
    ever = write_roster(tmp_path, roster_text(rotation(hours='["mon-fri 09:00-17:00"]')))
    assert run(ever, "check", "--within", "366").exit_code == 0  # a night is no end


def _calendar(*events: str) -> str:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-"]
    for number, event in enumerate(events):
        lines += ["BEGIN:VEVENT", f"UID:{number}", "DTSTAMP:20260101T000000Z", event]
        lines += ["SUMMARY:p0", "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


def test_a_calendar_that_runs_out(tmp_path: Path) -> None:
    text = roster_text(WEEKLY, '[[rotation]]\nname = "team"\ncalendar = "duty.ics"\npriority = 1\n')
    path = write_roster(tmp_path, text)
    assert "no such calendar" in run(path, "check").stdout
    feed = tmp_path / "duty.ics"
    week = "DTSTART:20261126T090000Z\r\nDTEND:20261127T090000Z"
    for text, said in (
        (_calendar(week), "runs out on 2026-11-27 09:00 GMT (put more shifts into it)"),
        (_calendar(week.replace("202611", "202602")), "has no shift ahead (put more shifts into "),
        (_calendar(week.replace("202611", "202701")), ""),
        (_calendar(f"{week}\r\nRRULE:FREQ=WEEKLY"), ""),
    ):
        feed.write_text(text)
        done = run(path, "check")
        assert done.stdout.startswith(
            f"{path}:14: warning: the calendar of rotation 'team' {said}" if said else ""
        )
        assert len(done.stdout.splitlines()) == bool(said)


@pytest.mark.parametrize(
    ("turns", "calendar", "said"),
    [
        (WEEKLY, "", True),
        (WEEKLY, "since = 2027-01-04T00:00:00\n", True),
        (rotation(until="2027-01-04T00:00:00"), "since = 2027-01-04T00:00:00\n", False),
        (WEEKLY, "until = 2026-11-01T00:00:00\n", False),
        (WEEKLY, "priority = 1\n", False),
        (WEEKLY, 'role = "backup"\n', False),
        (WEEKLY.replace("weekly", "turns"), "", False),
        (WEEKLY + rotation(start="2026-12-07"), "", True),
    ],
)
def test_a_calendar_that_replaces_no_turns(
    tmp_path: Path, turns: str, calendar: str, said: bool
) -> None:
    """A later block of the same name replaces the earlier one from its start on; this has none."""
    (tmp_path / "duty.ics").write_text(_calendar("DTSTART:20261126T090000Z\r\nRRULE:FREQ=WEEKLY"))
    block = f'[[rotation]]\nname = "weekly"\ncalendar = "duty.ics"\n{calendar}'
    path = write_roster(tmp_path, roster_text(turns, block))
    lines = [line for line in run(path, "check").stdout.splitlines() if " go on beside " in line]
    assert bool(lines) is said
    # from the calendar on, turns that come later replace it
    path = write_roster(tmp_path, roster_text(block, turns))
    assert " go on beside " not in run(path, "check").stdout


def test_calendars_count_in_every_check(tmp_path: Path) -> None:
    (tmp_path / "duty.ics").write_text(
        _calendar("DTSTART:20261124T000000Z\r\nDTEND:20261124T120000Z\r\nRRULE:FREQ=DAILY")
    )
    text = roster_text(
        '[[rotation]]\nname = "team"\ncalendar = "duty.ics"\n', people=2, fallback=False
    )
    done = run(
        write_roster(tmp_path, text, override("2026-12-01", "2026-12-02", "p0", "p1")), "check"
    )
    found = [line.removeprefix(f"{tmp_path}/").split(" (")[0] for line in done.stdout.splitlines()]
    assert found == [
        "team.toml:6: warning: nobody has the role 'duty' from 2026-11-24 12:00 GMT to "
        "2026-11-25 00:00 GMT",
        "team.toml:6: warning: 1 person has the role 'duty': p0 50% of the time on duty, more "
        "than 25%",
    ]


def test_a_bad_roster_does_not_hide_what_is_odd_in_another(tmp_path: Path) -> None:
    folder = tmp_path / "rosters"
    write_roster(folder, roster_text(rotation(0, 1, 9)), name="a")
    write_roster(folder, roster_text(WEEKLY, people=6), name="b")
    done = run(folder, "check")
    assert [line.split(": ")[1] for line in done.stdout.splitlines()] == ["error", "note"]
    assert (done.exit_code, done.stderr) == (1, "")
    (folder / "c.toml").mkdir()
    done = run(folder, "check")
    assert done.exit_code == 2
    assert len(done.stdout.splitlines()) == 2
    assert "c.toml" in done.stderr


def test_the_samples_are_clean_all_year() -> None:
    for days in range(0, 366, 61):
        now = datetime(2026, 1, 5, 10, tzinfo=UTC) + timedelta(days)
        done = run(ROSTERS, "check", now=now)
        assert (done.exit_code, done.output) == (0, ""), now
