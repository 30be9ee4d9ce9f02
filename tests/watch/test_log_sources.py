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
from tests.watch.elsewhere import BOB, DEAD, NOISE, NOW, Elsewhere, bounce, line, looked, sent

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
    assert looked(system) == (True, [])
    system.keep(alive, bounce("A1", minutes=10) + sent("A2", minutes=5))
    assert looked(system, 1) == (False, [])


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
    assert looked(system) == (True, [])
    system.keep("maillog", sent("A0", minutes=40))  # and one that was not there before
    assert looked(system, 1) == (True, [])


def test_two_names_of_one_file_are_one(tmp_path: Path) -> None:
    system = Elsewhere(tmp_path)
    system.keep("syslog", bounce("A1", minutes=10))
    (tmp_path / "var/log/mail.log").symlink_to("syslog")
    assert looked(system) == (True, [])
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
        assert looked(system) == (False, [])
    whole = PACK[suffix]((LONG + bounce("A1", minutes=5)).encode())
    system.keep("mail.log", NOISE)
    note = system.note
    _rotated(system, f"mail.log.1{suffix}", whole)
    assert looked(system, 1) == (True, [])
    system.note = note
    _rotated(system, f"mail.log.1{suffix}", whole[:-40])
    seen, said = looked(system, 1)
    assert not seen
    assert said
    assert all("a part is missing" in what for what in said)
    # while it is packed, the whole one stands beside it
    system.note = note
    _rotated(system, "mail.log.1", (LONG + bounce("A1", minutes=5)).encode())
    assert looked(system, 1) == (True, [])


DAMAGED = [b"", b"rubbish", gzip.compress(b"x" * 9000, mtime=0)[:-5] + b"zzzzz"]


@pytest.mark.parametrize("data", DAMAGED, ids=["nothing", "rubbish", "another end"])
def test_a_damaged_file_is_said_and_the_rest_is_read(tmp_path: Path, data: bytes) -> None:
    system = Elsewhere(tmp_path)
    system.keep("mail.log", bounce("A1", minutes=5))
    _rotated(system, "mail.log.1.gz", data, hours=1)
    seen, said = looked(system)
    assert seen
    assert len(said) == (0 if data == b"" else 1)  # gzip(1) says that nothing is nothing


def test_a_way_of_packing_that_is_not_read_is_said_until_it_is_over(tmp_path: Path) -> None:
    system = Elsewhere(tmp_path)
    system.keep("mail.log", NOISE)
    _rotated(system, "mail.log.1.zst", b"\x28\xb5\x2f\xfd", hours=1)
    assert "packed in a way that is not read here" in looked(system)[1][0]
    assert "packed in a way that is not read here" in looked(system, 1)[1][0]
    (tmp_path / "var/log/mail.log.1.zst").unlink()
    system.keep("mail.log.1", bounce("A1", hours=1), hours=1)  # somebody unpacked it
    assert looked(system, 2) == (True, [])


def test_a_rotated_file_that_was_cut_is_said(tmp_path: Path) -> None:
    system = Elsewhere(tmp_path)
    system.keep("mail.log", LONG)
    assert looked(system) == (False, [])
    system.keep("mail.log.1", LONG[: len(LONG) // 2])
    system.keep("mail.log", NOISE)
    assert "a part is missing" in looked(system, 1)[1][0]


def test_a_log_that_was_empty_at_the_last_look_and_was_rotated_since(tmp_path: Path) -> None:
    system = Elsewhere(tmp_path)
    system.keep("mail.log", "")
    assert looked(system) == (False, [])
    later = -2.0
    system.keep("mail.log.1", bounce("A1", minutes=later), minutes=later)
    system.keep("mail.log", line("smtpd[1]: connect from x", minutes=-3))
    assert looked(system, 5) == (True, [])


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
        seen, said = looked(system)
        assert not seen
        assert ["permission denied" in what for what in said] == [True]
    system.refused = frozenset()
    assert looked(system, 1) == (True, [])


def test_a_rotated_file_that_is_refused_is_read_once_it_can_be(tmp_path: Path) -> None:
    system = Refusing(tmp_path)
    system.keep("mail.log", NOISE)
    assert looked(system) == (False, [])
    system.keep("mail.log.1", NOISE + bounce("A1", minutes=5))
    system.keep("mail.log", line("smtpd[1]: connect from y", minutes=1))
    system.refused = frozenset({"mail.log.1"})
    for later in (1, 2):
        seen, said = looked(system, later)
        assert not seen
        assert any("permission denied" in what for what in said) or "missing" in said[0]
    system.refused = frozenset()
    assert looked(system, 3)[0]


# --- what cannot be understood


def test_lines_without_a_date_that_is_known_are_said(tmp_path: Path) -> None:
    system = Elsewhere(tmp_path)
    system.keep("mail.log", "<22>1 " + bounce("A1", minutes=5))
    seen, said = looked(system)
    assert not seen
    assert ["do not begin with a date" in what for what in said].count(True) == 1


@pytest.mark.parametrize("server", ["postfix", "sendmail", "opensmtpd", "exim"])
def test_a_log_in_which_the_server_never_wrote_is_said(tmp_path: Path, server: str) -> None:
    system = Elsewhere(tmp_path)
    other = "2026-11-26T00:00:00+00:00 hub cron[1]: (root) CMD (true)\n"
    system.keep("syslog", other)
    for later in (0, 1):
        said = looked(system, later, server)[1]
        assert any(f"there is no line of {server}'s in /var/log/syslog" in what for what in said)
    name = {"postfix": "postfix-out/smtp", "sendmail": "sm-mta", "opensmtpd": "smtpd"}.get(server)
    system.keep("syslog", other * 2 + other.replace("cron", name or "exim4"))
    assert not any("no line" in what for what in looked(system, 2, server)[1])
    system.keep("syslog", other * 4)
    assert not any("no line" in what for what in looked(system, 3, server)[1])


def test_where_postfix_logs_is_asked_and_not_guessed_in_silence(tmp_path: Path) -> None:
    system = Elsewhere(tmp_path)
    system.keep("mail.log", NOISE)
    system.postconf = Finished(1, "", "postconf: fatal: bad main.cf")
    assert "postconf does not tell where it is: postconf: fatal" in looked(system)[1][0]
    system.postconf = Finished(0, "/var/log/own.log\nmail\n", "")
    assert "there is no such log" in looked(system)[1][0]
    system.keep("own.log", bounce("A1", minutes=1))
    assert looked(system) == (True, [])


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
