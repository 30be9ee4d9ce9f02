"""Where checkers go and what they are made of, worked out first and then written."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

from rotation.cli import output
from rotation.cli.checker.options import How, Wanted, asks, often_of, options_of
from rotation.cli.context import Call, complain, leave
from rotation.cli.render import rehearsal
from rotation.dataclasses import dataclass
from rotation.errors import ApplyError, Exit, Problem, UsageError, Where, printable
from rotation.system import DryRun, System

if TYPE_CHECKING:
    from rotation.checkers.install import CheckerFile, Installed
    from rotation.checkers.model import Often, Options, Preset


@dataclass(frozen=True, slots=True)
class Placement:
    """A checker as it is to be installed: its files, and what starts it."""

    preset: Preset
    options: Options
    folder: Path
    units: Path | None
    """The folder of its timer; None where cron starts it."""
    files: tuple[CheckerFile, ...]

    @property
    def todo(self) -> tuple[CheckerFile, ...]:
        """The files that are not as they should be."""
        return tuple(file for file in self.files if not file.as_it_should_be)


def plan(call: Call, preset: Preset, how: How, wanted: Wanted, source: str) -> Placement:
    """What is to be written for a preset: as typed, else as the installed one has it.

    `source` is the name of the preset; empty for a command of one's own. Raises UsageError.
    """
    from rotation.checkers import install as files
    from rotation.checkers.inside import NOTHING, chosen, read_back

    present = installed_as(call, preset.name, how)
    timer, folder, often = how.timer, how.folder, often_of(preset, how)
    kept = NOTHING
    if present is not None:
        inside = read_back(present.file.data.decode("utf-8", "surrogateescape"))
        before = often_before(call, present, how)
        kept = chosen(inside, preset, before)
        if how.folder is None and how.each is None:
            folder, often = present.path.parent, before or often
            timer = timer or present.path.parent == files.SCRIPTS
    options = options_of(call, preset, often, wanted, kept, source)
    _refuse_incomplete(preset, options)
    files.vet(call.system, preset, options.vars)
    folder = folder or (files.SCRIPTS if timer else files.folder_of(often))
    folder = Path(os.path.abspath(folder))
    units = (how.units or files.UNITS) if timer else None
    if units is None:
        pieces = files.in_cron(call.system, preset, options, folder)
    else:
        pieces = files.in_systemd(call.system, preset, options, often, folder, units)
    return Placement(preset, options, folder, units, tuple(pieces))


def _refuse_incomplete(preset: Preset, options: Options) -> None:
    for name, rule in preset.rules.items():
        if rule.required and name not in options.vars:
            hint = f"rotation checker install {preset.name} --set {name}=..."
            raise UsageError(
                Problem(f"{preset.name} needs {name}, which has no default", hint=hint)
            )


def installed_as(call: Call, name: str, how: How) -> Installed | None:
    """The checker of that name that is to be renewed: in the folder named, or the only one."""
    from rotation.checkers.install import CRON, SCRIPTS, folder_of, installed
    from rotation.checkers.model import Often

    if how.folder is not None:
        folders = [Path(os.path.abspath(how.folder))]
    elif how.timer:
        folders = [SCRIPTS]
    elif how.each in list(Often):
        folders = [folder_of(Often(how.each))]
    else:
        folders = [*CRON, SCRIPTS]
    scripts = [script for script in installed(call.system, folders) if script.name == name]
    return scripts[0] if len(scripts) == 1 else None


def often_before(call: Call, script: Installed, how: How) -> Often | None:
    """How often an installed checker is run: its folder, else the script itself, else its timer."""
    from rotation.checkers import units
    from rotation.checkers.inside import read_back
    from rotation.checkers.install import UNITS, often_in
    from rotation.checkers.model import Often

    if (often := often_in(script.path.parent)) is not None:
        return often
    text = script.file.data.decode("utf-8", "surrogateescape")
    if (often := read_back(text).often) is not None:
        return often
    timer = call.system.read((how.units or UNITS) / units.names(script.name)[1])
    words = b"" if timer is None else timer.data
    return next(
        (often for often in Often if f"OnCalendar={often.adverb}\n".encode() in words), None
    )


def carry_out(call: Call, placements: Sequence[Placement], how: How) -> NoReturn:
    """Write what is planned, and end the command.

    A file that somebody has edited is left alone, and its checker with it, without --force; the
    others are written all the same and the exit status is 1.
    """
    from rotation.checkers import install as files

    edited = [p for p in placements if any(f.foreign for f in p.todo) and not how.force]
    for placement in edited:
        _say_edited([file for file in placement.todo if file.foreign])
    ours = [placement for placement in placements if placement not in edited]
    todo = [file for placement in ours for file in placement.todo]
    if how.check:
        for file in todo:
            output.say(f"would {'change' if file.before else 'write'} {file.path}")
        leave(Exit.NO if todo or edited else Exit.OK)
    for placement in ours:
        if not placement.todo:
            output.say(f"{placement.files[0].path} is as it should be")
    if not todo:
        leave(Exit.NO if edited else Exit.OK)
    terminal = asks(how.yes) and not how.dry_run
    if terminal:
        _show([file for file in todo if file.before])
    for placement in ours:
        if placement.todo:
            warn(call, placement)
    system: System = DryRun(call.system) if how.dry_run else call.system
    paths = ", ".join(printable(str(file.path)) for file in todo)
    if terminal and not typer.confirm(f"Write {paths}?"):
        leave(Exit.NO)
    for placement in ours:
        if not placement.todo:
            continue
        files.put(system, placement.files)
        if not how.dry_run:
            _say_installed(placement)
        if placement.units is not None:
            _enable(system, placement.units, f"rotation-{placement.preset.name}.timer")
    if isinstance(system, DryRun):
        rehearsal.show(system.actions)
    leave(Exit.NO if edited else Exit.OK)


def _say_installed(placement: Placement) -> None:
    options = placement.options
    by_cron = f"run by cron from {placement.folder}"
    rhythm = by_cron if placement.units is None else f"{options.often.adverb} by a timer"
    path = placement.files[0].path
    output.say(f"installed {path}: {rhythm}, mails {options.to} what is wrong")


def _say_edited(pieces: Sequence[CheckerFile]) -> None:
    for piece in pieces:
        output.diff(piece.path, piece.before.data if piece.before else b"", piece.data)
        complain(
            Problem("was edited, or is not ours", Where(str(piece.path)), "to replace it: --force")
        )


def _show(pieces: Sequence[CheckerFile]) -> None:
    for piece in pieces:
        before = piece.before.data if piece.before else b""
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


def warn(call: Call, placement: Placement) -> None:
    """Say on stderr what somebody who installs this should know of the host."""
    from rotation.checkers.install import CRON, SCRIPTS, installed
    from rotation.checkers.present import jobs, missing

    preset = placement.preset
    for need in missing(call.system, preset):
        hint = f"apt install {preset.package}" if preset.package else None
        complain(Problem(f"{need} is not on this host", hint=hint), "warning")
    for job in jobs(call.system, preset):
        complain(Problem(f"this host has a job of that kind already: {job}"), "note")
    elsewhere = [path for path in (*CRON, SCRIPTS) if path != placement.folder]
    for script in installed(call.system, elsewhere):
        if script.name == preset.name:
            complain(Problem(f"is installed in {script.path} too"), "warning")
    if preset.note:
        complain(Problem(preset.note), "note")
