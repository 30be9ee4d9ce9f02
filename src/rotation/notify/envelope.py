"""What a mail to somebody bears outside of its words: addresses, names, identity, an event."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from email.message import EmailMessage
from hashlib import sha256

from rotation.export.icalendar import Invitation, invitation
from rotation.mail.send import message
from rotation.model import Person, Roster
from rotation.notify.personal import PersonalDuty

_PHONE = re.compile(r"\+?\d{6,}\Z", re.ASCII)


def is_phone(email: str) -> bool:
    """Whether an address is that of a phone, behind a gateway to SMS: digits at a domain."""
    local, at, _ = email.rpartition("@")
    return bool(at) and _PHONE.match(local) is not None


def sender_for(roster: Roster, to: Sequence[str]) -> str | None:
    """Who mails people: of the roster's senders the one of their own domain, or else the first."""
    domains = {email.rpartition("@")[2].lower() for email in to}
    own = (sender for sender in roster.senders if sender.rpartition("@")[2].lower() in domains)
    return next(own, roster.sender)


class Envelope:
    """What all mails to one person have in common."""

    def __init__(
        self, roster: Roster, person: Person, sender: str | None, host: str, now: datetime
    ) -> None:
        self._roster, self._person, self._sender = roster, person, sender
        self._host, self._now = host, now

    def mail(
        self,
        to: Sequence[str],
        subject: str,
        body: str,
        what: str,
        calendars: Sequence[tuple[str, bytes]],
    ) -> EmailMessage:
        """A mail about `what`, which with the instant makes its Message-ID."""
        roster = self._roster
        said = f"{roster.path}\0{self._person.key}\0{what}\0{' '.join(to)}\0{self._now.isoformat()}"
        digest = sha256(said.encode("utf-8", "surrogateescape")).hexdigest()[:32]
        domain = (self._sender or "").rpartition("@")[2] or self._host
        label = re.sub(r"[^A-Za-z0-9-]+", "-", roster.name).strip("-") or "roster"
        names = {email: self._person.name for email in to if self._person.name}
        if self._sender is not None:
            names[self._sender] = f"{roster.name} on-call"
        return message(
            to,
            subject,
            body,
            self._now,
            sender=self._sender,
            message_id=f"<{digest}@{domain}>",
            list_id=f"<{label}.rotation.{self._host}>",
            names=names,
            calendars=calendars,
        )

    def invitation(
        self, method: str, duty: PersonalDuty, title: str, about: Iterable[str]
    ) -> tuple[str, bytes]:
        """One event, for the person's addresses but those of phones."""
        attendees = [self._whole(email) for email in self._person.email if not is_phone(email)]
        organizers = [self._whole(self._sender or "root"), f"root@{self._host}"]
        organizers.append(f"no-reply@{self._host}")
        # nobody invites themselves: programs would take the event for their own, and never move it
        organizer = next(o for o in organizers if o.lower() not in map(str.lower, attendees))
        return method, invitation(
            Invitation(
                duty.uid,
                duty.sequence,
                duty.start,
                duty.end,
                title,
                "\n".join(about),
                organizer,
                tuple(attendees),
                self._now,
                f"{self._roster.name} on-call",
                self._person.name,
            ),
            method,
        )

    def _whole(self, address: str) -> str:
        return address if "@" in address else f"{address}@{self._host}"
