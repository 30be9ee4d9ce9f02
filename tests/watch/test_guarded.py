"""What `verify` guards of the commands that a target names."""

from __future__ import annotations

from pathlib import Path

import pytest

from rotation.errors import Where
from rotation.host.real import Host
from rotation.model.target import FileTarget, Kind, RunTarget, Target
from rotation.roster.parse import parse
from rotation.watch.guard import guarded

HERE = Where("duty.toml")


@pytest.fixture
def host(tmp_path: Path) -> Host:
    for name, mode in {"map": 0o644, "build": 0o755, "script": 0o644, "kept": 0o644}.items():
        (tmp_path / name).write_text("")
        (tmp_path / name).chmod(mode)
    (tmp_path / "map.db").write_text("")
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "one").write_text("")
    return Host(tmp_path / "state")


def contents(host: Host, folder: Path, target: Target) -> set[str]:
    """The paths below the folder whose content is guarded."""
    paths = guarded(host, [], [target], []).paths
    return {
        str(path.relative_to(folder))
        for path, content in paths.items()
        if content and path.is_relative_to(folder)
    }


def test_what_apply_writes_may_be_among_what_its_command_is_given(
    host: Host, tmp_path: Path
) -> None:
    words = tuple(str(tmp_path / name) for name in ("build", "map", "map.db"))
    target = FileTarget(Kind.VIRTUAL, tmp_path / "map", HERE, name="a@b.example", rebuild=words)
    assert contents(host, tmp_path, target) == {"build"}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("{}/build", "{}/kept"), {"build"}),
        (("{}/build", "--state={}/kept", "{}/parts"), {"build"}),
        (("/bin/sh", "{}/script", "{}/kept"), {"script"}),
        (("/usr/bin/timeout", "60", "/bin/sh", "{}/script", "{}/kept"), {"script"}),
        (("/usr/bin/env", "X=1", "/bin/sh", "{}/script", "{}/kept"), {"script"}),
        (("/bin/sh", "-c", "x", "{}/parts", "{}/script"), {"parts", "parts/one", "script"}),
        (("/bin/run-parts", "{}/parts"), {"parts", "parts/one"}),
        (("{}/script",), {"script"}),
    ],
)
def test_programs_are_guarded_and_what_they_keep_is_not(
    host: Host, tmp_path: Path, words: tuple[str, ...], expected: set[str]
) -> None:
    argv = tuple(word.format(tmp_path) for word in words)
    target = RunTarget(argv=argv, where=HERE, name="duty")
    assert contents(host, tmp_path, target) == expected


@pytest.mark.parametrize("linked", [False, True])
def test_what_the_configuration_of_a_server_says_is_guarded(
    host: Host, tmp_path: Path, linked: bool
) -> None:
    written = tmp_path / ("elsewhere" if linked else "smtpd.conf")
    written.write_text("match for any action x\n")
    config = tmp_path / "smtpd.conf"
    if linked:
        config.symlink_to(written)
    (tmp_path / "aliases").write_text("duty: alice@example.com\n")
    target = FileTarget(
        Kind.ALIASES, tmp_path / "aliases", HERE, name="duty", server="opensmtpd", config=config
    )
    assert {config.name, written.name} <= contents(host, tmp_path, target)


def test_the_files_that_decide_who_is_on_duty_are_guarded(host: Host, tmp_path: Path) -> None:
    (tmp_path / "rosters").mkdir()
    (tmp_path / "shared").mkdir()
    (tmp_path / "real.ics").write_text("")
    (tmp_path / "rosters" / "duty.ics").symlink_to(tmp_path / "real.ics")
    text = (
        f'timezone = "UTC"\noverrides = "{tmp_path}/shared/dated.toml"\n'
        'people = { alice = "alice@example.com" }\n'
        '[[rotation]]\nname = "x"\ncalendar = "duty.ics"\n'
    )
    roster = parse(text.encode(), tmp_path / "rosters" / "team.toml")
    paths = guarded(host, [], [], [roster]).paths
    for name in ("rosters/team.toml", "rosters", "shared", "rosters/duty.ics", "real.ics"):
        assert tmp_path / name in paths, name
    assert not any(paths[tmp_path / name] for name in ("rosters/duty.ics", "real.ics"))
