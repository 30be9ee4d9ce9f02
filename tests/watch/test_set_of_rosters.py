"""One set of rosters is one, from whatever folder it is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from rotation.cli.context import Call
from rotation.cli.delivery import undelivered
from rotation.host.real import Host
from rotation.watch.delivery.fates import parse
from rotation.watch.delivery.record import NOTE
from tests.watch.elsewhere import NOISE, NOW, Elsewhere

ROSTER = """
timezone = "UTC"
fallback = ["bob@far.example"]
[people.bob]
email = "bob@far.example"
[[rotation]]
name = "duty"
start = 2026-11-01
every = "1 week"
handoff = "09:00"
people = ["bob"]
[[target]]
aliases = "/etc/aliases"
name = "root"
server = "postfix"
"""


class Keeping(Elsewhere):
    """It keeps the note itself."""

    def record(self, name: str, data: bytes | None) -> None:
        if name == NOTE:
            self.note = data


def test_a_set_of_rosters_is_the_same_under_every_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = [tmp_path / name / "rosters" for name in ("one", "other")]
    for folder in folders:
        folder.mkdir(parents=True)
        (folder / "duty.toml").write_text(ROSTER)
    (tmp_path / "link").symlink_to(folders[0])
    system = Keeping(tmp_path / "host")
    system.keep("mail.log", NOISE)

    def sets(rosters: Path) -> int:
        call = Call(rosters=rosters, now=NOW, system=Host(tmp_path / "state"))
        own = call.load()
        undelivered(replace(call, system=system), own, None)
        fates = parse(system.note)
        assert fates is not None
        return len(fates.asked)

    monkeypatch.chdir(tmp_path / "one")
    assert [sets(path) for path in (folders[0], Path("rosters"), tmp_path / "link")] == [1, 1, 1]
    monkeypatch.chdir(tmp_path / "other")
    assert sets(Path("rosters")) == 2
