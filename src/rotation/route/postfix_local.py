"""What Postfix's local(8) does with a recipient: aliases, lists, .forward, mailbox.

Sources: local(8), aliases(5), postconf(5), and the order of its steps in src/local. A recipient is
expanded inside one delivery as long as aliases lead to aliases; behind a .forward, a list or an
alias with an `owner-` companion the message is queued anew, and a Delivered-To: header breaks
loops.
"""

from __future__ import annotations

import stat
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from rotation.errors import Where
from rotation.mail.aliases import Dialect
from rotation.route.model import Stop
from rotation.route.postfix_forward import expanded, forward_fault
from rotation.route.postfix_maps import words
from rotation.route.tree import Item, Node, lines
from rotation.route.words import postfix_items
from rotation.system import Account

if TYPE_CHECKING:
    from rotation.route.postfix import PostfixFollower

_LEVELS = 100


@dataclass(frozen=True, slots=True)
class _Message:
    """One message in the queue, as one delivery of local(8) sees it."""

    delivered: frozenset[str]
    recipient: str
    seen: set[tuple[object, ...]] = field(default_factory=set)

    def been(self, *what: object) -> bool:
        """Whether that was done for this message before; now it was."""
        found = what in self.seen
        self.seen.add(what)
        return found


@dataclass(frozen=True, slots=True)
class _State:
    level: int = 0
    kind: str = ""
    owner: str | None = None
    expanded: str | None = None
    unmatched: str | None = None
    user: Account | None = None
    local: str = ""
    address: str = ""

    def deeper(self, levels: int = 1) -> _State:
        return replace(self, level=self.level + levels)


class Local:
    """local(8) of one instance."""

    def __init__(self, postfix: PostfixFollower) -> None:
        self._postfix = postfix
        self._place = postfix.place
        self._propagate = words(postfix.set["propagate_unmatched_extensions"])

    def deliver(self, node: Node, address: str, delivered: frozenset[str]) -> None:
        """Deliver a message to a recipient in a domain of this host."""
        self._recipient(node, address, _Message(delivered, address.lower()), _State())

    def _recipient(self, node: Node, address: str, message: _Message, state: _State) -> None:
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
        user, extension = self._postfix.split(local)
        if extension and "/" in extension:
            local, extension = user, None
        if not user:
            node.stop(Stop.REFUSED, address, "a name of nothing")
            return
        state = replace(state.deeper(), local=local, address=address, unmatched=None)
        if self._alias(node, local, message, state):
            return
        if extension is not None:
            keep = extension if "alias" in self._propagate else None
            if self._alias(node, user, message, replace(state, unmatched=keep)):
                return
            state = replace(state, unmatched=extension)
        if (state.owner is not None and state.owner.casefold() != user) or state.kind == "include":
            self._indirect(node, address, message)
            return
        self._user(node, user, extension, message, state)

    # --- aliases

    def _alias(self, node: Node, name: str, message: _Message, state: _State) -> bool:
        if state.expanded is not None and state.expanded == name:
            return False
        state = state.deeper()
        if state.level > _LEVELS:  # even where there is no such alias
            node.stop(Stop.LOOP, name, f"alias database loop for {name}")
            return True
        found = None
        for table in self._postfix.words("alias_maps"):
            found = self._postfix.maps.query(table, name, "postalias")
            if found is None and table.removeprefix("proxy:") in self._postfix.maps.broken:
                node.note(f"Postfix cannot read {table}", None, "newaliases")
                node.stop(Stop.PUT_OFF, name, f"the aliases in {table} cannot be read")
                return True
            if found is not None:
                break
        if found is None:
            return False
        value, where = found
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
            return [Item(one, self._place.line(path, entry, one)) for one in texts]
        if self._place.text(path) is not None and table.startswith(("hash:", "btree:", "lmdb:")):
            node.note("the index has this alias, the text has not", where, "newaliases")
        return [Item(one, where) for one in texts]

    def _owner(self, name: str) -> str | None:
        if self._postfix.set["owner_request_special"] == "no":
            return None
        tables = self._postfix.words("alias_maps")
        found = self._postfix.maps.first(tables, f"owner-{name}", "postalias")
        return None if found is None else self._postfix.full(f"owner-{name}")

    def _index_owner(self, table: str) -> Account | None:
        """Whose rights a command in an alias has; None for root's, which become nobody's."""
        kind, _, rest = table.partition(":")
        suffix = {"lmdb": ".lmdb", "cdb": ".cdb"}.get(kind, ".db")
        status = self._place.status(Path(rest + suffix)) or self._place.status(Path(rest))
        return self._place.account(status.st_uid) if status is not None and status.st_uid else None

    # --- what stands in an alias or a list

    def _token(
        self, text: str, how: str, where: Where, node: Node, message: _Message, state: _State
    ) -> None:
        child = node.add(text, how, where)
        home = state.user.home if state.user else None
        if text.startswith("~/") and home is not None:
            text = f"{home}{text[1:]}"
        if text.startswith("/"):
            self._file(child, text, state)
        elif text.startswith("|"):
            if state.kind not in words(self._postfix.set["allow_mail_to_commands"]):
                child.stop(Stop.REFUSED, text, f"no commands from {_KINDS[state.kind]}")
            else:
                child.stop(Stop.PIPE, text[1:].strip(), "a command")
        elif text.lower().startswith(":include:"):
            self._include(child, text[9:], message, state)
        elif text.startswith("~"):
            child.stop(Stop.REFUSED, text, "no such home")
        else:
            address = self._postfix.full(text)
            if state.unmatched:
                local, _, domain = address.rpartition("@")
                address = f"{local}{state.unmatched}@{domain}"
            if self._postfix.is_local(address.rpartition("@")[2]):
                self._recipient(child, address, message, state.deeper())
            else:
                self._indirect(child, address, message)

    def _file(self, node: Node, text: str, state: _State) -> None:
        if state.kind not in words(self._postfix.set["allow_mail_to_files"]):
            node.stop(Stop.REFUSED, text, f"no files from {_KINDS[state.kind]}")
        elif text == "/dev/null":
            node.stop(Stop.LOST, text, "/dev/null")
        else:
            node.stop(Stop.FILE, text, "a file")

    def _indirect(self, node: Node, address: str, message: _Message) -> None:
        """The message is queued anew for this address."""
        if message.been("indirect", address):
            node.again()
            return
        self._postfix.submit(node, address, message.delivered | {message.recipient})

    def _include(self, node: Node, name: str, message: _Message, state: _State) -> None:
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
        unmatched = state.unmatched if "include" in self._propagate else None
        state = replace(
            state.deeper(), kind="include", expanded=state.local, user=user, unmatched=unmatched,
            owner=state.address if state.owner is None else state.owner,
        )  # fmt: skip
        if not self._stream(node, path, "include", message, state):
            node.stop(Stop.LOST, name, f"the list {name} is empty: the mail is gone without a word")

    def _stream(self, node: Node, path: Path, how: str, message: _Message, state: _State) -> bool:
        found = False
        for number, line in lines(self._place.text(path) or b""):
            if not line.startswith("#"):
                for text in postfix_items(line):
                    found = True
                    self._token(text, how, Where(str(path), number), node, message, state)
        return found

    # --- users

    def _user(
        self, node: Node, user: str, extension: str | None, message: _Message, state: _State
    ) -> None:
        account = self._place.account(user)
        home_needed = self._postfix.set["require_home_directory"] == "yes"
        if account is not None and home_needed and self._place.status(account.home) is None:
            node.stop(Stop.PUT_OFF, user, f"there is no {account.home}")
            return
        if account is not None and self._forward(node, account, extension, message, state):
            return
        self._mailbox(node, user, account, message, state)

    def _forward(
        self, node: Node, account: Account, extension: str | None, message: _Message, state: _State
    ) -> bool:
        path = status = None
        unmatched = state.unmatched
        for word in words(self._postfix.set["forward_path"]):
            written = expanded(word, account, extension, state.local)
            if written is None:
                continue
            status = self._place.status(Path(written), follow=False)
            if status is not None:
                path = Path(written)
                if "extension" in word or "forward" not in self._propagate:
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
        self, node: Node, user: str, account: Account | None, message: _Message, state: _State
    ) -> None:
        settings = self._postfix.set
        if message.been("mailbox", user):
            node.again()
            return
        transport = settings["mailbox_transport"]
        if account is None and not transport:
            self._unknown(node, user, message, state)
            return
        names = self._postfix.local_names(user)
        if transport:
            node.note(f"delivered by mailbox_transport = {transport}")
        elif settings["mailbox_command"]:
            node.note(f"delivered by mailbox_command = {settings['mailbox_command']}")
        node.stop(Stop.MAILBOX, user, names=(*names, state.address.lower()))

    def _unknown(self, node: Node, user: str, message: _Message, state: _State) -> None:
        settings = self._postfix.set
        if settings["fallback_transport"]:
            node.stop(Stop.UNSURE, user, f"fallback_transport = {settings['fallback_transport']}")
        elif settings["luser_relay"]:
            relay = settings["luser_relay"]
            if "$" in relay:
                node.stop(Stop.UNSURE, user, f"luser_relay = {relay}")
            elif self._postfix.full(relay).lower() == state.address.lower():
                node.stop(Stop.REFUSED, user, f"unknown user {user!r}")
            else:
                rest = replace(state.deeper(), unmatched=None)
                where = Where(self._postfix.main)
                self._token(relay, "luser_relay", where, node, message, rest)
        elif user in ("mailer-daemon", "postmaster"):
            node.stop(Stop.LOST, user, f"no alias {user}: Postfix throws its mail away")
        else:
            node.stop(Stop.REFUSED, user, f"unknown user {user!r}")


_KINDS = {"alias": "an alias", "forward": "a .forward", "include": "a list", "": "an address"}
_FORWARD_HINT = "a .forward must be a file of its owner's, mode 0644"
