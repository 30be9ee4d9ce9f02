"""What a server's configuration holds that is not followed here and could divert mail: it makes an
end unsure, never somebody's who should get the mail."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from rotation.dataclasses import dataclass
from rotation.errors import Where
from rotation.route.model import Stop
from rotation.route.tree import MailHost, Node
from rotation.system import Account

DELIVERED = frozenset({Stop.MAILBOX, Stop.REMOTE, Stop.PIPE, Stop.FILE})
"""Ends at which somebody or something gets the mail."""

LEAST_SIZE = 1_000_000
"""The lowest that a limit of size may be, in bytes, before it refuses ordinary mail."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A setting that could divert mail, as it is written, and where."""

    setting: str
    where: Where | None = None


def doubt(node: Node, doubts: Iterable[Doubt]) -> None:
    """Every end below a node is unsure, if there are any doubts; each is noted there."""
    doubts = list(dict.fromkeys(doubts))
    if not doubts:
        return
    settings = [each.setting for each in doubts]
    more = f" and {len(settings) - 2} more" if len(settings) > 2 else ""
    why = f"{'; '.join(settings[:2])}{more}"
    for at in node.walk():
        if at.end is not None and at.end.stop is not Stop.UNSURE:
            at.stop(Stop.UNSURE, at.end.who, why)
    for each in doubts[:20]:
        node.note(f"not followed, and could divert mail: {each.setting}", each.where)


_RULES = {
    "procmail": ("/etc/procmailrc", "~/.procmailrc"),
    "maildrop": ("/etc/maildroprc", "~/.mailfilter"),
    "dovecot-lda": ("~/.dovecot.sieve",),
    "deliver": ("~/.dovecot.sieve",),
    "mail.local": (),
    "sensible-mda": ("/etc/procmailrc", "~/.procmailrc", "/etc/maildroprc", "~/.mailfilter"),
}
"""Programs that put mail into a user's own mailbox, with the files by which they sort it
(procmail(1), maildrop(1), dovecot-lda(1), mail.local(8), sensible-mda(8))."""
_OPTIONS = {"-a": 1, "-d": 1, "-f": 1, "-t": 0, "-Y": 0, "-o": 0, "-l": 0}


def program_doubt(host: MailHost, command: str, account: Account | None) -> str:
    """Why a command may not put mail into a user's own mailbox; empty when it does."""
    words = command.replace('"', "").split()
    program, options = Path(words[0] if words else ""), words[1:]
    rules = _RULES.get(program.name)
    if rules is None or account is None:
        return f"the command {command} is not followed"
    status = host.status(program)
    if status is None or not status.st_mode & 0o111:
        return f"there is no {program} to run"
    while options:
        taken = _OPTIONS.get(options[0])
        if taken is None:
            return f"the command {command} is not followed"
        options = options[1 + taken :]
    for rule in rules:
        path = Path(rule.replace("~", str(account.home)))
        if host.status(path) is not None:
            return f"{program.name} sorts mail by {path}"
    return ""
