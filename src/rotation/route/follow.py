"""Following addresses: the host's own server's rules, then the verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from rotation.errors import ApplyError, Problem, Where
from rotation.mail.detect import detect
from rotation.model import CLIENTS
from rotation.route.judge import judged
from rotation.route.model import Accepted, Stop, Trace, Via
from rotation.route.tree import LIMIT, MailHost, Node, TooManyError
from rotation.system import System


class Walker(Protocol):
    """A mail server's way of following an address."""

    def follow(self, node: Node) -> None:
        """Follow what the node's text says to its ends."""


def trace(
    system: System,
    addresses: Sequence[str],
    accepted: Accepted,
    *,
    server: str | None = None,
    config: Path | None = None,
    via: Sequence[Via] = (),
) -> list[Trace]:
    """Follow every address as this host's mail server would; see the package for what comes out.

    `server` names it (one of SERVERS), `config` an instance that is not the default one (a folder
    for Postfix, a file for the others); `via` has aliases of other hosts. Raises ApplyError.
    """
    place = MailHost(system)
    name = server or detect(system)
    walker = _walker(place, name, config)
    traces = []
    for address in addresses:
        node = Node(address)
        _follow(walker, node)
        for path, why in place.blind.items():
            node.note(
                f"rotation {why}: the server may know more", Where(str(path)), "run it as root"
            )
        step = judged(node.step(), accepted, place.account, via)
        traces.append(Trace(address, step, name or ""))
    return traces


def _walker(place: MailHost, name: str | None, config: Path | None) -> Walker:
    # one server only is there: the others' rules need not be loaded
    match name:
        case "postfix":
            from rotation.route.postfix import PostfixFollower

            return PostfixFollower(place, config)
        case "exim":
            from rotation.route.exim import EximFollower

            return EximFollower(place, config)
        case "opensmtpd":
            from rotation.route.opensmtpd import OpenSMTPDFollower

            return OpenSMTPDFollower(place, config)
        case "sendmail":
            from rotation.route.sendmail import SendmailFollower

            return SendmailFollower(place, config)
        case str() if name in CLIENTS:
            from rotation.route.clients import WALKERS

            return WALKERS[name](place, config)
        case _:
            hint = "name it: --server postfix, or install one"
            raise ApplyError(Problem("no mail server found on this host", hint=hint))


def _follow(walker: Walker, node: Node) -> None:
    text = node.text
    if text.startswith("|"):
        node.stop(Stop.PIPE, text[1:].strip(), "a command")
    elif text.startswith("/"):
        gone = text == "/dev/null"
        node.stop(Stop.LOST if gone else Stop.FILE, text, "/dev/null" if gone else "a file")
    elif not text or not text.isprintable() or any(char.isspace() for char in text):
        node.stop(Stop.REFUSED, text, "this is not an address")
    else:
        try:
            walker.follow(node)
        except TooManyError:
            node.children.clear()
            node.stop(Stop.UNSURE, text, f"more than {LIMIT:,} steps")
        except RecursionError:
            node.children.clear()
            node.stop(Stop.UNSURE, text, "lists nested too deep")
