"""Where Sendmail's mail ends: mailers, mailer table, smart host, hub. Source: cf/README."""

from __future__ import annotations

from rotation.route.model import Stop
from rotation.route.sendmail_address import Address, ungrouped
from rotation.route.sendmail_conf import SendmailCf
from rotation.route.tree import Node
from rotation.route.words import direct, plain


def finish(conf: SendmailCf, one: Address) -> None:
    """Where mail for a recipient ends that nothing stands behind any more."""
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
            _remote(conf, node, text)
        case "hub" | "relay":
            hop = conf.hosts["H" if one.mailer == "hub" else "L"]
            domain = hop.rpartition(":")[2].strip("[]")
            node.stop(Stop.REMOTE, f"{one.user}@{domain}", f"by {hop}", domain=domain)
        case _:
            user = one.user.removeprefix("\\")
            if conf.place.account(user) is None:
                node.stop(Stop.REFUSED, user, f"unknown user {user!r}")
            else:
                names = (*conf.local_names(user), text.removeprefix("\\").lower())
                node.stop(Stop.MAILBOX, user, names=names)


def _remote(conf: SendmailCf, node: Node, text: str) -> None:
    text = direct(ungrouped(text))
    if "@" not in text:
        text = "@".join(text.rsplit("%", 1))
    domain = text.rpartition("@")[2].lower()
    routed = conf.lookup("mailertable", domain)
    if routed and routed.startswith("error:"):
        node.stop(Stop.REFUSED, text, f"the mailer table says {routed}")
        return
    hop = routed or conf.hosts.get("S", "")
    why = f"by {hop}" if hop else ""
    node.stop(Stop.REMOTE, text, why, domain=domain, names=(text.lower(),))
