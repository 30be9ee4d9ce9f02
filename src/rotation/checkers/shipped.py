"""The presets that come with `rotation`, and those that a host adds in a folder of its own."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from rotation.checkers.model import Preset
from rotation.checkers.read import parse
from rotation.system import Files
from rotation.system.own import of_this_host


def shipped() -> dict[str, Preset]:
    """Every preset that comes with the program, by name."""
    folder = files("rotation.checkers").joinpath("presets")
    entries = sorted((entry for entry in folder.iterdir()), key=lambda entry: entry.name)
    presets = [parse(e.read_bytes(), e.name) for e in entries if e.name.endswith(".toml")]
    return {preset.name: preset for preset in presets}


def added(system: Files, folder: Path) -> dict[str, Preset]:
    """The presets in `folder`, by name. Raises RosterError with every problem, as `of_this_host`
    does."""
    return {preset.name: preset for preset in of_this_host(system, folder, parse)}


def all_presets(system: Files, folder: Path) -> Mapping[str, Preset]:
    """The shipped presets with those of the host, which may replace them, sorted by name."""
    return dict(sorted({**shipped(), **added(system, folder)}.items()))
