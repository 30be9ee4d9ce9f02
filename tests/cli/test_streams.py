"""However the program fails: a line, an exit status, no traceback; and the work is done first."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fresh import FRESH

ROSTER = """\
timezone = "UTC"
[people]
alice = "alice@example.com"
[[rotation]]
name = "always"
people = ["alice"]
every = "1 week"
start = 2020-01-06
[[target]]
include = "list"
"""


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    path = tmp_path / "duty.toml"
    path.write_text(ROSTER)
    return path


def shell(roster: Path, command: str) -> subprocess.CompletedProcess[str]:
    """Run a line of sh in which `rotation` is the program."""
    program = f'rotation() {{ "{sys.executable}" -m rotation --rosters "{roster}" "$@"; }}\n'
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(roster.parent),
        "ROTATION_STATE": str(roster.parent / "state"),
        **FRESH,
    }
    done = subprocess.run(
        ["bash", "-c", program + command],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    return done


@pytest.mark.parametrize(
    ("where", "reason"),
    [(">&-", "bad file descriptor"), (">/dev/full", "no space left on device")],
)
def test_a_result_that_cannot_be_written(roster: Path, where: str, reason: str) -> None:
    done = shell(roster, f"rotation apply {where}")
    assert done.returncode == 3
    assert f"error: the result cannot be written: {reason}\n" in done.stderr
    # the handoff comes first
    assert (roster.parent / "list").read_text() == "alice@example.com\n"
    again = shell(roster, f"rotation apply {where}")
    assert (again.returncode, again.stderr) == (0, "")  # silent: there was nothing to write
    asked = shell(roster, f"rotation who {where}")
    assert asked.returncode == 3


@pytest.mark.parametrize("where", ["2>&-", "2>/dev/full", "<&-", ">&- 2>&- <&-"])
def test_streams_that_nobody_needs(roster: Path, where: str) -> None:
    done = shell(roster, f"rotation apply {where}")
    assert done.returncode == (3 if ">&- 2" in where else 0)
    assert (roster.parent / "list").read_text() == "alice@example.com\n"


def test_a_question_where_standard_input_is_closed(roster: Path) -> None:
    done = shell(roster, "rotation away alice tomorrow +3d <&-")
    assert done.returncode == 2
    assert "there is no terminal to ask on" in done.stderr
    assert shell(roster, "rotation check --against - <&-").returncode == 2


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "iso8859-15:strict", "utf-8"])
def test_a_name_that_the_locale_has_no_letters_for(roster: Path, encoding: str) -> None:
    roster.write_text(ROSTER.replace('"always"', '"\u0141\u00f3d\u017a"'))
    with_encoding = f"PYTHONIOENCODING={encoding} rotation"
    done = shell(roster, f"{with_encoding} apply | od -c >/dev/null; exit ${{PIPESTATUS[0]}}")
    assert (done.returncode, done.stderr) == (0, "")
    assert (roster.parent / "list").read_text() == "alice@example.com\n"
    for command in ("who --why", "schedule --to +3d", "check"):
        done = shell(roster, f"{with_encoding} {command} | od -c; exit ${{PIPESTATUS[0]}}")
        assert done.returncode in (0, 1)
        assert done.stderr == ""
    done = shell(roster, f"{with_encoding} who --json")
    assert json.loads(done.stdout)[0]["why"] == "rotation \u0141\u00f3d\u017a"


def test_a_warning_that_nobody_can_read_changes_no_status(roster: Path) -> None:
    roster.write_text("nonsense")
    assert shell(roster, "rotation apply 2>/dev/full").returncode == 2
    assert shell(roster, "rotation apply 2>&-").returncode == 2


def test_a_reader_that_goes_away(roster: Path) -> None:
    done = shell(roster, "rotation schedule --to +3000d | true; echo ${PIPESTATUS[0]}")
    assert done.stdout in ("141\n", "0\n")
    assert done.stderr == ""


@pytest.mark.parametrize("megabytes", [30, 45, 60, 75, 90, 105, 120])
def test_little_memory(roster: Path, megabytes: int) -> None:
    started = shell(roster, f'ulimit -v {megabytes * 1024}; "{sys.executable}" -c 1')
    if started.returncode != 0:
        pytest.skip("not enough for Python itself")
    done = shell(roster, f"ulimit -v {megabytes * 1024}; rotation apply")
    assert done.returncode in (0, 3)
    assert (done.returncode == 3) == done.stderr.startswith("error: ")
    text = roster.parent / "list"
    assert not text.exists() or text.read_text() == "alice@example.com\n"
    assert shell(roster, "rotation apply").returncode == 0


def test_a_home_that_is_not_there(roster: Path) -> None:
    done = shell(roster, "unset HOME ROTATION_STATE; rotation who")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_complaint_that_nobody_could_read_is_made_again(roster: Path) -> None:
    (roster.parent / "list").mkdir()
    assert shell(roster, "rotation apply 2>/dev/full").returncode == 3
    done = shell(roster, "rotation apply")
    assert done.returncode == 3
    assert "is a folder, not a file" in done.stderr
    assert shell(roster, "rotation apply").stderr == ""


COMMANDS = (
    "who --role", "apply --json", "init q.toml --person", "import x.csv --feed", "join",
    "swap alice", "cover alice --for", "log", "check", "trace", "forward", "checker list --dir",
    "schedule --from", "export -o", "--rosters",
)  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_an_argument_that_is_no_text(roster: Path, command: str) -> None:
    done = shell(roster, f"cd '{roster.parent}'; rotation {command} $'Al\\xffice'")
    assert done.returncode == 2
    assert "is not UTF-8 text: Al\\xffice\n  hint: write it" in done.stderr
    assert sorted(path.name for path in roster.parent.iterdir()) == ["duty.toml"]


@pytest.mark.parametrize("fresh", ["", "ROTATION_FRESH=1 "])
@pytest.mark.parametrize("command", ["who", "apply", "check", "schedule", "export"])
def test_a_current_folder_that_is_gone(roster: Path, command: str, fresh: str) -> None:
    gone = f"mkdir '{roster.parent}/gone'; cd '{roster.parent}/gone'; rmdir ../gone; "
    # whole paths are found from anywhere, as they are by cron
    usual = shell(roster, f"{fresh}rotation {command}")
    done = shell(roster, f"{gone}{fresh}rotation {command}")
    assert "fault" not in done.stderr
    assert (done.returncode, done.stderr) == (usual.returncode, usual.stderr)
    done = shell(roster, f"{gone}{fresh}rotation --rosters x.toml {command}")
    assert done.returncode == 2
    assert "x.toml\n" in done.stderr


def test_a_folder_beside_one_that_is_gone(roster: Path) -> None:
    gone = f"mkdir '{roster.parent}/gone'; cd '{roster.parent}/gone'; rmdir ../gone; "
    done = shell(roster, f"{gone}rotation checker list --dir here")
    assert done.returncode == 2
    assert done.stderr.startswith("error: the current folder is gone\n  hint: change to one")


@pytest.mark.parametrize("fresh", [{}, {"ROTATION_FRESH": "1"}])
@pytest.mark.parametrize("command", ["who", "apply", "check"])
def test_whoever_presses_control_c_is_obeyed(
    roster: Path, command: str, fresh: dict[str, str]
) -> None:
    # it is pressed when the roster is read
    program = (
        "import os, signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in a background job\n"
        "from rotation.__main__ import main\n"
        "def press(event, args):\n"
        "    if event == 'open' and str(args[0]).endswith('duty.toml'):\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.addaudithook(press)\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "--rosters", str(roster), command],
        env={"PATH": os.environ["PATH"], "ROTATION_STATE": str(roster.parent / "state"), **fresh},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr.strip()) == (130, "", "")
