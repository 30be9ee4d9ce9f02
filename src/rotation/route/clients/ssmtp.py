"""sSMTP: `root` for the system's users, the host's name for the rest."""

from __future__ import annotations

from rotation.errors import Where
from rotation.mail.clients import ssmtp
from rotation.route.clients.base import Client, Refusal
from rotation.route.tree import Node


class Ssmtp(Client):
    """ssmtp(8): `root` gets the mail of the system's users; a bare name gets the host's."""

    name = "ssmtp"

    def _send(self, node: Node) -> bool:
        path = self.config or ssmtp.CONF
        settings = ssmtp.parse(self._text(path) or "")
        rewritten = settings.values.get("rewritedomain")
        if rewritten is not None and "@" in rewritten.value:
            raise Refusal("sSMTP crashes at the `@` in it", Where(str(path), rewritten.line))
        senders = self._text(ssmtp.REVALIASES) or ""
        hub = ssmtp.hub_of(senders, "root") or settings.get("mailhub")
        if hub is None or not hub:
            raise Refusal("sSMTP knows no host to send to", Where(str(path)))
        name = rewritten.value if rewritten else settings.get("hostname")
        domain = self.host_name() if name is None else name
        account = None if "@" in node.text else self.place.account(node.text)
        root = settings.values.get("root")
        if (
            account is None
            or account.uid > ssmtp.LAST_SYSTEM_USER
            or root is None
            or not root.value
        ):
            self._leave(node, _at(node.text, domain), hub)
            return False
        address = _at(root.value, domain)
        self._leave(node.add(address, "root", Where(str(path), root.line)), address, hub)
        return True


def _at(name: str, domain: str) -> str:
    return name if "@" in name else f"{name}@{domain}"
