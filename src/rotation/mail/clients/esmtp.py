"""esmtp: one configuration file, the sender's own in the place of /etc/esmtprc.

Sources: esmtp(1), esmtprc(5); what those leave open was measured on the Debian package (1.2). It
has no aliases: a name without a domain gets `qualifydomain`, or goes to the `mda`, or is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from rotation.mail.clients.values import ClientConfig, ConfigLine
from rotation.mail.grammar.model import Oddity

CONF = Path("/etc/esmtprc")
IN_HOME = ".esmtprc"
PROGRAM = "/usr/bin/esmtp"
_PROGRAMS = frozenset({PROGRAM, "/usr/sbin/sendmail", "/usr/lib/sendmail"})
_GLOBAL = frozenset({"mda", "force_mda"})
_KEYS = _GLOBAL | frozenset(
    [
        "hostname",
        "username",
        "password",
        "starttls",
        "certificate_passphrase",
        "helo",
        "qualifydomain",
        "message_id",
        "preconnect",
        "identity",
    ]
)
_TOKEN = re.compile(
    r"""(?P<space>[\s=]+|\#[^\n]*)|"(?P<double>(?:[^"\\\n]|\\.)*)"|'(?P<single>(?:[^'\\\n]|\\.)*)'"""
    r"""|(?P<word>[^\s="'\#]+)"""
)
_ESCAPE = re.compile(r"\\(.)")
_IGNORED = frozenset({"-i", "-oi", "-oem", "--"})


def parse(text: str) -> ClientConfig:
    """Read a configuration: what holds where no other identity is chosen by the sender."""
    values: dict[str, ConfigLine] = {}
    identities = 0
    options = 0
    tokens = _tokens(text)
    for key, line in tokens:
        if key is None:
            return ClientConfig(fault=Oddity(line, "cannot be read"))
        if key == "force":
            next(tokens, None)
            key = "force"
        elif key not in _KEYS:
            return ClientConfig(fault=Oddity(line, f"esmtp does not know {key!r}"))
        value, _ = next(tokens, (None, line))
        if value is None:
            return ClientConfig(fault=Oddity(line, f"{key} has no value"))
        if key == "identity":
            identities += 1
            continue
        # with no option before it, the first identity is the default one
        if key in _GLOBAL or identities == 0 or (identities == 1 and options == 0):
            values[key] = ConfigLine(value, line)
        if identities == 0:
            options += key not in _GLOBAL
    return ClientConfig(values)


def forwarded(command: str) -> tuple[str, ...] | None:
    """The addresses that an `mda` which is esmtp itself sends on to; None for any other."""
    words = command.split()
    if not words or words[0] not in _PROGRAMS:
        return None
    addresses = [word for word in words[1:] if word not in _IGNORED]
    sound = all(re.fullmatch(r"[A-Za-z0-9._+=-]+@[A-Za-z0-9.-]+", address) for address in addresses)
    if not addresses or not sound or any(address.startswith("-") for address in addresses):
        return None
    return tuple(addresses)


def _tokens(text: str) -> Iterator[tuple[str | None, int]]:
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        line = text.count("\n", 0, at) + 1
        if match is None:
            yield None, line
            return
        at = match.end()
        if match.lastgroup == "word":
            yield match[0], line
        elif match.lastgroup != "space":
            yield _ESCAPE.sub(r"\1", match[0][1:-1]), line
