"""Everything that touches the host, behind one seam.

A `System` reads, replaces, runs and locks. `Host` does it; `DryRun` is the same host with
everything that would change something taken out and written down instead.
"""

from rotation.system.dry import Command, Diff, DryRun, Removal
from rotation.system.login import Login
from rotation.system.seam import System
from rotation.system.values import Account, Finished, Found, Trust

__all__ = [
    "Account",
    "Command",
    "Diff",
    "DryRun",
    "Finished",
    "Found",
    "Login",
    "Removal",
    "System",
    "Trust",
]
