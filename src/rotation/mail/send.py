"""Mail that `rotation` itself sends: plain text, through the host's own sendmail.

Headers as RFC 5322 has them, `Auto-Submitted` as RFC 3834, section 5.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from rotation import address
from rotation.errors import ApplyError, Problem
from rotation.system import System

_POLICY = SMTP.clone(linesep="\n", cte_type="7bit")


def message(
    to: Sequence[str],
    subject: str,
    body: str,
    now: datetime,
    *,
    sender: str | None = None,
    message_id: str | None = None,
    calendars: Sequence[tuple[str, bytes]] = (),
    names: Mapping[str, str] | None = None,
    list_id: str | None = None,
) -> EmailMessage:
    """A mail to vetted addresses, dated `now` (aware).

    `calendars` are iTIP messages with their methods, for calendar programs (RFC 6047): the first
    is another form of the text, the others follow it. `names` are what people are called, by
    address; `list_id` is what programs can sort by (RFC 2919), as NAME <LABEL.LABEL>.

    Control characters in `subject` and `body` become spaces or are left out, so that nothing in
    them becomes a header. Without `sender`, the mail server names it. Raises ApplyError for an
    address that is not vetted.
    """
    for name in (*to, *((sender,) if sender else ())):
        if (fault := address.fault(name)) is not None and name not in ("root", "postmaster"):
            raise ApplyError(Problem(f"cannot mail to {name!r}: it {fault[0]}", hint=fault[1]))
    mail = EmailMessage(policy=_POLICY)
    called = names or {}
    mail["To"] = [_called(address, called.get(address)) for address in to]
    if sender:
        mail["From"] = _called(sender, called.get(sender))
    mail["Subject"] = clean(subject.replace("\n", " ")).strip() or "(no subject)"
    mail["Date"] = format_datetime(now)
    if message_id is not None:
        mail["Message-ID"] = message_id
    mail["Auto-Submitted"] = "auto-generated"
    if list_id is not None:
        mail["List-Id"] = list_id
    mail.set_content("".join(f"{clean(line)}\n" for line in body.splitlines()))
    for number, (method, data) in enumerate(calendars):
        # section 2.4 there: the method in the part must be that in the object
        parameters = {"charset": "utf-8", "method": method, "component": "VEVENT"}
        if number == 0:
            mail.add_alternative(data, "text", "calendar", params=parameters)
        else:
            name = f"duty-{number + 1}.ics"
            mail.add_attachment(
                data,
                "text",
                "calendar",
                params=parameters,
                disposition="inline",
                filename=name,
            )
    return mail


def _called(email: str, name: str | None) -> Address:
    """An address with what its owner is called, if that may stand in a header."""
    local, at, domain = email.rpartition("@")
    user = local if at else email
    shown = clean(name or "").strip()
    return Address(shown, user, domain) if at else Address(shown, user)


def clean(text: str) -> str:
    """Text without control characters; tabs become spaces."""
    plain = text.replace("\t", "    ")
    return "".join(c for c in plain if unicodedata.category(c) not in ("Cc", "Cs", "Zl", "Zp"))


def send(system: System, mail: EmailMessage) -> None:
    """Hand a mail to sendmail, which takes its recipients from the headers (sendmail(8), -t).

    When this returns, the mail server has it. Raises ApplyError when it has not.
    """
    program = system.program("sendmail")
    if program is None:
        raise ApplyError(
            Problem("there is no sendmail on this host", hint="install a mail server, as for cron")
        )
    # -oi: a line with a lone dot does not end the mail
    done = system.run([program, "-oi", "-t"], data=mail.as_bytes(policy=_POLICY))
    if done.status != 0:
        raise ApplyError(
            Problem(f"sendmail did not take the mail: {done.said}", hint="look at the mail log")
        )
