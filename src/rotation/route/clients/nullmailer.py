"""nullmailer: adminaddr for whatever is local, all else as it is."""

from __future__ import annotations

from pathlib import Path

from rotation.errors import Where
from rotation.mail.clients import nullmailer
from rotation.route.clients.base import Client, Refusal
from rotation.route.model import Stop
from rotation.route.tree import Node


class Nullmailer(Client):
    """nullmailer-inject(1), nullmailer-queue(8)."""

    name = "nullmailer"

    def _send(self, node: Node) -> bool:
        folder = self.config or nullmailer.FOLDER
        remotes = folder / nullmailer.REMOTES.name
        hubs = nullmailer.hubs((self._text(remotes) or "").encode("utf-8", "surrogateescape"))
        if not hubs:
            raise Refusal("nullmailer knows no host to send to", Where(str(remotes)),
                                Stop.PUT_OFF)  # fmt: skip
        mail_name = self._line(nullmailer.MAILNAME)
        host = self._line(folder / "defaulthost") or mail_name
        address = nullmailer.full(node.text, host, self._line(folder / "defaultdomain"))
        path = folder / nullmailer.ADMIN.name
        admin = self._line(path, nullmailer.USER)
        members = nullmailer.remapped(address, mail_name, admin)
        for member in members or ():
            child = node.add(member, "adminaddr", Where(str(path), 1))
            self._leave(child, member, hubs[0][0])
        if members is None:
            self._leave(node, address, hubs[0][0])
        return members is not None

    def _line(self, path: Path, user: str | None = None) -> str:
        text = self._text(path, user)
        return nullmailer.one_line((text or "").encode("utf-8", "surrogateescape"))
