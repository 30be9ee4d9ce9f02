"""The one line of a client's own configuration that says where root's mail goes."""

from __future__ import annotations

from rotation.mail.clients import esmtp, msmtp


def with_line(data: bytes, number: int | None, line: str) -> bytes:
    """A text with another line in the place of line `number` (from 1), or at its end; no other
    byte of it changes but a missing last newline."""
    lines = data.splitlines(keepends=True)
    new = line.encode("ascii") + b"\n"
    if number is None:
        if lines and not lines[-1].endswith(b"\n"):
            lines[-1] += b"\n"
        return b"".join([*lines, new])
    lines[number - 1] = new
    return b"".join(lines)


def with_aliases(data: bytes, accounts: msmtp.MsmtpAccounts, path: str) -> bytes:
    """msmtprc with `aliases` in its default account, right after the line that begins it."""
    lines = data.splitlines(keepends=True)
    begins = accounts.begins.get("default", 0)
    if begins and not lines[begins - 1].endswith(b"\n"):
        lines[begins - 1] += b"\n"
    lines.insert(begins, f"aliases {path}\n".encode("ascii"))
    return b"".join(lines)


def mda(address: str) -> str:
    """The line of esmtprc that sends what has no domain to an address."""
    return f'mda="{esmtp.PROGRAM} -i {address}"'
