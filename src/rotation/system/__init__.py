"""Everything that touches the host, behind one seam.

`System` is the sum of small protocols: look, change (with a stage for what is all or nothing), and
what one run leaves for the next. `Host` does it; `DryRun` is the same host, with everything that
would change something written down instead.
"""

from rotation.system.act import Act, Stage
from rotation.system.database import Databases, Session
from rotation.system.dry import Backup, Command, Diff, DryRun, Folder, Removal, Statement
from rotation.system.login import Login
from rotation.system.look import Files, Look, Scratch
from rotation.system.network import Fetch, Knock, Search
from rotation.system.records import Journal, Records
from rotation.system.seam import System
from rotation.system.values import Account, Extract, File, Finished, Lengthy, Trust

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
