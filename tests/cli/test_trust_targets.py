"""Root runs no program, sends no password and reads no configuration for anybody else."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.cli.sample import call
from tests.cli.team import ALICE, NOW, ROOT, ROSTER
from tests.cli.test_trust import PLANTS


@ROOT
@pytest.mark.parametrize("words", ['"/bin/sh", "{}"', '"/bin/sh", "{:.1}"', '"/bin/sh", "--x={}"'])
@pytest.mark.parametrize("target", ["rebuild", "run"])
def test_a_script_needs_no_x_bit_to_be_somebody_elses(team: Path, target: str, words: str) -> None:
    script = team / "bin" / "script"
    script.parent.mkdir()
    script.write_text(f"touch {team}/ran\necho '[]'\n")
    script.chmod(0o644)
    relative = words.replace("{:.1}", str(script).lstrip("/"))
    argv = relative.format(script)
    roster = team / "etc" / "duty.toml"
    text = ROSTER.format(rebuild=argv)
    if target == "run":
        text = text.partition("aliases =")[0] + f'run = [{argv}]\nname = "duty"\n'
    roster.write_text(text)
    os.chown(script, ALICE, 0)
    for command in ("apply --check", "apply", "verify"):
        done = call(roster, *command.split(), now=NOW)
        assert f"chown root {script}" in done.stderr.replace("//", "/"), done.output
    assert not (team / "ran").exists()


DROPPED: dict[str, Callable[[Path], object]] = {
    "folder": lambda folder: folder.chmod(0o777),
    "script": lambda folder: os.chown(folder / "10-set", ALICE, 0),
    "link": lambda folder: (folder / "20-more").symlink_to(f"{folder.parent.parent}/mail/theirs"),
    "subfolder": lambda folder: os.chown(folder / "lib", ALICE, 0),
}


@ROOT
@pytest.mark.parametrize("plant", DROPPED)
@pytest.mark.parametrize("target", ["rebuild", "run"])
def test_a_folder_of_scripts_is_roots_alone(team: Path, target: str, plant: str) -> None:
    folder = team / "etc" / "duty.d"
    (folder / "lib").mkdir(parents=True)
    script = folder / "10-set"
    script.write_text(f"#!/bin/sh\ntouch {team}/ran\necho '[\"bob@example.com\"]'\n")
    script.chmod(0o755)
    theirs = team / "mail" / "theirs"
    theirs.write_text("#!/bin/sh\n")
    os.chown(theirs, ALICE, 0)
    each = f'"/bin/sh", "-c", "for s in $0/*-*; do $s; done", "{folder}"'
    roster = team / "etc" / "duty.toml"
    text = ROSTER.format(rebuild=each)
    if target == "run":
        text = text.partition("aliases =")[0] + f'run = [{each}]\nname = "duty"\n'
    roster.write_text(text)
    DROPPED[plant](folder)
    for command in ("apply --check", "apply", "verify"):
        done = call(roster, *command.split(), now=NOW)
        assert done.exit_code in (1, 3)
        assert "must be for root alone to write" in done.stderr, done.output
    assert not (team / "ran").exists()


@ROOT
def test_a_long_script_in_the_roster_is_no_path(team: Path) -> None:
    words = f'"/bin/sh", "-c", "touch {team}/ran # {"long " * 100}"'
    roster = team / "etc" / "duty.toml"
    roster.write_text(ROSTER.format(rebuild=words))
    assert call(roster, "apply", now=NOW).exit_code == 0
    assert (team / "ran").exists()


SCRIPT = '"/bin/sh", "-c", "touch {team}/ran; echo []"'
ASKING = ["doctor", "doctor --json", "doctor --via {other}", "verify", "verify --via {other}"]


def with_target(team: Path, target: str) -> Path:
    roster = team / "etc" / "duty.toml"
    head = ROSTER.format(rebuild="").partition("[[target]]")[0]
    roster.write_text(f'{head}[[target]]\n{target}\nname = "duty@example.com"\n')
    return roster


@ROOT
@pytest.mark.parametrize("plant", PLANTS)
@pytest.mark.parametrize("command", ASKING)
def test_nobody_else_has_root_run_a_program(team: Path, command: str, plant: str) -> None:
    roster = with_target(team, f"run = [{SCRIPT.format(team=team)}]")
    other = team / "mail" / "other.toml"
    other.write_text(ROSTER.format(rebuild=""))
    other.chmod(0o600)
    words = command.format(other=other).split()
    call(roster, *words, now=NOW)
    assert (team / "ran").exists()  # root's own runs
    (team / "ran").unlink()
    PLANTS[plant](team)
    done = call(roster, *words, now=NOW)
    assert done.exit_code in (1, 2)
    assert "must be for root alone to write" in done.output
    assert not (team / "ran").exists()


@ROOT
@pytest.mark.parametrize(
    "target",
    [
        'sql = "postgresql://u@/mail?socket={socket}"\ntable = "t"\nkey = "k"\nvalue = "v"',
        'sql = "mysql://u@/mail?socket={socket}"\ntable = "t"\nkey = "k"\nvalue = "v"',
        'ldap = "ldapi://{quoted}"\nbind = "cn=x"\nentry = "cn=y"\nattribute = "mail"',
    ],
    ids=["postgresql", "mysql", "ldap"],
)
@pytest.mark.parametrize("command", ["doctor", "doctor --json", "verify"])
def test_nobody_else_has_root_send_a_password(team: Path, command: str, target: str) -> None:
    password, door = team / "mail" / "password", team / "mail" / ".s.PGSQL.5432"
    password.write_text("s3cr3t\n")
    password.chmod(0o600)
    socket_there = door.parent if "postgresql" in target else door
    text = target.format(socket=socket_there, quoted=quote(str(door), safe=""))
    roster = with_target(team, f'{text}\npassword = "{password}"')
    roster.chmod(0o666)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(door))
        listener.listen()
        done = call(roster, *command.split(), now=NOW)
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert "can be written by everybody" in done.output


@ROOT
@pytest.mark.parametrize("command", ["trace root", "audit", "doctor", "verify"])
def test_nobody_else_names_a_configuration(team: Path, command: str) -> None:
    """Exim's can run programs."""
    config = team / "mail" / "exim.conf"
    config.write_text(f"domainlist local_domains = ${{run{{/bin/touch {team}/ran}}}}\n")
    text = f'aliases = "../mail/aliases"\nserver = "exim"\nconfig = "{config}"'
    roster = with_target(team, text)
    roster.write_text(roster.read_text().replace("duty@example.com", "duty"))
    roster.chmod(0o666)
    done = call(roster, *command.split(), now=NOW)
    assert done.exit_code in (1, 2)
    assert "can be written by everybody" in done.output
    assert not (team / "ran").exists()


@ROOT
def test_a_roster_of_another_host_that_others_can_write_vouches_for_nobody(team: Path) -> None:
    roster = team / "etc" / "duty.toml"
    other = team / "mail" / "other.toml"
    other.write_text(ROSTER.format(rebuild=""))
    other.chmod(0o666)
    for command in ("verify", "doctor"):
        done = call(roster, command, "--via", f"hub.example.com={other}", now=NOW)
        assert done.exit_code in (1, 2)
        assert f"--> {other}" in done.output
