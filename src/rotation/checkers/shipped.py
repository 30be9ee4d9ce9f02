"""The presets that come with `rotation`, and those that a host adds in a folder of its own."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from rotation.checkers.model import Preset
from rotation.checkers.read import parse
from rotation.errors import ApplyError, Problem, RosterError, Where
from rotation.system import Found, System

_ENDING = ".toml"


def shipped() -> dict[str, Preset]:
    """Every preset that comes with the program, by name."""
    folder = files("rotation.checkers").joinpath("presets")
    found = sorted((entry for entry in folder.iterdir()), key=lambda entry: entry.name)
    presets = [parse(e.read_bytes(), e.name) for e in found if e.name.endswith(_ENDING)]
    return {preset.name: preset for preset in presets}


def added(system: System, folder: Path, user: int) -> dict[str, Preset]:
    """The presets in `folder`, by name.

    They hold what root will run: a file must belong to root or to `user` (a number, see
    geteuid(2)), and nobody else may be able to write it. Raises RosterError with every problem.
    """
    presets: dict[str, Preset] = {}
    problems: list[Problem] = []
    try:
        names = system.names(folder) or []
    except ApplyError as error:
        raise RosterError(error.problems) from None
    for name in names:
        if not name.endswith(_ENDING) or name.startswith("."):
            continue
        path = folder / name
        try:
            found = system.read(path, trusted=True)
            if found is None:
                continue
            if fault := _distrusted(found, user):
                problems.append(fault)
                continue
            preset = parse(found.data, str(path))
            presets[preset.name] = preset
        except (ApplyError, RosterError) as error:
            problems.extend(error.problems)
    if problems:
        raise RosterError(problems)
    return presets


def _distrusted(found: Found, user: int) -> Problem | None:
    attributes = found.attributes
    where = Where(str(found.path))
    if attributes.st_uid not in (0, user):
        return Problem("belongs to somebody else", where, f"chown root {found.real}")
    if attributes.st_mode & 0o022:
        return Problem("can be written by others", where, f"chmod go-w {found.real}")
    return None


def all_presets(system: System, folder: Path, user: int) -> Mapping[str, Preset]:
    """The shipped presets with those of the host, which may replace them, sorted by name."""
    return dict(sorted({**shipped(), **added(system, folder, user)}.items()))
