"""A target in somebody's own folder, or below what a group can write."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.sample import call
from tests.cli.team import ALICE, GROUP, NOW, ROOT, ROSTER

FORWARD = '[[target]]\nforward = "{path}"\n'


@ROOT
class TestForward:
    """A `.forward` below a folder that a user controls."""

    @pytest.fixture
    def home(self, team: Path) -> Path:
        home = team / "home" / "alice"
        home.mkdir(parents=True)
        home.parent.chmod(0o755)
        os.chown(home, ALICE, ALICE)
        return home

    def apply(self, team: Path, path: Path) -> tuple[int, str]:
        roster = team / "etc" / "duty.toml"
        text = ROSTER.format(rebuild="").partition("[[target]]")[0] + FORWARD.format(path=path)
        roster.write_text(text)
        done = call(roster, "apply", now=NOW)
        return done.exit_code, done.output

    def test_in_their_own_folder_is_theirs(self, team: Path, home: Path) -> None:
        status, said = self.apply(team, home / ".forward")
        assert status == 0, said
        assert (home / ".forward").read_text() == "alice@example.com\n"
        assert (home / ".forward").stat().st_uid == ALICE

    @pytest.mark.parametrize("deep", [False, True])
    def test_is_not_written_with_roots_rights_through_their_link(
        self, team: Path, home: Path, deep: bool
    ) -> None:
        inner = team / "inner"
        (inner / "x").mkdir(parents=True)
        for folder in (inner, inner / "x"):
            folder.chmod(0o700)
            (folder / ".forward").write_text("secret@example.com\n")
        (home / "d").symlink_to(inner)
        os.chown(home / "d", ALICE, ALICE, follow_symlinks=False)
        status, said = self.apply(team, home / ("d/x" if deep else "d") / ".forward")
        assert status == 3
        assert "ermission denied" in said
        assert "secret" not in said
        for folder in (inner, inner / "x"):
            assert (folder / ".forward").read_text() == "secret@example.com\n"
            assert [path.name for path in folder.iterdir() if path.is_file()] == [".forward"]

    def test_below_what_a_group_can_write_is_refused(self, team: Path, home: Path) -> None:
        os.chown(home.parent, 0, GROUP)
        home.parent.chmod(0o775)
        status, said = self.apply(team, home / ".forward")
        assert status == 3
        assert f"chmod g-w {home.parent}" in said
