"""The program in a process of its own, and a terminal for it."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest


def run(roster: Path, *arguments: str, **options: object) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "ROTATION_STATE": str(roster.parent.parent / "state")}
    command = [sys.executable, "-m", "rotation", "--rosters", str(roster), *arguments]
    return subprocess.Popen(  # type: ignore[call-overload, no-any-return]
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options
    )


def pair() -> tuple[int, int]:
    """A terminal: its two ends."""
    try:
        return pty.openpty()
    except OSError:
        pytest.skip("no terminals are to be had here, as in a bare chroot")
