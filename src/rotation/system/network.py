"""What is asked of other hosts. It is given to who needs it, and not a part of the seam."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from rotation.system.login import Login

if TYPE_CHECKING:
    from rotation.system.link import Answer, Link


class Fetch(Protocol):
    """Asks a web server."""

    def __call__(self, link: Link, etag: str | None, modified: str | None) -> Answer:
        """What is at a web address; `etag`, `modified`: those of the last answer.

        Ends within a time, a size and a number of redirects. Raises ApplyError, which names the
        host and never a path, a query or a password.
        """


class Knock(Protocol):
    """Lets a web server know that something has happened."""

    def __call__(self, link: Link) -> None:
        """Ask for a web address, and forget the answer. Raises ApplyError where there is none."""


class Search(Protocol):
    """Looks for one message in an IMAP account."""

    def __call__(self, login: Login, text: str) -> bool:
        """Whether the account has a message with `text` in its subject. Raises ApplyError."""
