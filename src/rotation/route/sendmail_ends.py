"""Where Sendmail's mail ends: what its mailers do. Sources: the Sendmail Installation and Operation
Guide (mailers), cf/README."""

from __future__ import annotations

from rotation.route.doubts import program_doubt
from rotation.route.model import Stop
from rotation.route.sendmail_address import Address
from rotation.route.sendmail_conf import SendmailCf
from rotation.route.tree import Node
from rotation.route.words import plain


def finish(conf: SendmailCf, recipient: Address) -> None:
    """Where mail for a recipient ends that nothing stands behind any more."""
    node = (
        recipient.node.add(recipient.user, "mailbox", None)
        if recipient.node.children
        else recipient.node
    )
    match recipient.mailer:
        case "prog":
            node.stop(Stop.PIPE, recipient.user[1:].strip(), "a command")
        case "file" | "*file*" if recipient.user == "/dev/null":
            node.stop(Stop.LOST, recipient.user, "/dev/null")
        case "file" | "*file*":
            node.stop(Stop.FILE, recipient.user, "a file")
        case "*error*" | "error":
            node.stop(Stop.REFUSED, plain(recipient.node.text), recipient.user.strip('"'))
        case "discard" | "bitbucket":
            node.stop(Stop.LOST, plain(recipient.node.text), "the mailer discard")
        case "local":
            _mailbox(conf, recipient, node)
        case mailer if conf.mailers.get(mailer) == "tcp":
            _leaves(node, recipient)
        case mailer:
            node.stop(Stop.UNSURE, recipient.user, f"the mailer {mailer} is not followed")


def _mailbox(conf: SendmailCf, recipient: Address, node: Node) -> None:
    user = recipient.user.removeprefix("\\")
    account = conf.place.account(user)
    if account is None:
        node.stop(Stop.REFUSED, user, f"unknown user {user!r}")
        return
    program = conf.mailers.get("local", "")
    why = program_doubt(conf.place, program, account)
    if why:
        node.stop(Stop.UNSURE, user, f"the local mailer: {why}")
        return
    names = (*conf.local_names(user), plain(recipient.node.text).removeprefix("\\").lower())
    node.stop(Stop.MAILBOX, user, names=names)


def _leaves(node: Node, recipient: Address) -> None:
    address = recipient.user
    if address.count("@") > 1:
        node.stop(Stop.UNSURE, address, "an address that is not followed")
        return
    domain = address.rpartition("@")[2].lower() if "@" in address else (recipient.detail or "")
    why = (
        f"by {recipient.detail}" if recipient.detail and recipient.detail.lower() != domain else ""
    )
    names = (address.lower(),) if "@" in address else ()
    node.stop(Stop.REMOTE, address, why, domain=domain.strip("[]"), names=names)
