"""`rotation checker show`, `install` and `new`: presets, or a command of one's own, to scripts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rotation.cli import output
from rotation.cli.checker.options import (
    Check,
    Dir,
    Each,
    Every,
    Force,
    Given,
    Heartbeat,
    How,
    Name,
    Rehearse,
    Timer,
    To,
    Units,
    Yes,
    asks,
    often_of,
    options_of,
    preset_of,
    presets,
)
from rotation.cli.context import Call, call_of, complain, handled, leave
from rotation.cli.render import rehearsal
from rotation.errors import ApplyError, Exit, Problem, UsageError, Where, printable
from rotation.system import DryRun, System

if TYPE_CHECKING:
    from rotation.checkers.install import CheckerFile
    from rotation.checkers.model import Preset


@handled
def show(
    context: typer.Context,
    name: Name,
    to: To = "root",
    every: Every = None,
    heartbeat: Heartbeat = 0,
    given: Given = None,
) -> None:
    """Print the script, for reading or for a host that does not have this program."""
    from rotation.checkers.render import render

    preset = preset_of(call_of(context), name)
    print(render(preset, options_of(preset, preset.every, to, every, heartbeat, given)), end="")


@handled
def install(
    context: typer.Context,
    name: Name,
    folder: Dir = None,
    to: To = "root",
    every: Every = None,
    heartbeat: Heartbeat = 0,
    given: Given = None,
    each: Each = None,
    timer: Timer = False,
    units: Units = None,
    check: Check = False,
    dry_run: Rehearse = False,
    force: Force = False,
    yes: Yes = False,
) -> None:
    """Write the script where cron, or a timer with --timer, runs it.

    Exit status 1 where a file was edited by hand and --force is not given, and with --check where
    something would change.
    """
    call = call_of(context)
    how = How(folder, each, timer, units, check, dry_run, force, yes)
    place(call, preset_of(call, name), how, to, every, heartbeat, given)


def place(
    call: Call,
    preset: Preset,
    how: How,
    to: str,
    every: int | None,
    heartbeat: int,
    given: list[str] | None,
) -> None:
    """Install a preset as typed; ends the command."""
    from rotation.checkers import install as files

    files.vet(call.system, preset)
    often = often_of(preset, how)
    options = options_of(preset, often, to, every, heartbeat, given)
    folder = how.folder or (files.SCRIPTS if how.timer else files.folder_of(often))
    folder = Path(os.path.abspath(folder))
    where = how.units or files.UNITS
    if how.timer:
        pieces = files.in_systemd(call.system, preset, options, often, folder, where)
    else:
        pieces = files.in_cron(call.system, preset, options, folder)
    todo = [piece for piece in pieces if not piece.as_it_should_be]
    _refuse_edited([piece for piece in todo if piece.foreign and not how.force])
    if how.check:
        for piece in todo:
            output.say(f"would {'change' if piece.found else 'write'} {piece.path}")
        leave(Exit.NO if todo else Exit.OK)
    if not todo:
        output.say(f"{pieces[0].path} is as it should be")
        return
    terminal = asks(how.yes)
    if not how.dry_run and terminal:
        _show([piece for piece in todo if piece.found])
    warn(call, preset, [folder])
    system: System = DryRun(call.system) if how.dry_run else call.system
    paths = ", ".join(printable(str(piece.path)) for piece in todo)
    if not how.dry_run and terminal and not typer.confirm(f"Write {paths}?"):
        leave(Exit.NO)
    files.put(system, pieces)
    if isinstance(system, DryRun):
        if how.timer:
            _enable(system, where, f"rotation-{preset.name}.timer")
        rehearsal.show(system.actions)
        return
    rhythm = f"{often.adverb} by a timer" if how.timer else f"run by cron from {folder}"
    output.say(f"installed {pieces[0].path}: {rhythm}, mails {options.to} what is wrong")
    if how.timer:
        _enable(system, where, f"rotation-{preset.name}.timer")


def _refuse_edited(pieces: list[CheckerFile]) -> None:
    for piece in pieces:
        output.diff(piece.path, piece.found.data if piece.found else b"", piece.data)
        complain(
            Problem("was edited, or is not ours", Where(str(piece.path)), "to replace it: --force")
        )
    if pieces:
        leave(Exit.NO)


def _show(pieces: list[CheckerFile]) -> None:
    for piece in pieces:
        before = piece.found.data if piece.found else b""
        if before == piece.data:
            print(f"would make {piece.path} executable")
        else:
            output.diff(piece.path, before, piece.data)


def _enable(system: System, where: Path, timer: str) -> None:
    from rotation.checkers.install import systemctl

    for words in (("daemon-reload",), ("enable", "--now", timer)):
        argv = systemctl(system, where, *words)
        if argv is None:
            output.say(f"systemd does not run here; where it does: systemctl enable --now {timer}")
            return
        done = system.run(argv)
        if done.status != 0:
            raise ApplyError(Problem(f"systemctl {words[0]} failed: {done.said}", Where(timer)))


def warn(call: Call, preset: Preset, here: list[Path]) -> None:
    """Say on stderr what somebody who installs this should know of the host."""
    from rotation.checkers.install import CRON, SCRIPTS, installed
    from rotation.checkers.present import jobs, missing

    for need in missing(call.system, preset):
        hint = f"apt install {preset.package}" if preset.package else None
        complain(Problem(f"{need} is not on this host", hint=hint), "warning")
    for job in jobs(call.system, preset):
        complain(Problem(f"this host has a job of that kind already: {job}"), "note")
    for one in installed(call.system, [path for path in (*CRON, SCRIPTS) if path not in here]):
        if one.name == preset.name:
            complain(Problem(f"is installed in {one.path} too"), "warning")
    if preset.note:
        complain(Problem(preset.note), "note")


@handled
def new(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A name of your own: a-z, 0-9 and -.")],
    command: Annotated[str, typer.Option("--run", help="What sh runs; what it prints counts.")],
    signal: Annotated[str, typer.Option(help="output, exit, either or change.")],
    filter_: Annotated[
        str | None, typer.Option("--filter", help="Only lines that match it count (grep -E).")
    ] = None,
    ignore: Annotated[
        str | None, typer.Option(help="Lines that match it never count (grep -E).")
    ] = None,
    normalise: Annotated[
        list[str] | None,
        typer.Option(help="A script for sed -E that takes out what differs in every run."),
    ] = None,
    good: Annotated[
        list[int] | None, typer.Option(min=0, max=255, help="An exit status that means well.")
    ] = None,
    failed: Annotated[
        list[int] | None,
        typer.Option(min=0, max=255, help="An exit status by which the tool itself failed."),
    ] = None,
    noun: Annotated[str, typer.Option(help="A word for one finding, for the subject.")] = "finding",
    timeout: Annotated[str, typer.Option(help="When the tool is stopped: 30m, 2h.")] = "2h",
    title: Annotated[str | None, typer.Option(help="One line about it.")] = None,
    folder: Dir = None,
    to: To = "root",
    every: Every = None,
    heartbeat: Heartbeat = 0,
    each: Each = None,
    timer: Timer = False,
    units: Units = None,
    check: Check = False,
    dry_run: Rehearse = False,
    force: Force = False,
    yes: Yes = False,
) -> None:
    """A checker of a command of your own, in one line; otherwise like install."""
    from rotation.checkers.read import from_words

    call = call_of(context)
    if name in presets(call):
        hint = f"rotation checker install {name}, or take another name"
        raise UsageError(Problem(f"there is a preset {name!r} already", hint=hint))
    words = {"title": title or _first_line(command), "run": command, "signal": signal}
    preset = from_words(
        name,
        {
            **words,
            "noun": noun,
            "timeout": timeout,
            "normalise": normalise or [],
            "good": good or [0],
            "failed": failed or [],
            **({} if filter_ is None else {"filter": filter_}),
            **({} if ignore is None else {"ignore": ignore}),
        },
    )
    if "|" in command and "must " not in command and preset.signal != "output":
        complain(
            Problem(
                "a pipe hides the exit status of all but its last command",
                hint="write `must COMMAND | ...`: where that fails, the checker says so",
            ),
            "warning",
        )
    how = How(folder, each, timer, units, check, dry_run, force, yes)
    place(call, preset, how, to, every, heartbeat, None)


def _first_line(command: str) -> str:
    lines = command.strip().splitlines() or [""]
    return lines[0] if len(lines[0]) <= 80 else f"{lines[0][:77]}..."
