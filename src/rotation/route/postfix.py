"""Postfix: from an address as cleanup(8) takes it to the transport that it is handed to.

Sources: ADDRESS_REWRITING_README, canonical(5), virtual(5), postconf(5). What local(8) does with a
recipient of this host is in `postfix_local`.
"""

from __future__ import annotations

from pathlib import Path

from rotation.errors import Where
from rotation.route.doubts import doubt
from rotation.route.model import Stop
from rotation.route.postfix_conf import MainCf
from rotation.route.postfix_inventory import inventory
from rotation.route.postfix_local import Local
from rotation.route.postfix_maps import TableError
from rotation.route.postfix_resolve import find, resolve
from rotation.route.postfix_transports import PostfixTransports
from rotation.route.tree import MailHost, Node, fold
from rotation.route.words import postfix_items

_HOPS = 50
"""Postfix's hopcount_limit."""
_DEEP = 100


class PostfixFollower:
    """Follows addresses as one instance of Postfix does (`config` is its folder)."""

    def __init__(self, place: MailHost, config: Path | None) -> None:
        self._conf = MainCf(place, config)
        self._doubts = inventory(self._conf)
        self._transports = PostfixTransports(self._conf, self._doubts)
        self._local = Local(self._conf, self.submit, self._transports)

    def follow(self, node: Node) -> None:
        """Follow what a node's text says to its ends."""
        items = postfix_items(node.text)
        if len(items) != 1:
            node.stop(Stop.REFUSED, node.text, "this is not an address")
            return
        self.submit(node, items[0], frozenset())
        self._copies(node)
        fold(node)
        doubt(node, self._doubts.all)

    def _copies(self, node: Node) -> None:
        """Addresses that get a copy of all mail, or of mail for this address (postconf(5))."""
        conf = self._conf
        copies = []
        if conf.set["always_bcc"]:
            copies.append((conf.set["always_bcc"], "always_bcc", Where(conf.main)))
        try:
            answer = find(conf, conf.words("recipient_bcc_maps"), conf.full(node.text))
        except TableError:
            return  # the mail itself is put off, and so it is said already
        if answer is not None:
            copies.append((postfix_items(answer[0])[0], "recipient_bcc", answer[1]))
        if copies and node.end is not None:
            inner = node.add(node.text, "delivery", Where(conf.main))
            inner.end, node.end = node.end, None
        for text, how, where in copies:
            self.submit(node.add(text, how, where), text, frozenset())

    def submit(self, node: Node, text: str, delivered: frozenset[str]) -> None:
        """A message for this address enters the queue; `delivered` is whom it came by."""
        if len(delivered) > _HOPS:
            node.stop(Stop.LOOP, text, f"more than {_HOPS} hops")
            return
        try:
            self._submit(node, text, delivered)
        except TableError as error:
            node.stop(Stop.PUT_OFF, text, f"{error} cannot be read")

    def _submit(self, node: Node, text: str, delivered: frozenset[str]) -> None:
        conf = self._conf
        address = conf.full(text)
        for name in ("recipient_canonical", "canonical"):
            if "envelope_recipient" not in conf.words(f"{name}_classes"):
                continue
            for _ in range(8):
                results = self._results(f"{name}_maps", address, "canonical")
                if results is None or results[0][0].lower() == address.lower():
                    break
                node = node.add(results[0][0], "canonical", results[1])
                address = results[0][0]
        masked = self._masked(address)
        if masked != address:
            node = node.add(masked, "masquerade", Where(conf.main))
        self._virtual(node, masked, delivered, set())

    def _masked(self, address: str) -> str:
        """masquerade_domains, where it is for recipients too (postconf(5))."""
        conf = self._conf
        if "envelope_recipient" not in conf.words("masquerade_classes"):
            return address
        local, _, domain = address.rpartition("@")
        if conf.maps.matches(conf.words("masquerade_exceptions"), local):
            return address
        for word in conf.words("masquerade_domains"):
            bare = word.removeprefix("!").lower()
            if domain.lower() == bare:
                return address
            if domain.lower().endswith(f".{bare}"):
                return address if word.startswith("!") else f"{local}@{bare}"
        return address

    def _results(self, name: str, address: str, kind: str) -> tuple[list[str], Where] | None:
        """What mapping tables make of an address (ADDRESS_REWRITING_README)."""
        tables = self._conf.words(name)
        answer = find(self._conf, tables, address) if tables else None
        if answer is None:
            return None
        local = address.rpartition("@")[0]
        extension = self._conf.split(local)[1] if answer[2] else None
        extra = extension if kind in self._conf.propagate else None
        results = [
            _extended(f"{local}{item}" if item.startswith("@") else self._conf.full(item), extra)
            for item in postfix_items(answer[0])
        ]
        return (results, answer[1]) if results else None

    def _virtual(
        self, node: Node, address: str, delivered: frozenset[str], fixed: set[str]
    ) -> None:
        """virtual_alias_maps, again and again until nothing is found (virtual(5))."""
        answer = None
        if address.lower() not in fixed:
            answer = self._results("virtual_alias_maps", address, "virtual")
        if answer is None:
            self._resolve(node, address, delivered)
            return
        results, where = answer
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
        resolved = resolve(self._conf, address)
        if self._transports.is_local(resolved):
            self._local.deliver(node, resolved.address, delivered)
            doubt(node, self._doubts.local)
        else:
            self._transports.hand_over(node, resolved)


def _extended(address: str, extension: str | None) -> str:
    if not extension:
        return address
    local, _, domain = address.rpartition("@")
    return f"{local}{extension}@{domain}"
