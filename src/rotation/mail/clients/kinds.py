"""What each client is, wherever it runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from rotation.errors import ApplyError, Problem, Where
from rotation.mail.clients import dma, esmtp, msmtp, nullmailer, ssmtp
from rotation.mail.clients.aliases import open_dma, open_msmtp
from rotation.mail.server import Server, ServerKind, told
from rotation.system import Look, System


def _no_aliases(name: str) -> Callable[[System, Path, Path | None], Server]:
    def refuse(system: System, path: Path, config: Path | None) -> NoReturn:
        what = f"{name} reads no aliases file: this target changes nothing"
        raise ApplyError(Problem(what, Where(str(path)), "rotation forward ADDRESS"))

    return refuse


def _nullmailer_runs(system: Look, config: Path | None) -> bool | None:
    """Source: pgrep(1)."""
    done = told(system, "pgrep", "-x", "nullmailer-send")
    return None if done is None or done.status > 1 else done.status == 0


KINDS = (
    # msmtp and esmtp may be there beside another server: only /usr/sbin/sendmail tells
    ServerKind("msmtp", ("/msmtp", ".msmtp"), (), (msmtp.CONF,), open=open_msmtp),
    ServerKind("esmtp", ("/esmtp", ".esmtp"), (), (esmtp.CONF,), open=_no_aliases("esmtp")),
    ServerKind("dma", ("/dma",), ("dma",), (dma.CONF,), open=open_dma),
    ServerKind(
        "ssmtp",
        ("/ssmtp", ".ssmtp"),
        ("ssmtp",),
        (ssmtp.CONF, ssmtp.REVALIASES),
        open=_no_aliases("ssmtp"),
    ),
    ServerKind(
        "nullmailer",
        ("nullmailer",),
        ("nullmailer-queue",),
        (nullmailer.ADMIN, nullmailer.REMOTES, nullmailer.MAILNAME),
        runs=_nullmailer_runs,
        start="systemctl start nullmailer",
        open=_no_aliases("nullmailer"),
    ),
)
