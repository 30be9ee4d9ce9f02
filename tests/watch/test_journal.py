"""A journal that is not read, or not whole, is never taken for one in which nothing went wrong."""

from __future__ import annotations

from pathlib import Path

from rotation.system import Finished
from tests.watch.elsewhere import NOISE, Elsewhere, bounce, line, looked


def test_a_journal_that_fails_once_is_asked_again_for_all_of_it(tmp_path: Path) -> None:
    system = Elsewhere(tmp_path, NOISE)
    assert looked(system) == (False, [])
    system.journal = NOISE + bounce("A1", minutes=-1)
    system.journalctl = Finished(1, "", "Failed to open files: Too many open files")
    seen, said = looked(system, 2)
    assert not seen
    assert "the journal cannot be read: Failed to open files" in said[0]
    system.journal += line("smtpd[1]: connect from x", minutes=-3)
    system.journalctl = Finished(0, "", "")
    assert looked(system, 60 * 24 * 3) == (True, [])


def test_a_journal_that_fails_beside_a_log_is_said(tmp_path: Path) -> None:
    system = Elsewhere(tmp_path, bounce("A1", minutes=1))
    system.keep("mail.log", NOISE)
    system.journalctl = Finished(1, "", "no")
    assert [("journal" in what) for what in looked(system)[1]] == [True]
    system.journalctl = Finished(0, "", "")
    assert looked(system, 1) == (True, [])


def test_a_journal_of_which_a_file_is_damaged_or_not_for_us_is_said(tmp_path: Path) -> None:
    system = Elsewhere(tmp_path, bounce("A1", minutes=1))
    system.journalctl = Finished(0, "", "Hint: You are currently not seeing messages from others\n")
    seen, said = looked(system)
    assert seen
    assert "cannot be read whole: Hint: You are currently not seeing" in said[0]


def test_what_the_journal_threw_away_is_said_unless_a_log_has_it(tmp_path: Path) -> None:
    system = Elsewhere(tmp_path, NOISE + line("smtpd[1]: connect from y", minutes=9))
    assert looked(system) == (False, [])
    system.journal, system.thrown = line("smtpd[1]: connect from z", minutes=-9), 7
    assert "the journal has thrown away what followed" in looked(system, 10)[1][0]
    assert looked(system, 11) == (False, [])
    system.keep("mail.log", NOISE)
    assert looked(system, 12) == (False, [])
    system.journal, system.thrown = line("smtpd[1]: connect from z", minutes=-13), 14
    assert looked(system, 14) == (False, [])


def test_a_log_that_died_for_an_hour_between_two_looks_hides_no_journal(tmp_path: Path) -> None:
    """The file has newer lines than the bounce that stands in the journal alone."""
    system = Elsewhere(tmp_path, NOISE)
    system.keep("mail.log", NOISE)
    assert looked(system) == (False, [])
    system.journal = NOISE + bounce("A1", minutes=-1)
    system.keep("mail.log", NOISE + line("smtpd[1]: connect from x", minutes=-4))
    assert looked(system, 5) == (True, [])
