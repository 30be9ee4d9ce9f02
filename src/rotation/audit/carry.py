"""Carrying out what `fix` planned: checked on a copy, kept, then replaced whole."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from rotation.audit.fix import FileFix
from rotation.audit.model import Tool
from rotation.dataclasses import dataclass
from rotation.errors import ApplyError, Problem, Where
from rotation.system import File, Look, Stage, System, Trust

_PRIVATE = os.stat_result((0o100600, *[0] * 9))
"""The attributes of a copy that only its owner reads: monit(1) refuses any other."""


@dataclass(frozen=True, slots=True)
class FixOutcome:
    """A change that was made, with the copy of what was there; or why it was not."""

    change: FileFix
    backup: Path | None = None
    problems: tuple[Problem, ...] = ()


def carry_out(system: System, changes: Iterable[FileFix], stamp: str) -> list[FixOutcome]:
    """Make each change, alone; `stamp` tells the copies of this run from others.

    A change that a tool's own checker refuses, or whose file has changed since it was planned, is
    not made; the others are.
    """
    outcomes = []
    for change in changes:
        try:
            outcomes.append(FixOutcome(change, _carry_out(system, change, stamp)))
        except ApplyError as error:
            outcomes.append(FixOutcome(change, None, error.problems))
    return outcomes


def _carry_out(system: System, change: FileFix, stamp: str) -> Path | None:
    folder = change.path.parent
    system.make_folder(folder)
    with ExitStack() as stack:
        stack.enter_context(system.lock(folder))
        file = system.read(change.path, trust=Trust.SOMEBODY)
        if (file.data if file else None) != change.before:
            problem = Problem("somebody else changed it", Where(str(change.path)), "run it again")
            raise ApplyError(problem)
        stage = stack.enter_context(system.stage(folder))
        for tool in change.tools:
            _check(system, tool, stage, change)
        backup = None
        if file is not None:
            # hidden, so that no tool that reads the whole folder reads it too
            backup = change.path.with_name(f".{change.path.name}.rotation-{stamp}")
            system.backup(change.path, backup)
        modes = [tool.remedy.mode for tool in change.tools if tool.remedy]
        new = min(modes, default=0o644) if file is None else None
        system.replace(change.path, change.after, file, mode=new)
        return backup


def _check(system: Look, tool: Tool, stage: Stage, change: FileFix) -> None:
    """Ask the tool's own checker about a copy. Raises ApplyError when it refuses."""
    if not tool.check:
        return
    copy = stage.folder / "new" / change.path.name
    ahead = f"{tool.ahead}\n".replace("{folder}", str(copy.parent)) if tool.ahead else ""
    stage.write(copy, ahead.encode() + change.after, File(copy, copy, b"", _PRIVATE))
    argv = [str(copy) if word == "{file}" else word for word in tool.check]
    done = system.ask(argv)
    if done.status != 0:
        said = done.said.replace(str(copy), str(change.path))
        raise ApplyError(
            Problem(
                f"{Path(tool.check[0]).name} refuses the change: {said}",
                Where(str(change.path)),
                "change it by hand; it is as it was",
            )
        )
