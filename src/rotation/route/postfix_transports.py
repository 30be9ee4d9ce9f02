"""What Postfix's transports do with mail, but for local(8). Sources: master(5), transport(5),
error(8), discard(8), smtp(8), virtual(8), postconf(5)."""

from __future__ import annotations

from pathlib import Path

from rotation.route.doubts import doubt
from rotation.route.model import Stop
from rotation.route.postfix_conf import MainCf
from rotation.route.postfix_inventory import Inventory
from rotation.route.postfix_resolve import Resolved, find
from rotation.route.tree import Node

_DEAD = {"discard": Stop.LOST, "error": Stop.REFUSED, "retry": Stop.PUT_OFF}


class PostfixTransports:
    """The transports of one instance, as master.cf has them."""

    def __init__(self, conf: MainCf, doubts: Inventory) -> None:
        self._conf = conf
        self._doubts = doubts

    def is_local(self, resolved: Resolved) -> bool:
        """Whether local(8) delivers."""
        return resolved.transport == "local" and not self._deferred("local")

    def _deferred(self, transport: str) -> bool:
        return transport in self._conf.words("defer_transports")

    def hand_over(self, node: Node, resolved: Resolved, names: tuple[str, ...] = ()) -> None:
        """Where mail ends that is handed to a transport; `names` also stand for it."""
        transport, hop, address = resolved.transport, resolved.hop, resolved.address
        program = self._doubts.programs.get(transport, "")
        said = f"{transport}:{hop}"
        if self._deferred(transport):
            node.stop(Stop.PUT_OFF, address, f"defer_transports has {transport}")
        elif transport in _DEAD:
            node.note(f"the transport is {said}", resolved.where)
            node.stop(_DEAD[transport], address, hop or f"the transport {transport}: takes it")
        elif program.split(" ")[0] == "smtp":
            self._leaves(node, resolved)
        elif program.split(" ")[0] == "lmtp":
            self._lmtp(node, resolved, names)
        elif transport == "virtual":
            self._virtual(node, resolved)
            doubt(node, self._doubts.virtual)
        else:
            what = "cannot be followed" if program else "is not in master.cf"
            node.note(f"handed to the transport {said}", resolved.where)
            node.stop(Stop.UNSURE, address, f"the transport {said} {what}")

    def _leaves(self, node: Node, resolved: Resolved) -> None:
        why = f"by {resolved.hop}" if resolved.hop else ""
        address = resolved.address
        node.stop(Stop.REMOTE, address, why, domain=resolved.domain, names=(address.lower(),))
        doubt(node, self._doubts.remote)

    def _lmtp(self, node: Node, resolved: Resolved, names: tuple[str, ...]) -> None:
        """A server that keeps mailboxes: Dovecot has one for each address that it is handed."""
        said = f"{resolved.transport}:{resolved.hop}"
        place = self._conf.place
        path = resolved.hop.removeprefix("unix:")
        socket = Path(path if path.startswith("/") else f"/var/spool/postfix/{path}")
        if "dovecot" not in path or not resolved.hop.startswith("unix:"):
            node.stop(Stop.UNSURE, resolved.address, f"handed to {said}, which is not followed")
        elif place.status(socket) is None:
            node.stop(Stop.PUT_OFF, resolved.address, f"there is no {socket}: is Dovecot running?")
        else:
            node.note(f"handed to Dovecot by {said}; its Sieve rules are not followed")
            user = names[0] if names else resolved.address
            account = place.account(user)
            sieve = account.home / ".dovecot.sieve" if account else None
            if sieve is not None and place.status(sieve) is not None:
                node.stop(Stop.UNSURE, resolved.address, f"Dovecot sorts mail by {sieve}")
                return
            own = (*names, resolved.address.lower())
            node.stop(Stop.MAILBOX, user, "a mailbox of Dovecot's", names=own)
        doubt(node, self._doubts.remote)

    def _virtual(self, node: Node, resolved: Resolved) -> None:
        """virtual(8): the mailboxes of virtual_mailbox_maps."""
        conf, address = self._conf, resolved.address
        tables = conf.words("virtual_mailbox_maps")
        local, _, domain = address.rpartition("@")
        user, extension = conf.split(local)
        keys = [(address, False), (f"@{domain}", True)]
        if extension:
            keys.insert(1, (f"{user}@{domain}", True))
        answers = (conf.maps.first(tables, key, part=part) for key, part in keys)
        mailbox = next((answer for answer in answers if answer), None)
        if mailbox is None:
            node.stop(Stop.REFUSED, address, "no such user in the virtual mailbox table")
            return
        why = self._homeless(address)
        if why:
            node.stop(Stop.PUT_OFF, address, why)
            return
        node.note(f"a virtual mailbox: {mailbox[0]}", mailbox[1])
        node.stop(Stop.MAILBOX, address, "a virtual mailbox", names=(address.lower(),))

    def _homeless(self, address: str) -> str:
        """Why virtual(8) has no place for a mailbox, or nobody to own it; empty where it has."""
        conf = self._conf
        base = conf.set["virtual_mailbox_base"]
        if not base or conf.place.status(Path(base)) is None:
            return f"virtual_mailbox_base = {base}: there is no such folder"
        owners = {"virtual_uid_maps": conf.set["virtual_minimum_uid"], "virtual_gid_maps": "1"}
        for name, least in owners.items():
            owner = find(conf, conf.words(name), address)
            if owner is None:
                return f"{name} has nobody for it"
            if not owner[0].isdecimal() or int(owner[0]) < int(least or 0):
                return f"{name} has {owner[0]} for it, which has to be {least} at least"
        return ""
