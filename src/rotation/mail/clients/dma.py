"""dma, the DragonFly Mail Agent: /etc/dma/dma.conf and an aliases file with a strict grammar.

Sources: dma(8), "PARAMETERS"; what that leaves open was measured on the Debian package (0.13). It
runs as user and group `mail`, and reads the aliases, and refuses all mail where it cannot, even
for mail that needs none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from rotation.mail.clients.values import AliasTable, ClientAlias, ClientConfig, ConfigLine
from rotation.mail.grammar.model import Oddity

CONF = Path("/etc/dma/dma.conf")
ALIASES = "/etc/aliases"
USER = "mail"
_VALUED = frozenset(
    [
        "SMARTHOST",
        "PORT",
        "ALIASES",
        "SPOOLDIR",
        "AUTHPATH",
        "CERTFILE",
        "MAILNAME",
        "MASQUERADE",
        "FINGERPRINT",
    ]
)
_FLAGS = frozenset(
    [
        "STARTTLS",
        "OPPORTUNISTIC_TLS",
        "SECURETRANSFER",
        "DEFER",
        "INSECURE",
        "FULLBOUNCE",
        "NULLCLIENT",
    ]
)
_MAILNAME = re.compile(r"[A-Za-z0-9_.-]*")
# what flex would choose: the longest, of equals the first
_TOKENS = tuple(
    (kind, re.compile(pattern, re.MULTILINE | re.ASCII))
    for kind, pattern in (
        ("word", r"[^:,#\s\x00-\x1f\x7f]+"),
        ("", r"^(?:[ \t]*(?:\#.*)?\n)+"),
        ("mark", r"[:,\n]"),
        ("", r"(?:\n?[ \t]+|\#.*)+"),
        ("", r"\\\n"),
    )
)


def parse(text: str) -> ClientConfig:
    """Read dma.conf. A flag that is set has an empty value."""
    values: dict[str, ConfigLine] = {}
    for number, line in enumerate(text.split("\n"), 1):
        line = line.partition("#")[0]
        key = re.split(r"[ \t]", line, maxsplit=1)[0]
        value = line[len(key) + 1 :]
        if not key:
            continue
        if (key in _VALUED and value) or (key in _FLAGS and not value):
            values[key] = ConfigLine(value, number)
        else:
            return ClientConfig(fault=Oddity(number, f"dma does not take this line: {key}"))
    if "NULLCLIENT" in values and "SMARTHOST" not in values:
        return ClientConfig(fault=Oddity(values["NULLCLIENT"].line, "NULLCLIENT needs a SMARTHOST"))
    return ClientConfig(values)


def mail_name(first_line: str) -> str:
    """The host name in a MAILNAME file; empty where there is none."""
    match = _MAILNAME.match(first_line)
    return match[0] if match else ""


def read_aliases(data: bytes) -> AliasTable:
    """Read an aliases file. All entries of one name count; one bad line spoils the file."""
    # bytes as characters: no other byte is a blank or a control character for dma
    text = data.decode("latin-1")
    tokens = list(_tokens(text))
    entries: dict[str, tuple[ClientAlias, ...]] = {}
    at = 0
    while at < len(tokens):
        kind, name, line = tokens[at]
        members: list[str] = []
        if kind != "word" or tokens[at + 1 : at + 2] == [] or tokens[at + 1][1] != ":":
            return _bad(line)
        at += 2
        while True:
            if at + 1 >= len(tokens) or tokens[at][0] != "word":
                return _bad(line)
            members.append(_bytes(tokens[at][1]))
            mark = tokens[at + 1][1]
            at += 2
            if mark == "\n":
                break
            if mark != ",":
                return _bad(line)
        name = _bytes(name)
        entries[name] = (*entries.get(name, ()), ClientAlias(tuple(members), line))
    return AliasTable(entries)


def _bytes(text: str) -> str:
    return text.encode("latin-1").decode("utf-8", "surrogateescape")


def _bad(line: int) -> AliasTable:
    return AliasTable(
        fault=Oddity(line, "dma takes nothing but `name: address, address` and a newline")
    )


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    """The tokens of an aliases file with their lines; what is none comes as kind "error"."""
    at = 0
    line = 1
    while at < len(text):
        best, matched = "error", text[at]
        length = 0
        for kind, pattern in _TOKENS:
            match = pattern.match(text, at)
            if match and match.end() - at > length:
                best, matched, length = kind, match[0], match.end() - at
        if best:
            yield best, matched, line
        line += matched.count("\n")
        at += len(matched)
