"""A web server that does everything wrong, and asking it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rotation.errors import ApplyError
from rotation.host.web import fetch
from rotation.system.link import Answer, parse_link

SECRET = "/private-s3cret/basic.ics?token=s3cret"


def ask(url: str, *, logins: Path | None = None, deadline: float = 600.0) -> Answer:
    return fetch(parse_link(url), None, None, logins=logins, deadline=deadline)


def fault(url: str, *, logins: Path | None = None, deadline: float = 600.0) -> str:
    """Why there is no answer, which never holds a secret."""
    with pytest.raises(ApplyError) as caught:
        ask(url, logins=logins, deadline=deadline)
    text = str(caught.value)
    assert "s3cret" not in text
    assert "basic.ics" not in text
    return text
