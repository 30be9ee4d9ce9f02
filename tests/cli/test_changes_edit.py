"""`rotation edit`: what an editor makes of the roster is checked, shown and written whole."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tests.cli.sample import ROSTERS, call
from tests.cli.terminal import pair, run


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    path = tmp_path / "rosters" / "weekly.toml"
    path.parent.mkdir()
    path.write_bytes((ROSTERS / "weekly.toml").read_bytes())
    return path


def editor(folder: Path, *turns: str) -> str:
    """A program that does another thing to the file that it gets each time that it runs."""
    script = folder / "an editor.sh"
    cases = "\n".join(f"{number}) {turn} ;;" for number, turn in enumerate(turns))
    script.write_text(
        f"""#!/bin/sh
count=$(cat "{folder}/count" 2>/dev/null || echo 0)
echo $((count + 1)) > "{folder}/count"
case $count in
{cases}
*) exit 9 ;;
esac
"""
    )
    script.chmod(0o755)
    return f"'{script}'"


SWITCH = """sed -i 's/"alice", "bob", "carol"/"carol", "bob", "alice"/' "$1" """
BREAK = """sed -i 's/"alice", "bob", "carol"/"alise", "bob", "karol"/' "$1" """
MEND = """sed -i 's/"alise", "bob", "karol"/"alice", "bob", "carol", "carol"/' "$1" """


def test_who_serves_when_is_shown_and_the_file_written(
    roster: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    roster.chmod(0o640)
    monkeypatch.setenv("EDITOR", editor(tmp_path, SWITCH))
    done = call(roster, "edit", "--yes")
    assert done.exit_code == 0, done.output
    assert "weekly: edit\n" in done.stdout
    assert "Mon 30 Nov 09:00 GMT" in done.stdout
    assert " more, the last from Mon " in done.stdout  # a year and more of it
    assert "in the past would read otherwise" in done.stdout
    assert f"wrote {roster}\n" in done.stdout
    assert 'people  = ["carol", "bob", "alice"]' in roster.read_text()
    assert stat.S_IMODE(roster.stat().st_mode) == 0o640


def test_a_dry_run_writes_nothing(
    roster: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = roster.read_bytes()
    monkeypatch.setenv("VISUAL", editor(tmp_path, SWITCH))
    monkeypatch.setenv("EDITOR", "/nonexistent")
    done = call(roster, "edit", "--yes", "--dry-run")
    assert done.exit_code == 0, done.output
    assert '+people  = ["carol", "bob", "alice"]' in done.stdout
    assert roster.read_bytes() == before


@pytest.mark.parametrize(
    ("turn", "status", "said"),
    [
        (BREAK, 2, "unknown person 'alise'"),
        (BREAK, 2, "unknown person 'karol'"),
        ("printf '\\377' >> \"$1\"", 2, "error: "),
        (': > "$1"', 2, "timezone"),
        ("exit 3", 3, "the editor ended with status 3"),
        ('rm "$1"', 3, "the editor left no file"),
    ],
)
def test_what_cannot_be_read_is_not_written(
    roster: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    turn: str,
    status: int,
    said: str,
) -> None:
    before = roster.read_bytes()
    monkeypatch.setenv("EDITOR", editor(tmp_path, turn))
    done = call(roster, "edit", "--yes")
    assert done.exit_code == status, done.output
    assert said in done.stderr
    assert "Traceback" not in done.output
    assert roster.read_bytes() == before


def test_nothing_edited(roster: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", editor(tmp_path, ":"))
    done = call(roster, "edit", "--yes")
    assert (done.exit_code, done.stdout) == (0, "nothing was changed\n")


def test_a_roster_that_cannot_be_read_can_be_mended(
    roster: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = roster.read_bytes()
    roster.write_bytes(good.replace(b'["alice", "bob", "carol"]', b'["alise", "bob", "karol"]'))
    assert roster.read_bytes() != good
    monkeypatch.setenv("EDITOR", editor(tmp_path, MEND))
    done = call(roster, "edit", "--yes")
    assert done.exit_code == 0, done.output
    assert "it could not be read before" in done.stdout
    assert "no duty changes hands" not in done.stdout
    assert call(roster, "who").exit_code == 0


def test_what_somebody_wrote_meanwhile_stays_and_what_was_edited_is_kept(
    roster: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDITOR", editor(tmp_path, f"{SWITCH}; echo '# mine' >> '{roster}'"))
    done = call(roster, "edit", "--yes")
    assert done.exit_code == 3
    assert "somebody has changed the roster meanwhile" in done.stderr
    kept = roster.with_name("weekly.toml.edited")
    assert str(kept) in done.stderr
    assert '["carol", "bob", "alice"]' in kept.read_text()
    assert roster.read_text().endswith("# mine\n")
    assert '["alice", "bob", "carol"]' in roster.read_text()


def test_usage_errors(roster: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", "/bin/true")
    done = call(roster, "edit")
    assert (done.exit_code, "no terminal" in done.stderr) == (2, True)
    monkeypatch.setenv("EDITOR", "vi 'unclosed")
    assert call(roster, "edit", "--yes").exit_code == 2
    roster.with_name("other.toml").write_bytes(roster.read_bytes())
    done = call(roster.parent, "edit", "--yes")
    assert done.exit_code == 2
    assert "which roster? other, weekly" in done.stderr


def test_ctrl_c_is_the_editors(
    roster: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # the terminal sends it to both: here the editor has ignored it, and goes on
    monkeypatch.setenv("EDITOR", editor(tmp_path, f"kill -INT $PPID ; {SWITCH}"))
    process = run(roster, "edit", "--yes")
    out, said = process.communicate(timeout=600)
    assert process.returncode == 0, (out, said)
    assert b"Traceback" not in said
    assert '["carol", "bob", "alice"]' in roster.read_text()


@pytest.mark.parametrize(
    ("turns", "answers", "status", "written"),
    [
        ((SWITCH,), b"y\n", 0, True),
        ((SWITCH,), b"n\nn\n", 1, False),
        ((BREAK,), b"n\n", 1, False),
        ((BREAK, MEND), b"y\ny\n", 0, True),
        ((SWITCH, ":"), b"n\n\ny\n", 0, True),
    ],
)
def test_on_a_terminal(
    roster: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    turns: tuple[str, ...],
    answers: bytes,
    status: int,
    written: bool,
) -> None:
    before = roster.read_bytes()
    monkeypatch.setenv("EDITOR", editor(tmp_path, *turns))
    keyboard, terminal = pair()
    process = run(roster, "edit", stdin=terminal)
    os.close(terminal)
    os.write(keyboard, answers)
    out, said = process.communicate(timeout=600)
    os.close(keyboard)
    assert process.returncode == status, (out, said)
    assert b"Traceback" not in said
    assert (roster.read_bytes() != before) == written
    if BREAK in turns:
        assert b"unknown person 'alise'" in said
        assert b"unknown person 'karol'" in said


AWAY = "another.overrides.toml"
ELSEWHERE = f"""sed -i '1i overrides = "{AWAY}"' "$1" """
BACK = """sed -i '/^overrides/d' "$1" """


def test_what_is_agreed_on_in_another_overrides_file_is_named_before_it_vanishes(
    roster: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    agreed = (
        ("cover", "carol", "--for", "bob", "--from", "2026-12-14", "--to", "2026-12-20"),
        ("away", "alice", "2027-03-01", "2027-03-05"),
        ("swap", "alice", "carol"),
    )
    for words in agreed:
        assert call(roster, *words, "--yes").exit_code == 0
    logged = call(roster, "log").stdout
    old = roster.with_name("weekly.overrides.toml")
    kept = old.read_bytes()
    monkeypatch.setenv("EDITOR", editor(tmp_path, ELSEWHERE, BACK))
    done = call(roster, "edit", "--yes")
    assert done.exit_code == 0, done.output
    said = " ".join(done.stderr.split())
    for what in ("cover carol for bob", "away alice", "swap alice carol"):
        assert f"this would not count any more: {what} from " in said
    assert f"copy {old} to {roster.with_name(AWAY)} first" in said
    assert old.read_bytes() == kept
    # the other way round nothing is lost, and what comes back is not the edit's own
    done = call(roster, "edit", "--yes")
    assert done.exit_code == 0, done.output
    assert done.stderr == ""
    assert f"wrote {roster}\n" in done.stdout
    assert "to take it back" not in done.stdout
    assert call(roster, "log").stdout == logged


def test_a_copy_of_the_overrides_loses_nothing(
    roster: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("cover", "carol", "--for", "bob", "--from", "2026-12-14", "--to", "2026-12-20")
    assert call(roster, *words, "--yes").exit_code == 0
    text = roster.with_name("weekly.overrides.toml").read_bytes()
    roster.with_name(AWAY).write_bytes(text)
    monkeypatch.setenv("EDITOR", editor(tmp_path, ELSEWHERE))
    done = call(roster, "edit", "--yes")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "no duty changes hands" in done.stdout


def test_overrides_of_a_roster_that_could_not_be_read_are_named_too(
    roster: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("cover", "carol", "--for", "bob", "--from", "2026-12-14", "--to", "2026-12-20")
    assert call(roster, *words, "--yes").exit_code == 0
    good = roster.read_bytes()
    roster.write_bytes(good.replace(b'["alice", "bob", "carol"]', b'["alise", "bob", "karol"]'))
    monkeypatch.setenv("EDITOR", editor(tmp_path, f"{MEND}; {ELSEWHERE}"))
    done = call(roster, "edit", "--yes")
    assert done.exit_code == 0, done.output
    old = roster.with_name("weekly.overrides.toml")
    assert f"what is agreed on in {old} would not count any more" in " ".join(done.stderr.split())
