"""Postfix's local(8) once no alias is left: a user's .forward, then the mailbox. Sources:
local(8), postconf(5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from rotation.errors import Where
from rotation.route.model import Stop
from rotation.route.postfix_conf import MainCf
from rotation.route.postfix_forward import expanded, forward_fault
from rotation.route.postfix_maps import words
from rotation.route.postfix_message import LocalState, Message
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
    ) -> None:
        self._conf = conf
        self._place = conf.place
        self._stream = stream
        self._token = token

    def deliver(
        self, node: Node, user: str, extension: str | None, message: Message, state: LocalState
    ) -> None:
        """Deliver a message to a user of this host, if there is one of that name."""
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
        transport = settings["mailbox_transport"]
        if account is None and not transport:
            self._unknown(node, user, message, state)
            return
        names = self._conf.local_names(user)
        if transport:
            node.note(f"delivered by mailbox_transport = {transport}")
        elif settings["mailbox_command"]:
            node.note(f"delivered by mailbox_command = {settings['mailbox_command']}")
        node.stop(Stop.MAILBOX, user, names=(*names, state.address.lower()))

    def _unknown(self, node: Node, user: str, message: Message, state: LocalState) -> None:
        settings = self._conf.set
        if settings["fallback_transport"]:
            node.stop(Stop.UNSURE, user, f"fallback_transport = {settings['fallback_transport']}")
        elif settings["luser_relay"]:
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
