"""What was not read of a log is read later, whoever looks first and wherever it went meanwhile."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from rotation.errors import ApplyError, Problem, Where
from rotation.watch.delivery import logs
from rotation.watch.delivery.fates import parse
from rotation.watch.delivery.look import look, tell
from tests.watch.elsewhere import DEAD, NOISE, NOW, Elsewhere, bounce, line, sent

BOB, ALICE = "bob@far.example", "alice@far.example"
DAY = 24 * 60


def _asked(
    system: Elsewhere, later: float, rosters: str = "a", address: str = BOB
) -> tuple[bool, list[str]]:
    """Whether a set of rosters is told of its address, so many minutes after NOW, and what is
    said not to be known."""
    at = NOW + timedelta(minutes=later)
    fates, problems = look(system, "postfix", None, [address], at, rosters=rosters)
    system.note = fates.dump()
    assert parse(system.note) == fates
    return bool(tell(fates, {}, ZoneInfo("UTC"), rosters)), [problem.what for problem in problems]


def _aged(system: Elsewhere, name: str, later: float) -> None:
    """Let a log have been written last so many minutes after NOW."""
    at = (NOW + timedelta(minutes=later)).timestamp()
    os.utime(system.root / "var/log" / name, (at, at))


# --- a set of rosters that looks for the first time, days after another one did


def _more(system: Elsewhere, text: str) -> None:
    system.keep("mail.log", NOISE + text, minutes=-300)


def _turned(system: Elsewhere, text: str) -> None:
    system.keep("mail.log.1", NOISE + text, minutes=-300)
    system.keep("mail.log", line("smtpd[1]: connect from x", days=-2), days=-2)


def _away(system: Elsewhere, text: str) -> None:
    _turned(system, text)
    (system.root / "var/log/mail.log").unlink()
    system.keep("syslog", NOISE)


LATER = bounce("A1", hours=-5)


@pytest.mark.parametrize("change", [_more, _turned, _away])
@pytest.mark.parametrize("first", ["a", "b"])
def test_the_first_look_of_one_set_swallows_nothing_of_another(
    tmp_path: Path, first: str, change: Callable[[Elsewhere, str], None]
) -> None:
    system = Elsewhere(tmp_path)
    system.keep("mail.log", NOISE)
    assert _asked(system, 0) == (False, [])
    change(system, LATER)
    if first == "b":
        assert _asked(system, 3 * DAY, "b", ALICE) == (False, [])
    assert _asked(system, 3 * DAY + 5) == (True, [])
    assert _asked(system, 3 * DAY + 10) == (True, [])


@pytest.mark.parametrize("change", [_more, _turned, _away])
def test_what_is_read_anew_brings_no_old_trouble_back(
    tmp_path: Path, change: Callable[[Elsewhere, str], None]
) -> None:
    system = Elsewhere(tmp_path)
    system.keep("mail.log", NOISE)
    assert _asked(system, 0) == (False, [])
    change(system, LATER + sent("A2", hours=-6))
    assert _asked(system, 3 * DAY) == (False, [])
    assert _asked(system, 3 * DAY + 5, "b") == (False, [])
    assert _asked(system, 3 * DAY + 10) == (False, [])


def test_the_journal_is_read_from_where_another_set_came_to(tmp_path: Path) -> None:
    system = Elsewhere(tmp_path, NOISE)
    assert _asked(system, 0) == (False, [])
    system.journal = NOISE + LATER
    assert _asked(system, 3 * DAY, "b", ALICE) == (False, [])
    assert system.asked[-1] <= f"--since=@{int(NOW.timestamp())}"
    assert _asked(system, 3 * DAY + 5) == (True, [])


def test_a_log_that_was_refused_for_days_is_read_whole_by_whoever_comes_first(
    tmp_path: Path,
) -> None:
    """The position in it is older than the look that was last."""

    class Refusing(Elsewhere):
        refused = False

        def _there(self, path: Path) -> Path:
            if self.refused and path.name == "mail.log":
                raise ApplyError(Problem("cannot read it: permission denied", Where(str(path))))
            return super()._there(path)

    system = Refusing(tmp_path)
    system.keep("mail.log", NOISE)
    assert _asked(system, 0) == (False, [])
    system.keep("mail.log", NOISE + LATER)
    system.refused = True
    for days in (1, 2, 3):
        assert "permission denied" in _asked(system, days * DAY)[1][0]
    system.refused = False
    assert _asked(system, 3 * DAY + 5, "b", ALICE) == (False, [])
    assert _asked(system, 3 * DAY + 10) == (True, [])


def test_what_is_missing_is_said_to_a_set_that_comes_first_too(tmp_path: Path) -> None:
    system = Elsewhere(tmp_path, NOISE)
    assert _asked(system, 0) == (False, [])
    system.journal, system.thrown = line("smtpd[1]: connect from x", days=-2), 7
    said = _asked(system, 3 * DAY, "b", ALICE)[1]
    assert ["thrown away what followed" in what for what in said] == [True]
    system = Elsewhere(tmp_path)
    system.keep("mail.log", NOISE)
    assert _asked(system, 0)[1] == []
    system.keep("mail.log", line("smtpd[1]: connect from x", days=-2))
    said = _asked(system, 3 * DAY, "b", ALICE)[1]
    assert ["is nowhere beside it" in what for what in said] == [True]


def test_of_a_large_log_all_that_another_set_waits_for_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "FIRST", 2000)
    system = Elsewhere(tmp_path)
    system.keep("mail.log", NOISE)
    assert _asked(system, 0) == (False, [])
    system.keep("mail.log", NOISE + LATER + line("smtpd[1]: connect from x", days=-2) * 90)
    _asked(system, 3 * DAY, "b", ALICE)
    assert _asked(system, 3 * DAY + 5)[0]


# --- a log that is away for the moment


@pytest.mark.parametrize("begun", [NOISE, ""], ids=["lines", "empty"])
@pytest.mark.parametrize("looks", [True, False])
def test_what_was_unread_of_a_log_that_was_away_is_read(
    tmp_path: Path, begun: str, looks: bool
) -> None:
    """It was rotated with `nocreate`, and no mail came for more than a day."""
    system = Elsewhere(tmp_path)
    system.keep("syslog", NOISE)
    system.keep("mail.log", begun)
    assert _asked(system, 0) == (False, [])
    system.keep("mail.log.1", begun + bounce("A1", minutes=-4), minutes=-4)
    (tmp_path / "var/log/mail.log").unlink()
    if looks:
        for later in range(5, 26 * 60, 240):
            assert _asked(system, later) == (True, [])
    system.keep("mail.log", line("smtpd[1]: connect from x", hours=-27), hours=-27)
    assert _asked(system, 27 * 60 + 1) == (True, [])


def test_what_comes_into_the_rotated_file_after_it_was_renamed_is_read(tmp_path: Path) -> None:
    """Syslog has it open until it is told of the rotation; nothing is read twice."""
    system = Elsewhere(tmp_path)
    system.keep("syslog", NOISE)
    system.keep("mail.log", NOISE)
    assert _asked(system, 0) == (False, [])
    (tmp_path / "var/log/mail.log").rename(tmp_path / "var/log/mail.log.1")
    assert _asked(system, 1) == (False, [])
    old = NOISE + bounce("A1", minutes=-2)
    system.keep("mail.log.1", old, minutes=-2)
    assert _asked(system, 3) == (True, [])
    system.keep("syslog", NOISE + sent("A2", minutes=-4))
    assert _asked(system, 5) == (False, [])
    assert _asked(system, 6) == (False, [])
    system.keep("mail.log.1", old + bounce("A3", minutes=-7), minutes=-7)
    system.keep("mail.log", line("smtpd[1]: connect from x", minutes=-8))
    assert _asked(system, 9) == (True, [])


def test_a_log_that_was_seen_and_is_gone_is_said_for_a_month(tmp_path: Path) -> None:
    system = Elsewhere(tmp_path)
    system.keep("syslog", NOISE)
    system.keep("mail.log", NOISE)
    assert _asked(system, 0) == (False, [])
    (tmp_path / "var/log/mail.log").unlink()
    system.keep("mail.log.1", DEAD, days=9)  # which it never was
    for days in (0.1, 1, 29):
        said = _asked(system, days * DAY)[1]
        assert ["there is no such log" in what for what in said] == [True]
    system.keep("mail.log", bounce("A1", days=-29), days=-29)
    seen, said = _asked(system, 29.1 * DAY)
    assert seen
    assert ["is nowhere beside it" in what for what in said] == [True]
    (tmp_path / "var/log/mail.log").unlink()
    assert len(_asked(system, 30 * DAY)[1]) == 1
    assert _asked(system, 60 * DAY)[1] == []


def test_a_log_that_is_away_and_was_the_only_one_is_said(tmp_path: Path) -> None:
    system = Elsewhere(tmp_path)
    system.keep("mail.log", NOISE)
    assert _asked(system, 0) == (False, [])
    (tmp_path / "var/log/mail.log").rename(tmp_path / "var/log/mail.log.1")
    for later in (1, 2):
        assert ["log that cannot be found" in what for what in _asked(system, later)[1]] == [True]


def test_a_log_that_became_another_name_of_one_that_is_read_is_not_away(tmp_path: Path) -> None:
    system = Elsewhere(tmp_path)
    system.keep("syslog", NOISE)
    assert _asked(system, 0) == (False, [])
    (tmp_path / "var/log/mail.log").symlink_to("syslog")
    system.keep("syslog", NOISE + bounce("A1", minutes=-1))
    assert _asked(system, 2) == (True, [])


def test_the_position_in_a_journal_that_is_away_stays(tmp_path: Path) -> None:
    system = Elsewhere(tmp_path, NOISE)
    system.keep("mail.log", NOISE)
    assert _asked(system, 0) == (False, [])
    journal, system.journal = system.journal, None
    assert _asked(system, 5) == (False, [])
    system.journal = f"{journal}{bounce('A1', minutes=-4)}"
    assert _asked(system, 3 * DAY) == (True, [])


# --- a journal with nothing of mail


@pytest.mark.parametrize("status", [0, 1])
def test_a_quiet_journal_is_an_empty_answer(tmp_path: Path, status: int) -> None:
    """Status 1 is journalctl's before systemd 253."""
    system = Elsewhere(tmp_path, "")
    system.quiet = status
    assert _asked(system, 0) == (False, [])
    assert _asked(system, 5) == (False, [])
    system.journal = bounce("A1", minutes=-6)
    assert _asked(system, 7) == (True, [])
