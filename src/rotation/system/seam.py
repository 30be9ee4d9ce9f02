"""The whole of what the rest of the program may ask of a host, and nothing else."""

from __future__ import annotations

from typing import Protocol

from rotation.system.act import Act
from rotation.system.database import Databases
from rotation.system.look import Look
from rotation.system.records import Journal, Records


class System(Look, Act, Records, Journal, Databases, Protocol):
    """The host, as far as `rotation` has to do with it.

    Ask for no more of it than you need: `Files` or `Look` where nothing is changed. Of the network
    only databases are a part of it, for a dry run to undo what it tries there; `Fetch` and `Search`
    (network.py) are given to who needs them.
    """
