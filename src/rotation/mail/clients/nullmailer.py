"""nullmailer: files of one line each in /etc/nullmailer, and the host's name in /etc/mailname.

Sources: nullmailer-queue(8), nullmailer-inject(1), nullmailer-send(8); Debian's own changes (no
`me`, no default domain) were measured on its package (2.2).
"""

from __future__ import annotations

from pathlib import Path

FOLDER = Path("/etc/nullmailer")
ADMIN = FOLDER / "adminaddr"
REMOTES = FOLDER / "remotes"
MAILNAME = Path("/etc/mailname")
USER = "mail"
"""As whom adminaddr is read."""


def one_line(data: bytes | None) -> str:
    """What a control file says: its first line; empty for "not set"."""
    if data is None:
        return ""
    return data.decode("utf-8", "surrogateescape").split("\n")[0].strip(" \t\n\v\f\r")


def hubs(data: bytes) -> list[tuple[str, int]]:
    """The hosts in `remotes`, in the order in which they are tried, with their lines."""
    hosts = []
    for number, line in enumerate(data.decode("utf-8", "surrogateescape").split("\n"), 1):
        words = line.split()
        if words and not words[0].startswith("#"):
            hosts.append((words[0], number))
    return hosts


def full(address: str, default_host: str, default_domain: str) -> str:
    """An address with the host that nullmailer-inject gives it."""
    local, at, host = address.rpartition("@")
    if not at:
        local, host = host, default_host or "defaulthost"
    if default_domain and host != "localhost" and "." not in host:
        host = f"{host}.{default_domain}"
    return f"{local}@{host}"


def remapped(address: str, mail_name: str, admin: str) -> tuple[str, ...] | None:
    """Where adminaddr sends an address; None where it has no say."""
    host = address.rpartition("@")[2]
    if not admin or host not in (mail_name or "me", "localhost"):
        return None
    return tuple(admin.split(","))
