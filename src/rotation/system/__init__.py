"""Everything that touches the host, behind one seam.

`System` is the sum of small protocols: look, change (with a stage for what is all or nothing), and
what one run leaves for the next. `Host` does it; `DryRun` is the same host, with everything that
would change something written down instead.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rotation.system.act import Act, Stage
    from rotation.system.database import Databases, Session
    from rotation.system.dry import Backup, Command, Diff, DryRun, Folder, Removal, Statement
    from rotation.system.login import Login
    from rotation.system.look import Files, Look, Scratch
    from rotation.system.network import Fetch, Knock, Search
    from rotation.system.records import Journal, Records
    from rotation.system.seam import System
    from rotation.system.values import Account, Extract, File, Finished, Lengthy, Trust

_PLACES = {
    "act": ("Act", "Stage"),
    "database": ("Databases", "Session"),
    "dry": ("Backup", "Command", "Diff", "DryRun", "Folder", "Removal", "Statement"),
    "login": ("Login",),
    "look": ("Files", "Look", "Scratch"),
    "network": ("Fetch", "Knock", "Search"),
    "records": ("Journal", "Records"),
    "seam": ("System",),
    "values": ("Account", "Extract", "File", "Finished", "Lengthy", "Trust"),
}
_PLACE = {name: module for module, names in _PLACES.items() for name in names}


def __getattr__(name: str) -> object:
    """What is asked for by its name, from the file that has it: most runs need little of it."""
    if name not in _PLACE:
        raise AttributeError(name)
    value = getattr(import_module(f"rotation.system.{_PLACE[name]}"), name)
    globals()[name] = value
    return value


__all__ = [
    "Account",
    "Act",
    "Backup",
    "Command",
    "Databases",
    "Diff",
    "DryRun",
    "Extract",
    "Fetch",
    "File",
    "Files",
    "Finished",
    "Folder",
    "Journal",
    "Knock",
    "Lengthy",
    "Login",
    "Look",
    "Records",
    "Removal",
    "Scratch",
    "Search",
    "Session",
    "Stage",
    "Statement",
    "System",
    "Trust",
]
