"""`rotation check --nagios`: one line, and the exit status of a plugin."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.check.roster_blocks import absence, override, roster_text, rotation, run, write_roster

# Monitoring Plugins Development Guidelines: 'label'=value[UOM];[warn];[crit];[min];[max]
_DATA = r"[a-z]+=\d+d?( [a-z]+=\d+d?)*"
_LINE = re.compile(rf"ROTATION (OK|WARNING|CRITICAL|UNKNOWN) - [^|\n]+ \| {_DATA}\n")
CODES = {"OK": 0, "WARNING": 1, "CRITICAL": 2, "UNKNOWN": 3}
HOURS = '["mon-fri 09:00-17:00"]'


@pytest.mark.parametrize(
    ("roster", "exceptions", "line"),
    [
        (
            roster_text(rotation()),
            "",
            "ROTATION OK - 1 roster, nothing odd | gaps=0 runway=366d errors=0 warnings=0 notes=0",
        ),
        (
            roster_text(rotation()),
            absence("p2", "2026-12-24", "2026-12-26"),
            "ROTATION OK - 1 roster, nothing odd | gaps=0 runway=366d errors=0 warnings=0 notes=1",
        ),
        (
            roster_text(rotation(until="2026-12-14T12:00:00"), people=6),
            override("2026-12-01", "2026-12-03", "p4", "p0"),
            "ROTATION WARNING - FOLDER/team.toml:10: the last rotation of the role 'duty' runs out "
            "on 2026-12-14 12:00 GMT: nobody is on duty after it (and 1 more) | "
            "gaps=0 runway=20d errors=0 warnings=2 notes=1",
        ),
        (
            roster_text(rotation(hours=HOURS, until="2026-12-01T00:00:00"), fallback=False),
            "",
            "ROTATION WARNING - FOLDER/team.toml:9: nobody has the role 'duty' from 2026-11-24 "
            "17:00 GMT to 2026-11-25 09:00 GMT (and 4 more within a year) (and 1 more) | "
            "gaps=5 runway=6d errors=0 warnings=2 notes=0",
        ),
        (
            roster_text(rotation(hours='["mon-fri 11:00-17:00"]'), fallback=False),
            "",
            "ROTATION CRITICAL - FOLDER/team.toml:9: nobody has the role 'duty' from 2026-11-24 "
            "10:00 GMT to 2026-11-24 11:00 GMT (and 262 more within a year) | "
            "gaps=263 runway=366d errors=0 warnings=1 notes=0",
        ),
        (
            roster_text(rotation(0, 9)).replace("every", "evry"),
            "",
            "ROTATION CRITICAL - FOLDER/team.toml:9: this rotation has no 'every' (and 2 more) | "
            "errors=3 warnings=0 notes=0",
        ),
        (
            "timezone = ",
            "",
            "ROTATION CRITICAL - FOLDER/team.toml:1: TOML syntax: no value for 'timezone' | "
            "errors=1 warnings=0 notes=0",
        ),
    ],
)
def test_the_line(roster: str, exceptions: str, line: str, tmp_path: Path) -> None:
    done = run(write_roster(tmp_path, roster, exceptions), "check", "--nagios")
    assert done.stdout == line.replace("FOLDER", str(tmp_path)) + "\n"
    match = _LINE.fullmatch(done.stdout)
    assert match is not None
    assert (done.exit_code, done.stderr) == (CODES[match[1]], "")


def test_a_roster_that_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path / "none.toml", tmp_path):
        done = run(path, "check", "--nagios")
        assert done.exit_code == 3
        assert done.stdout.startswith(f"ROTATION UNKNOWN - {path}: no ")
        assert _LINE.fullmatch(done.stdout)
    write_roster(tmp_path, roster_text(rotation()))
    (tmp_path / "folder.toml").mkdir()
    done = run(tmp_path, "check", "--nagios")
    assert (done.exit_code, done.stdout.split(" - ")[0]) == (3, "ROTATION UNKNOWN")


def test_a_calendar_that_cannot_be_read_is_unknown_and_hides_nothing_worse(tmp_path: Path) -> None:
    folder = tmp_path / "rosters"
    block = '\n[[rotation]]\nname = "from afar"\ncalendar = "gone.ics"\n'
    write_roster(folder, roster_text(block), name="a")
    write_roster(folder, roster_text(rotation()), name="b")
    done = run(folder, "check", "--nagios")
    assert (done.exit_code, done.stdout.split(" - ")[0]) == (3, "ROTATION UNKNOWN")
    assert "gone.ics" in done.stdout
    assert "gaps=" not in done.stdout
    write_roster(folder, roster_text(rotation(9)), name="c")
    assert run(folder, "check", "--nagios").exit_code == 2


def test_wrong_words_on_the_command_line(tmp_path: Path) -> None:
    path = write_roster(tmp_path, roster_text(rotation()))
    done = run(path, "check", "--nagios", "--at", "yesteryear")
    assert (done.exit_code, done.stdout.split(" - ")[0]) == (3, "ROTATION UNKNOWN")
    assert run(path, "check", "--nagios", "--against", str(path)).exit_code == 2


def test_nothing_in_the_line_can_be_taken_for_performance_data(tmp_path: Path) -> None:
    text = roster_text(rotation(name="x | gaps=99", until="2026-12-14T12:00:00", role='"a|b"'))
    done = run(write_roster(tmp_path, text), "check", "--nagios")
    assert _LINE.fullmatch(done.stdout)
    assert "'a/b'" in done.stdout


def test_the_worst_of_several_rosters(tmp_path: Path) -> None:
    folder = tmp_path / "rosters"
    write_roster(folder, roster_text(rotation()), name="a")
    assert run(folder, "check", "--nagios").stdout.startswith("ROTATION OK - 1 roster, ")
    write_roster(folder, roster_text(rotation(until="2026-12-14")), name="b")
    done = run(folder, "check", "--nagios")
    assert done.exit_code == 1
    assert " gaps=0 runway=20d " in done.stdout
    write_roster(folder, roster_text(rotation(9)), name="c")
    assert run(folder, "check", "--nagios").exit_code == 2
    later = datetime(2026, 12, 20, tzinfo=UTC)
    assert " runway=0d " in run(folder, "check", "--nagios", now=later).stdout
