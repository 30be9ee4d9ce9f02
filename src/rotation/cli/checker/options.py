"""What the commands of `rotation checker` share: their options, the presets, the folders."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rotation.cli.context import DEFAULT_ROSTERS, Call, state_folder
from rotation.dataclasses import dataclass
from rotation.errors import Problem, RotationError, UsageError, Where, meant

if TYPE_CHECKING:
    from rotation.checkers.inside import Chosen
    from rotation.checkers.model import Often, Options, Preset

# nothing of it means anything to a shell, or to curl and wget (no user, no globs)
_URL = re.compile(
    r"https?://[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?(?::[0-9]{1,5})?(?:/[a-z0-9._~:/?&=%+,@-]{0,500})?\Z",
    re.ASCII | re.IGNORECASE,
)
Name = Annotated[str, typer.Argument(help="A preset, as `rotation checker list` names them.")]
Dir = Annotated[Path | None, typer.Option("--dir", help="The folder of the script.")]
As = Annotated[
    str | None, typer.Option("--as", help="Install it under another name, beside the first one.")
]
To = Annotated[
    str | None,
    typer.Option(help="Who gets the mail: addresses, with commas between them. Default: root."),
]
Every = Annotated[
    int | None,
    typer.Option(min=0, help="Say again on every Nth run what stays wrong; 0: never."),
]
Heartbeat = Annotated[
    int | None, typer.Option(min=0, help="A sign of life after N runs without mail; 0: never.")
]
HeartbeatTo = Annotated[
    str | None,
    typer.Option(
        help="A dead-man's switch, told of each run that worked: a URL or an address; '': none."
    ),
]
Damp = Annotated[
    str | None,
    typer.Option(help="3/5: report only what showed up in 3 of 5 runs; 1/1: report at once."),
]
Escalate = Annotated[
    str | None,
    typer.Option(
        help="6:WHOM: mail what is not settled after 6 runs to WHOM too, a role or an address."
    ),
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
Force = Annotated[
    bool, typer.Option("--force", help="Overwrite or remove even what was edited by hand.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@dataclass(frozen=True, slots=True)
class How:
    """How to install: as typed."""

    folder: Dir = None
    each: Each = None
    timer: Timer = False
    units: Units = None
    check: Check = False
    dry_run: Rehearse = False
    force: Force = False
    yes: Yes = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody typed of a checker's options; None and nothing: as it is, or the default."""

    to: To = None
    every: Every = None
    heartbeat: Heartbeat = None
    heartbeat_to: HeartbeatTo = None
    damp: Damp = None
    escalate: Escalate = None
    given: tuple[str, ...] = ()


def presets(call: Call) -> Mapping[str, Preset]:
    """Every preset of this host; one in `checkers` beside the rosters may replace a shipped one."""
    from rotation.checkers.shipped import all_presets

    return all_presets(call.system, preset_folder(call))


def preset_folder(call: Call) -> Path:
    """Where a host's own presets are."""
    return (DEFAULT_ROSTERS if call.rosters.suffix == ".toml" else call.rosters) / "checkers"


def preset_of(call: Call, name: str) -> Preset:
    """The preset of that name. Raises UsageError where there is none."""
    known = presets(call)
    if name in known:
        return known[name]
    hint = meant(
        name, known, always="see: rotation checker list; for anything else: rotation checker new"
    )
    raise UsageError(Problem(f"there is no preset {name!r}", hint=hint))


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
    call: Call, preset: Preset, often: Often, wanted: Wanted, kept: Chosen, source: str
) -> Options:
    """What was typed, else what an installed one has (`kept`), else the defaults.

    `source` is the name of the preset; empty for a command of one's own. Raises UsageError with
    every problem.
    """
    from rotation.checkers.install import path_fault
    from rotation.checkers.model import REPEAT, Options

    problems: list[Problem] = []
    state = state_of_checkers()
    if fault := path_fault(state):
        problems.append(Problem(f"the state folder {fault}", Where(str(state))))
    chosen = dict(kept.settings)
    if wanted.to is not None:
        chosen["to"] = _addresses("--to", wanted.to, problems)
    if wanted.every is not None:
        chosen["every"] = str(wanted.every)
    if wanted.heartbeat is not None:
        chosen["heartbeat"] = str(wanted.heartbeat)
    if wanted.heartbeat_to is not None:
        chosen["heartbeat_to"] = _switch(wanted.heartbeat_to, problems)
    if wanted.damp is not None:
        chosen["times"], chosen["within"] = _damping(preset, wanted.damp, problems)
    if wanted.escalate is not None:
        chosen["escalate"], chosen["escalate_to"] = _escalation(call, wanted.escalate, problems)
    variables = _variables(preset, wanted.given, kept.variables, problems)
    if problems:
        raise UsageError(problems)
    return Options(
        state=str(state),
        to=chosen.get("to", "root"),
        every=int(chosen.get("every", REPEAT[often])),
        heartbeat=int(chosen.get("heartbeat", 0)),
        heartbeat_to=chosen.get("heartbeat_to", ""),
        often=often,
        preset=source,
        times=int(chosen.get("times", 1)),
        within=int(chosen.get("within", 1)),
        escalate=int(chosen.get("escalate", 0)),
        escalate_to=chosen.get("escalate_to", ""),
        chosen=(*sorted(chosen), *sorted(variables)),
        vars=variables,
    )


def _addresses(option: str, text: str, problems: list[Problem]) -> str:
    from rotation.address import fault

    addresses = [part.strip() for part in text.split(",")]
    for address in addresses:
        # root's mail is what this program is about
        if address != "root" and (bad := fault(address)) is not None:
            problems.append(Problem(f"{option}: {address!r} {bad[0]}", hint=bad[1]))
    return ", ".join(addresses)


def _switch(text: str, problems: list[Problem]) -> str:
    """Where to say that a checker worked: nowhere, a URL of plain letters, or addresses."""
    if not text or _URL.match(text):
        return text
    if "://" in text:
        hint = "https://HOST/PATH of letters, digits and . _ ~ : / ? & = % + , @ -"
        problems.append(Problem(f"--heartbeat-to: {text!r} is not such a URL", hint=hint))
        return ""
    return _addresses("--heartbeat-to", text, problems)


def _damping(preset: Preset, text: str, problems: list[Problem]) -> tuple[str, str]:
    from rotation.checkers.model import Signal

    match = re.fullmatch(r"([1-9][0-9]?)/([1-9][0-9]?)", text)
    if match is None or int(match[1]) > int(match[2]):
        problems.append(Problem(f"--damp {text!r} is not like 3/5, 3 times within 5 runs"))
        return "1", "1"
    if int(match[2]) > 1 and (preset.once or preset.digest or preset.signal is Signal.CHANGE):
        why = "its findings are told once, and would be lost"
        problems.append(Problem(f"--damp is not for {preset.name}: {why}"))
    return match[1], match[2]


def _escalation(call: Call, text: str, problems: list[Problem]) -> tuple[str, str]:
    count, colon, whom = text.partition(":")
    if text in ("0", "0:"):
        return "0", ""
    if not colon or not re.fullmatch(r"[1-9][0-9]{0,3}", count):
        hint = "after how many runs, and to whom"
        problems.append(
            Problem(f"--escalate {text!r} is not like 6:backup or 6:ADDRESS", hint=hint)
        )
        return "0", ""
    return count, _addresses("--escalate", _alias_of_role(call, whom) or whom, problems)


def _alias_of_role(call: Call, role: str) -> str | None:
    """The alias that the rosters of this host keep for a role; None where it is no role."""
    if "@" in role or "," in role:
        return None
    try:
        rosters = call.load()
    except RotationError:  # a host that only runs checkers has none
        return None
    targets = (target for loaded in rosters for target in loaded.roster.targets)
    return next((target.name for target in targets if target.role == role and target.name), None)


def _variables(
    preset: Preset, given: Sequence[str], kept: Mapping[str, str], problems: list[Problem]
) -> dict[str, str]:
    from rotation.checkers.model import Variable
    from rotation.checkers.variables import value_fault

    chosen = {name: value for name, value in kept.items() if name in preset.vars}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals:
            problems.append(Problem(f"--set {text!r} is not KEY=VALUE"))
        elif name not in preset.vars:
            known = ", ".join(preset.vars) or "none"
            hint = f"it has: {known}"
            problems.append(Problem(f"--set: {preset.name} has no {name!r}", hint=hint))
        else:
            chosen[name] = value
    rules = {name: preset.rules.get(name, Variable(empty=True)) for name in preset.vars}
    for name, rule in rules.items():
        if name in chosen and (fault := value_fault(name, chosen[name], rule)):
            problems.append(Problem(f"--set: {fault}"))
    return chosen


def often_of(preset: Preset, how: How) -> Often:
    """How often: as typed, as the folder says, or as the preset has it."""
    from rotation.checkers.install import often_in
    from rotation.checkers.model import Often

    if how.each is not None:
        try:
            return Often(how.each)
        except ValueError:
            what = f"--each must be one of {', '.join(Often)}, not {how.each!r}"
            raise UsageError(Problem(what)) from None
    return (how.folder and often_in(how.folder)) or preset.every
