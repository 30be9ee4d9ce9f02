"""Mails, as somebody would read them."""

from __future__ import annotations

from email.message import EmailMessage

from rotation.errors import printable


def show(mail: EmailMessage) -> None:
    """A mail as somebody would read it, and its events as they are."""
    for header in ("To", "From", "Subject"):
        if header in mail:
            print(f"{header}: {printable(str(mail[header]))}")
    body = mail.get_body(("plain",))
    for line in (body.get_content() if body else "").splitlines():
        print(printable(f"  {line}".rstrip()))
    for part in mail.walk():
        if part.get_content_type() == "text/calendar":
            for line in part.get_content().replace("\r\n ", "").splitlines():
                print(printable(f"  | {line}"))
    print()
