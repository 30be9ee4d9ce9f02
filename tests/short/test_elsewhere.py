"""A target that no stat speaks for is asked every time."""

from __future__ import annotations

from pathlib import Path

import pytest

from .noted import ROSTER
from .world import NOW, World

FILE = 'include = "../lists/duty"\n'
QUERY = (
    'query = "SELECT a FROM b WHERE c = %(name)s"\n'
    'statement = "UPDATE b SET a = %(addresses)s WHERE c = %(name)s"\n'
)


def world_with(folder: Path, target: str) -> World:
    world = World(folder)
    world.make()
    (world.rosters / "duty.toml").write_text(ROSTER.replace(FILE, target))
    return world


def test_a_program_is_asked_every_time(tmp_path: Path) -> None:
    program, held = tmp_path / "set-alias", tmp_path / "held"
    program.write_text(f'#!/bin/sh\ncat >/dev/null\n[ "$1" = set ] || cat {held}\n')
    program.chmod(0o755)
    held.write_text('["bobby@example.com"]')
    world = world_with(tmp_path, f'run = ["{program}"]\n')
    for later in (0, 60, 120):
        assert world.run("apply", now=NOW + later) == (0, "", "", True)
    held.write_text('["mallory@example.com"]')
    assert world.run("apply", now=NOW + 180).status == 3


@pytest.mark.parametrize(
    "target",
    [
        f'sql = "postgresql:///mail?socket=/nonexistent"\nname = "duty"\n{QUERY}',
        f'sql = "mysql:///mail?socket=/nonexistent"\nname = "duty"\n{QUERY}',
        'ldap = "ldapi://%2Fnonexistent"\nentry = "cn=duty"\nattribute = "mail"\n',
    ],
)
def test_what_cannot_be_asked_is_no_answer_to_keep(tmp_path: Path, target: str) -> None:
    world = world_with(tmp_path, target)
    for later in (0, 60):
        answer = world.run("apply", now=NOW + later)
        assert (answer.status, answer.long) == (3, True)
        assert "Traceback" not in answer.err
