"""Looking for one message in an IMAP account, over TLS only. Source: RFC 9051 (and RFC 3501)."""

from __future__ import annotations

import imaplib
import ssl

from rotation.errors import ApplyError, Problem
from rotation.system.login import Login

_TIMEOUT = 20.0


def find(login: Login, text: str) -> bool:
    """Whether the inbox, or a folder for junk, has a message with `text` in its subject.

    Nothing is marked as seen. Raises ApplyError where the server cannot be reached or refuses.
    """
    context = ssl.create_default_context()
    try:
        if login.port == 143:
            server = imaplib.IMAP4(login.host, login.port, timeout=_TIMEOUT)
            server.starttls(context)
        else:
            server = imaplib.IMAP4_SSL(
                login.host, login.port, ssl_context=context, timeout=_TIMEOUT
            )
        with server:
            server.login(login.user, login.password)
            return any(_found(server, folder, text) for folder in ("INBOX", "Junk", "Spam"))
    except (OSError, imaplib.IMAP4.error) as error:
        # what a server says may be bytes, and is not ours to trust
        said = str(error).replace(login.password, "***")
        hint = "see --imap HOST[:PORT], --user and --password-file"
        raise ApplyError(Problem(f"IMAP: {login}: {said}", hint=hint)) from None


def _found(server: imaplib.IMAP4, folder: str, text: str) -> bool:
    status, _ = server.select(folder, readonly=True)
    if status != "OK":
        return False
    status, answer = server.search(None, "SUBJECT", f'"{text}"')
    return status == "OK" and any(part and part.strip() for part in answer)
