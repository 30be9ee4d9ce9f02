"""What an administrator has put beside what comes with `rotation`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from rotation.errors import ApplyError, Problem, RosterError
from rotation.system.look import Files
from rotation.system.values import Trust

_T = TypeVar("_T")


def of_this_host(system: Files, folder: Path, parse: Callable[[bytes, str], _T]) -> list[_T]:
    """What `parse` makes of each TOML file in `folder`, from its data and its path, by name.

    Files that anybody but root and whoever runs this could change, themselves or by a folder above
    them, are refused: what they say decides what root runs. Raises RosterError with every problem.
    """
    read: list[_T] = []
    problems: list[Problem] = []
    try:
        names = system.names(folder) or []
    except ApplyError as error:
        raise RosterError(error.problems) from None
    for path in (folder / name for name in names):
        if path.suffix != ".toml" or path.name.startswith("."):
            continue
        try:
            file = system.read(path, trust=Trust.ALONE)
            if file is not None:
                read.append(parse(file.data, str(path)))
        except (ApplyError, RosterError) as error:
            problems.extend(error.problems)
    if problems:
        raise RosterError(problems)
    return read
