"""A note that is in doubt is not used, whatever put it in doubt."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rotation import short

from .noted import note_of, write_note
from .world import NOW, World

Attack = Callable[[Path], object]


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def linked(path: Path) -> None:
    os.rename(path, path.with_suffix(".moved"))
    path.symlink_to(path.with_suffix(".moved"))


def linked_twice(path: Path) -> None:
    os.link(path, path.with_suffix(".second"))


def foreign(path: Path) -> None:
    os.chown(path, 12345, -1)


def foreign_folder(path: Path) -> None:
    os.chown(path.parent, 12345, -1)


def future(path: Path) -> None:
    note = note_of(path)
    note[1] = NOW + 3600
    write_note(path, note)


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def other_python(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"%x" % sys.hexversion, b"30a00f0", 1))


def garbage(path: Path) -> None:
    body = b"\xff" * 10
    path.write_bytes(short.header(body) + b"\n" + body)


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


ATTACKS: list[Attack] = [
    cut,
    linked,
    linked_twice,
    foreign,
    foreign_folder,
    future,
    emptied,
    other_python,
    garbage,
    lambda path: path.chmod(0o622),
    lambda path: path.chmod(0o660),
    lambda path: path.parent.chmod(0o777),
    lambda path: path.parent.chmod(0o770),
    lambda path: path.unlink(),
    a_folder,
    a_pipe,
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_note_that_is_in_doubt_is_not_used(world: World, attack: Attack) -> None:
    if os.geteuid() != 0 and attack in (foreign, foreign_folder):
        pytest.skip("only root can give a file away")
    first = world.run("who")
    assert not world.run("who").long
    attack(*world.notes)
    assert world.run("who") == first
