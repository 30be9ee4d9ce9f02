"""Sendmail: one list of recipients, expanded in place, duplicates dropped, circles broken at the
first real user in them.

Sources: the Sendmail Installation and Operation Guide (aliasing, ForwardPath, DontBlameSendmail,
`-bt`), aliases(5), cf/README ("+ detail", virtusertable, LUSER_RELAY, MAIL_HUB).
"""

from __future__ import annotations

import re
import stat
from pathlib import Path

from rotation.errors import Where
from rotation.mail.sendmail import SUBMIT
from rotation.route.doubts import Doubt, doubt
from rotation.route.model import Stop
from rotation.route.sendmail_address import Address, parse
from rotation.route.sendmail_conf import SendmailCf
from rotation.route.sendmail_ends import finish
from rotation.route.sendmail_inventory import NO_ALIASES
from rotation.route.tree import MailHost, Node, lines
from rotation.route.words import comma_items
from rotation.system import Account

_NAME = re.compile(r"[A-Za-z0-9_.+-]+(@[A-Za-z0-9.-]+)?\Z")
_DEEPEST = 10
"""Sendmail's MaxAliasRecursion."""


class SendmailFollower:
    """Follows addresses as Sendmail does (`config` is its .cf file)."""

    def __init__(self, place: MailHost, config: Path | None) -> None:
        self.place = place
        self._conf = SendmailCf(place, config)
        self._sendq: list[Address] = []

    def follow(self, node: Node) -> None:
        """Follow what a node's text says to its ends."""
        self._sendq = []
        text = node.text
        unknown = ""
        if self._conf.client is not None and _NAME.match(text):
            text, unknown = self._conf.client.handed(text)
        self._conf.rules.prepare([text])
        top = parse(self._conf, node, text, None)
        self._recipient(top, 0)
        for recipient in self._sendq:
            if not recipient.dead:
                finish(self._conf, recipient)
        here = any(recipient.mailer == "local" for recipient in self._sendq)
        doubts = [each for each in self._conf.doubts if here or each.setting != NO_ALIASES]
        doubt(node, [*doubts, Doubt(unknown, Where(str(SUBMIT)))] if unknown else doubts)
        self._checked(node, text)
        if not any(at.end for at in node.walk()):
            node.stop(Stop.LOOP, node.text, "aliasing or forwarding goes in a circle")

    # --- addresses

    def _checked(self, node: Node, text: str) -> None:
        """What check_rcpt says of what was asked for, as `text`: it may refuse mail, or throw it
        away (cf/README)."""
        said = self._conf.rules.checked("check_rcpt", text)
        if said.startswith("$# discard"):
            node.children.clear()
            node.stop(Stop.LOST, node.text, "the access table says DISCARD")
        elif said.startswith("$# error") and "@" in text and self._here(text):
            node.children.clear()
            node.stop(Stop.REFUSED, node.text, said.partition("$:")[2].strip(' "'))

    def _here(self, address: str) -> bool:
        return address.rpartition("@")[2].lower() in self._conf.domains

    def _circle(self, address: Address) -> Address | None:
        """The recipient that a circle is broken at: the nearest real user on the way up."""
        first = address.parent
        while first is not None and not address.same(first):
            first = first.parent
        if first is None:
            return None
        at: Address | None = address
        while at is not None:
            if at.mailer == "local" and self.place.account(at.user) is not None:
                return first if first.same(at) else at
            at = at.parent
        return None

    def _list(self, items: list[tuple[str, Where]], how: str, parent: Address, level: int) -> int:
        """The members of an alias or a list; how many there are beside those that lead back."""
        todo = []
        self._conf.rules.prepare([text for text, _ in items])
        for text, where in items:
            recipient = parse(self._conf, parent.node.add(text, how, where), text, parent)
            if recipient.same(parent):
                parent.circle = True
            breaks = self._circle(recipient)
            if breaks is not None:
                breaks.circle = True
                if breaks is not recipient:
                    recipient.node.note(f"leads back to {breaks.user}, whose mailbox gets it")
                    continue
            todo.append(recipient)
        for recipient in reversed(todo):
            self._recipient(recipient, level)
        return len(todo)

    def _recipient(self, recipient: Address, level: int) -> None:
        most = int(self._conf.opt("MaxAliasRecursion") or _DEEPEST)
        if level > most:
            recipient.node.stop(Stop.LOOP, recipient.user, f"more than {most} aliases deep")
            recipient.dead = "too deep"
            if recipient.parent is not None:
                recipient.parent.dead = "too deep"
            return
        for other in self._sendq:
            if recipient.same(other) and other.settled:
                other.circle = other.circle or recipient.circle
                if any(other is at for at in recipient.above()):
                    recipient.node.stop(
                        Stop.LOOP, recipient.user, f"leads back to {other.node.text}"
                    )
                else:
                    recipient.node.again()
                recipient.dead = "duplicate"
                return
        recipient.settled = level > 0
        self._sendq.append(recipient)
        if recipient.mailer == "include":
            recipient.dead = "a list"
            if recipient.parent is None:
                recipient.node.stop(
                    Stop.REFUSED, recipient.user, "no mail to lists but from an alias"
                )
            else:
                self._read(recipient, Path(recipient.user), "include", level)
        elif recipient.mailer in ("prog", "file"):
            self._handed(recipient)
        elif recipient.mailer == "local" and not recipient.user.startswith("\\"):
            self._expand(recipient, level)
        recipient.settled = True

    def _handed(self, recipient: Address) -> None:
        """Refuse a command or a file where it may not stand."""
        what = "commands" if recipient.mailer == "prog" else "files"
        why = "but from an alias" if recipient.parent is None else recipient.parent.unsafe
        if why:
            recipient.dead = "unsafe"
            recipient.node.stop(Stop.REFUSED, recipient.user, f"no mail to {what}: {why}")

    # --- local users

    def _expand(self, recipient: Address, level: int) -> None:
        items = self._alias(recipient)
        if items is not None:
            recipient.circle, recipient.expanded = False, True
            self._list(items, "alias", recipient, level + 1)
            if recipient.dead or not recipient.circle:
                recipient.dead = recipient.dead or "an alias"
                return
        further = (
            None
            if recipient.remapped
            else self._conf.rules.localaddr(recipient.user, recipient.detail)
        )
        if further is not None and further != ("local", recipient.detail, recipient.user):
            mailer, host, user = further
            recipient.dead = "replaced"
            new = Address(
                recipient.node, user.lower() if mailer == "local" else user, host, mailer, recipient
            )
            if mailer == "local" and user.startswith("@"):
                new.user, new.remapped = user[1:].lower(), True
            self._recipient(new, level + 1)
            return
        account = self.place.account(recipient.user)
        if account is None:
            recipient.dead = "unknown"
            node = (
                recipient.node.add(recipient.user, "mailbox", None)
                if recipient.node.children
                else recipient.node
            )
            node.stop(Stop.REFUSED, recipient.user, f"unknown user {recipient.user!r}")
            return
        recipient.rights, recipient.unsafe = account, self._conf.shell_fault(account)
        self._forward(recipient, account, level)

    def _alias(self, recipient: Address) -> list[tuple[str, Where]] | None:
        for file in self._conf.aliases:
            value = self._conf.entry(file, recipient.user)
            if value is not None:
                return self._conf.items(recipient.node, file, recipient.user, value)
        return None

    # --- lists and .forward files

    def _forward(self, recipient: Address, account: Account, level: int) -> None:
        host = next(iter(sorted(self._conf.domains)), "localhost")
        values = {"z": str(account.home), "u": account.name, "w": host, "h": recipient.detail or ""}
        for written in self._conf.opt("ForwardPath").split(":"):
            if not written or ("$h" in written and recipient.detail is None):
                continue
            path = Path(re.sub(r"\$([zuwh])", lambda m: values[m[1]], written))
            if self.place.status(path, follow=False) is None:
                continue
            why = self._conf.fault(path, account, "forward")
            if why:
                hint = "a .forward must be a file of its owner's, mode 0644"
                recipient.node.note(f"{path} is ignored: {why}", Where(str(path)), hint)
                continue
            if self._read(recipient, path, "forward", level) and not recipient.circle:
                recipient.dead = recipient.dead or "forwarded"
            return

    def _read(self, recipient: Address, path: Path, how: str, level: int) -> int:
        """The members of a list; how many there are."""
        if how == "include":
            why = self._include_fault(recipient, path)
            if why:
                recipient.node.note(f"the list is refused: {why}", Where(str(path)))
                recipient.node.stop(Stop.REFUSED, str(path), f"the list {path} is refused: {why}")
                return 0
        recipient.circle = False
        count = written = 0
        for number, line in lines(self.place.text(path) or b""):
            text = re.sub(r"[ \t]+#@#(\s.*|$)", "", line)
            if text and not text.startswith("#"):
                items = [(item, Where(str(path), number)) for item in comma_items(text)]
                count += self._list(items, how, recipient, level + 1)
                written += len(items)
        if how == "include":
            if written == 0:
                recipient.node.stop(Stop.LOST, str(path), f"the list {path} is empty")
            return written
        if written == 0:
            recipient.node.note(f"{path} holds no address", Where(str(path)))
        elif count == 0:
            what = f"{path} only leads back: {recipient.user} gets it too"
            recipient.node.note(what, Where(str(path)))
        return count

    def _include_fault(self, recipient: Address, path: Path) -> str:
        """Why a list is refused; else the rights of what stands in it are settled."""
        reader = recipient.reader()
        why = self._conf.fault(path, reader or self._conf.default_user, "include")
        status = self.place.status(path)
        if why or status is None:
            return why
        owner = self.place.account(status.st_uid)
        if reader is None:
            recipient.rights = owner
        group = (
            status.st_mode & stat.S_IWGRP and "groupwritableincludefilesafe" not in self._conf.blame
        )
        if owner is None:
            recipient.unsafe = f"nobody owns {path}"
        elif status.st_mode & stat.S_IWOTH or group:
            recipient.unsafe = f"others can write {path}"
        else:
            recipient.unsafe = self._conf.shell_fault(owner)
        return ""
