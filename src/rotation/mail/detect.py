"""Which mail server reads a target's aliases file."""

from __future__ import annotations

from pathlib import Path

from rotation.errors import ApplyError, Problem
from rotation.mail.custom import Unknown
from rotation.mail.exim import Exim
from rotation.mail.opensmtpd import OpenSMTPD
from rotation.mail.postfix import Postfix
from rotation.mail.sendmail import Sendmail
from rotation.mail.server import Server
from rotation.model import Target
from rotation.system import System


def server_for(system: System, target: Target) -> Server:
    """The server that the target names, or the one that this host has.

    A target with `rebuild` and no `server` is for a server that we know nothing of. Raises
    ApplyError where there is none, or it does not read the target's file.
    """
    name = target.server
    if name is None and target.rebuild is not None:
        return Unknown(system, target.path)
    if name is None and target.config is not None and system.names(target.config) is not None:
        name = "postfix"  # of the four, only Postfix has a folder as its configuration
    match name or detect(system):
        case "postfix":
            return Postfix(system, target.path, target.config)
        case "exim":
            return Exim(system, target.path, target.config)
        case "opensmtpd":
            return OpenSMTPD(system, target.path, target.config)
        case "sendmail":
            return Sendmail(system, target.path, target.config)
        case _:
            raise ApplyError(
                Problem(
                    "no mail server found on this host",
                    target.where,
                    'name it: server = "postfix"; or the command: rebuild = ["/path/newaliases"]',
                )
            )


_CLIENTS = {
    "msmtp": "msmtp-mta",
    "nullmailer": "nullmailer-queue",
    "dma": "dma",
    "esmtp": "esmtp-wrapper",
    "ssmtp": "ssmtp",
}


def detect(system: System) -> str | None:
    """The name of the server that /usr/sbin/sendmail belongs to, else of one that is there."""
    sendmail = system.program("sendmail")
    real = system.real(sendmail) if sendmail else Path()
    for mark, name in (
        ("exim", "exim"),
        ("smtpctl", "opensmtpd"),
        ("postfix", "postfix"),
        ("sm.bin", "sendmail"),
        ("libexec/sendmail", "sendmail"),
        ("sendmail-mta", "sendmail"),
    ):
        if mark in str(real):
            return name
    for name, mark in _CLIENTS.items():
        if real.name in (name, f"sendmail.{name}") or system.program(mark):
            return name
    for program, name in (
        ("postconf", "postfix"),
        ("exim4", "exim"),
        ("exim", "exim"),
        ("smtpctl", "opensmtpd"),
    ):
        if system.program(program):
            return name
    if sendmail and system.read(Path("/etc/mail/sendmail.cf")) is not None:
        return "sendmail"
    return None
