"""Members of OpenSMTPD's aliases and .forward files, and which of those files it believes.

Sources: aliases(5), forward(5), and the order of expand.c.
"""

from __future__ import annotations

import os
import re
import stat

from rotation.route.tree import MailHost, shared
from rotation.route.words import SPACE
from rotation.system import Account

_USER = re.compile(r"[A-Za-z0-9_.+-]+\Z", re.ASCII)


def parse(text: str) -> tuple[str, str]:
    """What a member of an alias is, and its value: error, command, file, address, user, or bad."""
    bare = text.removeprefix('"').removesuffix('"') if text.startswith('"|') else text
    if text.startswith("error:"):
        return "error", text[6:]
    if text.startswith('"|') and not text.endswith('"'):
        return "bad", text
    if bare.startswith("|"):
        return "command", bare[1:].strip()
    if text.startswith("/"):
        return "file", text
    if re.fullmatch(r"[^@\s(),<>:;\"]+@[^@\s()]+", text) and text.partition("@")[0].isascii():
        return "address", text
    return ("user" if _USER.match(text) else "bad"), text


def insecure(
    place: MailHost, status: os.stat_result, home: os.stat_result, account: Account
) -> str:
    """Why a .forward is not believed (smtpd(8)); empty when it is."""
    if stat.S_ISLNK(status.st_mode):
        return "it is a link"
    if not stat.S_ISREG(status.st_mode):
        return "it is not a regular file"
    if status.st_uid != account.uid:
        return f"it belongs to {place.user(status.st_uid)}"
    if shared(status):
        return f"{shared(status)} can write it"
    if home.st_uid not in (0, account.uid):
        return f"{account.home} belongs to {place.user(home.st_uid)}"
    if shared(home):
        return f"{shared(home)} can write {account.home}"
    return ""


def order(text: str) -> tuple[int, bytes]:
    """Where a member of an alias stands in OpenSMTPD's tree: users, files, commands, lists,
    addresses, errors, each sorted."""
    kinds = (("error:", 5), (":include:", 3), ('"|', 2), ("|", 2), ("/", 1))
    kind = next((number for start, number in kinds if text.startswith(start)), None)
    if kind is None:
        kind = 4 if "@" in text else 0
    return kind, text.replace("@", "\0").encode("utf-8", "surrogateescape")


def split(line: str) -> list[str]:
    """The members of a line: commas part them, but not in quotes; a backslash takes the next
    character as it is. What is left open makes the last one unreadable."""
    members, quote, escaped = [""], "", False
    for char in line:
        if escaped:
            members[-1] += char
            escaped = False
        elif char == "\\":
            escaped = True
        elif char == "," and not quote:
            members.append("")
        else:
            members[-1] += char
            if char in "\"'" and quote in ("", char):
                quote = "" if quote else char
    if escaped or quote:
        members[-1] = f'"{members[-1]}'
    return [item for part in members if (item := part.strip(SPACE))]


def inline(words: list[str]) -> dict[str, str]:
    """The pairs of an inline table: { a = b, c = d }."""
    pairs = " ".join(words).replace(" = ", "=").split(" ")
    assigned = (pair.partition("=") for pair in pairs if "=" in pair)
    return {key.lower(): value for key, _, value in assigned}
