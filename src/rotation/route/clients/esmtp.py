"""esmtp: a name without a domain gets one, or goes to the mda."""

from __future__ import annotations

from pathlib import Path

from rotation.errors import Where
from rotation.mail.clients import esmtp
from rotation.route.clients.base import Client, Refusal
from rotation.route.model import Stop
from rotation.route.tree import Node


class Esmtp(Client):
    """esmtp(1) with the identity that a sender gets who names none."""

    name = "esmtp"

    def _send(self, node: Node, depth: int = 0) -> bool:
        path = self._path()
        text = self._text(path)
        if text is None:
            raise Refusal("esmtp has no configuration", Where(str(path)))
        settings = self._checked(esmtp.parse(text), path)
        hub = settings.get("hostname") or "localhost"
        domain = settings.get("qualifydomain")
        forced = settings.get("force_mda") is not None
        if not forced and ("@" in node.text or domain):
            address = node.text if "@" in node.text else f"{node.text}@{domain}"
            if address == node.text:
                self._leave(node, address, hub)
                return False
            where = Where(str(path), settings.values["qualifydomain"].line)
            self._leave(node.add(address, "qualifydomain", where), address, hub)
            return True
        command = settings.get("mda")
        if not command:
            raise Refusal("esmtp has no mda for names without a domain", Where(str(path)))
        where = Where(str(path), settings.values["mda"].line)
        addresses = esmtp.forwarded(command)
        if addresses is None or forced:
            node.add(command, "mda", where).stop(Stop.PIPE, command, "a command")
            return True
        for address in addresses:
            self._leave(node.add(address, "mda", where), address, hub)
        return True

    def _path(self) -> Path:
        account = self.place.account("root")
        own = account.home / esmtp.IN_HOME if account else None
        status = None if own is None else self.place.status(own)
        if self.config is None and own is not None and status is not None:
            if status.st_mode & 0o067:
                why = "esmtp refuses all mail: others may read this file (more than mode 0710)"
                raise Refusal(why, Where(str(own)))
            return own
        return self.config or esmtp.CONF
