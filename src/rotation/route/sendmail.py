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
from rotation.route.doubts import doubt
from rotation.route.model import Stop
from rotation.route.sendmail_address import Address, parse
from rotation.route.sendmail_conf import SendmailCf
from rotation.route.sendmail_ends import finish
from rotation.route.tree import MailHost, Node, lines
from rotation.route.words import comma_items
from rotation.system import Account

_NAME = re.compile(r"[A-Za-z0-9_.+-]+\Z")
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
        if self._conf.qualifies and _NAME.match(text):
            text = f"{text}@{self._conf.qualifies}"
        self._conf.rules.prepare([text])
        top = parse(self._conf, node, text, None)
        self._recipient(top, 0)
        for one in self._sendq:
            if not one.dead:
                finish(self._conf, one)
        doubt(node, self._conf.doubts)
        self._checked(node)
        if not any(at.end for at in node.walk()):
            node.stop(Stop.LOOP, node.text, "aliasing or forwarding goes in a circle")

    # --- addresses

    def _checked(self, node: Node) -> None:
        """What check_rcpt says of what was asked for: it may throw mail away (cf/README)."""
        said = self._conf.rules.checked("check_rcpt", node.text)
        if said.startswith("$# discard"):
            node.children.clear()
            node.stop(Stop.LOST, node.text, "the access table says DISCARD")
        elif said.startswith("$# error") and "@" in node.text and self._here(node.text):
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
        """The members of an alias or a list; how many there are."""
        todo = []
        self._conf.rules.prepare([text for text, _ in items])
        for text, where in items:
            one = parse(self._conf, parent.node.add(text, how, where), text, parent)
            if one.same(parent):
                parent.circle = True
            breaks = self._circle(one)
            if breaks is not None:
                breaks.circle = True
                if breaks is not one:
                    one.node.note(f"leads back to {breaks.user}, whose mailbox gets it")
                    continue
            todo.append(one)
        for one in reversed(todo):
            self._recipient(one, level)
        return len(items)

    def _recipient(self, one: Address, level: int) -> None:
        most = int(self._conf.opt("MaxAliasRecursion") or _DEEPEST)
        if level > most:
            one.node.stop(Stop.LOOP, one.user, f"more than {most} aliases deep")
            one.dead = "too deep"
            if one.parent is not None:
                one.parent.dead = "too deep"
            return
        for other in self._sendq:
            if one.same(other) and other.settled:
                other.circle = other.circle or one.circle
                if any(other is at for at in one.above()):
                    one.node.stop(Stop.LOOP, one.user, f"leads back to {other.node.text}")
                else:
                    one.node.again()
                one.dead = "duplicate"
                return
        one.settled = level > 0
        self._sendq.append(one)
        if one.mailer == "include":
            one.dead = "a list"
            if one.parent is None:
                one.node.stop(Stop.REFUSED, one.user, "no mail to lists but from an alias")
            else:
                self._read(one, Path(one.user), "include", level)
        elif one.mailer in ("prog", "file"):
            self._handed(one)
        elif one.mailer == "local" and not one.user.startswith("\\"):
            self._expand(one, level)
        one.settled = True

    def _handed(self, one: Address) -> None:
        """Refuse a command or a file where it may not stand."""
        what = "commands" if one.mailer == "prog" else "files"
        why = "but from an alias" if one.parent is None else one.parent.unsafe
        if why:
            one.dead = "unsafe"
            one.node.stop(Stop.REFUSED, one.user, f"no mail to {what}: {why}")

    # --- local users

    def _expand(self, one: Address, level: int) -> None:
        items = self._alias(one)
        if items is not None:
            one.circle = False
            self._list(items, "alias", one, level + 1)
            if one.dead or not one.circle:
                one.dead = one.dead or "an alias"
                return
        further = None if one.remapped else self._conf.rules.localaddr(one.user, one.detail)
        if further is not None and further != ("local", one.detail, one.user):
            mailer, host, user = further
            one.dead = "replaced"
            new = Address(one.node, user.lower() if mailer == "local" else user, host, mailer, one)
            if mailer == "local" and user.startswith("@"):
                new.user, new.remapped = user[1:].lower(), True
            self._recipient(new, level + 1)
            return
        account = self.place.account(one.user)
        if account is None:
            one.dead = "unknown"
            node = one.node.add(one.user, "mailbox", None) if one.node.children else one.node
            node.stop(Stop.REFUSED, one.user, f"unknown user {one.user!r}")
            return
        one.rights, one.unsafe = account, self._conf.shell_fault(account)
        self._forward(one, account, level)

    def _alias(self, one: Address) -> list[tuple[str, Where]] | None:
        for file in self._conf.aliases:
            value = self._conf.entry(file, one.user)
            if value is not None:
                return self._conf.items(one.node, file, one.user, value)
        return None

    # --- lists and .forward files

    def _forward(self, one: Address, account: Account, level: int) -> None:
        host = next(iter(sorted(self._conf.domains)), "localhost")
        values = {"z": str(account.home), "u": account.name, "w": host, "h": one.detail or ""}
        for written in self._conf.opt("ForwardPath").split(":"):
            if not written or ("$h" in written and one.detail is None):
                continue
            path = Path(re.sub(r"\$([zuwh])", lambda m: values[m[1]], written))
            if self.place.status(path, follow=False) is None:
                continue
            why = self._conf.fault(path, account, "forward")
            if why:
                hint = "a .forward must be a file of its owner's, mode 0644"
                one.node.note(f"{path} is ignored: {why}", Where(str(path)), hint)
                continue
            count = self._read(one, path, "forward", level)
            if count == 0:
                one.node.note(f"{path} holds no address", Where(str(path)))
            elif not one.circle:
                one.dead = one.dead or "forwarded"
            return

    def _read(self, one: Address, path: Path, how: str, level: int) -> int:
        """The members of a list; how many there are."""
        if how == "include":
            why = self._include_fault(one, path)
            if why:
                one.node.note(f"the list is refused: {why}", Where(str(path)))
                one.node.stop(Stop.REFUSED, str(path), f"the list {path} is refused: {why}")
                return 0
        one.circle = False
        count = 0
        for number, line in lines(self.place.text(path) or b""):
            text = re.sub(r"[ \t]+#@#(\s.*|$)", "", line)
            if text and not text.startswith("#"):
                items = [(item, Where(str(path), number)) for item in comma_items(text)]
                count += self._list(items, how, one, level + 1)
        if count == 0 and how == "include":
            one.node.stop(Stop.LOST, str(path), f"the list {path} is empty")
        return count

    def _include_fault(self, one: Address, path: Path) -> str:
        """Why a list is refused; else the rights of what stands in it are settled."""
        reader = next((at.rights for at in one.above() if at.rights is not None), None)
        why = self._conf.fault(path, reader or self._conf.default_user, "include")
        status = self.place.status(path)
        if why or status is None:
            return why
        owner = self.place.account(status.st_uid)
        if reader is None:
            one.rights = owner
        group = (
            status.st_mode & stat.S_IWGRP and "groupwritableincludefilesafe" not in self._conf.blame
        )
        if owner is None:
            one.unsafe = f"nobody owns {path}"
        elif status.st_mode & stat.S_IWOTH or group:
            one.unsafe = f"others can write {path}"
        else:
            one.unsafe = self._conf.shell_fault(owner)
        return ""
