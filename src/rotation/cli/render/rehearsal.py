"""What a dry run did not do, in words."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from rotation.cli import output
from rotation.system.dry import Action, Backup, Command, Diff, Folder, Removal


def show(actions: Iterable[Action]) -> None:
    """Texts as differences, commands as somebody would type them."""
    for action in actions:
        match action:
            case Diff(path, before, after, mode):
                output.diff(path, before, after)
                if before == after:
                    output.say(f"would make {path}" + (f" with mode {mode:04o}" if mode else ""))
            case Command(argv):
                output.say(f"would run: {shlex.join(argv)}")
            case Removal(path):
                output.say(f"would remove {path}")
            case Folder(path):
                output.say(f"would make the folder {path}")
            case Backup(path, copy):
                output.say(f"would keep a copy of {path} in {copy}")
