"""The gate for mail addresses: what may stand in an aliases file, and nothing else.

RFC 5321 allows far more, and that is the danger: Postfix runs `|touch${IFS}/x@example.com`, and
other servers read quotes, commas, slashes and `:include:` in ways of their own.
"""

from __future__ import annotations

import re
from functools import lru_cache

# the second form is a phone behind a gateway to SMS: "+447700900123@sms.example.net"
_LOCAL = re.compile(r"(?:[A-Za-z0-9_]|\+[0-9])[A-Za-z0-9._+=-]*\Z", re.ASCII)
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\Z", re.ASCII)
_USER = re.compile(r"[a-z_][a-z0-9_-]{0,31}\Z", re.ASCII)
_ALIAS = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]{0,63}\Z", re.ASCII)


@lru_cache(4_096)  # the same people stand in many rosters
def fault(address: str) -> tuple[str, str | None] | None:
    """What is wrong with an address, and a hint; None for one that may be written.

    Accepted is `local@domain`, where the local part begins with a letter, a digit, `_`, or `+` and
    a digit, and goes on with letters, digits and `. _ + - =` (at most 64, no two dots together, no
    last dot) and the domain has LDH labels (RFC 5890 section 2.3.1), or the bare name of a local
    user other than root.
    """
    if not address:
        return "is empty", None
    if not address.isprintable():
        return "holds a control character", "write one address on one line"
    local, at, domain = address.rpartition("@")
    if not at:
        if address == "root":
            return "is root, whose mail comes here", "name a person's own address"
        if _USER.match(address):
            return None
        return "is neither name@domain nor the name of a local user", _character_hint(address)
    if not _LOCAL.match(local):
        return "has a part before the @ that mail servers do not read alike", (
            _character_hint(local)
            or "begin with a letter, digit or _; then letters, digits and . _ + - ="
        )
    if len(local) > 64 or ".." in local or local.endswith("."):
        return "has a part before the @ that is too long or has dots in the wrong place", None
    if not domain.isascii():
        return "has a domain that is not ASCII", _a_label_hint(local, domain)
    if len(domain) > 255 or not all(_LABEL.match(label) for label in domain.split(".")):
        return "has a domain that is not a host name", _character_hint(domain)
    return None


def alias_fault(name: str) -> str | None:
    """What is wrong with the name of an alias; None for one that all servers read alike."""
    if _ALIAS.match(name):
        return None
    return "must begin with a letter, digit or _, and go on with those and . _ + - (64 at most)"


def _character_hint(text: str) -> str | None:
    if ":include:" in text.lower():
        return "an :include: list belongs in the aliases file, not in a roster"
    for char, meaning in (
        ("|", "runs a command"),
        ("/", "writes a file or names one"),
        (",", "separates addresses: use a list"),
        (" ", "separates addresses on some servers: use a list"),
        ("<", "belongs to a display name: write the bare address"),
        ('"', "is read differently by every server"),
        (":", "has a meaning of its own in an aliases file"),
        ("@", "may stand there only once"),
    ):
        if char in text:
            return f"{char!r} {meaning}"
    return None


def _a_label_hint(local: str, domain: str) -> str | None:
    try:
        return f"write {local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        return None
