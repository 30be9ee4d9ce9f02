"""A log that is not read, or not whole, is never taken for one in which nothing went wrong."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from rotation.errors import ApplyError, Problem, Where
from rotation.system import Finished
from rotation.watch.delivery.look import look, tell
from tests.watch.elsewhere import DEAD, NOISE, NOW, Elsewhere, bounce, line, sent

BOB = "bob@far.example"


def _look(system: Elsewhere, later: float = 0, server: str = "postfix") -> tuple[bool, list[str]]:
    """Whether mail for bob bounces, and what is said not to be known; so many minutes after NOW."""
    at = NOW + timedelta(minutes=later)
    fates, problems = look(system, server, None, [BOB], at)
    system.note = fates.dump()
    for problem in problems:
        assert problem.what.startswith("what becomes of mail is not known: ")
    return BOB in fates.troubles, [problem.what for problem in problems]


# --- several files


@pytest.mark.parametrize(
    ("dead", "alive"),
    [("mail.log", "syslog"), ("syslog", "mail.log"), ("mail.log", "maillog"), ("mail", "messages")],
)
def test_of_several_files_the_one_that_is_written_counts(
    tmp_path: Path, dead: str, alive: str
) -> None:
    system = Elsewhere(tmp_path)
    system.keep(dead, DEAD, days=300)
    system.keep(alive, bounce("A1", minutes=10))
    assert _look(system) == (True, [])
    system.keep(alive, bounce("A1", minutes=10) + sent("A2", minutes=5))
    assert _look(system, 1) == (False, [])


@pytest.mark.parametrize("names", [("mail.log", "syslog"), ("syslog", "mail.log")])
def test_an_older_line_of_another_file_clears_nothing(
    tmp_path: Path, names: tuple[str, str]
) -> None:
    """One of two died between a delivery and the bounce that followed."""
    died, alive = names
    system = Elsewhere(tmp_path)
    both = sent("A1", minutes=30)
    system.keep(died, both, minutes=30)
    system.keep(alive, both + bounce("A2", minutes=20))
    assert _look(system) == (True, [])
    system.keep("maillog", sent("A0", minutes=40))  # and one that was not there before
    assert _look(system, 1) == (True, [])


def test_two_names_of_one_file_are_one(tmp_path: Path) -> None:
    system = Elsewhere(tmp_path)
    system.keep("syslog", bounce("A1", minutes=10))
    (tmp_path / "var/log/mail.log").symlink_to("syslog")
    assert _look(system) == (True, [])
    assert system.note is not None
    assert b"mail.log" in system.note
    assert b"/var/log/syslog" not in system.note


# --- files that were rotated

PACK: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress, ".xz": lzma.compress, ".bz2": bz2.compress,
}  # fmt: skip
LONG = "".join(line(f"smtpd[{n}]: connect from x[{n * 7919}]", minutes=50) for n in range(3000))


def _rotated(system: Elsewhere, name: str, data: bytes, **ago: float) -> None:
    path = system.root / "var/log" / name
    path.write_bytes(data)
    at = (NOW - timedelta(**ago)).timestamp()
    os.utime(path, (at, at))


@pytest.mark.parametrize("suffix", sorted(PACK))
@pytest.mark.parametrize("first", [False, True])
def test_a_packed_file_that_ends_in_the_middle_is_said(
    tmp_path: Path, suffix: str, first: bool
) -> None:
    system = Elsewhere(tmp_path)
    if not first:
        system.keep("mail.log", LONG)
        assert _look(system) == (False, [])
    whole = PACK[suffix]((LONG + bounce("A1", minutes=5)).encode())
    system.keep("mail.log", NOISE)
    note = system.note
    _rotated(system, f"mail.log.1{suffix}", whole)
    assert _look(system, 1) == (True, [])
    system.note = note
    _rotated(system, f"mail.log.1{suffix}", whole[:-40])
    seen, said = _look(system, 1)
    assert not seen
    assert said
    assert all("a part is missing" in what for what in said)
    # while it is packed, the whole one stands beside it
    system.note = note
    _rotated(system, "mail.log.1", (LONG + bounce("A1", minutes=5)).encode())
    assert _look(system, 1) == (True, [])


DAMAGED = [b"", b"rubbish", gzip.compress(b"x" * 9000, mtime=0)[:-5] + b"zzzzz"]


@pytest.mark.parametrize("data", DAMAGED, ids=["nothing", "rubbish", "another end"])
def test_a_damaged_file_is_said_and_the_rest_is_read(tmp_path: Path, data: bytes) -> None:
    system = Elsewhere(tmp_path)
    system.keep("mail.log", bounce("A1", minutes=5))
    _rotated(system, "mail.log.1.gz", data, hours=1)
    seen, said = _look(system)
    assert seen
    assert len(said) == (0 if data == b"" else 1)  # gzip(1) says that nothing is nothing


def test_a_way_of_packing_that_is_not_read_is_said_until_it_is_over(tmp_path: Path) -> None:
    system = Elsewhere(tmp_path)
    system.keep("mail.log", NOISE)
    _rotated(system, "mail.log.1.zst", b"\x28\xb5\x2f\xfd", hours=1)
    assert "packed in a way that is not read here" in _look(system)[1][0]
    assert "packed in a way that is not read here" in _look(system, 1)[1][0]
    (tmp_path / "var/log/mail.log.1.zst").unlink()
    system.keep("mail.log.1", bounce("A1", hours=1), hours=1)  # somebody unpacked it
    assert _look(system, 2) == (True, [])


def test_a_rotated_file_that_was_cut_is_said(tmp_path: Path) -> None:
    system = Elsewhere(tmp_path)
    system.keep("mail.log", LONG)
    assert _look(system) == (False, [])
    system.keep("mail.log.1", LONG[: len(LONG) // 2])
    system.keep("mail.log", NOISE)
    assert "a part is missing" in _look(system, 1)[1][0]


def test_a_log_that_was_empty_at_the_last_look_and_was_rotated_since(tmp_path: Path) -> None:
    system = Elsewhere(tmp_path)
    system.keep("mail.log", "")
    assert _look(system) == (False, [])
    later = -2.0
    system.keep("mail.log.1", bounce("A1", minutes=later), minutes=later)
    system.keep("mail.log", line("smtpd[1]: connect from x", minutes=-3))
    assert _look(system, 5) == (True, [])


# --- rights: the tests run as root, whom no mode keeps out


class Refusing(Elsewhere):
    """A host that does not let us look at some paths."""

    refused: frozenset[str] = frozenset()

    def _there(self, path: Path) -> Path:
        if path.name in self.refused:
            raise ApplyError(Problem("cannot read it: permission denied", Where(str(path))))
        return super()._there(path)


def test_a_log_that_is_refused_is_not_passed_over(tmp_path: Path) -> None:
    system = Refusing(tmp_path)
    system.keep("mail.log", bounce("A1", minutes=5))
    system.keep("syslog", NOISE)
    system.refused = frozenset({"mail.log"})
    for _ in range(2):
        seen, said = _look(system)
        assert not seen
        assert ["permission denied" in what for what in said] == [True]
    system.refused = frozenset()
    assert _look(system, 1) == (True, [])


def test_a_rotated_file_that_is_refused_is_read_once_it_can_be(tmp_path: Path) -> None:
    system = Refusing(tmp_path)
    system.keep("mail.log", NOISE)
    assert _look(system) == (False, [])
    system.keep("mail.log.1", NOISE + bounce("A1", minutes=5))
    system.keep("mail.log", line("smtpd[1]: connect from y", minutes=1))
    system.refused = frozenset({"mail.log.1"})
    for later in (1, 2):
        seen, said = _look(system, later)
        assert not seen
        assert any("permission denied" in what for what in said) or "missing" in said[0]
    system.refused = frozenset()
    assert _look(system, 3)[0]


# --- the journal


def test_a_journal_that_fails_once_is_asked_again_for_all_of_it(tmp_path: Path) -> None:
    system = Elsewhere(tmp_path, NOISE)
    assert _look(system) == (False, [])
    system.journal = NOISE + bounce("A1", minutes=-1)
    system.journalctl = Finished(1, "", "Failed to open files: Too many open files")
    seen, said = _look(system, 2)
    assert not seen
    assert "the journal cannot be read: Failed to open files" in said[0]
    system.journal += line("smtpd[1]: connect from x", minutes=-3)
    system.journalctl = Finished(0, "", "")
    assert _look(system, 60 * 24 * 3) == (True, [])


def test_a_journal_that_fails_beside_a_log_is_said(tmp_path: Path) -> None:
    system = Elsewhere(tmp_path, bounce("A1", minutes=1))
    system.keep("mail.log", NOISE)
    system.journalctl = Finished(1, "", "no")
    assert [("journal" in what) for what in _look(system)[1]] == [True]
    system.journalctl = Finished(0, "", "")
    assert _look(system, 1) == (True, [])


def test_a_journal_of_which_a_file_is_damaged_or_not_for_us_is_said(tmp_path: Path) -> None:
    system = Elsewhere(tmp_path, bounce("A1", minutes=1))
    system.journalctl = Finished(0, "", "Hint: You are currently not seeing messages from others\n")
    seen, said = _look(system)
    assert seen
    assert "cannot be read whole: Hint: You are currently not seeing" in said[0]


def test_what_the_journal_threw_away_is_said_unless_a_log_has_it(tmp_path: Path) -> None:
    system = Elsewhere(tmp_path, NOISE + line("smtpd[1]: connect from y", minutes=9))
    assert _look(system) == (False, [])
    system.journal, system.thrown = line("smtpd[1]: connect from z", minutes=-9), 7
    assert "the journal has thrown away what followed" in _look(system, 10)[1][0]
    assert _look(system, 11) == (False, [])
    system.keep("mail.log", NOISE)
    assert _look(system, 12) == (False, [])
    system.journal, system.thrown = line("smtpd[1]: connect from z", minutes=-13), 14
    assert _look(system, 14) == (False, [])


def test_a_log_that_died_for_an_hour_between_two_looks_hides_no_journal(tmp_path: Path) -> None:
    """The file has newer lines than the bounce that stands in the journal alone."""
    system = Elsewhere(tmp_path, NOISE)
    system.keep("mail.log", NOISE)
    assert _look(system) == (False, [])
    system.journal = NOISE + bounce("A1", minutes=-1)
    system.keep("mail.log", NOISE + line("smtpd[1]: connect from x", minutes=-4))
    assert _look(system, 5) == (True, [])


# --- what cannot be understood


def test_lines_without_a_date_that_is_known_are_said(tmp_path: Path) -> None:
    system = Elsewhere(tmp_path)
    system.keep("mail.log", "<22>1 " + bounce("A1", minutes=5))
    seen, said = _look(system)
    assert not seen
    assert ["do not begin with a date" in what for what in said].count(True) == 1


@pytest.mark.parametrize("server", ["postfix", "sendmail", "opensmtpd", "exim"])
def test_a_log_in_which_the_server_never_wrote_is_said(tmp_path: Path, server: str) -> None:
    system = Elsewhere(tmp_path)
    other = "2026-11-26T00:00:00+00:00 hub cron[1]: (root) CMD (true)\n"
    system.keep("syslog", other)
    for later in (0, 1):
        said = _look(system, later, server)[1]
        assert any(f"there is no line of {server}'s in /var/log/syslog" in what for what in said)
    name = {"postfix": "postfix-out/smtp", "sendmail": "sm-mta", "opensmtpd": "smtpd"}.get(server)
    system.keep("syslog", other * 2 + other.replace("cron", name or "exim4"))
    assert not any("no line" in what for what in _look(system, 2, server)[1])
    system.keep("syslog", other * 4)
    assert not any("no line" in what for what in _look(system, 3, server)[1])


def test_where_postfix_logs_is_asked_and_not_guessed_in_silence(tmp_path: Path) -> None:
    system = Elsewhere(tmp_path)
    system.keep("mail.log", NOISE)
    system.postconf = Finished(1, "", "postconf: fatal: bad main.cf")
    assert "postconf does not tell where it is: postconf: fatal" in _look(system)[1][0]
    system.postconf = Finished(0, "/var/log/own.log\nmail\n", "")
    assert "there is no such log" in _look(system)[1][0]
    system.keep("own.log", bounce("A1", minutes=1))
    assert _look(system) == (True, [])


# --- several sets of rosters, which one note serves


def test_one_set_of_rosters_does_not_read_past_what_another_waits_for(tmp_path: Path) -> None:
    system = Elsewhere(tmp_path)
    system.keep("mail.log", NOISE)

    def asked(rosters: str, address: str, later: float) -> list[str]:
        at = NOW + timedelta(minutes=later)
        fates, problems = look(system, "postfix", None, [address], at, rosters=rosters)
        assert problems == []
        system.note = fates.dump()
        return [said.what for said in tell(fates, {}, ZoneInfo("UTC"), rosters)]

    assert asked("a", BOB, 0) == []
    system.keep("mail.log", NOISE + bounce("A1", minutes=-1))
    assert asked("b", "alice@far.example", 2) == []  # which is not b's to say
    assert len(asked("a", BOB, 3)) == 1
    assert len(asked("c", BOB, 4)) == 1  # whoever asks for the first time learns of the last day
    assert asked("a", "alice@far.example", 5) == []  # somebody else is on duty
    assert len(asked("c", BOB, 6)) == 1
    system.keep("mail.log", NOISE + bounce("A1", minutes=-1) + sent("A2", minutes=-7))
    assert asked("b", "alice@far.example", 8) == []
    assert asked("c", BOB, 9) == []
