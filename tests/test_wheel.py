"""The wheel, as users get it: what is in it, and that its scripts, styles and tables are found."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROSTER = (ROOT / "rosters" / "weekly.toml").read_text()


def run(*argv: str | Path, **environment: str) -> str:
    """What a program prints; it has to succeed, and knows nothing of this repository."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        argv, capture_output=True, text=True, cwd="/", env=kept | environment, check=False
    )
    assert done.returncode == 0, f"{argv}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, as it would be published."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def rotation(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program, installed with nothing but what the wheel asks for."""
    folder = tmp_path_factory.mktemp("fresh")
    run(sys.executable, "-m", "venv", "--without-pip", folder)
    pip: list[str | Path] = [sys.executable, "-m", "pip", "--python", folder / "bin" / "python"]
    run(*pip, "install", "--quiet", "--disable-pip-version-check", wheel)
    return folder / "bin" / "rotation"


def test_the_wheel_has_every_file_of_the_package(wheel: Path) -> None:
    source = ROOT / "src"
    wanted = {
        path.relative_to(source).as_posix()
        for path in (source / "rotation").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert names == wanted
    assert {Path(name).suffix for name in names} >= {".py", ".sh", ".css", ".toml"}


def test_it_says_who_is_on_duty(rotation: Path, tmp_path: Path) -> None:
    roster = tmp_path / "weekly.toml"
    roster.write_text(ROSTER)
    assert run(rotation, "--version").startswith("rotation ")
    text = run(rotation, "--rosters", roster, "who", "--at", "2026-11-24", "--json")
    assert json.loads(text)[0]["people"] == [{"key": "bob", "email": ["bob@example.com"]}]


def test_presets_and_the_script_come_with_it(rotation: Path) -> None:
    assert "lynis" in run(rotation, "checker", "list")
    script = run(rotation, "checker", "show", "lynis")
    assert script.startswith("#!/bin/sh\n")
    subprocess.run(["sh", "-n"], input=script, text=True, check=True)


def test_the_style_of_the_page_comes_with_it(rotation: Path, tmp_path: Path) -> None:
    roster, folder = tmp_path / "weekly.toml", tmp_path / "site"
    roster.write_text(ROSTER)
    folder.mkdir()
    state = str(tmp_path / "state")
    run(rotation, "--rosters", roster, "export", "--site", folder, ROTATION_STATE=state)
    page = (folder / "index.html").read_text()
    assert "@media print" in page + "".join(p.read_text() for p in folder.glob("*.css"))


def test_the_table_of_tools_comes_with_it(rotation: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [rotation, "audit", "--json", "--to", "root"],
        capture_output=True,
        text=True,
        env=os.environ | {"ROTATION_STATE": str(tmp_path / "state")},
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    assert "findings" in json.loads(done.stdout)
