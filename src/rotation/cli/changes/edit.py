"""`rotation edit`: the roster in an editor, checked before it is written, as visudo does it."""

from __future__ import annotations

import os
import shlex
import signal
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from rotation.changes.book import Book, Change
from rotation.changes.edited import edited
from rotation.cli import output
from rotation.cli.changes.shared import Dry, Yes, around, locked, show, write
from rotation.cli.context import Call, call_of, complain, handled, leave
from rotation.cli.render import rehearsal
from rotation.errors import ApplyError, Exit, Problem, RosterError, UsageError, Where
from rotation.roster.load import files, read_files, with_calendars
from rotation.roster.parse import overrides_path, parse
from rotation.schedule.loaded import Loaded
from rotation.system import DryRun, File, System

_EDITORS = ("editor", "sensible-editor", "vi", "nano")
_KEPT = ("TERM", "COLORTERM", "LANG", "LC_ALL", "LC_CTYPE", "HOME", "DISPLAY", "XAUTHORITY")
"""What an editor needs to know of the terminal and of whoever sits there."""


@handled
def edit(context: typer.Context, yes: Yes = False, dry_run: Dry = False) -> None:
    """Edit a copy of the roster in $VISUAL or $EDITOR, check it, and write it whole.

    Shows what is wrong, to be edited again, or else who would serve when.
    """
    call = call_of(context)
    if not (yes or sys.stdin.isatty()):
        raise UsageError(
            Problem(
                "there is no terminal for an editor",
                hint="with --yes the program in $EDITOR has to do without one",
            )
        )
    path = _only(call)
    system: System = DryRun(call.system) if dry_run else call.system
    roster, overrides = read_files(system, path)
    try:
        before = _read(call, path, roster.data)
    except RosterError:  # which may be why somebody edits it
        before = None
    with system.scratch() as scratch:
        copy = scratch.folder / path.name
        scratch.write(copy, roster.data, roster)
        while True:
            text = _edited(call, copy)
            if text == roster.data:
                output.say("nothing was changed")
                return
            try:
                after = _read(call, path, text)
            except RosterError as error:
                if yes:
                    raise
                for problem in error.problems:
                    complain(problem)
                _again("It cannot be read so. Edit it again?")
                continue
            book = Book(before or after, roster.data, overrides.data if overrides else None)
            change = edited(book, after, text, call.now)
            for problem in after.warnings:
                complain(problem, "warning")
            if before is None:
                name = after.roster.name
                output.say(f"{name}: it could not be read before: nothing to compare it with")
                beside = after.roster.overrides_file
                if overrides and beside != (named := overrides_path(path, roster.data)):
                    complain(
                        Problem(
                            f"what is agreed on in {named} would not count any more",
                            Where(str(path)),
                            f"copy it to {beside} first",
                        ),
                        "warning",
                    )
            else:
                show(change, call.now)
            if yes or dry_run or typer.confirm("Write this?", err=True):
                break
            _again("Edit it again?")
    _put(call, system, path, roster, change)
    if isinstance(system, DryRun):
        rehearsal.show(system.actions)


def _only(call: Call) -> Path:
    """The roster that is meant. Raises UsageError where there is more than one."""
    paths = list(files(call.system, call.rosters))
    if len(paths) > 1:
        raise UsageError(
            Problem(
                f"which roster? {', '.join(path.stem for path in paths)}",
                hint=f"rotation --rosters {paths[0]} edit",
            )
        )
    return paths[0]


def _read(call: Call, path: Path, text: bytes) -> Loaded:
    """The roster that a text says, with its calendars. Raises RosterError where it says none."""
    overrides = call.system.read(overrides_path(path, text))
    roster = parse(text, path, overrides.data if overrides else None)
    return with_calendars(call.system, call.fetch, roster, around(call), call.now)


def _edited(call: Call, copy: Path) -> bytes:
    """What the copy holds after the editor. Raises ApplyError where it failed."""
    with _undisturbed():
        status = call.system.attend([*_editor(call), copy])
    text = call.system.read(copy)
    if status != 0 or text is None:
        how = f"the editor ended with status {status}" if status else "the editor left no file"
        raise ApplyError(Problem(f"{how}: nothing was written"))
    return text.data


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Leave ctrl-C to the editor, which has the same terminal: vi and others take it for a key."""
    signals = (signal.SIGINT, signal.SIGQUIT)
    # unlike "ignore", a handler is not passed on to the editor
    before = [signal.signal(number, lambda *_: None) for number in signals]
    try:
        yield
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)


def _editor(call: Call) -> list[str | Path]:
    """The command of the editor, with what it has to know of the terminal."""
    named = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
    try:
        words: list[str | Path] = [*shlex.split(named)]
    except ValueError as error:
        raise UsageError(Problem(f"{named!r} is not a command: {error}".lower())) from None
    if not words:
        usual = call.system.program(*_EDITORS)
        words = [] if usual is None else [usual]
    env = call.system.program("env")
    if not words or env is None:
        raise UsageError(Problem("there is no editor", hint="name one in $EDITOR"))
    known = [f"{name}={os.environ[name]}" for name in _KEPT if name in os.environ]
    return [env, "-u", "LC_ALL", *known, *words]


def _again(question: str) -> None:
    """Ask whether to edit once more; end the command if not."""
    if not typer.confirm(question, default=True, err=True):
        print("nothing was written", file=sys.stderr)
        leave(Exit.NO)


def _put(call: Call, system: System, path: Path, roster: File, change: Change) -> None:
    """Write it. Where somebody else has written meanwhile, what was edited is kept beside it."""
    try:
        with locked(call):
            write(system, path, change)
    except ApplyError as error:
        beside = path.with_name(f"{path.name}.edited")
        mode = stat.S_IMODE(roster.attributes.st_mode)
        system.replace(beside, change.roster_text or b"", system.read(beside), mode=mode)
        kept = Problem("what was edited is kept", Where(str(beside)), "compare the two, edit again")
        raise ApplyError([*error.problems, kept]) from None
