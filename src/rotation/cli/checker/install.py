"""`rotation checker show`, `install` and `upgrade`: presets to scripts, and scripts made anew."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rotation.cli.checker.options import (
    As,
    Check,
    Dir,
    Force,
    Given,
    How,
    Name,
    Rehearse,
    Units,
    Wanted,
    Yes,
    options_of,
    preset_of,
    presets,
)
from rotation.cli.checker.place import Placement, carry_out, installed_as, plan
from rotation.cli.context import Call, call_of, complain, handled, leave
from rotation.cli.grouped import grouped
from rotation.dataclasses import replace
from rotation.errors import Exit, Problem, UsageError, Where

if TYPE_CHECKING:
    from rotation.checkers.install import Installed
    from rotation.checkers.model import Preset


def _named(preset: Preset, name: str | None) -> Preset:
    from rotation.checkers.read import name_fault

    if name is None:
        return preset
    if fault := name_fault(name):
        raise UsageError(Problem(f"--as: {name!r} {fault}"))
    return replace(preset, name=name)


@handled
@grouped
def show(
    context: typer.Context,
    name: Name,
    wanted: Wanted,
    as_: As = None,
    given: Given = None,
) -> None:
    """Print the script, for reading or for a host that does not have this program."""
    from rotation.checkers.inside import NOTHING
    from rotation.checkers.render import render

    call = call_of(context)
    preset = _named(preset_of(call, name), as_)
    wanted = replace(wanted, given=tuple(given or ()))
    print(render(preset, options_of(call, preset, preset.every, wanted, NOTHING, name)), end="")


@handled
@grouped
def install(
    context: typer.Context,
    how: How,
    wanted: Wanted,
    name: Annotated[str | None, typer.Argument(help="A preset, as list names them.")] = None,
    all_: Annotated[
        bool,
        typer.Option(
            "--all", help="Every preset whose tool is installed here and that needs no --set."
        ),
    ] = False,
    as_: As = None,
    given: Given = None,
) -> None:
    """Write the script where cron, or a timer with --timer, runs it.

    What is installed already keeps what was chosen for it, unless it is chosen otherwise now.

    Exit status 1 where a file was edited by hand and --force is not given, and with --check where
    something would change.
    """
    call = call_of(context)
    wanted = replace(wanted, given=tuple(given or ()))
    if all_:
        if name is not None or as_ is not None or given:
            raise UsageError(Problem("--all goes with no name, no --as and no --set"))
        carry_out(call, _all(call, how, wanted), how)
    if name is None:
        raise UsageError(Problem("no name of a preset", hint="see: rotation checker list"))
    preset = preset_of(call, _source(call, name, how))
    placement = plan(call, _named(preset, as_ or name), how, wanted, preset.name)
    carry_out(call, [placement], how)


def _source(call: Call, name: str, how: How) -> str:
    """The preset's name: of one that was installed with --as it is in the script."""
    from rotation.checkers.inside import read_back

    if name in presets(call) or (script := installed_as(call, name, how)) is None:
        return name
    return read_back(script.file.data.decode("utf-8", "surrogateescape")).settings.get(
        "preset", name
    )


def _all(call: Call, how: How, wanted: Wanted) -> list[Placement]:
    """What is of use here without a word: no digests, and nothing that waits for a value."""
    from rotation.checkers.present import missing

    placements = []
    for preset in presets(call).values():
        required = [name for name, rule in preset.rules.items() if rule.required]
        if missing(call.system, preset) or preset.digest:
            continue
        if required and installed_as(call, preset.name, how) is None:
            hint = f"rotation checker install {preset.name} --set {required[0]}=..."
            complain(
                Problem(f"{preset.name} is left out: it needs {required[0]}", hint=hint), "note"
            )
            continue
        placements.append(plan(call, preset, how, wanted, preset.name))
    if not placements:
        raise UsageError(Problem("no tool of any preset is here", hint="rotation checker list"))
    return placements


@handled
def upgrade(
    context: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(help="Checkers. Default: all.")] = None,
    folder: Dir = None,
    units: Units = None,
    check: Check = False,
    dry_run: Rehearse = False,
    force: Force = False,
    yes: Yes = False,
) -> None:
    """Make the installed scripts anew, with this version and what was chosen for each.

    Exit status 1 where a file was edited by hand and --force is not given, and with --check where
    something would change.
    """
    from rotation.checkers.install import CRON, SCRIPTS, installed

    call = call_of(context)
    folders = (*CRON, SCRIPTS) if folder is None else (Path(os.path.abspath(folder)),)
    scripts = [s for s in installed(call.system, folders) if not names or s.name in names]
    missing = sorted(set(names or ()) - {script.name for script in scripts})
    if missing or not scripts:
        places = ", ".join(map(str, folders))
        what = f"no checker {missing[0]!r}" if missing else "no checker"
        raise UsageError(Problem(f"{what} in {places}", hint="see: rotation checker status"))
    how = How(folder, None, False, units, check, dry_run, force, yes)
    placements, failed = [], False
    for script in scripts:
        # a script in a folder that is neither cron's nor ours is named with --dir
        here = script.path.parent
        try:
            placements.append(_anew(call, script, replace(how, folder=here, timer=here == SCRIPTS)))
        except UsageError as error:  # one that cannot be made again costs the others nothing
            failed = True
            for problem in error.problems:
                complain(
                    Problem(problem.what, problem.where or Where(str(script.path)), problem.hint)
                )
    if placements:
        try:
            carry_out(call, placements, how)
        except SystemExit as done:
            if failed and done.code in (Exit.OK, Exit.NO):
                leave(Exit.USAGE)
            raise
    leave(Exit.USAGE)


def _anew(call: Call, script: Installed, how: How) -> Placement:
    from rotation.checkers.inside import preset_inside, read_back
    from rotation.cli.checker.place import often_before

    inside = read_back(script.file.data.decode("utf-8", "surrogateescape"))
    known = presets(call)
    # scripts of older versions do not say which preset they were made from
    source = inside.settings.get("preset", script.name if script.name in known else "")
    if source and source not in known:
        raise UsageError(Problem(f"there is no preset {source!r} any more"))
    preset = known[source] if source else preset_inside(inside)
    often = often_before(call, script, how) or preset.every
    how = replace(how, each=str(often))
    return plan(call, _named(preset, script.name), how, Wanted(), source)
