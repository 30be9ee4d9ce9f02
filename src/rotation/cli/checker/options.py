"""What the commands of `rotation checker` share: their options, the presets, the folders."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rotation.cli.context import DEFAULT_ROSTERS, Call, state_folder
from rotation.errors import Problem, UsageError, Where

if TYPE_CHECKING:
    from rotation.checkers.model import Often, Options, Preset

Name = Annotated[str, typer.Argument(help="A preset, as `rotation checker list` names them.")]
Dir = Annotated[Path | None, typer.Option("--dir", help="The folder of the script.")]
To = Annotated[str, typer.Option(help="Who gets the mail: addresses, with commas between them.")]
Every = Annotated[
    int | None,
    typer.Option(min=0, help="Say again on every Nth run what stays wrong; 0: never."),
]
Heartbeat = Annotated[
    int, typer.Option(min=0, help="A sign of life after N runs without mail; 0: never.")
]
Given = Annotated[
    list[str] | None, typer.Option("--set", help="KEY=VALUE: a variable of the command.")
]
Each = Annotated[
    str | None, typer.Option(help="hour, day, week or month. Default: the preset's, or --dir's.")
]
Timer = Annotated[bool, typer.Option("--timer", help="A systemd timer instead of cron.")]
Units = Annotated[
    Path | None, typer.Option(help="The folder of the units. Default: /etc/systemd/system.")
]
Check = Annotated[
    bool, typer.Option("--check", help="Only say whether something would change (status 1).")
]
Rehearse = Annotated[bool, typer.Option("--dry-run", help="Show the changes, make none.")]
Force = Annotated[bool, typer.Option("--force", help="Also where a file was edited by hand.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@dataclass(frozen=True, slots=True)
class How:
    """How to install: as typed."""

    folder: Path | None
    each: str | None
    timer: bool
    units: Path | None
    check: bool
    dry_run: bool
    force: bool
    yes: bool


def presets(call: Call) -> Mapping[str, Preset]:
    """Every preset of this host; one in `checkers` beside the rosters may replace a shipped one."""
    from rotation.checkers.shipped import all_presets

    return all_presets(call.system, preset_folder(call))


def preset_folder(call: Call) -> Path:
    """Where a host's own presets are."""
    return (DEFAULT_ROSTERS if call.rosters.suffix == ".toml" else call.rosters) / "checkers"


def preset_of(call: Call, name: str) -> Preset:
    """The preset of that name. Raises UsageError where there is none."""
    from rotation.errors import closest

    known = presets(call)
    if name in known:
        return known[name]
    guess = closest(name, known)
    hint = f"did you mean {guess!r}? " if guess else ""
    raise UsageError(
        Problem(
            f"there is no preset {name!r}",
            hint=f"{hint}see: rotation checker list; for anything else: rotation checker new",
        )
    )


def state_of_checkers() -> Path:
    """The folder of the scripts' states; theirs is root's, whoever asks to see a script."""
    named = os.environ.get("ROTATION_STATE")
    return (
        state_folder() if named or os.geteuid() == 0 else Path("/var/lib/rotation")
    ) / "checkers"


def asks(yes: bool) -> bool:
    """Whether there is somebody at a terminal to be asked first."""
    return sys.stdin.isatty() and sys.stdout.isatty() and not yes


def options_of(
    preset: Preset,
    often: Often,
    to: str,
    every: int | None,
    heartbeat: int,
    given: list[str] | None,
) -> Options:
    """What was typed, vetted. Raises UsageError with every problem."""
    from rotation.checkers.install import path_fault
    from rotation.checkers.model import REPEAT, Options

    problems: list[Problem] = []
    state = state_of_checkers()
    if fault := path_fault(state):
        problems.append(Problem(f"the state folder {fault}", Where(str(state))))
    receivers = _addresses(to, problems)
    chosen = _variables(preset, given or [], problems)
    if problems:
        raise UsageError(problems)
    return Options(
        state=str(state),
        to=receivers,
        every=REPEAT[often] if every is None else every,
        heartbeat=heartbeat,
        vars=chosen,
    )


def _addresses(text: str, problems: list[Problem]) -> str:
    from rotation.address import fault

    found = [part.strip() for part in text.split(",")]
    for address in found:
        # root's mail is what this program is about
        if address != "root" and (bad := fault(address)) is not None:
            problems.append(Problem(f"--to: {address!r} {bad[0]}", hint=bad[1]))
    return ", ".join(found)


def _variables(preset: Preset, given: list[str], problems: list[Problem]) -> dict[str, str]:
    from rotation.checkers.read import variable_fault

    chosen: dict[str, str] = {}
    for one in given:
        key, equals, value = one.partition("=")
        if not equals:
            problems.append(Problem(f"--set {one!r} is not KEY=VALUE"))
        elif key not in preset.vars:
            known = ", ".join(preset.vars) or "none"
            problems.append(
                Problem(f"--set: {preset.name} has no {key!r}", hint=f"it has: {known}")
            )
        elif fault := variable_fault(key, value):
            problems.append(Problem(f"--set: {fault}"))
        chosen[key] = value
    return chosen


def often_of(preset: Preset, how: How) -> Often:
    """How often: as typed, as the folder says, or as the preset has it."""
    from rotation.checkers.install import often_in
    from rotation.checkers.model import Often

    if how.each is not None:
        try:
            return Often(how.each)
        except ValueError:
            raise UsageError(
                Problem(f"--each {how.each!r} is none of {', '.join(Often)}")
            ) from None
    return (how.folder and often_in(how.folder)) or preset.every
