"""What Exim's transports do with mail. Source: the Exim specification, chapters "Generic options
for transports", "The appendfile transport", "The pipe transport", "The smtp transport"."""

from __future__ import annotations

import re

from rotation.route.doubts import program_doubt
from rotation.route.exim_inventory import small
from rotation.route.exim_routers import EximBlock, Routed, Routers
from rotation.route.model import Stop
from rotation.route.tree import Node

_OWN = re.compile(r"\$\{?(?:lc:\s*\$)?\{?(local_part(_data)?|home|local_user_\w+)\b")
"""What makes a mailbox a user's own."""
_COMPUTED = re.compile(r"\$\{(?!(lc|local_part|local_part_data|home|local_user_\w+)[:}])")
"""What makes it anybody's."""
_ALTERS = ("transport_filter", "shadow_transport", "batch_id")


class EximTransports:
    """The transports of one configuration."""

    def __init__(self, routers: Routers) -> None:
        self._place = routers.place
        self.used: dict[Node, str] = {}
        """By which transport mail ends at a step."""
        self._all = {block.name: block for block in routers.blocks("transports")}

    def _of(self, node: Node, routed: Routed, who: str) -> EximBlock | None:
        """The transport of a router, where it is one that can be followed."""
        name = routed.router["transport"]
        self.used[node] = name
        options = self._all.get(name)
        if options is None:
            node.stop(Stop.UNSURE, who, f"the transport {name or '(none)'} is not known")
            return None
        for option in _ALTERS:
            if options[option]:
                node.stop(
                    Stop.UNSURE, who, f"the transport {name} has {option} = {options[option]}"
                )
                return None
        for option in ("message_size_limit", "quota"):
            if small(options[option]):
                why = f"the transport {name} has {option} = {options[option]}"
                node.stop(Stop.UNSURE, who, why)
                return None
        return options

    def deliver(self, node: Node, routed: Routed, who: str, names: tuple[str, ...]) -> None:
        """Where mail ends that a router hands to its transport on this host."""
        transport = self._of(node, routed, who)
        if transport is None:
            return
        driver = transport["driver"]
        if driver == "appendfile":
            path = transport["file"] or transport["directory"]
            if path == "/dev/null":
                node.stop(Stop.LOST, who, f"the transport {transport.name} writes to /dev/null")
            elif _COMPUTED.search(path):
                why = f"the transport {transport.name} writes to {path}, which is not followed"
                node.stop(Stop.UNSURE, who, why)
            elif _OWN.search(path):
                node.stop(Stop.MAILBOX, who, names=names)
            else:
                node.stop(Stop.FILE, path, f"the transport {transport.name}")
        elif driver == "pipe":
            node.note(f"delivered by the transport {transport.name} (router {routed.router.name})")
            why = program_doubt(self._place, transport["command"], routed.account)
            if why:
                node.stop(Stop.UNSURE, who, why)
            else:
                node.stop(Stop.MAILBOX, who, names=names)
        else:
            why = f"the transport {transport.name} ({driver}) is not followed"
            node.stop(Stop.UNSURE, who, why)

    def leaves(self, node: Node, routed: Routed, address: str, hop: str) -> None:
        """Where mail ends that a router hands to its transport for another host."""
        transport = self._of(node, routed, address)
        if transport is None:
            return
        if transport["driver"] != "smtp" or transport["protocol"] not in ("", "smtp", "smtps"):
            why = f"the transport {transport.name} ({transport['driver']}) is not followed"
            node.stop(Stop.UNSURE, address, why)
            return
        why = f"by {hop}" if hop else ""
        node.stop(Stop.REMOTE, address, why, domain=routed.domain, names=(address,))
