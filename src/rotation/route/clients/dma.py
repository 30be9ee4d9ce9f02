"""dma: aliases, mailboxes on this host, and a queue for each recipient."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from rotation.errors import Where
from rotation.mail.clients import dma
from rotation.mail.clients.values import AliasTable, ClientAlias, is_sent
from rotation.route.clients.base import Client, Refusal
from rotation.route.model import Stop
from rotation.route.tree import Node


class Dma(Client):
    """dma(8), which delivers to mailboxes here too."""

    name = "dma"

    def _send(self, node: Node) -> bool:
        path = self.config or dma.CONF
        settings = self._checked(dma.parse(self._text(path) or ""), path)
        self._hub = settings.get("SMARTHOST")
        self._bypass = settings.get("NULLCLIENT") is not None
        self._domains = {self._mail_name(settings.get("MAILNAME")), "localhost"}
        self._file = settings.get("ALIASES") or dma.ALIASES
        self._aliases = self._read()
        self._queue: set[str] = set()
        self._add(node, node.text, first=True)
        if not any(at.end is not None for at in node.walk()):
            raise Refusal("its aliases lead round in a circle", node.where, Stop.LOOP)
        return bool(node.children)

    def _mail_name(self, name: str | None) -> str:
        if name is not None and name.startswith("/"):
            data = self.place.text_for(self.place.account(dma.USER), Path(name)) or b""
            name = dma.mail_name(data.decode("utf-8", "surrogateescape"))
        return name or self.host_name()

    def _read(self) -> AliasTable:
        path = Path(self._file)
        if self.place.status(path) is None and path not in self.place.blind:
            return AliasTable()
        data = self.place.text_for(self.place.account(dma.USER), path)
        if data is None:
            raise Refusal(f"dma refuses all mail: {dma.USER} may not read the aliases",
                                Where(self._file))  # fmt: skip
        aliases = dma.read_aliases(data)
        if aliases.fault is not None:
            where = Where(self._file, aliases.fault.line)
            raise Refusal(f"dma refuses all mail: {aliases.fault.what}", where)
        return aliases

    def _add(self, node: Node, text: str, *, first: bool = False) -> None:
        local, at, domain = text.rpartition("@")
        address = local if at and domain in self._domains else text
        if address in self._queue:
            node.again()
            return
        self._queue.add(address)
        if "@" in address or self._bypass:
            hub = address.rpartition("@")[2] if self._hub is None else self._hub
            if is_sent(hub):
                self._leave(node, address, hub, alone=True)
            else:
                node.stop(Stop.PUT_OFF, address, f"there is no host {hub!r}")
            return
        entries = self._aliases.entries
        aliases = entries.get(address, ()) or (entries.get("*", ()) if first else ())
        if aliases:
            self._alias(node, aliases)
            self._queue.discard(address)
        elif self.place.account(address) is None:
            raise Refusal(f"dma refuses the mail: no user {address!r}", node.where)
        else:
            names = tuple(f"{address}@{domain}".lower() for domain in self._domains)
            node.stop(Stop.MAILBOX, address, names=(address.lower(), *names))

    def _alias(self, node: Node, aliases: Iterable[ClientAlias]) -> None:
        for alias in aliases:
            for member in alias.members:
                self._add(node.add(member, "alias", Where(self._file, alias.line)), member)
