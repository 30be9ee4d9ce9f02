"""The presets that come with `rotation`, and those that a host adds in a folder of its own."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from rotation.checkers.model import Preset
from rotation.checkers.read import parse
from rotation.errors import ApplyError, Problem, RosterError
from rotation.system import Files, Trust

_ENDING = ".toml"


def shipped() -> dict[str, Preset]:
    """Every preset that comes with the program, by name."""
    folder = files("rotation.checkers").joinpath("presets")
    entries = sorted((entry for entry in folder.iterdir()), key=lambda entry: entry.name)
    presets = [parse(e.read_bytes(), e.name) for e in entries if e.name.endswith(_ENDING)]
    return {preset.name: preset for preset in presets}


def added(system: Files, folder: Path) -> dict[str, Preset]:
    """The presets in `folder`, by name.

    They hold what root will run: nobody but root and whoever runs this may be able to write them or
    a folder above them. Raises RosterError with every problem.
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
            file = system.read(path, trust=Trust.ALONE)
            if file is None:
                continue
            preset = parse(file.data, str(path))
            presets[preset.name] = preset
        except (ApplyError, RosterError) as error:
            problems.extend(error.problems)
    if problems:
        raise RosterError(problems)
    return presets


def all_presets(system: Files, folder: Path) -> Mapping[str, Preset]:
    """The shipped presets with those of the host, which may replace them, sorted by name."""
    return dict(sorted({**shipped(), **added(system, folder)}.items()))
