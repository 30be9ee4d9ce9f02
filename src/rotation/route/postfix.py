"""Postfix: from an address as cleanup(8) takes it to what trivial-rewrite(8) makes of it.

Sources: ADDRESS_REWRITING_README, canonical(5), virtual(5), transport(5), postconf(5). What
local(8) does with a recipient of this host is in `postfix_local`.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from rotation.errors import Where
from rotation.route.model import Stop
from rotation.route.postfix_conf import MainCf
from rotation.route.postfix_local import Local
from rotation.route.tree import MailHost, Node, fold
from rotation.route.words import postfix_items

_HOPS = 50
"""Postfix's hopcount_limit."""
_DEEP = 100


class PostfixFollower:
    """Follows addresses as one instance of Postfix does (`config` is its folder)."""

    def __init__(self, place: MailHost, config: Path | None) -> None:
        self._conf = MainCf(place, config)
        self._local = Local(self._conf, self.submit)

    def follow(self, node: Node) -> None:
        """Follow what a node's text says to its ends."""
        self.submit(node, node.text, frozenset())
        self._copies(node)
        fold(node)

    def _copies(self, node: Node) -> None:
        """Addresses that get a copy of all mail, or of mail for this address (postconf(5))."""
        copies = []
        if self._conf.set["always_bcc"]:
            copies.append((self._conf.set["always_bcc"], "always_bcc", Where(self._conf.main)))
        found = self._find(
            self._conf.words("recipient_bcc_maps"), self._conf.full(node.text), "bcc"
        )
        if found is not None:
            copies.append((found[0][0], "recipient_bcc", found[1]))
        if copies and node.end is not None:
            inner = node.add(node.text, "delivery", Where(self._conf.main))
            inner.end, node.end = node.end, None
        for text, how, where in copies:
            self.submit(node.add(text, how, where), text, frozenset())

    def submit(self, node: Node, text: str, delivered: frozenset[str]) -> None:
        """A message for this address enters the queue; `delivered` is whom it came by."""
        if len(delivered) > _HOPS:
            node.stop(Stop.LOOP, text, f"more than {_HOPS} hops")
            return
        address = self._conf.full(text)
        for name in ("recipient_canonical_maps", "canonical_maps"):
            for _ in range(8):
                found = self._find(self._conf.words(name), address, "canonical")
                if found is None or found[0][0].lower() == address.lower():
                    break
                node = node.add(found[0][0], "canonical", found[1])
                address = found[0][0]
        self._virtual(node, address, delivered, set())

    def _find(self, tables: list[str], address: str, kind: str) -> tuple[list[str], Where] | None:
        """What address mapping tables say of an address (canonical(5) TABLE SEARCH ORDER)."""
        if not tables:
            return None
        local, _, domain = address.rpartition("@")
        user, extension = self._conf.split(local)
        here = self._conf.is_local(domain) or domain.lower() == self._conf.origin.lower()
        keys = [(f"{local}@{domain}", False)]
        if extension:
            keys.append((f"{user}@{domain}", True))
        if here:
            keys.append((local, False))
            if extension:
                keys.append((user, True))
        for key, dropped in [*keys, (f"@{domain}", False)]:
            found = self._conf.maps.first(tables, key)
            if found is None:
                continue
            extra = extension if dropped and kind in self._conf.propagate else None
            results = []
            for item in postfix_items(found[0]):
                result = f"{local}{item}" if item.startswith("@") else self._conf.full(item)
                results.append(_with_extension(result, extra))
            return (results, found[1]) if results else None
        return None

    def _virtual(
        self, node: Node, address: str, delivered: frozenset[str], fixed: set[str]
    ) -> None:
        """virtual_alias_maps, again and again until nothing is found (virtual(5))."""
        found = None
        if address.lower() not in fixed:
            found = self._find(self._conf.words("virtual_alias_maps"), address, "virtual")
        if found is None:
            self._resolve(node, address, delivered)
            return
        results, where = found
        chain = [at for at in node.up() if at.how == "virtual alias"]
        if len(chain) > _DEEP or any(at.text.lower() == address.lower() for at in chain[1:]):
            node.stop(Stop.LOOP, address, "virtual aliases that lead in a circle")
            return
        if any(result.lower() == address.lower() for result in results):
            fixed.add(address.lower())
        for result in results:
            child = node.add(result, "virtual alias", where)
            self._virtual(child, result, delivered, fixed)

    def _resolve(self, node: Node, address: str, delivered: frozenset[str]) -> None:
        domain = address.rpartition("@")[2].lower()
        transport, nexthop, where = self._transport(address, domain)
        kind = transport.partition(":")[0]
        if kind in ("discard", "error", "retry"):
            stop = {"discard": Stop.LOST, "error": Stop.REFUSED, "retry": Stop.PUT_OFF}[kind]
            node.note(f"the transport is {transport}", where)
            node.stop(stop, address, nexthop or f"the transport {kind}: takes it")
        elif self._conf.is_local(domain) and kind != "local":
            node.note(f"handed to the transport {transport}", where)
            node.stop(Stop.UNSURE, address, f"the transport {transport} cannot be followed")
        elif kind == "local":
            self._local.deliver(node, address, delivered)
        elif self._conf.holds("virtual_alias_domains", domain):
            node.stop(Stop.REFUSED, address, "no such user in the virtual alias table")
        elif self._conf.holds("virtual_mailbox_domains", domain):
            self._virtual_mailbox(node, address)
        else:
            hop = nexthop or self._conf.set["relayhost"]
            why = f"by {hop}" if hop else ""
            node.stop(Stop.REMOTE, address, why, domain=domain, names=(address.lower(),))

    def _transport(self, address: str, domain: str) -> tuple[str, str, Where]:
        """The transport and next hop of an address, and where that is said (transport(5))."""
        keys: list[str] = [
            address,
            f"{self._conf.split(address.rpartition('@')[0])[0]}@{domain}",
            domain,
        ]
        labels = domain.split(".")
        keys += [f".{'.'.join(labels[at:])}" for at in range(1, len(labels))]
        found = None
        for key in (*keys, "*"):
            found = self._conf.maps.first(self._conf.words("transport_maps"), key)
            if found is not None:
                break
        main = Where(self._conf.main)
        if self._conf.is_local(domain):
            default = self._conf.set["local_transport"]
        elif self._conf.holds("virtual_alias_domains", domain):
            default = "virtual-alias:"
        elif self._conf.holds("virtual_mailbox_domains", domain):
            default = self._conf.set["virtual_transport"]
        elif self._conf.holds("relay_domains", domain):
            default = self._conf.set["relay_transport"]
        else:
            default = self._conf.set["default_transport"]
        value, where = (found[0], found[1]) if found else (default, main)
        name, _, hop = value.partition(":")
        if not name:
            name = default.partition(":")[0]
        if name == "local":
            hop = ""
        return f"{name}:{hop}", hop if name not in ("local", "virtual") else "", where

    def _virtual_mailbox(self, node: Node, address: str) -> None:
        tables = self._conf.words("virtual_mailbox_maps")
        found = None
        for key in self._mailbox_keys(address):
            found = self._conf.maps.first(tables, key)
            if found is not None:
                break
        if tables and found is None:
            node.stop(Stop.REFUSED, address, "no such user in the virtual mailbox table")
            return
        if found is not None:
            node.note(f"a virtual mailbox: {found[0]}", found[1])
        node.stop(Stop.MAILBOX, address, "a virtual mailbox", names=(address.lower(),))

    def _mailbox_keys(self, address: str) -> Iterable[str]:
        local, _, domain = address.rpartition("@")
        user, extension = self._conf.split(local)
        yield address
        if extension:
            yield f"{user}@{domain}"
        yield f"@{domain}"


def _with_extension(address: str, extension: str | None) -> str:
    if not extension:
        return address
    local, _, domain = address.rpartition("@")
    return f"{local}{extension}@{domain}"
