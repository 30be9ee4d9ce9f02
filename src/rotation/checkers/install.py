"""Putting a checker's files in their places, and taking them away.

A file that somebody has edited is theirs: it is neither replaced nor removed unless they say so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from rotation.checkers import units
from rotation.checkers.model import PREFIX, Often, Options, Preset, Sort
from rotation.checkers.render import render, script_name, sealed
from rotation.checkers.texts import UNLIKE
from rotation.dataclasses import dataclass
from rotation.errors import Problem, UsageError, Where
from rotation.system import File, Files, Look, System, Trust

CRON = tuple(Path(f"/etc/cron.{often.adverb}") for often in Often)
"""Cron's own folders."""
SCRIPTS = Path("/usr/local/lib/rotation")
"""Where the scripts are that timers run."""
UNITS = Path("/etc/systemd/system")
"""Where an administrator's units are (systemd.unit(5))."""
_PATH = re.compile(r"/[A-Za-z0-9._/+@-]*\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class CheckerFile:
    """A file of a checker as it should be, and as it is now."""

    path: Path
    data: bytes
    mode: int
    before: File | None

    @property
    def as_it_should_be(self) -> bool:
        """Whether there is nothing to do."""
        return (
            self.before is not None
            and self.before.data == self.data
            and self.before.attributes.st_mode & 0o7777 == self.mode
        )

    @property
    def foreign(self) -> bool:
        """Whether what stands there was edited, or was never ours."""
        before = self.before
        return before is not None and before.data != self.data and not sealed(before.data)


@dataclass(frozen=True, slots=True)
class Installed:
    """A checker's script and where it is."""

    name: str
    path: Path
    file: File

    @property
    def edited(self) -> bool:
        """Whether somebody has changed it since it was made."""
        return not sealed(self.file.data)

    @property
    def idle(self) -> bool:
        """Whether cron passes it over: it may not be run."""
        return not self.file.attributes.st_mode & 0o100


def folder_of(often: Often) -> Path:
    """Cron's folder for that."""
    return Path(f"/etc/cron.{often.adverb}")


def often_in(folder: Path) -> Often | None:
    """How often cron runs what is in a folder, by the folder's name; None if that does not tell."""
    return next((often for often in Often if folder.name == f"cron.{often.adverb}"), None)


def path_fault(path: Path) -> str | None:
    """Why a path cannot stand in a script or a unit; None if it can."""
    if not _PATH.match(str(path)) or ".." in path.parts:
        return "must be an absolute path of letters, digits and . _ + @ - /"
    return None


def vet(system: Look, preset: Preset, values: Mapping[str, str]) -> None:
    """Ask the host's own sh, grep and sed whether they accept the texts, and the `values` of
    variables that hold a command or an expression. Raises UsageError."""
    problems = []
    sorts = {name: preset.rules[name].sort for name in values if name in preset.rules}
    shell = system.program("sh")
    commands = [("the command", preset.run)]
    commands += [(name, values[name]) for name, sort in sorts.items() if sort is Sort.COMMAND]
    for what, text in commands:
        if shell is None:
            break
        said = system.ask([shell, "-n"], data=f"{text}\n".encode())
        if said.status != 0:
            why = re.sub(r"^\S*sh: (line )?", "line ", said.said)
            problems.append(Problem(f"sh cannot read {what}: {why}"))
    grep, sed = system.program("grep"), system.program("sed")
    expressions = [
        (key, getattr(preset, key)) for key in ("filter", "ignore", "once", "alarm", "low")
    ]
    expressions += [(name, values[name]) for name, sort in sorts.items() if sort is Sort.REGEX]
    for key, text in expressions:
        if grep is not None and text is not None:
            said = system.ask([grep, "-E", "-e", text])
            if said.status > 1:
                hint = "extended, as of grep -E"
                problems.append(Problem(f"{key}: not a regular expression: {said.said}", hint=hint))
            elif (key == "ignore" or key in sorts) and _matches_all(system, grep, text):
                problems.append(Problem(f"{key}: matches every line, so nothing would be told"))
    scripts = [("normalise", text) for text in preset.normalise]
    for key, text in [*scripts, *(("about", text) for text in preset.about)]:
        if sed is not None:
            said = system.ask([sed, "-E", "-e", text])
            if said.status != 0:
                hint = "like s/[0-9]+/N/"
                problems.append(Problem(f"{key}: not for sed -E: {said.said}", hint=hint))
    if problems:
        raise UsageError(problems)


def _matches_all(system: Look, grep: str | Path, expression: str) -> bool:
    """Whether it matches lines that have nothing in common, as `.*` and `x|` do."""
    lines = UNLIKE.replace("\\n", "\n").encode()
    said = system.ask([grep, "-v", "-E", "-e", expression], data=lines)
    return said.status == 1


def in_cron(system: Files, preset: Preset, options: Options, folder: Path) -> list[CheckerFile]:
    """The file of a checker that cron runs. Raises UsageError for a folder that is none."""
    if fault := path_fault(folder):
        raise UsageError(Problem(f"the folder {fault}", Where(str(folder))))
    if folder.name == "cron.d":
        hint = f"name one of {', '.join(map(str, CRON))}"
        raise UsageError(Problem("holds crontabs, not scripts", Where(str(folder)), hint))
    if system.names(folder) is None:
        hint = "is cron installed? make the folder, name another with --dir, or use --timer"
        raise UsageError(Problem("no such folder", Where(str(folder)), hint))
    return [_script(system, preset, options, folder)]


def in_systemd(
    system: Files, preset: Preset, options: Options, often: Often, folder: Path, where: Path
) -> list[CheckerFile]:
    """The files of a checker that a timer runs: script in `folder`, units in `where`."""
    for path in (folder, where):
        if fault := path_fault(path):
            raise UsageError(Problem(f"the folder {fault}", Where(str(path))))
    script = _script(system, preset, options, folder)
    texts = (
        units.service(preset, script.path),
        units.timer(preset, often),
        units.failure(preset, options),
    )
    pieces = [script]
    for name, text in zip(units.names(preset.name), texts, strict=True):
        path = where / name
        pieces.append(
            CheckerFile(path, text.encode(), 0o644, system.read(path, trust=Trust.SOMEBODY))
        )
    return pieces


def _script(system: Files, preset: Preset, options: Options, folder: Path) -> CheckerFile:
    path = folder / f"{PREFIX}{preset.name}"
    data = render(preset, options).encode()
    return CheckerFile(path, data, 0o755, system.read(path, trust=Trust.SOMEBODY))


def put(system: System, pieces: Sequence[CheckerFile]) -> None:
    """Make the files as they should be. Raises ApplyError."""
    for piece in pieces:
        if piece.as_it_should_be:
            continue
        system.make_folder(piece.path.parent)
        with system.lock(piece.path.parent):
            system.replace(piece.path, piece.data, piece.before, mode=piece.mode)


def installed(system: Files, folders: Sequence[Path]) -> list[Installed]:
    """The scripts of checkers in these folders, in their order."""
    scripts = []
    for folder in folders:
        for name in system.names(folder) or []:
            if not name.startswith(PREFIX):
                continue
            path = folder / name
            file = system.read(path)
            checker = file and script_name(file.data)
            if file is not None and checker:
                scripts.append(Installed(checker, path, file))
    return scripts


def systemctl(system: Look, where: Path, *words: str) -> list[str | Path] | None:
    """The words of a call of systemctl; None where systemd is not at work, or not in `where`."""
    program = system.program("systemctl")
    at_work = system.names(Path("/run/systemd/system")) is not None
    if program is None or not at_work or where != UNITS:
        return None
    return [program, *words]
