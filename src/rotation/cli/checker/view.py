"""`rotation checker list` and `run`: what there is, and what it finds now."""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rotation.cli import output
from rotation.cli.checker.options import Dir, preset_of, presets, state_of_checkers
from rotation.cli.context import call_of, handled, leave
from rotation.errors import Exit, Problem, UsageError

if TYPE_CHECKING:
    from rotation.checkers.install import Installed

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


@handled
def list_checkers(context: typer.Context, folder: Dir = None, as_json: Json = False) -> None:
    """The presets: which tools are here, what is installed, and what already runs them."""
    from rotation.checkers.present import jobs, missing

    call = call_of(context)
    scripts = defaultdict(list)
    for script in scripts_in(context, folder):
        scripts[script.name].append(str(script.path))
    rows, answers = [], []
    for preset in presets(call).values():
        absent = missing(call.system, preset)
        others = jobs(call.system, preset)
        here = scripts.pop(preset.name, [])
        what = f"{preset.title} (a digest: it mails always)" if preset.digest else preset.title
        rows.append(
            (
                preset.name,
                f"no {', '.join(absent)}" if absent else "here",
                preset.every.adverb,
                ", ".join(here) or "-",
                what,
                ", ".join(map(str, others)) or "-",
            )
        )
        answers.append(
            {
                "name": preset.name,
                "title": preset.title,
                "signal": str(preset.signal),
                "every": str(preset.every),
                "digest": preset.digest,
                "package": preset.package,
                "here": not absent,
                "missing": list(absent),
                "installed": here,
                "also": [
                    {"job": job.path, "active": job.active, "mails": job.mails} for job in others
                ],
            }
        )
    for name, paths in sorted(scripts.items()):
        rows.append((name, "-", "-", ", ".join(paths), "made with checker new", "-"))
        answers.append({"name": name, "title": None, "installed": paths, "also": []})
    if as_json:
        output.say_json(answers)
    else:
        output.table(("checker", "tool", "every", "installed", "what", "run already by"), rows)


@handled
def run(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A checker, installed or not.")],
    folder: Dir = None,
) -> None:
    """Run a checker now, to the terminal: nothing is mailed, nothing is remembered.

    The installed script if there is one, else the preset. Exit status 1 when it finds something,
    3 when it fails itself.
    """
    from rotation.checkers.render import render

    call = call_of(context)
    mine = next((script for script in scripts_in(context, folder) if script.name == name), None)
    if mine is None:
        from rotation.checkers.model import Options

        preset = preset_of(call, name)
        text = render(preset, Options(state=str(state_of_checkers()), often=preset.every))
        label = f"rotation-{name}"
    else:
        from rotation.system import Trust

        file = call.system.read(mine.path, trust=Trust.ALONE)
        text = "" if file is None else file.data.decode("utf-8", "surrogateescape")
        label = str(mine.path)
    shell = call.system.program("sh")
    if shell is None:
        raise UsageError(Problem("this host has no sh"))
    ended = call.system.attend([shell, "-c", text, label, "--print"])
    leave({0: Exit.OK, 1: Exit.NO}.get(ended, Exit.FAILED))


def scripts_in(context: typer.Context, folder: Path | None) -> list[Installed]:
    """The installed scripts: in that folder, or where they usually are."""
    from rotation.checkers.install import CRON, SCRIPTS, installed

    usual = (*CRON, SCRIPTS)
    folders = usual if folder is None else (Path(os.path.abspath(folder)),)
    return installed(call_of(context).system, folders)
