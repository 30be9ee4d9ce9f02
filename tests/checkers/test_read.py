"""Presets as files: what is read, and what is refused, all problems at once."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from rotation.checkers.ack import FILE, Ack, read_acks, render_acks
from rotation.checkers.inside import preset_inside, read_back
from rotation.checkers.model import Often, Options, Signal
from rotation.checkers.read import from_words, name_fault, parse, parse_timeout
from rotation.checkers.render import render
from rotation.checkers.shipped import added, all_presets, shipped
from rotation.checkers.variables import variable_fault
from rotation.errors import RosterError, UsageError
from rotation.host.real import Host

GOOD = b"""
title = "a tool"
run = '''
tool --all |
    sort
'''
signal = "either"
filter = '^warn'
normalise = 's/[0-9]+/N/'
good = [0, 2]
every = "day"
timeout = "90s"
vars = { LIMIT = "90", DAYS = 7 }
"""


def test_a_preset_is_read() -> None:
    preset = parse(GOOD, "/etc/rotation/checkers/my-tool.toml")
    assert preset.name == "my-tool"
    assert preset.run == "tool --all |\n    sort"
    assert preset.hand == preset.run
    assert (preset.signal, preset.every) == (Signal.EITHER, Often.DAY)
    assert (preset.timeout, preset.good) == (90, (0, 2))
    assert preset.normalise == ("s/[0-9]+/N/",)
    assert dict(preset.vars) == {"LIMIT": "90", "DAYS": "7"}


def test_what_a_preset_does_not_say() -> None:
    preset = parse(b"title = 'a tool'\nrun = 'tool'\nsignal = 'output'\n", "tool.toml")
    assert (preset.good, preset.failed) == ((0,), ())
    assert (preset.every, preset.noun, preset.filter) == (Often.WEEK, "finding", None)
    assert (preset.needs, dict(preset.vars)) == ((), {})


def test_every_problem_is_told_with_its_line() -> None:
    text = (
        "title = 'x\\u001by'\n"
        'run = """\nROTATION_END\n"""\n'
        'signal = "outputs"\n'
        "good = [0, 256]\n"
        'needs = ["$(reboot)", "../sh"]\n'
        'also_runs = ["lynis"]\n'
        'filter = "a\\nb"\n'
        'noun = "war\\tning"\n'
        'timeout = "8d"\n'
        'digest = "yes"\n'
        'vars = { PATH = "/tmp", limit = "1", TEXT = "a\\nb" }\n'
        'filtre = "x"\n'
    )
    with pytest.raises(RosterError) as caught:
        parse(text.encode(), "/x/Bad_name.toml")
    problems = [(p.where.line if p.where else None, p.what) for p in caught.value.problems]
    told = "\n".join(f"{line} {what}" for line, what in problems)
    for part in (
        "None 'Bad_name' is not a name for a checker",
        "2 'run' has the line ROTATION_END",
        "5 'signal' must be one of output, exit, either, change",
        "6 'good' must be a list of exit statuses",
        "7 '$(reboot)' in 'needs' is not a program's name",
        "7 '../sh' in 'needs'",
        "8 'lynis' in 'also_runs' is not an absolute path, or NAME.timer",
        "9 'filter' must be one line",
        "10 'noun' must be one line of text",
        "11 'timeout' must be like",
        "12 'digest' must be true or false",
        "PATH is a variable of the script itself",
        "'limit' is not the name of a variable",
        "the value of TEXT must be one line",
        "14 unknown key 'filtre' in the preset",
    ):
        assert part in told


@pytest.mark.parametrize("data", [b"", b"title = ", b"\xff", b'title = "x"\nsignal = "exit"\n'])
def test_a_preset_that_is_none(data: bytes) -> None:
    with pytest.raises(RosterError):
        parse(data, "x.toml")


@pytest.mark.parametrize(
    "name", ["", "a.sh", "A", "a_b", "-a", "a-", "a b", "a\n", "../a", "\u00fc", "x" * 41]
)
def test_names_that_some_run_parts_skips(name: str) -> None:
    assert name_fault(name) is not None
    with pytest.raises(UsageError):
        from_words(name, {"title": "t", "run": "true", "signal": "exit"})


def test_small_values() -> None:
    assert [name_fault(name) for name in ("a", "a-b", "9lives", "x" * 40)] == [None] * 4
    assert [parse_timeout(text) for text in ("1s", "30m", "2h", "7d")] == [1, 1800, 7200, 604800]
    assert [parse_timeout(text) for text in ("0s", "2", "8d", "-1h", "2 weeks", "")] == [None] * 6
    assert variable_fault("LIMIT", "") is None
    assert variable_fault("IFS", "x") is not None


def test_texts_stand_in_the_script_as_they_are() -> None:
    run = "echo '@{TEXTS}' \"$HOME\" `id` \\\n'EOF'\n\tx"
    preset = from_words("x", {"title": "it's @{HEAD} $HOME", "run": run, "signal": "exit"})
    text = render(preset, Options(state="/x"))
    assert f"<<'ROTATION_END'\n{run}\nROTATION_END\n" in text
    assert "title='it'\\''s @{HEAD} $HOME'\n" in text


def test_a_host_adds_presets_and_replaces_shipped_ones(tmp_path: Path) -> None:
    (tmp_path / "my-tool.toml").write_bytes(GOOD)
    (tmp_path / "lynis.toml").write_bytes(GOOD)
    (tmp_path / "README").write_text("no preset")
    system = Host(tmp_path / "state")
    presets = all_presets(system, tmp_path)
    assert set(presets) == {*shipped(), "my-tool"}
    assert presets["lynis"].title == "a tool"
    assert list(presets) == sorted(presets)
    assert added(system, tmp_path / "none") == {}


@pytest.mark.skipif(os.geteuid() != 0, reason="giving files to other users needs root")
def test_a_preset_that_others_can_write_is_refused(tmp_path: Path) -> None:
    system = Host(tmp_path / "state")
    path = tmp_path / "my-tool.toml"
    path.write_bytes(GOOD)
    os.chown(path, 0, 12345)
    for mode in (0o666, 0o664, 0o646):
        path.chmod(mode)
        with pytest.raises(RosterError, match="can be written by"):
            added(system, tmp_path)
    path.chmod(0o644)
    assert added(system, tmp_path)
    os.chown(path, 65534, -1)
    with pytest.raises(RosterError, match="belongs to"):
        added(system, tmp_path)
    os.chown(path, 0, -1)
    os.chown(tmp_path, 65534, -1)
    with pytest.raises(RosterError, match="belongs to"):
        added(system, tmp_path)


def test_what_a_script_of_an_older_version_does_not_say_is_as_it_was_then() -> None:
    top = "\n# --- settings\nname='x'\nwatch='yes'\ndigest='yes'\nonce='yes'\noften='day'\n"
    preset = preset_inside(read_back(top))
    assert (preset.watch, preset.digest, preset.once, preset.every) == (True, True, ".", Often.DAY)
    said_no = preset_inside(read_back(top.replace("'yes'", "'no'")))
    older = preset_inside(read_back("\n# --- settings\nname='x'\n"))
    for preset in (said_no, older):
        assert (preset.name, preset.watch, preset.digest, preset.once) == ("x", False, False, None)
    assert (older.every, older.timeout, older.signal) == (Often.WEEK, 7200, Signal.OUTPUT)


def test_what_is_known_is_read_as_it_was_written(tmp_path: Path) -> None:
    until = datetime(2090, 12, 1, 9, tzinfo=UTC)
    acks = [Ack(until, "the roof\tleaks", matches=False), Ack(until, "roof|door", matches=True)]
    (tmp_path / FILE).write_bytes(render_acks(acks, ZoneInfo("Europe/London")))
    assert read_acks(Host(tmp_path / "state"), tmp_path) == acks
