"""Following addresses: the host's own server's rules, then the verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rotation.route.model import Accepted, Trace, Via
from rotation.system import System


def trace(
    system: System,
    addresses: Sequence[str],
    accepted: Accepted,
    *,
    server: str | None = None,
    config: Path | None = None,
    via: Sequence[Via] = (),
) -> list[Trace]:
    """Follow every address as this host's mail server would; see the package for what comes out.

    `server` names it (one of SERVERS), `config` an instance that is not the default one (a folder
    for Postfix, a file for the others); `via` has aliases of other hosts. Raises ApplyError.
    """
    raise NotImplementedError
