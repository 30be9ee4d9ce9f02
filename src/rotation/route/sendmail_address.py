"""A recipient as Sendmail reads it. Sources: the Sendmail Installation and Operation Guide,
cf/README ("+ detail")."""

from __future__ import annotations

import re

from rotation.dataclasses import dataclass
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
    """A recipient in the list: what the rules of sendmail.cf make of it.

    `detail` is the host that they name for a mailer, the part behind a plus for the local one.
    `dead` says why no mail goes to it itself; empty: mail goes.
    """

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
    expanded: bool = False
    """Whether it is an alias: what stands behind it is read with nobody's rights but Sendmail's."""
    remapped: bool = False
    """Whether rule set 5 is not to be asked about it again."""
    unsafe: str = ""
    """Why no command and no file may stand behind it."""

    def same(self, other: Address) -> bool:
        """Whether both are one recipient."""
        return (self.mailer, self.user, self.detail) == (other.mailer, other.user, other.detail)

    def above(self) -> list[Address]:
        """The recipients that this one came from, the nearest first."""
        addresses = []
        at = self.parent
        while at is not None:
            addresses.append(at)
            at = at.parent
        return addresses

    def reader(self) -> Account | None:
        """Whose rights a list is read with; None where no list or user above it says."""
        for at in self.above():
            if at.rights is not None:
                return at.rights
            if at.expanded:
                return None
        return None


def ungrouped(text: str) -> str:
    """An address without the name of an RFC 822 group around it."""
    return _GROUP.sub("", text).removesuffix(";")


def parse(conf: SendmailCf, node: Node, text: str, parent: Address | None) -> Address:
    """The recipient that a text means: commands, files and lists by how they begin, everything
    else by what Sendmail's own rules say."""
    bare = direct(ungrouped(plain(text)))
    remote = _ODD.fullmatch(bare)
    if not remote or remote[1].lower() in conf.domains:
        if bare.startswith("|"):
            return Address(node, bare, None, "prog", parent)
        if bare.startswith("/"):
            return Address(node, bare, None, "file", parent)
    if bare.lower().startswith(":include:"):
        return Address(node, bare[9:].strip(), None, "include", parent)
    if bare.startswith("\\") and "@" not in bare:
        return Address(node, bare.lower(), None, "local", parent)
    mailer, host, user = conf.rules.parse(text)
    if mailer == "local" and not bare.isascii():
        user = bare.rpartition("@")[0] or bare  # the delivery is stricter than the test mode
    return Address(node, user, host, mailer, parent)
