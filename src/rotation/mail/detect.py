"""Which mail server this host has, and which one reads a target's aliases file."""

from __future__ import annotations

from pathlib import Path

from rotation.errors import ApplyError, Problem
from rotation.mail import exim, opensmtpd, postfix, sendmail
from rotation.mail.clients import kinds as clients
from rotation.mail.custom import AnyServer
from rotation.mail.server import Server, ServerKind
from rotation.model.target import FileTarget, Kind
from rotation.system import Look, System

KINDS: dict[str, ServerKind] = {
    kind.name: kind
    for kind in (postfix.KIND, exim.KIND, opensmtpd.KIND, *clients.KINDS, sendmail.KIND)
}
"""Every mail server that we know; the first that is there counts."""


def server_for(system: System, target: FileTarget) -> Server:
    """The server that the target names, or the one that this host has.

    A target with `rebuild` and no `server` is for a server that we know nothing of. Raises
    ApplyError where there is none, or it does not read the target's file.
    """
    name = target.server
    if name is None and target.rebuild is not None:
        return AnyServer(system, target.path, virtual=target.kind is Kind.VIRTUAL)
    if name is None and target.config is not None and system.names(target.config) is not None:
        name = "postfix"  # of the four, only Postfix has a folder as its configuration
    kind = KINDS.get(name or detect(system) or "")
    virtual = target.kind is Kind.VIRTUAL
    opener = None if kind is None else kind.virtual if virtual else kind.open
    if virtual and kind is not None and opener is None:
        what = f"{kind.name} has no virtual maps"
        raise ApplyError(Problem(what, target.where, "name the server that reads this file"))
    if opener is None:
        raise ApplyError(
            Problem(
                "no mail server found on this host",
                target.where,
                'name it: server = "postfix"; or the command: rebuild = ["/path/newaliases"]',
            )
        )
    return opener(system, target.path, target.config)


def detect(system: Look) -> str | None:
    """The name of the server that /usr/sbin/sendmail belongs to, else of one that is there."""
    sendmail = system.program("sendmail")
    real = str(system.real(sendmail)) if sendmail else ""
    for kind in KINDS.values():
        if any(mark in real for mark in kind.sendmail):
            return kind.name
    for kind in KINDS.values():
        if any(system.program(program) for program in kind.programs) or kind.there(system):
            return kind.name
    return None


def configs(system: System, server: str | None, config: Path | None) -> tuple[Path, ...]:
    """The files that say where a server's mail goes: the default instance's, or `config`'s."""
    if config is not None:
        folder = system.names(config) is not None
        return postfix.KIND.named(config) if folder else (config,)
    kind = KINDS.get(server or "")
    return kind.configs if kind else ()
