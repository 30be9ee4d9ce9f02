"""What OpenSMTPD calls this host, and what its actions do with mail for a user of it.

Source: smtpd.conf(5).
"""

from __future__ import annotations

import re
from pathlib import Path

from rotation.route.doubts import program_doubt
from rotation.route.model import Stop
from rotation.route.opensmtpd_rules import Action
from rotation.route.tree import MailHost
from rotation.system import Account

_NAMES = (Path("/etc/mail/mailname"), Path("/etc/mailname"), Path("/etc/hostname"))
_LOCAL = re.compile(r"(?!\.)[A-Za-z0-9.!#$%&'*/?^`{|}~+=_-]+\Z", re.ASCII)
_PLAIN = re.compile(r"[A-Za-z0-9.+=_-]+\Z", re.ASCII)
_DOMAIN = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\Z", re.ASCII)


def host_name(host: MailHost) -> str:
    """The name that OpenSMTPD takes for this host's own (smtpd.conf(5), FILES)."""
    for path in _NAMES:
        text = (host.text(path) or b"").decode("utf-8", "surrogateescape").strip()
        if text:
            return text.split("\n")[0].lower()
    return "localhost"


def address_fault(address: str, *, typed: bool) -> tuple[Stop, str] | None:
    """Why an address cannot be followed; None where it can (util.c: valid_localpart,
    valid_domainpart). An odd one that nobody has typed, but an alias names, is taken as it stands
    (measured)."""
    local, _, domain = address.rpartition("@")
    if not _LOCAL.match(local) or not (_DOMAIN.match(domain) or domain.startswith("[")):
        return Stop.REFUSED, "OpenSMTPD takes no such address"
    if typed and (domain.startswith("[") or not _PLAIN.match(local)):
        return Stop.UNSURE, "an address that is not followed"
    return None


def only_users(action: Action) -> bool:
    """Whether files and commands behind an alias may get nothing from an action (measured)."""
    return action.method in ("expand-only", "forward-only") or "userbase" in action.options


def mailbox_doubt(host: MailHost, action: Action, account: Account | None) -> str:
    """Why an action may not put mail into the user's own mailbox; empty when it does."""
    said = f"{action.method} {action.argument}".strip()
    if action.unknown:
        return f"the action {action.name} has {action.unknown}, which is not followed"
    if action.method == "maildir" and action.argument:
        own = action.argument.startswith("~") or "%{user" in action.argument
        return "" if own else f"{said}: a folder for everybody"
    if action.method == "mda":
        return program_doubt(host, action.argument, account)
    if action.method == "lmtp" and not (
        "dovecot" in action.argument and host.status(Path(action.argument)) is not None
    ):
        return f"handed to {said}, which is not followed"
    return ""
