"""What is read through the watched host is noted as it was when it was opened."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rotation.errors import ApplyError
from rotation.short import LOOK
from rotation.short.watch import Watch
from rotation.short.watched import WatchedHost


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    return Watch(str(tmp_path / "state"))


@pytest.fixture
def host(tmp_path: Path, watch: Watch) -> WatchedHost:
    return WatchedHost(tmp_path / "state", watch)


def test_what_is_noted_is_what_the_next_run_will_look_for(
    tmp_path: Path, watch: Watch, host: WatchedHost
) -> None:
    (tmp_path / "there").write_text("x")
    (tmp_path / "link").symlink_to("there")
    for name in ("there", "link", "missing"):
        host.read(tmp_path / name)
    with pytest.raises(ApplyError):
        host.read(tmp_path)
    assert {subject for _, subject in watch.seen} >= {
        str(tmp_path / name) for name in ("there", "link", "missing", "")
    }
    assert all(LOOK[kind](subject) == value for (kind, subject), value in watch.seen.items())
    assert not watch.doubts


def test_a_file_that_is_another_one_at_the_second_reading_is_a_doubt(
    tmp_path: Path, watch: Watch, host: WatchedHost
) -> None:
    file = tmp_path / "there"
    file.write_text("x")
    host.read(file)
    (tmp_path / "new").write_text("x")
    os.replace(tmp_path / "new", file)
    host.read(file)
    assert watch.doubts


@pytest.mark.parametrize("first", [True, False])
def test_a_file_that_comes_or_goes_between_two_readings_is_a_doubt(
    tmp_path: Path, watch: Watch, host: WatchedHost, first: bool
) -> None:
    file = tmp_path / "there"
    for there in (first, not first):
        file.unlink(missing_ok=True)
        if there:
            file.write_text("x")
        host.read(file)
    assert watch.doubts


def test_a_file_that_appears_when_it_was_missed_is_a_doubt(tmp_path: Path, watch: Watch) -> None:
    (tmp_path / "there").write_text("x")
    watch.missed(tmp_path / "there")
    assert watch.doubts
