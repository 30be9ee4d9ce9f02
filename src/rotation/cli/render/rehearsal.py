"""What a dry run did not do, in words."""

from __future__ import annotations

import re
import shlex
from base64 import b64decode
from collections.abc import Iterable, Iterator

from rotation.cli import output
from rotation.system.dry import Action, Backup, Command, Diff, Folder, Removal, Statement

_LDIF = re.compile(r"[A-Za-z][A-Za-z0-9;.-]*")


def show(actions: Iterable[Action], *, inputs: bool = False) -> None:
    """Texts as differences, commands as somebody would type them, with their input if asked for."""
    for action in actions:
        match action:
            case Diff(path, before, after, mode):
                output.diff(path, before, after)
                if before == after:
                    output.say(f"would make {path}" + (f" with mode {mode:04o}" if mode else ""))
            case Command(argv, data, tried):
                output.say(f"would run: {shlex.join(argv)}")
                for line in _input(data) if inputs else ():
                    output.say(f"  {line}")
                if inputs and not tried:
                    output.say("  (not tried: only the real run shows whether it works)")
            case Statement(database, text, parameters):
                given = ", ".join(
                    f"{name} = {'NULL' if value is None else repr(value)}"
                    for name, value in parameters
                )
                output.say(f"would run in {database}: {text}" + (f" with {given}" if given else ""))
            case Removal(path):
                output.say(f"would remove {path}")
            case Folder(path):
                output.say(f"would make the folder {path}")
            case Backup(path, copy):
                output.say(f"would keep a copy of {path} in {copy}")


def _input(data: bytes) -> Iterator[str]:
    """The input of a program, line by line, with what LDIF has as base64 (RFC 2849) in clear."""
    for line in data.decode("utf-8", "replace").splitlines():
        name, marks, value = line.partition(":: ")
        if marks and _LDIF.fullmatch(name):
            line = f"{name}: {b64decode(value).decode('utf-8', 'replace')}"
        yield line
