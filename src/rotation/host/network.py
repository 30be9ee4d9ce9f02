"""What is asked of other hosts. Both are heavy to import, and hardly ever needed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rotation.system.dns import Lookup
    from rotation.system.link import Answer, Link
    from rotation.system.login import Login
    from rotation.system.network import Fetch


KNOCK = 5.0
"""Seconds; a monitor that is slow must not hold a handoff back."""


def fetcher(logins: Callable[[], Path] | None = None) -> Fetch:
    """What asks web servers; `logins` names a netrc file, which need not be there, when it is
    needed."""

    def fetch(link: Link, etag: str | None, modified: str | None) -> Answer:
        from rotation.host import web

        return web.fetch(link, etag, modified, logins=logins() if logins else None)

    return fetch


def resolver() -> Lookup:
    """Who asks the domain name system. Raises UsageError where the library is not installed."""
    from rotation.host.dns import resolver

    return resolver()


def knock(link: Link) -> None:
    """Ask for a web address for the sake of the question; nobody reads the answer.

    Raises ApplyError where it is not answered within seconds.
    """
    from rotation.host import web

    web.fetch(link, None, None, deadline=KNOCK)


def search(login: Login, text: str) -> bool:
    """Whether an IMAP account has a message with `text` in its subject. Raises ApplyError."""
    from rotation.host import imap

    return imap.find(login, text)
