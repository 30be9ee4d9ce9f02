"""What Exim itself says of an address (`exim -bt`), to hold our own reading against.

Source: the Exim specification, "-bt". It shows no ACLs, no filters of whole messages and nothing of
what a transport does.
"""

from __future__ import annotations

import re

from rotation.errors import ApplyError
from rotation.mail.server import Argv
from rotation.route.model import Stop
from rotation.route.tree import MailHost, Node

_TRANSPORT = re.compile(r"router = \S+, transport = (\S+)")
_FAILS = frozenset({Stop.REFUSED, Stop.PUT_OFF, Stop.LOOP})


def answer(host: MailHost, argv: Argv, address: str) -> frozenset[str] | None:
    """Everybody and everything that Exim would hand mail to; None when it does not say."""
    data = f"{address}\n".encode("utf-8", "surrogateescape")
    try:
        finished = host.system.ask([*argv, "-bt"], data=data)
    except ApplyError:
        return None
    ends: list[str] = []
    last = ""
    for line in finished.out.removeprefix("> ").splitlines():
        if "Error in setting up" in line:  # the command or the file is not permitted here
            ends[-1:] = ["fails"]
        elif line.startswith(("  ", "\t")) and "<--" not in line:
            match = _TRANSPORT.search(line)
            if match and " -> " not in last:
                ends.append(f"{last.split(' ')[0].lower()} by {match[1]}")
        elif "<--" not in line:
            last = line.removeprefix("> ")
            if " -> " in last:
                ends.append(last.split(" -> ", 1)[1].strip().lower())
            elif " is undeliverable" in last or "cannot be resolved" in last:
                ends.append("fails")
            elif last.endswith(" is discarded"):
                ends.append("/dev/null")
    return frozenset(ends) or None


def ours(node: Node, addresses: dict[Node, str], used: dict[Node, str]) -> frozenset[str]:
    """The same of what we found; `used` has the transports."""
    ends = set()
    for at in node.walk():
        if at.end is None:
            continue
        if at.end.stop in _FAILS:
            ends.add("fails")
        elif at.end.stop is Stop.LOST:
            ends.add("/dev/null")
        elif at.end.stop in (Stop.PIPE, Stop.FILE) and at.text.startswith(("|", "/", '"')):
            ends.add(at.text.strip('"').lower())
        else:
            ends.add(f"{addresses.get(at, at.text).lower()} by {used.get(at, '')}")
    return frozenset(ends)


def differs(said: frozenset[str] | None, followed: frozenset[str]) -> str:
    """In words how Exim's own answer differs; empty where it does not."""
    if said is None:
        return "Exim itself does not say"
    further = sorted(_plain(said) - _plain(followed)) or ["nothing of the kind"]
    return "" if _plain(said) == _plain(followed) else f"Exim itself says {', '.join(further)}"


def _plain(ends: frozenset[str]) -> set[str]:
    return {re.sub(r"\s+", " ", end.removeprefix("|").strip()) for end in ends} - {""}
