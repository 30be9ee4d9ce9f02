"""Exim: an address goes from router to router until one takes it.

Sources: the Exim specification, chapters "Generic options for routers" and "The redirect router".
What a router's options say is asked of Exim itself (`-bP routers`, `-be`); the routers that people
change are followed, a driver that is not known ends in "unsure".
"""

from __future__ import annotations

import re
from pathlib import Path

from rotation.errors import Where
from rotation.mail.aliases import Dialect
from rotation.mail.lists import FILTER
from rotation.route.doubts import DELIVERED, Doubt, doubt
from rotation.route.exim_answer import answer, differs, ours
from rotation.route.exim_inventory import inventory
from rotation.route.exim_list import Listed, Redirected, addressed, parse
from rotation.route.exim_routers import EximBlock, Routed, Routers, filled
from rotation.route.exim_transports import EximTransports
from rotation.route.model import Stop
from rotation.route.tree import MailHost, Node

_SAFE = re.compile(r"[^\s$\\{}:\"()<>,;\x00-\x1f\x7f]+\Z", re.ASCII)
"""Local parts that may stand in a string that Exim expands: nothing in them is expanded."""
_LOOKUP = re.compile(
    r"\$\{lookup\s*\{\s*(?:\$\{lc:\s*)?\$(?:\{local_part\}|local_part)\}?\s*\}\s*"
    r"(?P<kind>[a-z]+\*?)\s*\{\s*(?P<path>/[^{}\s]+)\s*\}\s*\}\Z"
)
_ANY_FILE = re.compile(r"search[^{}]*\{\s*(/[^{}\s]+)\s*\}")


class EximFollower:
    """Follows addresses as Exim does (`config` is its configuration file)."""

    def __init__(self, place: MailHost, config: Path | None) -> None:
        self.place = place
        self._routers = Routers(place, config)
        self._transports = EximTransports(self._routers)
        where = Where(str(config) if config else "Exim's configuration")
        self._doubts = list(inventory(place, self._routers.argv, self._routers.stock, where))
        self.origin = self._routers.origin
        self._handled: dict[Node, str] = {}
        self._address: dict[Node, str] = {}
        self._waits = False

    def follow(self, node: Node) -> None:
        """Follow what a node's text says to its ends."""
        self._handled, self._address, self._waits = {}, {}, False
        self._route(node, node.text)
        self._compare(node)
        doubt(node, self._doubts)

    def _compare(self, node: Node) -> None:
        """Hold what we found against Exim's own answer: who it is, or that it is nobody."""
        stops = {at.end.stop for at in node.walk() if at.end is not None}
        if not stops & {*DELIVERED, Stop.REFUSED}:
            return
        why = "Exim itself cannot be asked: it would wait on something that is not a regular file"
        if not self._waits:
            said = answer(self.place, self._routers.argv, node.text)
            if said is None and Stop.LOOP in stops:
                return  # over a list that includes itself Exim crashes
            why = differs(said, ours(node, self._address, self._transports.used))
        if why:
            doubt(node, [Doubt(why)])

    def _route(self, node: Node, text: str) -> None:
        local, at, domain = text.rpartition("@")
        if not at:
            local, domain = text, self.origin
        local, domain = local.lower(), domain.lower()
        address = f"{local}@{domain}"
        self._address[node] = address
        skipped = False
        if not _SAFE.match(local) or not re.fullmatch(r"[a-z0-9.\[\]:-]+", domain, re.ASCII):
            node.stop(Stop.UNSURE, text, "an address that is not asked about")
            return
        for router in self._routers.all:
            above = [at for at in node.up() if at is not node and at in self._handled]
            if any(
                self._handled[at] == router.name
                and (self._address[at] == address or "repeat_use" not in router.flags)
                for at in above
            ):
                skipped = True
                continue
            if len(above) > 100:
                node.stop(Stop.LOOP, text, "a routing loop")
                return
            routed = self._routers.takes(router, local, domain)
            if routed is not None and self._run(node, routed):
                return
            if node.end is not None:
                return
            if routed is not None and "no_more" in router.flags:
                break
        if skipped:
            node.stop(Stop.LOOP, text, "leads back to itself: no router takes it any more")
        else:
            here = self._routers.local(domain)
            why = f"unknown user {local!r}" if here else "no router takes it"
            node.stop(Stop.REFUSED, text, why)

    # --- what a router does with it

    def _run(self, node: Node, routed: Routed) -> bool:
        """Whether the router took the address; False: it declined."""
        router, address = routed.router, f"{routed.local}@{routed.domain}"
        if routed.unsure:
            node.stop(Stop.UNSURE, address, routed.unsure)
            return True
        driver = router["driver"]
        if driver == "redirect":
            return self._redirect(node, routed)
        if driver == "accept":
            self._accept(node, routed)
            return True
        if driver in ("manualroute", "dnslookup", "ipliteral"):
            data = router["route_data"]
            if data and not self._routers.expand(filled(data, routed)):
                return False
            if driver == "manualroute" and not data and not router["route_list"]:
                return False
            hop = router["route_list"].partition(" ")[2].split()[:1]
            self._transports.leaves(node, routed, address, hop[0] if hop else "")
            return True
        node.stop(Stop.UNSURE, address, f"the router {router.name} ({driver}) cannot be followed")
        return True

    def _accept(self, node: Node, routed: Routed) -> None:
        address = self._address[node]
        names: tuple[str, ...] = (address, node.text.lower())
        who = address
        if routed.account is not None:  # every local domain means the same user
            own = (*self.local_names(routed.local), f"{routed.local}@{routed.domain}")
            who, names = routed.local, (*own, *names)
        self._transports.deliver(node, routed, who, tuple(dict.fromkeys(names)))

    def _redirect(self, node: Node, routed: Routed) -> bool:
        router = routed.router
        if router["file"]:
            listed = self._from_file(node, routed)
            how = "forward" if routed.account is not None else "include"
        else:
            listed = self._from_data(node, routed)
            how = "alias"
        if listed is None:
            return node.end is not None
        for name, where in listed.included:
            status = self.place.status(Path(name))
            if status is not None and status.st_mode & 0o022:
                node.note("others can change this list", where, f"chmod go-w {name}")
        if listed.fault is not None:
            stop, why = listed.fault
            node.stop(stop, self._address[node], why)
            return True
        if not listed.items:
            return False
        self._handled[node] = router.name
        for item in listed.items:
            text = item.text
            above = _list_node(node, item, how)
            child = above.add(text, how if above is node else "include", item.where)
            if text.startswith(("|", "/")) and not addressed(text):
                self._pipe_or_file(child, text, router)
                continue
            if item.quoted and "@" not in text:
                text = f"{text}@{routed.domain}"
            if "check_ancestor" in router.flags:
                full = text if "@" in text else f"{text}@{self.origin}"
                if any(self._address.get(at) == full.lower() for at in node.up()):
                    child.note("leads back: here it means this address itself")
                    text = self._address[node]
            self._route(child, text)
        return True

    def _pipe_or_file(self, node: Node, text: str, router: EximBlock) -> None:
        pipe = text.startswith("|")
        kind = "pipe" if pipe else "directory" if text.endswith("/") else "file"
        forbidden = f"forbid_{'pipe' if pipe else 'file'}" in router.flags
        if forbidden or not router[f"{kind}_transport"]:
            why = f"the router {router.name} allows no {'command' if pipe else 'file'}"
            node.stop(Stop.PUT_OFF, text, why)
        elif pipe:
            node.stop(Stop.PIPE, text[1:].strip(), "a command")
        elif text == "/dev/null":
            node.stop(Stop.LOST, text, "/dev/null")
        else:
            node.stop(Stop.FILE, text, "a file")

    def _from_data(self, node: Node, routed: Routed) -> Listed | None:
        """What the option `data` gives; None for nothing."""
        data = routed.router["data"]
        match = _LOOKUP.match(data)
        named = _ANY_FILE.search(data)
        path = Path(match["path"]) if match else Path(named[1]) if named else None
        if match and match["kind"] == "lsearch" and path is not None:
            if self.place.status(path) is None:
                node.stop(Stop.PUT_OFF, routed.local, f"there is no {path}")
                return None
            entry = self.place.reading(path, Dialect.EXIM).winner(routed.local)
            if entry is None:
                return None
            value = entry.value.decode("utf-8", "surrogateescape")
        else:
            answer = self._routers.expand(filled(data, routed))
            if not answer:
                return None
            value = answer
            entry = None
            if path is not None and self.place.text(path) is not None:
                entry = self.place.reading(path, Dialect.EXIM).winner(routed.local)
        if path is None or entry is None:
            where = Where(str(path) if path else f"Exim's router {routed.router.name}")
            return parse(
                self.place, value, lambda _line, _text: where, routed.router.flags, routed.account
            )
        known, file = entry, path
        return parse(
            self.place, value, lambda _line, text: self.place.line(file, known, text),
            routed.router.flags, routed.account,
        )  # fmt: skip

    def _from_file(self, node: Node, routed: Routed) -> Listed | None:
        """What the option `file` leads to; None for nothing."""
        router, account = routed.router, routed.account
        path = Path(self._routers.expand(filled(router["file"], routed)) or "/nonexistent")
        status = self.place.status(path)
        if status is None:
            return None
        why = ""
        bad = status.st_mode & 0o7777 & int(router["modemask"] or "022", 8)
        if status.st_mode & 0o170000 != 0o100000:
            why, self._waits = "it is not a regular file", True
        elif account is not None and not (
            self.place.may(account, status, 0o4) and self.place.reaches(account, path)
        ):
            why = f"{account.name} may not read it"
        elif bad:
            why = f"its mode has {bad:03o}, which it must not"
        elif "check_owner" in router.flags and account and status.st_uid != account.uid:
            why = f"it belongs to {self.place.user(status.st_uid)}"
        if why:
            hint = "a .forward must be a file of its owner's, mode 0644"
            node.note(f"{path} is refused: {why}", Where(str(path)), hint)
            node.stop(Stop.PUT_OFF, routed.local, f"Exim puts the mail off because of {path}")
            return None
        data = self.place.text(path) or b""
        text = data.decode("utf-8", "surrogateescape")
        if "allow_filter" in router.flags and (begin := FILTER.match(data)) is not None:
            kind = "a Sieve filter" if begin[1].lower() == b"sieve" else "an Exim filter"
            node.stop(Stop.UNSURE, str(path), f"{path} is {kind}: what it does depends on the mail")
            return None
        listed = parse(
            self.place, text, lambda line, _text: Where(str(path), line), router.flags, account
        )
        if not listed.items and listed.fault is None:
            node.note(f"{path} holds no address", Where(str(path)))
        return listed

    def local_names(self, user: str) -> tuple[str, ...]:
        """The addresses that stand for the mailbox of a local user."""
        return (user.lower(), f"{user}@{self.origin}".lower())


def _list_node(node: Node, item: Redirected, how: str) -> Node:
    """The step of the list that an item stands in; the node itself for none."""
    for name, where in item.lists:
        text = f":include:{name}"
        existing = next((child for child in node.children if child.text == text), None)
        node = existing or node.add(text, how, where)
        how = "include"
    return node
