"""A copy of a Debian with the real packages of forty tools, and the audit run on it."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from rotation.cli.context import Call
from rotation.cli.main import app
from tests.audit.trees import plant, view

BASE = Path(__file__).parents[2] / ".tools-audit"

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)

SUITES = ("bookworm", "trixie")

NEEDS_DEBIAN = pytest.mark.skipif(
    not (BASE / "bookworm.complete").exists() or os.geteuid() != 0,
    reason="no system with the tools here: make tools, as root",
)


def edit(root: Path, name: str, old: str, new: str) -> None:
    text = (root / name.lstrip("/")).read_text()
    if new and new in text and old not in text:
        return  # so the newer package has it
    assert old in text, f"{name} has no {old!r}"
    plant(root, {name: text.replace(old, new)})


def newaliases(root: Path) -> None:
    argv = ["chroot", str(root), "/usr/sbin/postalias", "hash:/etc/aliases"]
    subprocess.run(argv, check=True, capture_output=True)


def copy(folder: Path, suite: str = "bookworm") -> Path:
    """A copy of the system: what is configured is copied, programs are the same files."""
    folder.mkdir()
    for entry in (BASE / suite).iterdir():
        if entry.is_symlink():
            (folder / entry.name).symlink_to(os.readlink(entry))
        elif entry.name in ("proc", "sys", "dev", "run", "tmp"):
            (folder / entry.name).mkdir()
        else:
            shared = entry.name == "usr" and BASE.stat().st_dev == folder.stat().st_dev
            argv = ["cp", "-al" if shared else "-a", str(entry), str(folder)]
            subprocess.run(argv, check=True)
    for device, minor in (("null", 3), ("random", 8), ("urandom", 9)):
        os.mknod(folder / "dev" / device, 0o666 | stat.S_IFCHR, os.makedev(1, minor))
    return folder


def run(root: Path, *more: str) -> Any:
    call = Call(now=NOW, system=view(root))
    arguments = ["audit", "--to", "duty@example.com", *more]
    return CliRunner().invoke(app, arguments, obj=call)


def alarms(root: Path) -> set[tuple[str, str, str]]:
    """Errors and warnings: fault, tool, place."""
    done = run(root, "--json")
    found = json.loads(done.stdout)["findings"]
    loud = [one for one in found if one["severity"] != "note"]
    assert done.exit_code == (1 if loud else 0)
    return {(f["fault"], f["tool"], _place(f["file"], f["line"])) for f in loud}


def _place(file: str | None, line: int | None) -> str:
    return f"{file}" if line is None else f"{file}:{line}"
