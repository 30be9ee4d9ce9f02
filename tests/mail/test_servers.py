"""What is made of a mail server's configuration and of what its programs print, where they are not.

The programs' words are those that the real ones print (tests/servers).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rotation.errors import ApplyError, Where
from rotation.host.network import fetcher
from rotation.host.real import Host
from rotation.mail import exim, sendmail
from rotation.mail.detect import server_for
from rotation.mail.exim import Exim
from rotation.mail.foresee import next_handoffs
from rotation.mail.opensmtpd import OpenSMTPD
from rotation.mail.postfix import settings
from rotation.mail.recipients import strangers
from rotation.mail.sendmail import Sendmail
from rotation.model.target import FileTarget, Kind
from rotation.roster.load import load
from rotation.system import Finished, Lengthy
from tests.others import needs_plain
from tests.processes import process_called

BOB = ("bob@example.com",)


class Installed(Host):
    """A host that has every program; what each prints is given, by its name. `reads` has, by the
    name of the program, what its last answer was made of."""

    def __init__(self, folder: Path, says: dict[str, str]) -> None:
        super().__init__(folder / "state")
        self.says = says
        self.reads: dict[str, Sequence[Path] | None] = {}

    def program(self, *names: str) -> Path | None:
        return Path("/usr/sbin", names[0])

    def ask(
        self,
        argv: Sequence[str | Path],
        *,
        data: bytes = b"",
        reads: Sequence[Path] | None = None,
        limit: float | None = None,
    ) -> Finished:
        name = Path(argv[0]).name
        self.reads[name] = reads
        return Finished(0, self.says.get(name, ""), "")

    def ask_lengthy(
        self,
        argv: Sequence[str | Path],
        *,
        data: bytes = b"",
        reads: Sequence[Path] | None = None,
    ) -> Lengthy:
        printed = self.says.get(Path(argv[0]).name, "").encode()
        return Lengthy(Finished(0, "", ""), lambda: iter((printed,)))


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


# --- Sendmail ------------------------------------------------------------------------------------

PRINTED = {
    "makemap": "duty\tbob@example.com\n",
    "sendmail-mta": "map_lookup: aliases (duty) returns bob@example.com (0)\n",
}


def of_sendmail(folder: Path, options: str) -> tuple[Installed, Sendmail]:
    needs_plain(folder)
    host = Installed(folder, PRINTED)
    aliases = written(folder / "aliases", "duty: bob@example.com\n")
    config = written(folder / "sendmail.cf", options.format(aliases))
    return host, Sendmail(host, aliases, config)


def test_sendmails_answer_is_made_of_its_configuration_texts_and_indexes(tmp_path: Path) -> None:
    host, server = of_sendmail(tmp_path, "O AliasFile={}, hash:/etc/other\n")
    assert server.answers(["duty"]) == {"duty": BOB}
    reads = host.reads["sendmail-mta"] or ()
    assert {tmp_path / name for name in ("sendmail.cf", "aliases", "aliases.db")} < {*reads}
    assert {sendmail.SWITCH, Path("/etc/other"), Path("/etc/other.db")} < {*reads}


@pytest.mark.parametrize(
    "options",
    [
        "O AliasFile={0}\nO AliasFile={0}\n",
        "O AliasFile={}\nO ServiceSwitchFile=/etc/mail/service.switch\n",
        "O AliasFile={}, nis:mail.aliases\n",
        "O AliasFile={}, ldap:/etc/ldap.conf\n",
    ],
)
def test_for_what_no_file_speaks_sendmail_is_asked_each_time(tmp_path: Path, options: str) -> None:
    host, server = of_sendmail(tmp_path, options)
    assert server.answers(["duty"]) == {"duty": BOB}
    assert host.reads["sendmail-mta"] is None


def test_sendmails_index_takes_the_place_of_its_own(tmp_path: Path) -> None:
    host, server = of_sendmail(tmp_path, "O AliasFile={}\n")
    with host.stage(tmp_path) as stage:
        staged = written(stage.folder / "aliases", "duty: bob@example.com\n")
        written(stage.folder / "aliases.db", "made by sendmail -bi")
        built = server.build(stage, staged)
    (index,) = built.index
    assert index.place == tmp_path / "aliases.db"
    assert index.by_hand == ("/usr/sbin/sendmail-mta", f"-C{tmp_path}/sendmail.cf", "-bi")
    assert built.entries
    assert built.entries.entries() == {"duty": "bob@example.com"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [("sendmail-mta", True), ("sendmail", True), ("sm.bin", True), ("bash", False), (None, False)],
)
def test_sendmail_runs_where_the_process_of_its_pidfile_does(
    tmp_path: Path, name: str | None, expected: bool
) -> None:
    needs_plain(tmp_path)
    with process_called(name or "none") as number:
        lines = "" if name is None else f"{number}\n/usr/sbin/sendmail -bd\n"
        pid = written(tmp_path / "pid", lines)
        config = written(tmp_path / "sendmail.cf", f"O PidFile={pid}\n")
        assert sendmail.KIND.runs is not None
        assert sendmail.KIND.runs(Host(tmp_path), config) is expected


def test_a_number_that_is_another_processs_now_is_no_exim(tmp_path: Path) -> None:
    needs_plain(tmp_path)
    pid = written(tmp_path / "pid", f"{os.getpid()}\n")
    host = Installed(tmp_path, {})
    host.says = {"exim4": f"pid_file_path = {pid}\n"}
    assert exim.KIND.runs is not None
    assert exim.KIND.runs(host, None) is False


# --- the others ----------------------------------------------------------------------------------


def test_opensmtpd_holds_a_file_in_memory_and_reads_a_map(tmp_path: Path) -> None:
    needs_plain(tmp_path)
    host = Installed(tmp_path, {})
    text, other = written(tmp_path / "aliases", ""), written(tmp_path / "others", "")
    config = written(
        tmp_path / "smtpd.conf", f"table a file:{tmp_path}/aliases\ntable b db:{other}.db\n"
    )
    held = OpenSMTPD(host, text, config)
    assert (held.remembers, held.index) == (True, ())
    asked = OpenSMTPD(host, other, config)
    assert (asked.remembers, asked.index) == (False, (tmp_path / "others.db",))
    with pytest.raises(ApplyError, match="no table of OpenSMTPD's is this file"):
        OpenSMTPD(host, written(tmp_path / "no-table", ""), config)


def test_what_exim_says_that_is_no_answer_is_said_with_what_to_try(tmp_path: Path) -> None:
    needs_plain(tmp_path)
    aliases = written(tmp_path / "aliases", "duty: bob@example.com\n")
    host = Installed(
        tmp_path, {"exim4": f"data = ${{lookup{{$local_part}}lsearch{{{aliases}}}}}\n"}
    )
    server = Exim(host, aliases, None)
    host.says = {"exim4": "> =bob@example.com\n> "}
    assert server.answers(["duty"]) == {"duty": BOB}
    host.says = {"exim4": "> -\n> "}
    assert server.answers(["duty"]) == {"duty": None}
    host.says = {"exim4": "> Failed: unknown lookup type\n> "}
    with pytest.raises(ApplyError) as refusal:
        server.answers(["duty"])
    (problem,) = refusal.value.problems
    assert problem.hint == f"try exim4 -be '${{lookup{{root}}lsearch{{{aliases}}}}}'"


def test_what_postfix_programs_read_is_its_folder_and_the_map_types(tmp_path: Path) -> None:
    written(tmp_path / "dynamicmaps.cf.d/lmdb", "")
    assert {
        *(tmp_path / name for name in ("main.cf", "master.cf", "dynamicmaps.cf")),
        *(tmp_path / "dynamicmaps.cf.d", tmp_path / "dynamicmaps.cf.d/lmdb"),
    } < {*settings(Host(tmp_path), tmp_path)}


@pytest.mark.parametrize(
    ("kind", "what"),
    [(Kind.VIRTUAL, "msmtp has no virtual maps"), (Kind.ALIASES, "no mail server found")],
)
def test_a_server_without_such_a_map_is_named(tmp_path: Path, kind: Kind, what: str) -> None:
    server = "msmtp" if kind is Kind.VIRTUAL else "unheard-of"
    target = FileTarget(kind, tmp_path / "map", Where("duty.toml"), "duty", server=server)
    with pytest.raises(ApplyError, match=what):
        server_for(Host(tmp_path), target)


def test_a_bare_name_is_an_alias_an_account_or_a_stranger(tmp_path: Path) -> None:
    aliases = written(tmp_path / "aliases", 'duty: x\n "Ops.Room" : y\n#gone: z\n')
    target = FileTarget(Kind.ALIASES, aliases, Where("duty.toml"), "duty")
    names = ("ops.room", "opsxroom", "gone", "root", "nobody-at-all", "bob@example.com")
    problems = strangers(Host(tmp_path), target, names)
    said = [problem.what for problem in problems]
    assert [what.split("'")[1] for what in said] == ["opsxroom", "gone", "nobody-at-all"]


# --- the next handoff ----------------------------------------------------------------------------

ROSTER = """\
timezone = "Europe/London"
[people]
alice = "alice@example.com"
bob = "bob@example.com"
[[rotation]]
name = "weekly"
people = ["alice", "bob"]
every = "1 week"
start = 2026-11-23
[[target]]
aliases = "aliases"
name = "duty"
rebuild = ["/bin/true"]
"""


def test_the_next_handoff_is_rehearsed_and_its_refusal_is_known_before(tmp_path: Path) -> None:
    """Planted: a line that will be refused, while today nothing has to be changed."""
    at = datetime(2026, 11, 24, 12, tzinfo=UTC)
    roster = written(tmp_path / "duty.toml", ROSTER)
    host = Host(tmp_path / "state")

    def foreseen() -> list[tuple[datetime, str]]:
        (loaded,) = load(host, fetcher(), roster, lambda zone: (at, at), at).whole()
        return [(when, problem.what) for when, problem in next_handoffs(host, [(loaded, at)])]

    written(tmp_path / "aliases", "duty: alice@example.com\n")
    assert foreseen() == []
    aliases = written(tmp_path / "aliases", "duty: alice@example.com\nduty: alice@example.com\n")
    assert {when for when, _ in foreseen()} == {datetime(2026, 11, 30, tzinfo=UTC)}
    assert aliases.read_text().count("alice") == 2
