"""What a new run of the site touches in its folder, and what it leaves alone."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import pytest

from rotation.export.site.names import listed, manifest
from tests.export.roster_folder import COVER, ROSTER, RosterFolder
from tests.export.site.words import FILES, files, made, stamps


def test_only_what_changes_is_touched(roster_folder: RosterFolder) -> None:
    folder = made(roster_folder)
    before, bytes_before = stamps(folder), files(folder)
    roster_folder.later(minutes=7)
    made(roster_folder)
    assert stamps(folder) == before
    roster_folder.overrides(COVER)
    made(roster_folder)
    after = stamps(folder)
    changed = {name for name in after if after[name] != before[name]}
    # who.json too: it names who is next
    assert changed - {"."} == {
        "bob.ics", "bob.html", "carol.ics", "carol.html", "index.html", "schedule.csv",
        "team.ics", "who.json",
    }  # fmt: skip
    roster_folder.later(days=1)
    made(roster_folder)
    assert stamps(folder)["who.json"] == after["who.json"]
    assert stamps(folder)["team.ics"] == after["team.ics"]
    assert (folder / "index.html").read_bytes() != bytes_before["index.html"]


def test_the_same_instant_gives_the_same_bytes(roster_folder: RosterFolder) -> None:
    one = files(made(roster_folder))
    roster_folder.state = roster_folder.folder / "elsewhere"
    for name in one:
        (roster_folder.folder / "www" / name).unlink()
    assert files(made(roster_folder)) == one


def test_nothing_else_is_touched(roster_folder: RosterFolder) -> None:
    folder = made(roster_folder)
    (folder / "mine.ics").write_bytes((folder / "team.ics").read_bytes())
    (folder / ".htaccess").write_text("x")
    (folder / "sub").mkdir()
    roster_folder.roster.write_text(ROSTER.replace("carol", "dave"))
    made(roster_folder)
    assert sorted(files(folder)) == sorted(
        [name.replace("carol", "dave") for name in FILES] + ["mine.ics", ".htaccess"]
    )
    assert (folder / "sub").is_dir()


def test_a_file_in_the_way_is_left_alone(roster_folder: RosterFolder) -> None:
    folder = roster_folder.folder / "www"
    folder.mkdir()
    (folder / "index.html").write_text("It works!")
    (folder / "bob.ics").symlink_to("/etc/passwd")
    done = roster_folder.run("export", "--site", str(folder))
    assert done.exit_code == 3
    (folder / "bob.ics").unlink()
    done = roster_folder.run("export", "--site", str(folder))
    assert done.exit_code == 3
    assert "there is 'index.html' already, which rotation has not written" in done.stderr
    assert files(folder) == {"index.html": b"It works!"}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"files": 1}', "[" * 100_000, "\xff"])
def test_a_damaged_manifest(roster_folder: RosterFolder, text: str) -> None:
    folder = made(roster_folder)
    (folder / "site-files.json").write_bytes(text.encode("latin-1"))
    done = roster_folder.run("export", "--site", str(folder))
    assert done.exit_code == 3
    assert "is damaged" in done.stderr
    assert sorted(files(folder)) == FILES


def test_a_manifest_names_no_file_elsewhere(roster_folder: RosterFolder) -> None:
    folder = made(roster_folder)
    victim = roster_folder.folder / "victim.ics"
    victim.write_text("x")
    theirs = ["../victim.ics", str(victim), "..", "a/../../victim.ics", ".x.ics", "sub/x/y.ics", 3]
    (folder / "site-files.json").write_text(json.dumps({"files": [*FILES, *theirs]}))
    made(roster_folder)
    assert victim.read_text() == "x"
    assert listed(manifest(["a.ics", "x/b.html", "../c.ics", "d.sh"])) == {"a.ics", "x/b.html"}


@pytest.mark.skipif(os.geteuid() != 0, reason="needs another user")
def test_with_no_more_rights_than_the_folder_s_owner() -> None:
    # not below tmp_path, which nobody else may enter
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        roster_folder = RosterFolder(Path(folder))
        www, private = roster_folder.folder / "www", roster_folder.folder / "private"
        www.mkdir()
        private.mkdir(0o700)
        os.chown(www, 65534, 65534)
        (roster_folder.folder / "net.toml").write_text(ROSTER)
        made(roster_folder, path=roster_folder.folder)
        assert {path.stat().st_uid for path in www.rglob("*")} == {65534}
        # a folder that leads elsewhere: theirs, but not ours to follow
        for path in (www / "net").iterdir():
            path.unlink()
        (www / "net").rmdir()
        (www / "net").symlink_to(private)
        done = roster_folder.run("export", "--site", str(www), path=roster_folder.folder)
        assert done.exit_code == 3
        assert list(private.iterdir()) == []
