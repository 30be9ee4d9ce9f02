"""Proof instead of belief: a marked mail through the real chain, and a look whether it arrived."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

from rotation.errors import ApplyError, Problem, Where
from rotation.mail.send import message
from rotation.route import Trace
from rotation.route.model import Stop
from rotation.system import Files, Login, Search

STEP = 0.5
"""Seconds between two looks."""
_SPOOLS = (Path("/var/mail"), Path("/var/spool/mail"))


@dataclass(frozen=True, slots=True)
class Box:
    """Where the mail should arrive: a Maildir or an mbox file."""

    place: Path

    def __str__(self) -> str:
        return str(self.place)

    def has(self, system: Files, mark: str) -> bool:
        """Whether a mail with `mark` in its subject is there. Raises ApplyError."""
        if system.names(self.place) is not None:
            return any(_marked(system, file, mark) for file in _mails(system, self.place))
        return _marked(system, self.place, mark)


@dataclass(frozen=True, slots=True)
class Inbox:
    """Where the mail should arrive: an IMAP account, which `search` looks into."""

    login: Login
    search: Search

    def __str__(self) -> str:
        return str(self.login)

    def has(self, system: Files, mark: str) -> bool:
        """Whether a mail with `mark` in its subject is there. Raises ApplyError."""
        return self.search(self.login, mark)


def _mails(system: Files, maildir: Path) -> Iterator[Path]:
    for part in ("new", "cur"):
        for name in system.names(maildir / part) or ():
            yield maildir / part / name


def _marked(system: Files, file: Path, mark: str) -> bool:
    found = system.read(file)
    return found is not None and f"\nSubject: {subject(mark)}\n".encode() in b"\n" + found.data


def subject(mark: str) -> str:
    """The subject of the mail that is marked so."""
    return f"rotation ping {mark}"


def marked_mail(to: str, mark: str, host: str, now: datetime) -> EmailMessage:
    """The mail itself. Raises ApplyError for an address that is not vetted."""
    body = (
        f"A test of the way of mail for {to} on {host}, sent by `rotation ping`.\n"
        "It asks for nothing and can be deleted.\n"
    )
    return message([to], subject(mark), body, now, message_id=f"<rotation-ping.{mark}@{host}>")


def boxes_of(system: Files, trace: Trace) -> list[Box]:
    """The mailboxes on this host that mail ends in, as far as they are plain files."""
    users = [step.end.who for step in trace.ends if step.end and step.end.stop is Stop.MAILBOX]
    spool = next((path for path in _SPOOLS if system.names(path) is not None), _SPOOLS[0])
    return [Box(spool / user) for user in dict.fromkeys(users) if "/" not in user]


def check_box(system: Files, path: Path, *, maildir: bool) -> Box:
    """A box that somebody named. Raises ApplyError when it cannot be one."""
    real_maildir = system.names(path / "new") is not None
    if maildir and not real_maildir:
        hint = "name the folder that has `new` and `cur` in it"
        raise ApplyError(Problem("is not a Maildir", Where(str(path)), hint))
    if not maildir and system.names(path) is not None:
        raise ApplyError(Problem("is a folder, not an mbox file", Where(str(path)), "--maildir"))
    return Box(path)


def wait(
    system: Files,
    boxes: Sequence[Box | Inbox],
    mark: str,
    seconds: float,
    pause: Callable[[float], None],
) -> dict[Box | Inbox, float]:
    """Wait until the mail is in every box; after about how many seconds it was in each.

    `pause` waits for so many seconds. A box that is missing did not get it in time. Raises
    ApplyError when one cannot be looked at.
    """
    found: dict[Box | Inbox, float] = {}
    looks = int(seconds / STEP) + 1
    for look in range(looks):
        for box in boxes:
            if box not in found and box.has(system, mark):
                found[box] = look * STEP
        if len(found) == len(boxes):
            break
        if look + 1 < looks:
            pause(STEP)
    return found
