"""Sendmail: one list of recipients, expanded in place, duplicates dropped, circles broken at the
first real user in them.

Sources: the Sendmail Installation and Operation Guide (aliasing, ForwardPath, DontBlameSendmail,
`-bt`), aliases(5), cf/README ("+ detail", virtusertable, LUSER_RELAY, MAIL_HUB).
"""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass
from pathlib import Path

from rotation.errors import Where
from rotation.route.model import Stop
from rotation.route.sendmail_conf import Conf
from rotation.route.tree import MailHost, Node, lines
from rotation.route.words import comma_items, direct, plain
from rotation.system import Account

_ODD = re.compile(r"[|/][^\s\"]*@([A-Za-z0-9.-]+)")
"""What looks like a command or a file and has a domain: an address all the same."""
_GROUP = re.compile(r"\A[A-Za-z][\w .-]*:\s*(?=\S)")
"""The name of an RFC 822 group."""
_DEEPEST = 10
"""Sendmail's MaxAliasRecursion."""


@dataclass(eq=False, slots=True)
class _Address:
    """A recipient in the list. `dead` says why no mail goes to it itself; empty: mail goes."""

    node: Node
    user: str
    detail: str | None
    mailer: str
    parent: _Address | None
    dead: str = ""
    circle: bool = False
    """Whether its own mailbox gets the mail too, because a circle is broken here."""
    settled: bool = True
    """Whether a later one that is the same is a duplicate; not what was asked for, until it is
    expanded."""
    rights: Account | None = None
    """Whose rights a list, command or file behind it is read, run or written with."""
    unsafe: str = ""
    """Why no command and no file may stand behind it."""

    def same(self, other: _Address) -> bool:
        """Whether both are one recipient."""
        return (self.mailer, self.user, self.detail) == (other.mailer, other.user, other.detail)


class SendmailFollower:
    """Follows addresses as Sendmail does (`config` is its .cf file)."""

    def __init__(self, place: MailHost, config: Path | None) -> None:
        self.place = place
        self._conf = Conf(place, config)
        self._sendq: list[_Address] = []

    def local_names(self, user: str) -> tuple[str, ...]:
        """The addresses that stand for the mailbox of a local user."""
        return (
            user.lower(),
            *(f"{user}@{domain}".lower() for domain in sorted(self._conf.domains)),
        )

    def follow(self, node: Node) -> None:
        """Follow what a node's text says to its ends."""
        self._sendq = []
        top = self._parse(node, node.text, None)
        self._recipient(top, 0)
        for one in self._sendq:
            if not one.dead:
                self._finish(one)
        if not any(at.end for at in node.walk()):
            node.stop(Stop.LOOP, node.text, "aliasing or forwarding goes in a circle")

    # --- addresses

    def _parse(self, node: Node, text: str, parent: _Address | None) -> _Address:
        text = direct(_GROUP.sub("", plain(text)).removesuffix(";"))
        remote = _ODD.fullmatch(text)
        if remote and remote[1].lower() not in self._conf.domains:
            return _Address(node, text, None, "remote", parent)
        if text.startswith("|"):
            return _Address(node, text, None, "prog", parent)
        if text.startswith("/"):
            return _Address(node, text, None, "file", parent)
        if text.lower().startswith(":include:"):
            return _Address(node, text[9:].strip(), None, "include", parent)
        local, at, domain = text.rpartition("@")
        if at and domain.lower() not in self._conf.domains:
            return _Address(node, text, None, "remote", parent)
        local = local if at else text
        if "%" in local:
            return self._parse(node, "@".join(local.rsplit("%", 1)), parent)
        return _Address(node, local.lower(), None, "local", parent)

    def _circle(self, address: _Address) -> _Address | None:
        """The recipient that a circle is broken at: the nearest real user on the way up."""
        first = address.parent
        while first is not None and not address.same(first):
            first = first.parent
        if first is None:
            return None
        at: _Address | None = address
        while at is not None:
            if at.mailer == "local" and self.place.account(at.user) is not None:
                return first if first.same(at) else at
            at = at.parent
        return None

    def _list(self, items: list[tuple[str, Where]], how: str, parent: _Address, level: int) -> int:
        """The members of an alias or a list; how many there are."""
        todo = []
        for text, where in items:
            one = self._parse(parent.node.add(text, how, where), text, parent)
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

    def _recipient(self, one: _Address, level: int) -> None:
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
                if any(other is at for at in _above(one)):
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

    def _handed(self, one: _Address) -> None:
        """Refuse a command or a file where it may not stand."""
        what = "commands" if one.mailer == "prog" else "files"
        why = "but from an alias" if one.parent is None else one.parent.unsafe
        if why:
            one.dead = "unsafe"
            one.node.stop(Stop.REFUSED, one.user, f"no mail to {what}: {why}")

    # --- local users

    def _expand(self, one: _Address, level: int) -> None:
        if self._virtual(one, level):
            return
        items = self._alias(one)
        if items is not None:
            one.circle = False
            self._list(items, "alias", one, level + 1)
            if one.dead or not one.circle:
                one.dead = one.dead or "an alias"
                return
        if "H" in self._conf.hosts:
            one.mailer = "hub"
            return
        further = _without_detail(one.user, one.detail)
        if further is not None:
            one.dead = "replaced"
            self._recipient(_Address(one.node, *further, "local", one), level + 1)
            return
        account = self.place.account(one.user)
        if account is None:
            if "L" in self._conf.hosts:
                one.mailer = "relay"
                return
            one.dead = "unknown"
            node = one.node.add(one.user, "mailbox", None) if one.node.children else one.node
            node.stop(Stop.REFUSED, one.user, f"unknown user {one.user!r}")
            return
        one.rights, one.unsafe = account, self._conf.shell_fault(account)
        self._forward(one, account, level)

    def _virtual(self, one: _Address, level: int) -> bool:
        text = plain(one.node.text)
        local, at, domain = text.rpartition("@")
        if not at or not self._conf.maps:
            return False
        for key in (text, f"{local.partition('+')[0]}@{domain}", f"@{domain}"):
            value = self._conf.lookup("virtuser", key.lower())
            if value is None:
                continue
            if value.startswith("error:"):
                one.node.stop(Stop.REFUSED, text, f"the virtual user table says {value}")
                one.dead = "an error"
                return True
            value = value.replace("%1", local)
            if value.lower() != text.lower():
                one.dead = "an alias"
                where = Where(self._conf.opt("VirtuserTable") or "the virtual user table")
                self._list([(value, where)], "virtual alias", one, level + 1)
                return True
        return False

    def _alias(self, one: _Address) -> list[tuple[str, Where]] | None:
        for file in self._conf.aliases:
            value = self._conf.entry(file, one.user)
            if value is not None:
                return self._conf.items(one.node, file, one.user, value)
        return None

    # --- lists and .forward files

    def _forward(self, one: _Address, account: Account, level: int) -> None:
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

    def _read(self, one: _Address, path: Path, how: str, level: int) -> int:
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

    def _include_fault(self, one: _Address, path: Path) -> str:
        """Why a list is refused; else the rights of what stands in it are settled."""
        reader = next((at.rights for at in _above(one) if at.rights is not None), None)
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

    # --- ends

    def _finish(self, one: _Address) -> None:
        node = one.node.add(one.user, "mailbox", None) if one.node.children else one.node
        text = plain(one.node.text)
        match one.mailer:
            case "prog":
                node.stop(Stop.PIPE, one.user[1:].strip(), "a command")
            case "file" if one.user == "/dev/null":
                node.stop(Stop.LOST, one.user, "/dev/null")
            case "file":
                node.stop(Stop.FILE, one.user, "a file")
            case "remote":
                self._remote(node, text)
            case "hub" | "relay":
                hop = self._conf.hosts["H" if one.mailer == "hub" else "L"]
                domain = hop.rpartition(":")[2].strip("[]")
                node.stop(Stop.REMOTE, f"{one.user}@{domain}", f"by {hop}", domain=domain)
            case _:
                user = one.user.removeprefix("\\")
                if self.place.account(user) is None:
                    node.stop(Stop.REFUSED, user, f"unknown user {user!r}")
                else:
                    names = (*self.local_names(user), text.removeprefix("\\").lower())
                    node.stop(Stop.MAILBOX, user, names=names)

    def _remote(self, node: Node, text: str) -> None:
        text = direct(_GROUP.sub("", text).removesuffix(";"))
        if "@" not in text:
            text = "@".join(text.rsplit("%", 1))
        domain = text.rpartition("@")[2].lower()
        routed = self._conf.lookup("mailertable", domain)
        if routed and routed.startswith("error:"):
            node.stop(Stop.REFUSED, text, f"the mailer table says {routed}")
            return
        hop = routed or self._conf.hosts.get("S", "")
        why = f"by {hop}" if hop else ""
        node.stop(Stop.REMOTE, text, why, domain=domain, names=(text.lower(),))


def _without_detail(user: str, detail: str | None) -> tuple[str, str | None] | None:
    """The next form of `user+detail` that ruleset 5 tries, None when there is no further one:
    `user+*`, then `user`, then `user` with the detail for the mailer (cf/README, "+ detail")."""
    name, plus, rest = user.partition("+")
    if plus and rest == "*":
        return name, detail
    if plus:
        return f"{name}+*", f"+{rest}"
    if detail is not None and detail.startswith("+"):
        return name, detail[1:]
    return None


def _above(one: _Address) -> list[_Address]:
    found = []
    at = one.parent
    while at is not None:
        found.append(at)
        at = at.parent
    return found
