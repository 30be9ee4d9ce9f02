"""However a question is put, a kept answer is the one that is worked out anew."""

from __future__ import annotations

import shutil

import pytest

from rotation.short.keep import LOCAL

from .noted import WHO
from .world import World

COMPLETING = {"_ROTATION_COMPLETE": "complete_bash", "COMP_WORDS": "rotation w", "COMP_CWORD": "1"}


def asked(world: World, *words: str) -> None:
    """The same, twice and anew: the second answer is the one that may have been kept."""
    world.run(*words, fresh=True)  # whatever has to change has changed
    first, second, anew = world.run(*words), world.run(*words), world.run(*words, fresh=True)
    assert first[:3] == second[:3] == anew[:3]


@pytest.mark.parametrize(
    "words",
    [
        "who --role duty --role backup",
        "who --role backup --role duty",
        "who --role=backup",
        "who --role= ",
        "who --role -x",
        "who --role=-x",
        "who --json --json",
        "who --json=1",
        "who --js",
        "who --",
        "-- who",
        "who who",
        "who apply",
        "apply --role duty",
        "apply --json --why",
        "--rosters ROSTERS who --rosters OTHER",
        "--rosters OTHER --rosters ROSTERS who",
        "who --rosters OTHER --rosters ROSTERS",
        "who --rosters=OTHER",
        "who --rosters= ",
        "who --rosters=/dev/null",
        "apply --rosters OTHER",
    ],
)
def test_however_the_words_stand(world: World, words: str) -> None:
    other = world.home / "other"
    shutil.copytree(world.rosters, other)
    text = (other / "duty.toml").read_text()
    (other / "duty.toml").rename(other / "late.toml").write_text(
        text.replace('"alice", "bob"', '"bob", "alice"')
    )
    named = words.replace("ROSTERS", str(world.rosters)).replace("OTHER", str(other))
    asked(world, *named.split(" "))


@pytest.mark.parametrize(
    "variables",
    [
        COMPLETING,
        {"_ROTATION_COMPLETE": "source_bash"},
        {"COLUMNS": "20", "LINES": "2"},
        {"LANG": "de_DE.UTF-8"},
        {"LC_ALL": "C", "PYTHONUTF8": "0"},
        {"TZ": "Asia/Tokyo"},
        {"TERM": "dumb"},
        {"NO_COLOR": "1", "FORCE_COLOR": "1"},
        {"HOME": "/nonexistent"},
        {"ROTATION_ROSTERS": "/nonexistent"},
        {"XDG_STATE_HOME": "/nonexistent"},
    ],
)
def test_whatever_the_environment_holds(world: World, variables: dict[str, str]) -> None:
    world.environment |= variables
    asked(world, "who")
    asked(world, "apply")


def test_a_shell_that_completes_words_gets_no_other_answer(world: World) -> None:
    world.environment |= COMPLETING
    assert world.run("who", fresh=True)[:3] == (0, WHO, "")
    world.target.write_text("mallory@example.com\n")
    world.run("apply", fresh=True)
    assert world.target.read_text() == "bobby@example.com\n"


def test_what_was_made_elsewhere_has_the_times_of_that_host() -> None:
    """An image's times are those of the host that made it, often the same for every one."""
    assert not LOCAL & {"squashfs", "erofs", "iso9660", "cramfs", "nfs", "nfs4", "cifs", "fuse"}
