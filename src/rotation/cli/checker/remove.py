"""`rotation checker remove`: a checker's files, and what it remembers."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from rotation.cli import output
from rotation.cli.checker.options import Dir, Force, Rehearse, Units, Yes, asks, state_of_checkers
from rotation.cli.context import Call, call_of, complain, handled, leave
from rotation.cli.render import rehearsal
from rotation.errors import Exit, Problem, UsageError, Where, printable
from rotation.system import DryRun, System


@handled
def remove(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The checker.")],
    folder: Dir = None,
    units: Units = None,
    dry_run: Rehearse = False,
    force: Force = False,
    yes: Yes = False,
) -> None:
    """Take a checker away: its script, its timer, and what it remembers.

    Exit status 1 where a file was edited by hand and --force is not given.
    """
    from rotation.checkers import install as files
    from rotation.checkers.read import name_fault

    call = call_of(context)
    if fault := name_fault(name):
        raise UsageError(Problem(f"{name!r} {fault}"))
    where = units or files.UNITS
    usual = (*files.CRON, files.SCRIPTS)
    folders = usual if folder is None else (Path(os.path.abspath(folder)),)
    scripts = [script for script in files.installed(call.system, folders) if script.name == name]
    unit_files = _units(call, name, where)
    if not scripts and not unit_files:
        places = ", ".join(map(str, folders))
        hint = "see: rotation checker status; for another folder: --dir"
        raise UsageError(Problem(f"no checker {name!r} in {places}", hint=hint))
    edited = [script.path for script in scripts if script.edited]
    edited += [path for path, ours in unit_files.items() if not ours]
    if edited and not force:
        for path in edited:
            complain(Problem("was edited by hand", Where(str(path)), "to remove it: --force"))
        leave(Exit.NO)
    paths = [script.path for script in scripts] + list(unit_files)
    gone = [script.file.real for script in scripts]
    others = [s for s in files.installed(call.system, usual) if s.file.real not in gone]
    state = state_of_checkers() / name
    # a copy in another folder goes on with what is remembered
    if not any(script.name == name for script in others) and call.system.names(state) is not None:
        paths.append(state)
    system: System = DryRun(call.system) if dry_run else call.system
    if (
        not dry_run
        and asks(yes)
        and not typer.confirm(f"Remove {printable(', '.join(map(str, paths)))}?")
    ):
        leave(Exit.NO)
    if unit_files:
        _systemctl(system, where, "disable", "--now", f"rotation-{name}.timer")
    for path in paths:
        system.remove(path)
        if not isinstance(system, DryRun):
            output.say(f"removed {path}")
    if unit_files:
        _systemctl(system, where, "daemon-reload")
    if isinstance(system, DryRun):
        rehearsal.show(system.actions)


def _units(call: Call, name: str, where: Path) -> dict[Path, bool]:
    """The units of that checker, each with whether it is as we made it."""
    from rotation.checkers.render import sealed
    from rotation.checkers.units import names

    files = {where / unit: call.system.read(where / unit) for unit in names(name)}
    return {path: sealed(file.data) for path, file in files.items() if file is not None}


def _systemctl(system: System, where: Path, *words: str) -> None:
    from rotation.checkers.install import systemctl

    argv = systemctl(system, where, *words)
    if argv is not None:
        system.run(argv)
