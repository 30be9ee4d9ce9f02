"""Servers that only send: whom esmtp passes mail on to, and whether nullmailer runs."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from rotation.host.real import Host
from rotation.mail.clients.esmtp import PROGRAM, forwarded
from rotation.mail.clients.kinds import KINDS
from rotation.system import Finished

(NULLMAILER,) = (kind for kind in KINDS if kind.name == "nullmailer")


@pytest.mark.parametrize(
    ("command", "addresses"),
    [
        (f"{PROGRAM} a@people.test", ("a@people.test",)),
        (f"{PROGRAM} -i -- a@people.test b@people.test", ("a@people.test", "b@people.test")),
        ("/usr/sbin/sendmail -oi a@people.test", ("a@people.test",)),
        ("/usr/bin/procmail a@people.test", None),
        (f"/bin/cat {PROGRAM}", None),
        (PROGRAM, None),
        (f"{PROGRAM} -f a@people.test", None),
        (f"{PROGRAM} alice", None),
        ("", None),
    ],
)
def test_an_mda_that_is_esmtp_itself_passes_mail_on(
    command: str, addresses: tuple[str, ...] | None
) -> None:
    assert forwarded(command) == addresses


@pytest.mark.skipif(shutil.which("pgrep") is None, reason="needs pgrep")
def test_nullmailer_does_not_run_where_no_process_is_called_so(tmp_path: Path) -> None:
    assert NULLMAILER.runs is not None
    assert NULLMAILER.runs(Host(tmp_path), None) is False


@pytest.mark.parametrize(("status", "runs"), [(0, True), (1, False), (2, None), (3, None)])
def test_what_pgrep_says_of_nullmailer(tmp_path: Path, status: int, runs: bool | None) -> None:
    class Answering(Host):
        def program(self, *names: str) -> Path | None:
            return Path("/usr/bin/pgrep") if "pgrep" in names else None

        def ask(
            self,
            argv: Sequence[str | Path],
            *,
            data: bytes = b"",
            reads: Sequence[Path] | None = None,
            limit: float | None = None,
        ) -> Finished:
            return Finished(status, "", "")

    assert NULLMAILER.runs is not None
    assert NULLMAILER.runs(Answering(tmp_path), None) is runs
