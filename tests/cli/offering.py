"""A roster whose commands mail people."""

from __future__ import annotations

import json
from email.message import EmailMessage
from typing import Any

from tests.notify.mailed_roster import MailedRoster


class Offers(MailedRoster):
    """A roster, and what its commands mail."""

    def ask(self, *arguments: str, status: int = 0) -> tuple[Any, dict[str, EmailMessage]]:
        """A command that writes, and its mails by the first address."""
        self.host.taken.clear()
        done = self.run(*arguments, "--yes", system=self.host)
        assert done.exit_code == status, done.output
        return done, {mail["To"].addresses[0].username: mail for mail in self.host.taken}

    def log(self) -> list[dict[str, Any]]:
        return list(json.loads(self.run("log", "--json").stdout))

    def on_duty(self, at: str) -> list[str]:
        answer = json.loads(self.run("who", "--at", at, "--json").stdout)
        return [person["key"] for person in answer[0]["people"]]
