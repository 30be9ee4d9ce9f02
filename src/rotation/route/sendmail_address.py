"""A recipient as Sendmail reads it. Sources: the Sendmail Installation and Operation Guide,
cf/README ("+ detail")."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rotation.route.sendmail_conf import SendmailCf
from rotation.route.tree import Node
from rotation.route.words import direct, plain
from rotation.system import Account

_ODD = re.compile(r"[|/][^\s\"]*@([A-Za-z0-9.-]+)")
"""What looks like a command or a file and has a domain: an address all the same."""
_GROUP = re.compile(r"\A[A-Za-z][\w .-]*:\s*(?=\S)")
"""The name of an RFC 822 group."""


@dataclass(eq=False, slots=True)
class Address:
    """A recipient in the list. `dead` says why no mail goes to it itself; empty: mail goes."""

    node: Node
    user: str
    detail: str | None
    mailer: str
    parent: Address | None
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

    def same(self, other: Address) -> bool:
        """Whether both are one recipient."""
        return (self.mailer, self.user, self.detail) == (other.mailer, other.user, other.detail)

    def above(self) -> list[Address]:
        """The recipients that this one came from, the nearest first."""
        found = []
        at = self.parent
        while at is not None:
            found.append(at)
            at = at.parent
        return found


def ungrouped(text: str) -> str:
    """An address without the name of an RFC 822 group around it."""
    return _GROUP.sub("", text).removesuffix(";")


def parse(conf: SendmailCf, node: Node, text: str, parent: Address | None) -> Address:
    """The recipient that a text means."""
    text = direct(ungrouped(plain(text)))
    remote = _ODD.fullmatch(text)
    if remote and remote[1].lower() not in conf.domains:
        return Address(node, text, None, "remote", parent)
    if text.startswith("|"):
        return Address(node, text, None, "prog", parent)
    if text.startswith("/"):
        return Address(node, text, None, "file", parent)
    if text.lower().startswith(":include:"):
        return Address(node, text[9:].strip(), None, "include", parent)
    local, at, domain = text.rpartition("@")
    if at and domain.lower() not in conf.domains:
        return Address(node, text, None, "remote", parent)
    local = local if at else text
    if "%" in local:
        return parse(conf, node, "@".join(local.rsplit("%", 1)), parent)
    return Address(node, local.lower(), None, "local", parent)


def without_detail(user: str, detail: str | None) -> tuple[str, str | None] | None:
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
