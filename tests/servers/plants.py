"""A setting that is planted on a real server, and who is on duty at the end of a trace then."""

from __future__ import annotations

from dataclasses import dataclass

from .rigs import Rig
from .test_trace_satellites import _traced
from .worlds import DUTY

ALIASES = f"""\
postmaster: root
all-system-notifications: {DUTY}
here: alice
some: {DUTY}, here
late: here, {DUTY}
"""
AWAY, HERE = "root", "here"
"""One whose mail ends elsewhere, by root's .forward and an alias; one whose mail ends here."""


@dataclass(frozen=True)
class Plant:
    """A setting, and the addresses whose mail it takes away from whoever is on duty."""

    text: str
    concerns: tuple[str, ...] = (AWAY, HERE)
    where: str = ""


def duty(rig: Rig, address: str) -> set[str]:
    """Who gets mail for an address and is on duty, as trace says."""
    (ends,) = _traced(rig, [address])
    return {end["who"] for end in ends if end["verdict"] == "duty"}


def stock_is_duty(rig: Rig) -> None:
    """Without a plant, mail arrives where trace says."""
    for address, to in ((AWAY, DUTY), (HERE, "alice")):
        assert duty(rig, address) == {to}
        rig.must(rig.send(address, f"stock {address}"))
        rig.wait_for(to, f"stock {address}")


def write_aliases(rig: Rig) -> None:
    rig.write(rig.aliases, ALIASES)
    rig.must(rig.rebuild())
