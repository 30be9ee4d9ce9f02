"""`rotation checker list`, `run` and `status`: what there is, what it finds now, what it found."""

from __future__ import annotations

import os
from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rotation.cli import output
from rotation.cli.checker.options import Dir, preset_of, presets, state_of_checkers
from rotation.cli.context import call_of, handled, leave
from rotation.errors import Exit, Problem, UsageError

if TYPE_CHECKING:
    from rotation.checkers.install import Installed
    from rotation.checkers.state import State

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]

# how long after its last run a checker in cron's folder is late
_LATE = {"hourly": 3, "daily": 50, "weekly": 9 * 24, "monthly": 35 * 24}


@handled
def list_checkers(context: typer.Context, folder: Dir = None, as_json: Json = False) -> None:
    """The presets: which tools are here, what is installed, and what already runs them."""
    from rotation.checkers.present import jobs, missing

    call = call_of(context)
    scripts = defaultdict(list)
    for one in _scripts(context, folder):
        scripts[one.name].append(str(one.path))
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
    mine = next((one for one in _scripts(context, folder) if one.name == name), None)
    if mine is None:
        from rotation.checkers.model import Options

        preset = preset_of(call, name)
        text = render(preset, Options(state=str(state_of_checkers())))
        label = f"rotation-{name}"
    else:
        from rotation.system import Trust

        found = call.system.read(mine.path, trust=Trust.ALONE)
        text = "" if found is None else found.data.decode("utf-8", "surrogateescape")
        label = str(mine.path)
    shell = call.system.program("sh")
    if shell is None:
        raise UsageError(Problem("this host has no sh"))
    ended = call.system.attend([shell, "-c", text, label, "--print"])
    leave({0: Exit.OK, 1: Exit.NO}.get(ended, Exit.FAILED))


@handled
def status(context: typer.Context, folder: Dir = None, as_json: Json = False) -> None:
    """What the checkers of this host have found: last run, last mail, what is still wrong."""
    from rotation.checkers.state import read_states

    call = call_of(context)
    scripts = defaultdict(list)
    for one in _scripts(context, folder):
        scripts[one.name].append(one)
    states = read_states(call.system, state_of_checkers())
    rows: list[tuple[str, ...]] = []
    answers: list[object] = []
    loud: list[int] = []
    texts: list[str] = []
    for name in sorted({*states, *scripts}):
        state, here = states.get(name), scripts.get(name, [])
        faults = _faults(state, here, call.now)
        if faults or (state and (state.wrong or state.failing)):
            loud.append(len(rows))
        rows.append((name, *_row(state), ", ".join(faults) or "-"))
        answers.append(_json(name, state, here, faults))
        texts += [f"{name}: {one.text}" + _since(one.since) for one in state.wrong] if state else []
    if as_json:
        output.say_json(answers)
        return
    if not rows:
        output.say("no checker is installed here, and none has run; see: rotation checker list")
        return
    head = ("checker", "last run", "last finding", "last mail", "still wrong", "trouble")
    output.table(head, rows, loud)
    for text in texts[:_SHOWN]:
        output.say(text)
    if len(texts) > _SHOWN:
        output.say(f"... {len(texts) - _SHOWN} more; all of them: --json")


_SHOWN = 100


def _scripts(context: typer.Context, folder: Path | None) -> list[Installed]:
    from rotation.checkers.install import CRON, SCRIPTS, installed

    usual = (*CRON, SCRIPTS)
    folders = usual if folder is None else (Path(os.path.abspath(folder)),)
    return installed(call_of(context).system, folders)


def _row(state: State | None) -> tuple[str, ...]:
    if state is None:
        return ("never", "-", "-", "-")
    return (
        _local(state.ran) or "never",
        _local(state.found) or "-",
        _local(state.mailed) or "-",
        str(len(state.wrong)) if state.wrong else "-",
    )


def _local(instant: datetime | None) -> str:
    """As the host that noted it saw it: with that host's offset."""
    return "" if instant is None else f"{instant:%Y-%m-%d %H:%M}"


def _since(instant: datetime | None) -> str:
    return f"  (since {_local(instant)})" if instant else ""


def _faults(state: State | None, here: list[Installed], now: datetime) -> list[str]:
    """What is wrong with the checker itself."""
    faults = [f"{one.path} is not executable, so cron skips it" for one in here if one.idle]
    if state is None:
        return faults
    if state.failing:
        faults.append(f"fails: {state.failing}")
    if state.unsent:
        faults.append("a mail waits to be sent")
    if not here:
        faults.append("not installed here")
    hours = [_LATE[one.path.parent.name[5:]] for one in here if one.path.parent.name[5:] in _LATE]
    if state.ran and hours and now - state.ran > timedelta(hours=max(hours)):
        faults.append("late: cron has not run it since")
    return faults


def _json(name: str, state: State | None, here: list[Installed], faults: list[str]) -> object:
    def instant(value: datetime | None) -> str | None:
        return None if value is None else value.isoformat()

    return {
        "name": name,
        "installed": [str(one.path) for one in here],
        "edited": any(one.edited for one in here),
        "last_run": instant(state.ran) if state else None,
        "last_status": state.status if state else None,
        "last_event": state.event if state else None,
        "last_finding": instant(state.found) if state else None,
        "last_mail": instant(state.mailed) if state else None,
        "silent_runs": state.silent if state else 0,
        "failing": state.failing if state else None,
        "unsent": state.unsent if state else False,
        "wrong": [
            {"text": one.text, "since": instant(one.since)}
            for one in (state.wrong if state else ())
        ],
        "trouble": faults,
    }
