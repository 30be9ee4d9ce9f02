"""Postfix's local(8) once no alias is left: a user's .forward, then the mailbox. Sources:
local(8), postconf(5)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rotation.dataclasses import replace
from rotation.errors import Where
from rotation.route.doubts import program_doubt
from rotation.route.model import Stop
from rotation.route.postfix_conf import MainCf
from rotation.route.postfix_forward import expanded, forward_fault
from rotation.route.postfix_maps import TableError, words
from rotation.route.postfix_message import LocalState, Message
from rotation.route.postfix_resolve import Resolved
from rotation.route.postfix_transports import PostfixTransports
from rotation.route.tree import Node
from rotation.system import Account

_FORWARD_HINT = "a .forward must be a file of its owner's, mode 0644"


class Users:
    """The users of this host. `stream` follows what a file holds and says whether that is
    anybody; `token` follows one recipient as it is written."""

    def __init__(
        self,
        conf: MainCf,
        stream: Callable[[Node, Path, str, Message, LocalState], bool],
        token: Callable[[str, str, Where, Node, Message, LocalState], None],
        transports: PostfixTransports,
    ) -> None:
        self._conf = conf
        self._place = conf.place
        self._stream = stream
        self._token = token
        self._transports = transports

    def deliver(
        self, node: Node, user: str, extension: str | None, message: Message, state: LocalState
    ) -> None:
        """Deliver a message to a user of this host, if there is one of that name."""
        try:
            self._deliver(node, user, extension, message, state)
        except TableError as error:
            node.stop(Stop.PUT_OFF, user, f"{error} cannot be read")

    def _deliver(
        self, node: Node, user: str, extension: str | None, message: Message, state: LocalState
    ) -> None:
        account = self._place.account(user)
        home_needed = self._conf.set["require_home_directory"] == "yes"
        if account is not None and home_needed and self._place.status(account.home) is None:
            node.stop(Stop.PUT_OFF, user, f"there is no {account.home}")
            return
        if account is not None and self._forward(node, account, extension, message, state):
            return
        self._mailbox(node, user, account, message, state)

    def _forward(
        self,
        node: Node,
        account: Account,
        extension: str | None,
        message: Message,
        state: LocalState,
    ) -> bool:
        path = status = None
        unmatched = state.unmatched
        for word in words(self._conf.set["forward_path"]):
            written = expanded(word, account, extension, state.local)
            if written is None:
                continue
            status = self._place.status(Path(written), follow=False)
            if status is not None:
                path = Path(written)
                if "extension" in word or "forward" not in self._conf.propagate:
                    unmatched = None
                break
        if path is None or status is None:
            return False
        if message.been("forward", path):
            done = ("forward-done", path) in message.seen
            if done:
                node.again()
            return done
        why = forward_fault(self._place, path, status, account)
        if why:
            node.note(f"{path} is ignored: {why}", Where(str(path)), _FORWARD_HINT)
            return False
        state = replace(
            state.deeper(), kind="forward", owner=account.name, expanded=state.local,
            user=account, unmatched=unmatched,
        )  # fmt: skip
        if self._stream(node, path, "forward", message, state):
            message.been("forward-done", path)
            return True
        node.note(f"{path} holds no address", Where(str(path)))
        return False

    def _mailbox(
        self, node: Node, user: str, account: Account | None, message: Message, state: LocalState
    ) -> None:
        settings = self._conf.set
        if message.been("mailbox", user):
            node.again()
            return
        if self._passed(node, "mailbox_transport", user, state):
            return
        if account is None:
            self._unknown(node, user, message, state)
            return
        command = self._mapped("mailbox_command_maps", user) or settings["mailbox_command"]
        if command:
            node.note(f"delivered by the command {command}")
            why = program_doubt(self._place, command, account)
            if why:
                node.stop(Stop.UNSURE, user, why)
                return
        elif settings["home_mailbox"]:
            node.note(f"delivered to {account.home}/{settings['home_mailbox']}")
            home = self._place.status(account.home)
            if home is None or not self._place.may(account, home, 0o3):
                node.stop(Stop.REFUSED, user, f"{account.name} cannot write {account.home}")
                return
        elif self._place.status(Path(settings["mail_spool_directory"])) is None:
            node.stop(Stop.PUT_OFF, user, f"there is no {settings['mail_spool_directory']}")
            return
        names = self._conf.local_names(user)
        node.stop(Stop.MAILBOX, user, names=(*names, state.address.lower()))

    def _mapped(self, name: str, user: str) -> str:
        """What tables have for a user; empty for nothing."""
        answer = self._conf.maps.first(self._conf.words(name), user)
        return answer[0] if answer else ""

    def _passed(self, node: Node, name: str, user: str, state: LocalState) -> bool:
        """Whether mail is passed to another transport by a setting or its table of users."""
        value = self._mapped(f"{name}_maps", user) or self._conf.set[name]
        if not value:
            return False
        transport, _, hop = value.partition(":")
        node.note(f"{name} = {value}", Where(self._conf.main))
        resolved = Resolved(transport, hop, state.address, Where(self._conf.main))
        names = self._conf.local_names(user)
        self._transports.hand_over(node, resolved, names)
        return True

    def _unknown(self, node: Node, user: str, message: Message, state: LocalState) -> None:
        settings = self._conf.set
        if self._passed(node, "fallback_transport", user, state):
            return
        if settings["luser_relay"]:
            relay = settings["luser_relay"]
            if "$" in relay:
                node.stop(Stop.UNSURE, user, f"luser_relay = {relay}")
            elif self._conf.full(relay).lower() == state.address.lower():
                node.stop(Stop.REFUSED, user, f"unknown user {user!r}")
            else:
                rest = replace(state.deeper(), unmatched=None)
                where = Where(self._conf.main)
                self._token(relay, "luser_relay", where, node, message, rest)
        elif user in ("mailer-daemon", "postmaster"):
            node.stop(Stop.LOST, user, f"no alias {user}: Postfix throws its mail away")
        else:
            node.stop(Stop.REFUSED, user, f"unknown user {user!r}")
