"""What one look at the log leaves for the next, and for `apply`, which needs nothing else of it."""

from __future__ import annotations

from rotation.errors import ApplyError
from rotation.system import System
from rotation.watch.delivery.fates import Fates, parse

NOTE = "delivery.json"
"""What is kept from one look to the next."""


def last_look(system: System) -> Fates | None:
    """What the last look left; None where there was none, or it cannot be read."""
    try:
        return parse(system.recorded(NOTE))
    except ApplyError:
        return None


def failing(system: System) -> frozenset[str]:
    """The addresses, in lower case, that mail did not get to when it was last looked at."""
    fates = last_look(system)
    return fates.failing() if fates is not None else frozenset()
