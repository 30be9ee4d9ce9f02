"""What `apply` and `notify` complain of from cron: at first, once a day, and when it is over."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli.sample import NOW, call

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ROSTER = """timezone = "UTC"
people.alice = "alice@example.com"
[role.duty]
load = "expected"
[[rotation]]
name = "team"
calendar = "duty.ics"
[[target]]
include = "list"
"""
LUNCH = "Team lunch"


def event(uid: int, title: str) -> str:
    return (
        f"BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20260101T000000Z\r\n"
        f"DTEND:20280101T000000Z\r\nSUMMARY:{title}\r\nEND:VEVENT\r\n"
    )


def keep_calendar(roster: Path, *titles: str) -> None:
    events = "".join(event(number, title) for number, title in enumerate(titles))
    text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:test\r\n{events}END:VCALENDAR\r\n"
    (roster.parent / "duty.ics").write_text(text, newline="")


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    path = tmp_path / "team.toml"
    path.write_text(ROSTER)
    keep_calendar(path, "alice", LUNCH)
    return path


@pytest.mark.parametrize("command", ["apply", "notify"])
def test_a_warning_is_said_when_it_appears_and_once_a_day(roster: Path, command: str) -> None:
    said = []
    for number in range(2 * 288):
        if number % 48 in (0, 1):
            done = call(roster, command, now=NOW + number * 5 * MINUTE)
            assert done.exit_code == 0
            if LUNCH in done.stderr:
                said.append(number)
    assert said == [0, 288]


def test_it_is_said_once_that_it_is_over(roster: Path) -> None:
    assert "warning: " in call(roster, "apply").stderr
    keep_calendar(roster, "alice")
    done = call(roster, "apply", now=NOW + MINUTE)
    assert done.stderr.startswith("note: over: ")
    assert LUNCH in done.stderr
    assert call(roster, "apply", now=NOW + 2 * MINUTE).stderr == ""
    keep_calendar(roster, "alice", LUNCH)
    assert "warning: " in call(roster, "apply", now=NOW + 3 * MINUTE).stderr


def test_an_error_that_lasts_keeps_its_exit_status(roster: Path) -> None:
    assert call(roster, "apply").exit_code == 0
    (roster.parent / "duty.ics").unlink()
    first, again, next_day = (
        call(roster, "apply", now=NOW + after) for after in (HOUR, 2 * HOUR, HOUR + DAY)
    )
    assert [done.exit_code for done in (first, again, next_day)] == [3, 3, 3]
    assert "no such calendar" in first.stderr
    assert again.stderr == ""
    assert "no such calendar" in next_day.stderr
    keep_calendar(roster, "alice")
    done = call(roster, "apply", now=NOW + 2 * DAY)
    assert done.exit_code == 0
    assert done.stderr.count("note: over: ") == 3  # the lunch too: nobody could see that before


def test_what_is_new_is_said_beside_what_lasts(roster: Path) -> None:
    call(roster, "apply")
    keep_calendar(roster, "alice", LUNCH, "Dentist")
    done = call(roster, "apply", now=NOW + MINUTE)
    assert "Dentist" in done.stderr
    assert LUNCH not in done.stderr


def test_a_roster_that_cannot_be_read_is_said_once_too(roster: Path) -> None:
    roster.write_text("nonsense\n")
    assert "error: TOML syntax" in call(roster, "apply").stderr
    done = call(roster, "apply", now=NOW + MINUTE)
    assert (done.exit_code, done.stderr) == (2, "")


@pytest.mark.parametrize("words", [["apply", "--dry-run"], ["apply", "--check"], ["who"]])
def test_who_asks_is_always_told(roster: Path, words: list[str]) -> None:
    call(roster, "apply")
    for _ in range(2):
        assert LUNCH in call(roster, *words, now=NOW + MINUTE).stderr


def test_rosters_of_the_same_name_in_two_folders_are_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in (tmp_path / "one", tmp_path / "two"):
        folder.mkdir()
        (folder / "team.toml").write_text("nonsense\n")
        monkeypatch.chdir(folder)
        done = call(Path("team.toml"), "apply", state=tmp_path / "state")
        assert "error: TOML syntax" in done.stderr


def test_a_wrong_command_line_is_answered_every_time(roster: Path) -> None:
    for _ in range(2):
        done = call(roster, "apply", "--at", "+1d")
        assert (done.exit_code, "--dry-run" in done.stderr) == (2, True)
    assert "over" not in call(roster, "apply").stderr


def test_on_a_terminal_everything_is_said(roster: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rotation.cli.once._on_a_terminal", lambda: True)
    for _ in range(2):
        assert LUNCH in call(roster, "apply").stderr


def test_a_record_that_is_broken_or_from_the_future_hides_nothing(roster: Path) -> None:
    call(roster, "apply", now=NOW + DAY)
    assert LUNCH in call(roster, "apply", now=NOW).stderr
    (record,) = (roster.parent / "state").glob("said-apply-*.json")
    record.write_bytes(b"\xff{")
    assert LUNCH in call(roster, "apply", now=NOW + MINUTE).stderr


def test_where_nothing_can_be_remembered_everything_is_said(roster: Path, tmp_path: Path) -> None:
    state = tmp_path / "no-folder"
    state.write_text("")
    for _ in range(2):
        assert LUNCH in call(roster, "notify", state=state).stderr


def test_a_run_that_looked_at_nothing_calls_nothing_over(roster: Path) -> None:
    assert LUNCH in call(roster, "apply").stderr
    done = call(roster, "apply", "--at", "2027-01-01", now=NOW + MINUTE)
    assert done.exit_code == 2
    assert "over" not in done.stderr
    assert call(roster, "apply", now=NOW + 2 * MINUTE).stderr == ""
    text = roster.read_text()
    roster.write_text("nonsense\n")
    assert LUNCH not in call(roster, "apply", now=NOW + 3 * MINUTE).stderr
    roster.write_text("# a comment\nnonsense\n")
    assert call(roster, "apply", now=NOW + 4 * MINUTE).stderr == ""
    roster.write_text(text)
    done = call(roster, "apply", now=NOW + 5 * MINUTE)
    assert done.stderr == f"note: over: TOML syntax: {done.stderr.split(': ', 3)[3]}"
    assert f"--> {roster}\n" in done.stderr


def test_of_a_roster_that_cannot_be_read_nothing_is_called_over(roster: Path) -> None:
    other = roster.parent / "other.toml"
    other.write_text(ROSTER.replace('"list"', '"other"'))
    (roster.parent / "list").mkdir()
    assert "is a folder" in call(roster.parent, "apply").stderr
    roster.write_text(f"{ROSTER}nonsense")
    done = call(roster.parent, "apply")
    assert done.exit_code == 2
    assert "nonsense" in done.stderr
    assert "over: " not in done.stderr
    roster.write_text(ROSTER)
    done = call(roster.parent, "apply")
    assert done.exit_code == 3
    assert "over: TOML" in done.stderr
    assert "is a folder" not in done.stderr  # it lasts, and was said
    (roster.parent / "list").rmdir()
    assert "over: is a folder" in call(roster.parent, "apply").stderr


@pytest.mark.parametrize("command", ["apply", "notify"])
@pytest.mark.parametrize("broken", [None, "", "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"])
def test_of_a_calendar_that_cannot_be_read_nothing_is_called_over(
    roster: Path, command: str, broken: str | None
) -> None:
    calendar = roster.parent / "duty.ics"
    assert LUNCH in call(roster, command).stderr
    calendar.unlink()
    if broken is not None:
        calendar.write_text(broken, newline="")
    done = call(roster, command)
    assert done.exit_code == 3 or broken
    assert "over: " not in done.stderr
    keep_calendar(roster, "alice", LUNCH)
    done = call(roster, command)
    assert LUNCH not in done.stderr  # it lasts, and was said
    assert "over: " in done.stderr
    keep_calendar(roster, "alice")
    assert f"over: the event '{LUNCH}'" in call(roster, command).stderr


def test_of_absences_that_cannot_be_read_nothing_is_called_over(roster: Path) -> None:
    roster.write_text(f'{ROSTER}[[absence]]\ncalendar = "away.ics"\n')
    away = roster.parent / "away.ics"
    keep_calendar(roster, "zed on vacation")
    (roster.parent / "duty.ics").rename(away)
    keep_calendar(roster, "alice")
    assert "zed" in call(roster, "apply").stderr
    for copy in (roster.parent / "state").glob("*.calendar"):
        copy.unlink()
    away.unlink()
    done = call(roster, "apply")
    assert "no such calendar" in done.stderr
    assert "over: " not in done.stderr
