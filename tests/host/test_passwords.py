"""Passwords in files: nobody else may read them, and nothing of them is in an error."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rotation.errors import ApplyError
from rotation.host.passwords import put, read

SECRET = "s\u00e9cret \u00fcber all"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "db.password"
    file.write_text(f"{SECRET}\nand a second line\n")
    file.chmod(0o600)
    return file


def refusal(reference: object, credentials: Path | None = None) -> str:
    with pytest.raises(ApplyError) as refused:
        read(str(reference), credentials)
    (problem,) = refused.value.problems
    assert "cret" not in f"{problem.what} {problem.hint}"
    return problem.what


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
def test_the_first_line_is_the_password(file: Path, mode: int) -> None:
    file.chmod(mode)
    assert read(str(file), None) == SECRET
    assert read("db.password", file.parent) == SECRET


@pytest.mark.parametrize("bit", [0o040, 0o020, 0o010, 0o004, 0o002, 0o001])
def test_whatever_others_may_do_with_it_it_is_refused(file: Path, bit: int) -> None:
    file.chmod(0o600 | bit)
    assert refusal(file) == "holds a password that others may read"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_somebody_else_is_refused(file: Path) -> None:
    os.chown(file, 54321, 0)
    assert "belongs to somebody else" in refusal(file)


@pytest.mark.parametrize("data", [b"", b"\nsecret\n", b"s\xe9cret\n"])
def test_no_password_is_no_empty_one(file: Path, data: bytes) -> None:
    file.write_bytes(data)
    assert refusal(file) == "holds no password in its first line"


def test_what_is_no_file_with_a_password_is_said(file: Path) -> None:
    assert "is a directory" in refusal(file.parent)
    os.mkfifo(file.with_name("pipe"))
    assert refusal(file.with_name("pipe")) == "is not a file with a password"
    assert "no such file" in refusal(file.with_name("none"))
    file.write_bytes(b"secret\n" * 10_000)
    assert refusal(file) == "is not a file with a password"
    assert "systemd gave none" in refusal("db.password")


def test_what_is_handed_on_is_for_nobody_else(tmp_path: Path) -> None:
    path = put(SECRET, tmp_path)
    assert path.read_text() == SECRET
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        put(SECRET, tmp_path)
