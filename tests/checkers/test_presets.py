"""Every preset that comes with the program: it can be read, and makes a script that is right."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest

from rotation.checkers.model import Options, Preset, Sort
from rotation.checkers.read import parse
from rotation.checkers.render import render, script_name, sealed
from rotation.checkers.shipped import shipped
from tests.checkers import page
from tests.checkers.cells import CELLS
from tests.checkers.presets.test_mutations import CASES, MUTATIONS
from tests.checkers.shells import shell, tool

PRESETS = files("rotation.checkers").joinpath("presets")
NAMES = sorted(e.name.removesuffix(".toml") for e in PRESETS.iterdir() if e.name.endswith(".toml"))
OPTIONS = Options(state="/var/lib/rotation/checkers")
SAME = "# --- the same in every checker from here on\n"


@cache
def preset(name: str) -> Preset:
    return parse(PRESETS.joinpath(f"{name}.toml").read_bytes(), f"{name}.toml")


def shellcheck(path: Path, *options: str) -> None:
    done = subprocess.run(
        [tool("usr/bin/shellcheck"), *options, path], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_there_are_enough() -> None:
    found: Mapping[str, Preset] = shipped()
    assert sorted(found) == NAMES
    assert len(found) >= 16


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_makes_a_clean_script(name: str, tmp_path: Path) -> None:
    text = render(preset(name), OPTIONS)
    script = tmp_path / f"rotation-{name}"
    script.write_text(text)
    assert script_name(text.encode()) == name
    assert sealed(text.encode())
    assert not sealed(text.replace("every=", "every=1").encode())
    for one in ("dash", "bash"):
        done = subprocess.run([*shell(one), "-n", script], capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")
    # the rest is looked at once, below: there the settings are used, and $work is set
    head, same = two_parts(name)
    assert same == two_parts(NAMES[0])[1]
    script.write_text(head)
    shellcheck(script, "--exclude=SC2034,SC2154")


def two_parts(name: str) -> tuple[str, str]:
    """What differs in a preset's script, and what is the same in all."""
    head, mark, same = render(preset(name), OPTIONS).partition(SAME)
    assert mark
    return head, same.rpartition("\n# made by rotation")[0]


@pytest.mark.parametrize("name", [NAMES[0], "disk-space", "logcheck"])
def test_the_script_as_a_whole_is_clean(name: str, tmp_path: Path) -> None:
    script = tmp_path / f"rotation-{name}"
    script.write_text(render(preset(name), OPTIONS))
    shellcheck(script)


@pytest.mark.parametrize("name", NAMES)
def test_its_command_is_clean_too(name: str, tmp_path: Path) -> None:
    command = tmp_path / "run"
    # the variables come from the top of the script
    given = "".join(f"{key}=x\n" for key in preset(name).vars)
    command.write_text(f"{given}{preset(name).run}\n")
    done = subprocess.run([*shell("dash"), "-n", command], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    shellcheck(command, "--shell=sh", "--exclude=SC1091")


@pytest.mark.parametrize("name", NAMES)
def test_its_expressions_are_accepted(name: str) -> None:
    one = preset(name)
    for expression in (one.filter, one.ignore):
        if expression is not None:
            done = subprocess.run(["grep", "-E", "-e", expression], stdin=subprocess.DEVNULL)
            assert done.returncode == 1
    for script in one.normalise:
        done = subprocess.run(["sed", "-E", "-e", script], stdin=subprocess.DEVNULL)
        assert done.returncode == 0


@pytest.mark.parametrize("name", NAMES)
def test_each_says_what_it_can_do_and_what_it_cannot(name: str) -> None:
    shipped_preset = preset(name)
    assert shipped_preset.speaks
    assert shipped_preset.fails
    assert shipped_preset.blind
    # a rule for each variable, whatever its kind
    assert set(shipped_preset.rules) == set(shipped_preset.vars)
    for rule in shipped_preset.rules.values():
        assert rule.sort is not Sort.TEXT or rule.match


@pytest.mark.parametrize("name", NAMES)
def test_each_cell_of_the_page_names_its_test(name: str) -> None:
    shipped_preset = preset(name)
    columns = (shipped_preset.speaks, shipped_preset.fails, shipped_preset.blind)
    tests = "\n\n\n".join(file.read_text() for file in page.TESTS.glob("test_*.py"))
    bodies = dict(re.findall(r"^def test_(\w+)\((.*?)(?=\n\n\n|\Z)", tests, re.M | re.S))
    for texts, cell in zip(columns, CELLS[name], strict=True):
        tokens = page.entries(cell)
        assert len(tokens) == len(texts)
        assert all(tokens) or texts is shipped_preset.blind, cell
        for token in (token for entry in tokens for token in entry):
            test, _, labels = token.partition(":")
            if test == "mutation":
                case = CASES[name]
                changes = {
                    f"{program}-{change}" for program in case.programs for change in MUTATIONS
                }
                assert labels in changes - set(case.harmless), token
            else:
                for label in filter(None, labels.split(",")):
                    assert f'"{label}"' in bodies[test], token
                assert test in bodies, token


def test_the_page_is_made_from_the_presets() -> None:
    assert page.PAGE.read_text() == page.written(), "python -m tests.checkers.page"
