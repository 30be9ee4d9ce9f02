"""msmtp: aliases that lead to aliases, then off to the hub; a bare name goes as it is."""

from __future__ import annotations

from pathlib import Path

from rotation.errors import Where
from rotation.mail.clients import msmtp
from rotation.mail.clients.values import AliasTable, ClientConfig
from rotation.route.clients.base import Client, Refusal
from rotation.route.model import Stop
from rotation.route.tree import Node


class Msmtp(Client):
    """msmtp(1), with the account that a sender gets who names none."""

    name = "msmtp"

    def _send(self, node: Node) -> bool:
        settings, path = self._settings()
        hub = settings.get("host") or settings.get("socket")
        if not hub:
            raise Refusal("msmtp knows no host to send to", Where(str(path)))
        if not settings.get("from") and settings.get("auto_from") not in ("on", ""):
            raise Refusal("msmtp has no sender's address (`from`)", Where(str(path)))
        file = settings.get("aliases")
        if "@" in node.text or not file:
            self._leave(node, node.text, hub)
            return False
        account = self.place.account("root")
        if file.startswith("~") and account is not None:
            file = f"{account.home}{file[1:]}"
        if not file.startswith("/"):
            where = Where(str(path), settings.values["aliases"].line)
            raise Refusal(f"aliases = {file} depends on the folder msmtp runs in", where)
        data = self.place.text(Path(file))
        if data is None:
            self._text(Path(file))
            raise Refusal("msmtp refuses mail: there is no such aliases file", Where(file))
        aliases = msmtp.read_aliases(data)
        if aliases.fault is not None:
            where = Where(file, aliases.fault.line)
            raise Refusal(f"msmtp refuses the aliases: {aliases.fault.what}", where)
        self._expand(node, node.text, aliases, file, hub, 0)
        return bool(node.children)

    def _settings(self) -> tuple[ClientConfig, Path]:
        path = self.config or msmtp.CONF
        system = msmtp.parse(self._text(path) or "")
        user = msmtp.MsmtpAccounts()
        account = self.place.account("root")
        for own in [account.home / name for name in msmtp.IN_HOME] if account else []:
            if (text := self._text(own)) is not None:
                user = msmtp.parse(text)
                if "default" in user.accounts or user.fault or user.computed:
                    path = own
                break
        settings = msmtp.default(system, user)
        if settings is None:
            raise Refusal("msmtp has no account named `default`", Where(str(path)))
        return self._checked(settings, path), path

    def _expand(
        self, node: Node, name: str, aliases: AliasTable, file: str, hub: str, depth: int
    ) -> None:
        if depth > msmtp.DEEPEST:
            raise Refusal("msmtp refuses mail: aliases in a circle", node.where, Stop.LOOP)
        members = aliases.entries.get(name) or aliases.entries.get("default")
        if members is None:
            self._leave(node, name, hub)
            return
        for alias in members:
            for member in alias.members:
                child = node.add(member, "alias", Where(file, alias.line))
                if member and "@" not in member:
                    self._expand(child, member, aliases, file, hub, depth + 1)
                else:
                    self._leave(child, member, hub)
