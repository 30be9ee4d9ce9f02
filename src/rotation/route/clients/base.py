"""What following mail through each of the clients has in common."""

from __future__ import annotations

from pathlib import Path

from rotation.errors import Where
from rotation.mail.clients.values import ClientConfig, is_sent
from rotation.route.model import Stop
from rotation.route.tree import MailHost, Node


class Refusal(Exception):
    """The client takes no mail for this; where that is decided, and why."""

    def __init__(self, why: str, where: Where | None = None, stop: Stop = Stop.REFUSED) -> None:
        super().__init__(why)
        self.why, self.where, self.stop = why, where, stop


class Client:
    """What the five have in common."""

    name = ""

    def __init__(self, place: MailHost, config: Path | None) -> None:
        self.place = place
        self.config = config

    def follow(self, node: Node) -> None:
        """Follow what the node's text says to its ends."""
        try:
            redirected = self._send(node)
        except Refusal as error:
            node.children.clear()
            if error.where is not None:
                node.note(error.why, error.where)
            node.stop(error.stop, node.text, error.why)
            redirected = False
        if node.text == "root":
            self._forward(node, redirected)

    def _send(self, node: Node) -> bool:
        """Send mail on; whether the client's own rule has given it another address."""
        raise NotImplementedError

    def _forward(self, node: Node, redirected: bool) -> None:
        account = self.place.account("root")
        path = account.home / ".forward" if account else None
        if path is not None and self.place.status(path, follow=False) is not None:
            hint = None if redirected else "rotation forward ADDRESS"
            node.note(f"{self.name} reads no .forward: {path} does nothing", Where(str(path)), hint)

    def host_name(self) -> str:
        """The host's own name as gethostname(2) has it, which need not be that of its mail."""
        program = self.place.system.program("uname")
        done = None if program is None else self.place.system.ask([program, "-n"])
        name = "" if done is None or done.status else done.out.strip()
        return name or self.place.system.host_name()

    def _text(self, path: Path, user: str | None = None) -> str | None:
        account = None if user is None else self.place.account(user)
        data = self.place.text_for(account, path)
        if data is None and path in self.place.blind:
            raise Refusal(f"we {self.place.blind[path]}", Where(str(path)), Stop.UNSURE)
        return None if data is None else data.decode("utf-8", "surrogateescape")

    def _checked(self, settings: ClientConfig, path: Path) -> ClientConfig:
        if settings.fault is not None:
            where = Where(str(path), settings.fault.line)
            raise Refusal(f"{self.name} refuses all mail: {settings.fault.what}", where)
        if settings.computed is not None:
            where = Where(str(path), settings.computed)
            raise Refusal("a program computes the configuration", where, Stop.UNSURE)
        return settings

    def _leave(self, node: Node, address: str, hub: str, *, alone: bool = False) -> None:
        """Off to the hub, with the address as it stands.

        A hub that refuses one recipient makes most clients drop the whole mail, but for those
        that send to each recipient `alone`.
        """
        if not is_sent(address):
            why = f"what goes to {hub} as it stands is not an address: {address!r}"
            if not alone:
                raise Refusal(why, node.where)
            node.stop(Stop.REFUSED, address, why)
            return
        domain = address.rpartition("@")[2] if "@" in address else hub
        by = f"by {hub}" if "@" in address else "as it stands, without a domain"
        names = (address.lower(),) if "@" in address else ()
        node.stop(Stop.REMOTE, address, by, domain=domain.lower(), names=names)
