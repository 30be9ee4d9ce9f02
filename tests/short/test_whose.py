"""Whose a note is, and where it lies."""

from __future__ import annotations

import os

import pytest

from rotation import short
from rotation.cli.context import state_folder

from .noted import WHO
from .world import World


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_everybody_has_notes_of_their_own(world: World) -> None:
    for folder in (world.rosters, world.home, *world.home.parents[:3]):
        folder.chmod(folder.stat().st_mode | 0o055)
    world.run("who")
    user = World(world.home, user=12345)
    user.state.mkdir(mode=0o700)
    os.chown(user.state, 12345, 12345)
    # what the runs of a test write to is root's
    for path in (world.home / "io").iterdir():
        path.chmod(0o666)
    (world.home / "io").chmod(0o777)
    assert user.run("who") == (0, WHO, "", True)
    assert user.run("who") == (0, WHO, "", False)
    assert user.notes[0].stat().st_uid == 12345
    user.state.chmod(0o777)
    assert user.run("who").long
    mine = World(world.home, {"ROTATION_STATE": str(world.state)}, user=12345)
    assert mine.run("who").long, "root's notes are root's"


def test_the_notes_lie_where_the_program_keeps_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    for home, base in (("/home/alice", None), ("/home/alice", "/data"), ("/root", None)):
        monkeypatch.setenv("HOME", home)
        monkeypatch.delenv("ROTATION_STATE", raising=False)
        monkeypatch.delenv("XDG_STATE_HOME", raising=False)
        if base is not None:
            monkeypatch.setenv("XDG_STATE_HOME", base)
        assert short._state_folder() == str(state_folder())
        monkeypatch.setenv("ROTATION_STATE", "/elsewhere")
        assert short._state_folder() == str(state_folder())
