"""Proof instead of belief: a marked mail through the real chain, and a look whether it arrived."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

from rotation.dataclasses import dataclass
from rotation.errors import ApplyError, Problem, Where
from rotation.mail.exim import DEBIAN
from rotation.mail.opensmtpd import CONFIGS
from rotation.mail.send import message
from rotation.mail.server import MAILBOXES, told
from rotation.route import Trace
from rotation.route.model import Stop, Verdict
from rotation.system import Files, Login, Look, Search

STEP = 0.5
"""Seconds between two looks."""
_MAILDIR = re.compile(r"^\s*action\b[^\n]*\bmaildir(?:\s+\"([^\"%]+)\")?", re.MULTILINE)


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
    box = system.read(file)
    return box is not None and f"\nSubject: {subject(mark)}\n".encode() in b"\n" + box.data


def subject(mark: str) -> str:
    """The subject of the mail that is marked so."""
    return f"rotation ping {mark}"


def marked_mail(to: str, mark: str, host: str, now: datetime) -> EmailMessage:
    """The mail itself. Raises ApplyError for an address that is not vetted."""
    body = (
        f"A test of the way that mail for {to} takes on {host}, sent by `rotation ping`.\n"
        "It asks for nothing and can be deleted.\n"
    )
    return message([to], subject(mark), body, now, message_id=f"<rotation-ping.{mark}@{host}>")


def refusals(trace: Trace) -> list[Problem]:
    """What keeps mail from arriving as far as the trace knows: no test mail is needed for that."""
    wrong = {Verdict.DEAD, Verdict.LOOP}
    return [
        Problem(f"mail for {trace.address} ends at {step.end.who}: {step.end.why}", step.where)
        for step in trace.ends
        if step.end is not None and step.end.verdict in wrong and step.end.stop is not Stop.MAILBOX
    ]


def boxes_of(system: Look, trace: Trace) -> list[Box]:
    """The mailboxes on this host that mail ends in, where its server delivers to plain files."""
    users = [step.end.who for step in trace.ends if step.end and step.end.stop is Stop.MAILBOX]
    places = (_place(system, trace.server, user) for user in dict.fromkeys(users))
    return [Box(place) for place in places if place is not None]


def _place(system: Look, server: str, user: str) -> Path | None:
    """Where a server puts a user's mail; None where that cannot be told.

    Sources: postconf(5), home_mailbox and its like (a value with a last slash is a Maildir);
    Debian's update-exim4.conf(8), dc_localdelivery; smtpd.conf(5), mbox and maildir.
    """
    if "/" in user:
        return None
    account = system.account(user)
    home = account.home if account is not None else Path("/nonexistent")
    spool = next((path for path in MAILBOXES if system.names(path) is not None), MAILBOXES[0])
    if server == "postfix":
        names = ("mailbox_transport", "mailbox_command", "home_mailbox", "mail_spool_directory")
        done = told(system, "postconf", "-hx", *names)
        values = done.out.split("\n")[: len(names)] if done and done.status == 0 else [""] * 4
        if values[0] or values[1]:
            return None
        if values[2]:
            return home / values[2]
        return Path(values[3] or spool) / user
    text = _settings(system, server)
    if server == "exim" and "maildir_home" in text:
        return home / "Maildir"
    if server == "opensmtpd" and (match := _MAILDIR.search(text)):
        return home / (match[1] or "Maildir").removeprefix("~/")
    if server == "opensmtpd" and re.search(r"\b(mda|lmtp)\b", text):
        return None
    return spool / user


def _settings(system: Files, server: str) -> str:
    paths = {"exim": (DEBIAN,), "opensmtpd": CONFIGS}.get(server, ())
    config = next((file for path in paths if (file := system.read(path)) is not None), None)
    text = config.data.decode("utf-8", "surrogateescape") if config else ""
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))


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
    clock: Callable[[], float],
) -> dict[Box | Inbox, float]:
    """Wait until the mail is in every box; after how many seconds it was in each.

    `pause` waits for so many seconds, `clock` counts them: a slow look is part of the wait. A box
    that is missing did not get it in time. Raises ApplyError when one cannot be looked at.
    """
    arrived: dict[Box | Inbox, float] = {}
    start = clock()
    while True:
        for box in boxes:
            if box not in arrived and box.has(system, mark):
                arrived[box] = clock() - start
        left = start + seconds - clock()
        if len(arrived) == len(boxes) or left <= 0:
            return arrived
        pause(min(STEP, left))
