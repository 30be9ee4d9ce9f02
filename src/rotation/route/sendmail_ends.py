"""Where Sendmail's mail ends: what its mailers do. Sources: the Sendmail Installation and Operation
Guide (mailers), cf/README."""

from __future__ import annotations

from rotation.route.doubts import program_doubt
from rotation.route.model import Stop
from rotation.route.sendmail_address import Address
from rotation.route.sendmail_conf import SendmailCf
from rotation.route.tree import Node
from rotation.route.words import plain


def finish(conf: SendmailCf, one: Address) -> None:
    """Where mail for a recipient ends that nothing stands behind any more."""
    node = one.node.add(one.user, "mailbox", None) if one.node.children else one.node
    match one.mailer:
        case "prog":
            node.stop(Stop.PIPE, one.user[1:].strip(), "a command")
        case "file" | "*file*" if one.user == "/dev/null":
            node.stop(Stop.LOST, one.user, "/dev/null")
        case "file" | "*file*":
            node.stop(Stop.FILE, one.user, "a file")
        case "*error*" | "error":
            node.stop(Stop.REFUSED, plain(one.node.text), one.user.strip('"'))
        case "discard" | "bitbucket":
            node.stop(Stop.LOST, plain(one.node.text), "the mailer discard")
        case "local":
            _mailbox(conf, one, node)
        case mailer if conf.mailers.get(mailer) == "tcp":
            _leaves(node, one)
        case mailer:
            node.stop(Stop.UNSURE, one.user, f"the mailer {mailer} is not followed")


def _mailbox(conf: SendmailCf, one: Address, node: Node) -> None:
    user = one.user.removeprefix("\\")
    account = conf.place.account(user)
    if account is None:
        node.stop(Stop.REFUSED, user, f"unknown user {user!r}")
        return
    program = conf.mailers.get("local", "")
    why = program_doubt(conf.place, program, account)
    if why:
        node.stop(Stop.UNSURE, user, f"the local mailer: {why}")
        return
    names = (*conf.local_names(user), plain(one.node.text).removeprefix("\\").lower())
    node.stop(Stop.MAILBOX, user, names=names)


def _leaves(node: Node, one: Address) -> None:
    address = one.user
    domain = address.rpartition("@")[2].lower() if "@" in address else (one.detail or "")
    why = f"by {one.detail}" if one.detail and one.detail.lower() != domain else ""
    names = (address.lower(),) if "@" in address else ()
    node.stop(Stop.REMOTE, address, why, domain=domain.strip("[]"), names=names)
