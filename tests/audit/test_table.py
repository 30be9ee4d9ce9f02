"""The table of tools: what comes with the program, and what a host adds."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rotation.audit.table import load_tools, parse
from rotation.errors import RosterError
from rotation.host.real import Host

from .trees import TOOLS

OWN = """
[backup]
program = "/usr/local/bin/backup"
path = ["/etc/backup.conf"]
test = "backup --test"
fix = { file = "/etc/backup.conf", line = "MAIL={address}" }
[[backup.mail]]
files = "/etc/backup.conf"
syntax = "shell"
key = "MAIL"

[lynis]
ignore = true
"""


def load(folder: Path) -> list[str]:
    return [tool.name for tool in load_tools(Host(folder / "state"), folder)]


def test_a_host_adds_and_ignores_tools(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(OWN)
    (tmp_path / "notes.txt").write_text("[x")
    assert set(load(tmp_path)) == TOOLS.keys() - {"lynis"} | {"backup"}
    assert set(load(tmp_path / "none")) == TOOLS.keys()


def test_every_problem_is_said_with_its_line() -> None:
    text = """[a]
program = "monit"
check = ["visudo"]
[[a.mail]]
syntax = "shel"
pick = "some"
files = "/etc/x"
pattern = "("
[[a.mail.needs]]
path = "/x"
[b]
colour = 1
fix = { file = "x", line = "y" }
"""
    with pytest.raises(RosterError) as error:
        parse(text.encode(), "own.toml")
    said = [(str(problem.where), problem.what) for problem in error.value.problems]
    assert said == [
        ("own.toml:2", "'monit' is not a full path"),
        ("own.toml:9", "'needs' of 'mail' of [a] has no 'say'"),
        ("own.toml:5", "no such syntax: 'shel'"),
        ("own.toml:8", "'pattern' is not a regular expression: missing ), unterminated subpattern "
         "at position 0"),
        ("own.toml:6", "'pick' must be one of last, first, all"),
        ("own.toml:2", "[a] has neither 'program' nor 'path'"),
        ("own.toml:3", "'check' must be a program's full path, with {file} among its arguments"),
        ("own.toml:13", "'file' must be a full path"),
        ("own.toml:13", "'line' must have {address} in it"),
        ("own.toml:11", "[b] has neither 'program' nor 'path'"),
        ("own.toml:12", "unknown key 'colour' in [b]"),
    ]  # fmt: skip


@pytest.mark.parametrize("text", [b"[a", b"\xff", b"a = 1\n", b"[[a]]\n", b"[a]\nmail = 3\n"])
def test_what_is_no_table_of_tools(text: bytes) -> None:
    with pytest.raises(RosterError):
        parse(text, "own.toml")


def test_a_table_that_strangers_can_write_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(OWN)
    path.chmod(0o666)
    with pytest.raises(RosterError, match="can be written by everybody"):
        load(tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give a file away")
def test_a_table_of_somebody_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(OWN)
    os.chown(path, 1000, 1000)
    with pytest.raises(RosterError, match="belongs to"):
        load(tmp_path)
