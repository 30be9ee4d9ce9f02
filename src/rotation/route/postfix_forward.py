"""Which .forward file Postfix's local(8) takes, and whether it believes it. Sources: local(8),
postconf(5) `forward_path`."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from rotation.route.tree import MailHost
from rotation.system import Account

_MACRO = re.compile(r"\$(?:\{(\w+)\}|\((\w+)\)|(\w+))")


def forward_fault(place: MailHost, path: Path, status: os.stat_result, account: Account) -> str:
    """Why a .forward is ignored; empty when it counts."""
    if stat.S_ISLNK(status.st_mode):
        return "it is a link"
    if not stat.S_ISREG(status.st_mode):
        return "it is not a regular file"
    if status.st_uid not in (0, account.uid):
        return f"it belongs to {place.user(status.st_uid)}"
    if status.st_mode & stat.S_IWOTH:
        return "everybody can write it"
    if not place.may(account, status, 0o4) or not place.reaches(account, path):
        return f"{account.name} may not read it"
    return ""


def expanded(word: str, account: Account, extension: str | None, local: str) -> str | None:
    """A word of forward_path with its macros filled in; None when one has no value."""
    values = {
        "home": str(account.home), "user": account.name, "local": local,
        "recipient_delimiter": extension[0] if extension else None,
        "extension": extension[1:] if extension else None,
    }  # fmt: skip
    names = [match[1] or match[2] or match[3] for match in _MACRO.finditer(word)]
    if any(values.get(name) is None for name in names) or (extension and "/" in extension):
        return None
    return _MACRO.sub(lambda m: values.get(m[1] or m[2] or m[3]) or "", word)
