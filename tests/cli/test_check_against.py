"""`rotation check --against`: a roster reviewed like code."""

from __future__ import annotations

from pathlib import Path

import pytest

from rotation.roster.parse import overrides_path
from tests.check.roster_blocks import override, roster_text, rotation, run, write_roster

OLD = roster_text(rotation(handoff='"09:00"'))
NEW = OLD.replace('"p3", ', "")


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return write_roster(tmp_path / "old", OLD)


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return write_roster(tmp_path / "new", NEW)


def test_what_changes_hands(old: Path, new: Path) -> None:
    done = run(new, "check", "--against", str(old), "--weeks", "4")
    assert (done.exit_code, done.stderr) == (1, "")
    assert done.stdout == (
        "roster  role  from                  to                    before      after\n"
        "team    duty  Tue 24 Nov 10:00 GMT  Mon 30 Nov 09:00 GMT  p1      ->  p2\n"
        "team    duty  Mon 30 Nov 09:00 GMT  Mon 7 Dec 09:00 GMT   p2      ->  p4\n"
        "team    duty  Mon 7 Dec 09:00 GMT   Mon 14 Dec 09:00 GMT  p3      ->  p0\n"
        "team    duty  Mon 14 Dec 09:00 GMT  Mon 21 Dec 09:00 GMT  p4      ->  p1\n"
        "team    duty  Mon 21 Dec 09:00 GMT  Tue 22 Dec 10:00 GMT  p0      ->  p2\n"
    )
    eight = run(new, "check", "--against", str(old))
    assert eight.stdout.splitlines()[-1].split("  ")[3].strip() == "Mon 18 Jan 2027 09:00 GMT"
    one = run(new, "check", "--against", str(old), "--weeks", "1", "--at", "2027-02-01")
    assert one.exit_code == 1


def test_nothing_changes_hands(old: Path, new: Path) -> None:
    for one in (old, new):
        done = run(one, "check", "--against", str(one), "--weeks", "3")
        assert (done.exit_code, done.output) == (0, "no shift changes hands in the next 3 weeks\n")
    renamed = OLD.replace('"weekly"', '"by the week"').replace("managers@", "others@")
    assert run(write_roster(new.parent, renamed), "check", "--against", str(old)).exit_code == 0


def test_each_version_has_its_own_exceptions(old: Path) -> None:
    present = write_roster(
        old.parent.parent / "new", OLD, override("2026-12-01", "2026-12-01", "p2", "p0")
    )
    done = run(present, "check", "--against", str(old))
    assert done.stdout.splitlines()[1:] == [
        "team    duty  Tue 1 Dec 00:00 GMT  Wed 2 Dec 00:00 GMT  p2      ->  p0"
    ]
    overrides_path(old).write_text(overrides_path(present).read_text())
    assert run(present, "check", "--against", str(old)).exit_code == 0
    overrides_path(present).write_text(override("2026-12-01", "2026-12-01", "p2"))
    done = run(present, "check", "--against", str(old))
    assert done.stdout.endswith("p0      ->  nobody\n")


def test_an_old_version_on_standard_input(new: Path) -> None:
    """As from `git show HEAD:team.toml`: the present exceptions hold for both."""
    overrides_path(new).write_text(override("2026-12-01", "2026-12-01", "p2", "p0"))
    same = run(new, "check", "--against", "-", stdin=NEW.encode())
    assert (same.exit_code, same.stderr) == (0, "")
    done = run(new, "check", "--against", "-", stdin=OLD.encode())
    assert done.exit_code == 1
    bad = run(new, "check", "--against", "-", stdin=b"timezone = 1\n")
    assert (bad.exit_code, bad.stdout) == (2, "")
    assert "--> -:1" in bad.stderr
    assert "overrides" not in bad.stderr


def test_an_old_version_that_does_not_know_everybody(new: Path) -> None:
    new.write_text(roster_text(rotation(0, 1, 2, 4, handoff='"09:00"'), people=6))
    overrides_path(new).write_text(override("2026-12-01", "2026-12-01", "p4", "p5"))
    done = run(new, "check", "--against", "-", stdin=NEW.encode())
    assert done.exit_code == 1
    assert done.stdout.splitlines()[1].endswith("p4      ->  p5")
    assert "compared without them" in done.stderr


def test_roles_that_come_and_go(old: Path) -> None:
    more = rotation(4, 3, 2, 1, 0, name="second", role='"backup"', start="2026-12-14")
    both = write_roster(old.parent.parent / "new", OLD + more)
    for present, before, said in ((both, old, "nobody  ->  p4"), (old, both, "p4      ->  nobody")):
        done = run(present, "check", "--against", str(before), "--weeks", "4")
        assert done.exit_code == 1
        assert done.stdout.splitlines()[1] == (
            f"team    backup  Mon 14 Dec 00:00 GMT  Mon 21 Dec 00:00 GMT  {said}"
        )


def test_folders(old: Path, new: Path) -> None:
    write_roster(new.parent, OLD, name="night")
    done = run(new, "check", "--against", str(old.parent))
    assert done.exit_code == 1
    everything = run(new.parent, "check", "--against", str(old.parent))
    assert everything.stdout == done.stdout
    assert "the roster 'night' exists only now: not compared" in everything.stderr
    unclear = run(new.parent, "check", "--against", str(old))
    assert (unclear.exit_code, unclear.stdout) == (2, "")
    assert "--rosters FILE check --against" in unclear.stderr


def test_a_roster_without_another_version_is_not_called_unchanged(old: Path, new: Path) -> None:
    """Whoever takes a roster out, or gives it another name, takes everybody off duty there."""
    new.write_text(OLD)
    same = run(new.parent, "check", "--against", str(old.parent))
    assert (same.exit_code, same.stdout) == (0, "no shift changes hands in the next 8 weeks\n")
    night = write_roster(old.parent, OLD, name="night")
    gone = run(new.parent, "check", "--against", str(old.parent))
    assert (gone.exit_code, gone.stdout) == (1, "")
    assert f"the roster 'night' exists only in {old.parent}: not compared" in gone.stderr
    named = run(new, "check", "--against", str(old.parent))
    assert (named.exit_code, named.stderr) == (0, "")
    old.unlink()
    renamed = run(new, "check", "--against", str(night.parent))
    assert (renamed.exit_code, renamed.stdout) == (1, "")


def test_versions_that_cannot_be_read(old: Path, new: Path) -> None:
    gone = run(new, "check", "--against", str(old.parent / "gone.toml"))
    assert (gone.exit_code, gone.stdout) == (2, "")
    old.write_text(OLD.replace('"p3"', '"px"'))
    bad = run(new, "check", "--against", str(old))
    assert (bad.exit_code, bad.stdout) == (2, "")
    assert f"--> {old}:11" in bad.stderr
    assert run(new, "check", "--against", str(old), "--weeks", "0").exit_code == 2
