"""Local accounts, from whatever the host asks for them (passwd(5), nsswitch.conf(5))."""

from __future__ import annotations

import pwd
from pathlib import Path

from rotation.system.values import Account


def find(name: str | int) -> Account | None:
    """The account of that name or number; None when there is none."""
    try:
        entry = pwd.getpwuid(name) if isinstance(name, int) else pwd.getpwnam(name)
    except (KeyError, ValueError, OverflowError):
        return None
    return Account(
        entry.pw_name, entry.pw_uid, entry.pw_gid, Path(entry.pw_dir or "/"), entry.pw_shell
    )


def parse(text: bytes, name: str | int) -> Account | None:
    """The account of that name or number in the text of a passwd(5) file."""
    for line in text.decode("utf-8", "surrogateescape").splitlines():
        fields = line.split(":")
        if len(fields) != 7 or not fields[2].isdecimal() or not fields[3].isdecimal():
            continue
        if name in (fields[0], int(fields[2])):
            home = Path(fields[5] or "/")
            return Account(fields[0], int(fields[2]), int(fields[3]), home, fields[6])
    return None
