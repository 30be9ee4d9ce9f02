"""What Postfix's local(8) does with a recipient: aliases, lists, .forward, mailbox.

Sources: local(8), aliases(5), postconf(5), and the order of its steps in src/local. A recipient is
expanded inside one delivery as long as aliases lead to aliases; behind a .forward, a list or an
alias with an `owner-` companion the message is queued anew, and a Delivered-To: header breaks
loops.
"""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

from rotation.dataclasses import replace
from rotation.errors import Where
from rotation.mail.aliases import Dialect
from rotation.mail.postfix import SUFFIXES
from rotation.route.model import Stop
from rotation.route.postfix_conf import MainCf
from rotation.route.postfix_maps import TableError, words
from rotation.route.postfix_message import LocalState, Message
from rotation.route.postfix_resolve import resolve
from rotation.route.postfix_transports import PostfixTransports
from rotation.route.postfix_users import Users
from rotation.route.tree import Item, Node, lines
from rotation.route.words import postfix_items
from rotation.system import Account

Submit = Callable[[Node, str, frozenset[str]], None]
"""Puts a message for an address into the queue anew; the set is whom it came by."""
_LEVELS = 100


class Local:
    """local(8) of one instance."""

    def __init__(self, conf: MainCf, submit: Submit, transports: PostfixTransports) -> None:
        self._conf = conf
        self._place = conf.place
        self._submit = submit
        self._transports = transports
        self._users = Users(conf, self._stream, self._token, transports)

    def deliver(self, node: Node, address: str, delivered: frozenset[str]) -> None:
        """Deliver a message to a recipient in a domain of this host.

        Nothing is queued anew as long as anybody has to wait whom this delivery serves itself: it
        is all tried again later (forward_finish() in src/local/local.c).
        """
        message = Message(delivered, address.lower())
        self._recipient(node, address, message, LocalState())
        waits = self._waits(node)
        for onward, text in message.onward:
            if waits is None:
                self._submit(onward, text, message.delivered | {message.recipient})
            else:
                why = f"it is not queued anew as long as mail for {waits} is put off"
                onward.stop(Stop.PUT_OFF, text, why)

    def _waits(self, node: Node) -> str | None:
        """Somebody below a node whose mail is put off."""
        waiting = {Stop.PUT_OFF}
        if self._conf.set["soft_bounce"] == "yes":
            waiting |= {Stop.REFUSED, Stop.LOOP}
        ends = (at.end for at in node.walk() if at.end is not None)
        return next((end.who for end in ends if end.stop in waiting), None)

    def _recipient(self, node: Node, address: str, message: Message, state: LocalState) -> None:
        state = state.deeper()
        if state.level > _LEVELS:
            node.stop(Stop.LOOP, address, "recipients nested too deep")
            return
        if message.been("recipient", state.level, address):
            node.again()
            return
        if address.lower() in message.delivered:
            node.stop(Stop.LOOP, address, f"mail forwarding loop for {address}")
            return
        local = address.rpartition("@")[0].casefold()
        user, extension = self._conf.split(local)
        if extension and "/" in extension:
            local, extension = user, None
        if not user:
            node.stop(Stop.REFUSED, address, "an empty name")
            return
        state = replace(state.deeper(), local=local, address=address, unmatched=None)
        if self._alias(node, local, message, state):
            return
        if extension is not None:
            keep = extension if "alias" in self._conf.propagate else None
            if self._alias(node, user, message, replace(state, unmatched=keep)):
                return
            state = replace(state, unmatched=extension)
        if (state.owner is not None and state.owner.casefold() != user) or state.kind == "include":
            self._indirect(node, address, message)
            return
        self._users.deliver(node, user, extension, message, state)

    # --- aliases

    def _alias(self, node: Node, name: str, message: Message, state: LocalState) -> bool:
        if state.expanded is not None and state.expanded == name:
            return False
        state = state.deeper()
        if state.level > _LEVELS:  # even where there is no such alias
            node.stop(Stop.LOOP, name, f"alias database loop for {name}")
            return True
        answer = None
        for table in self._conf.words("alias_maps"):
            try:
                answer = self._conf.maps.query(table, name, "postalias")
            except TableError:
                node.note(f"Postfix cannot read {table}", None, "newaliases")
                node.stop(Stop.PUT_OFF, name, f"the aliases in {table} cannot be read")
                return True
            if answer is not None:
                break
        if answer is None:
            return False
        value, where = answer
        items = self._items(node, table, name, value, where)
        if not items:
            node.stop(Stop.PUT_OFF, name, "the alias holds no recipient")
            return True
        owner = self._owner(name)
        user = self._index_owner(table)
        state = replace(state, kind="alias", expanded=name, owner=owner, user=user)
        for item in items:
            self._token(item.text, "alias", item.where, node, message, state)
        return True

    def _items(self, node: Node, table: str, name: str, value: str, where: Where) -> list[Item]:
        texts = postfix_items(value)
        path = Path(where.file)
        entry = None
        if where.line is not None:
            entry = self._place.reading(path, Dialect.POSTFIX).winner(name)
        if entry is not None:
            text = entry.value.decode("utf-8", "surrogateescape")
            if postfix_items(text) != texts:
                node.note("the index is older than the text: it says something else", where,
                          "newaliases")  # fmt: skip
            return [Item(text, self._place.line(path, entry, text)) for text in texts]
        if self._place.text(path) is not None and table.startswith(("hash:", "btree:", "lmdb:")):
            node.note("the index has this alias, the text has not", where, "newaliases")
        return [Item(text, where) for text in texts]

    def _owner(self, name: str) -> str | None:
        if self._conf.set["owner_request_special"] == "no":
            return None
        tables = self._conf.words("alias_maps")
        answer = self._conf.maps.first(tables, f"owner-{name}", "postalias")
        return None if answer is None else self._conf.full(f"owner-{name}")

    def _index_owner(self, table: str) -> Account | None:
        """Whose rights a command in an alias has; None for root's, which become nobody's."""
        kind, _, rest = table.removeprefix("proxy:").partition(":")
        for suffix in (*SUFFIXES.get(self._conf.maps.kind(kind), (".db",)), ""):
            status = self._place.status(Path(rest + suffix))
            if status is not None:
                return self._place.account(status.st_uid) if status.st_uid else None
        return None

    # --- what stands in an alias or a list

    def _token(
        self, text: str, how: str, where: Where, node: Node, message: Message, state: LocalState
    ) -> None:
        child = node.add(text, how, where)
        home = state.user.home if state.user else None
        if text.startswith("~/") and home is not None:
            text = f"{home}{text[1:]}"
        if text.startswith("/"):
            self._file(child, text, message, state)
        elif text.startswith("|"):
            if state.kind not in words(self._conf.set["allow_mail_to_commands"]):
                child.stop(Stop.REFUSED, text, f"no commands from {_KINDS[state.kind]}")
            else:
                child.stop(Stop.PIPE, text[1:].strip(), "a command")
        elif text.lower().startswith(":include:"):
            self._include(child, text[9:], message, state)
        elif text.startswith("~"):
            child.stop(Stop.REFUSED, text, "no such home")
        else:
            address = self._conf.full(text)
            if state.unmatched:
                local, _, domain = address.rpartition("@")
                address = f"{local}{state.unmatched}@{domain}"
            try:
                resolved = resolve(self._conf, address)
            except TableError as error:
                child.stop(Stop.PUT_OFF, address, f"{error} cannot be read")
                return
            if resolved.transport == "local":
                self._recipient(child, resolved.address, message, state.deeper())
            else:
                self._indirect(child, address, message)

    def _file(self, node: Node, text: str, message: Message, state: LocalState) -> None:
        if message.been("file", text):  # even if it was refused then (file.c)
            node.again()
        elif state.kind not in words(self._conf.set["allow_mail_to_files"]):
            node.stop(Stop.REFUSED, text, f"no files from {_KINDS[state.kind]}")
        elif text == "/dev/null":
            node.stop(Stop.LOST, text, "/dev/null")
        else:
            node.stop(Stop.FILE, text, "a file")

    def _indirect(self, node: Node, address: str, message: Message) -> None:
        """The message is to be queued anew for this address."""
        if message.been("indirect", address):
            node.again()
            return
        message.onward.append((node, address))

    def _include(self, node: Node, name: str, message: Message, state: LocalState) -> None:
        uid = state.user.uid if state.user else 0
        path = Path(name)
        if state.level > _LEVELS:
            node.stop(Stop.LOOP, name, "lists nested too deep")
            return
        if message.been("include", uid, name):
            node.again()
            return
        status = self._place.status(path)
        why = ""
        if not name.startswith("/"):
            why = "a relative path"
        elif status is None:
            why = "no such file"
        elif not stat.S_ISREG(status.st_mode):
            why = "no regular file"
        elif status.st_mode & stat.S_IWOTH:
            why = "everybody can write it"
        elif state.user is not None and not (
            self._place.may(state.user, status, 0o4) and self._place.reaches(state.user, path)
        ):
            why = f"{state.user.name} may not read it"
        if why or status is None:
            node.note(f"the list is refused: {why}", Where(name))
            node.stop(Stop.REFUSED, name, f"the list {name} is refused: {why}")
            return
        user = state.user
        if user is None and status.st_uid != 0:
            user = self._place.account(status.st_uid)
        if status.st_mode & stat.S_IWGRP:
            node.note("its group can change this list", Where(name), f"chmod g-w {name}")
        unmatched = state.unmatched if "include" in self._conf.propagate else None
        state = replace(
            state.deeper(), kind="include", expanded=state.local, user=user, unmatched=unmatched,
            owner=state.address if state.owner is None else state.owner,
        )  # fmt: skip
        if not self._stream(node, path, "include", message, state):
            node.stop(Stop.LOST, name, f"the list {name} is empty: the mail is gone without a word")

    def _stream(
        self, node: Node, path: Path, how: str, message: Message, state: LocalState
    ) -> bool:
        any_recipient = False
        for number, line in lines(self._place.text(path) or b""):
            if not line.startswith("#"):
                for text in postfix_items(line):
                    any_recipient = True
                    self._token(text, how, Where(str(path), number), node, message, state)
        return any_recipient


_KINDS = {"alias": "an alias", "forward": "a .forward", "include": "a list", "": "an address"}
