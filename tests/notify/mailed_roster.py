"""A roster in a folder, on a host whose sendmail this is."""

from __future__ import annotations

import email
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from rotation.host.real import Host
from rotation.system import Finished
from tests.export.lint import events, lint
from tests.export.roster_folder import ROSTER, RosterFolder

REMIND = '\n[notify]\nremind = ["7 days", "1 day"]\n'

SENDMAIL = Path("/usr/sbin/sendmail")


class RecordingHost(Host):
    """A host whose sendmail takes every mail, but for those whom it `refuses`."""

    def __init__(self, state: Path) -> None:
        super().__init__(state)
        self.taken: list[EmailMessage] = []
        self.refuses: set[str] = set()
        self.lines: list[str] = []

    def program(self, *names: str) -> Path | None:
        return SENDMAIL if names == ("sendmail",) else super().program(*names)

    def run(
        self, argv: Sequence[str | Path], *, data: bytes = b"", limit: float | None = None
    ) -> Finished:
        assert argv == [SENDMAIL, "-oi", "-t"]
        mail = email.message_from_bytes(data, policy=default)
        if any(address in str(mail["To"]) for address in self.refuses):
            return Finished(75, "", "queue is full")
        self.taken.append(mail)
        return Finished(0, "", "")

    def host_name(self) -> str:
        return "box.test"

    def log(self, line: str) -> None:
        self.lines.append(line)


class MailedRoster(RosterFolder):
    """A roster in a folder, and the host that mails for it."""

    def __init__(self, folder: Path, roster: str = ROSTER + REMIND) -> None:
        super().__init__(folder, roster)
        self.host = RecordingHost(self.state)
        self.texts: list[EmailMessage] = []

    def notify(self, *arguments: str, status: int = 0) -> dict[str, EmailMessage]:
        """The mails of one run, by the first address."""
        self.host.taken.clear()
        self.texts.clear()
        done = self.run("notify", *arguments, system=self.host)
        assert done.exit_code == status, done.output
        assert status or arguments or done.output == ""
        people: dict[str, EmailMessage] = {}
        for mail in self.host.taken:
            name = mail["To"].addresses[0].username
            if name.isdecimal():
                self.texts.append(mail)
            elif name in people:
                rest(people[name]).append(mail)
            else:
                people[name] = mail
        return people


def rest(mail: EmailMessage) -> list[EmailMessage]:
    """The other mails of the same run to the same person: an invitation each."""
    others: list[EmailMessage] = mail.__dict__.setdefault("others", [])
    return others


def words(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def calendars(mail: EmailMessage) -> list[tuple[str, dict[str, str]]]:
    """The events of all mails to a person; each mail has one, if any."""
    found = []
    for single in (mail, *rest(mail)):
        parts = [part for part in single.walk() if part.get_content_type() == "text/calendar"]
        assert len(parts) <= 1, "programs read the first part"
    for part in [part for single in (mail, *rest(mail)) for part in single.walk()]:
        if part.get_content_type() == "text/calendar":
            data = part.get_payload(decode=True)
            assert isinstance(data, bytes)
            assert not lint(data, method=True)
            (event,) = events(data)
            method = str(part.get_param("method"))
            assert f"\r\nMETHOD:{method}\r\n".encode() in data
            found.append((method, event))
    return found
