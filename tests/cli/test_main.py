"""What every command line has in common: its options in any place, and errors in one form."""

from __future__ import annotations

from pathlib import Path

import pytest

from rotation.cli.main import COMMANDS
from tests.cli.sample import ROSTERS, call

WEEKLY = ROSTERS / "weekly.toml"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["wo"],
            "error: there is no command 'wo'\n  hint: did you mean 'who'? see: rotation --help",
        ),
        (
            ["who", "--jsn"],
            "error: rotation who has no option --jsn\n"
            "  hint: did you mean '--json'? see: rotation who --help",
        ),
        (
            ["checker", "lst"],
            "error: there is no command 'lst'\n"
            "  hint: did you mean 'list'? see: rotation checker --help",
        ),
        (["swap", "alice"], "error: missing argument 'bob'\n  hint: see: rotation swap --help"),
        (["zzzz"], "error: there is no command 'zzzz'\n  hint: see: rotation --help"),
    ],
)
def test_a_wrong_command_line_is_answered_like_any_other_error(words: list[str], said: str) -> None:
    done = call(WEEKLY, *words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.lower().strip() == said.lower()


@pytest.mark.parametrize(
    "words",
    [
        *(["--rosters", "", "who"], ["who", "--rosters", ""], ["apply", "--rosters="]),
        *(["export", "-o", ""], ["export", "--site", ""], ["init", "", "--person", "a=a@x.org"]),
        *(["checker", "new", "x", "--run", "true", "--dir", ""], ["ping", "a@x.org", "--mbox", ""]),
    ],
)
def test_an_empty_path_is_never_the_current_folder(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "theirs.toml").write_bytes(WEEKLY.read_bytes())
    monkeypatch.chdir(tmp_path)
    done = call(WEEKLY, *words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "it is empty" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["theirs.toml"]


def test_rosters_counts_after_the_command_too(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere.toml"
    before = call(nowhere, "--rosters", str(WEEKLY), "who")
    after = call(nowhere, "who", "--rosters", str(WEEKLY))
    assert (after.exit_code, after.stdout) == (0, before.stdout)
    # the later one counts
    both = call(nowhere, "--rosters", str(nowhere), "who", "--rosters", str(WEEKLY))
    assert both.stdout == before.stdout
    assert call(WEEKLY, "who", "--rosters", str(nowhere)).exit_code == 2


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS)])
def test_h_is_help(command: list[str]) -> None:
    short, long = (call(WEEKLY, *command, option) for option in ("-h", "--help"))
    assert (short.exit_code, short.stdout) == (0, long.stdout)
    assert "Usage:" in short.stdout


@pytest.mark.parametrize("command", ["who", "apply", "verify", "doctor"])
def test_rosters_that_cannot_be_looked_at_are_an_error_like_any_other(
    command: str, tmp_path: Path
) -> None:
    done = call(tmp_path / ("a" * 300), command, state=tmp_path / "state")
    assert done.exit_code in (1, 2), (done.stdout, done.stderr)
    assert "context.py" not in done.stderr
    assert "too long" in done.stdout + done.stderr
