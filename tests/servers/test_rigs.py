"""The rigs themselves: each server runs, and its answers are true."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from .conftest import NewRig
from .rigs import NOTIFICATIONS, RIGS, OpenSMTPD, Postfix, Rig

KEYS = ["postmaster", "mailer-daemon", NOTIFICATIONS]


def point(rig: Rig, value: str) -> None:
    """Edit the alias as a person would, and run the server's own newaliases."""
    lines = rig.read(rig.aliases).decode().splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(f"{NOTIFICATIONS}:")]
    rig.write(rig.aliases, f"{''.join(kept)}{NOTIFICATIONS}: {value}\n")
    rig.must(rig.rebuild())
    if isinstance(rig, Postfix):
        rig.make_index_later()


def reaches(rig: Rig, subject: str, *people: str) -> None:
    """A mail to root ends with these people and with nobody else."""
    rig.must(rig.send("root", subject))
    for person in people:
        rig.wait_for(person, subject)
    assert rig.delivered(subject) == sorted(people)


def test_mail_to_root_follows_forward_and_alias(rig: Rig) -> None:
    point(rig, "alice")
    reaches(rig, "first", "alice")
    point(rig, "bob")
    reaches(rig, "second", "bob")
    point(rig, "carol, dan@example.com")
    reaches(rig, "third", "carol", "dan@example.com")


def test_the_server_says_what_it_has(rig: Rig) -> None:
    point(rig, "bob, dan@example.com")
    assert rig.resolve(NOTIFICATIONS) == ["bob", "dan@example.com"]
    assert rig.resolve("nobody-has-this") is None
    known = rig.map([*KEYS, "nobody-has-this"])
    assert sorted(known) == sorted(KEYS)
    assert known["postmaster"] == "root"
    assert known[NOTIFICATIONS].split(",")[0] == "bob"


def test_stops_and_starts(rig: Rig) -> None:
    assert rig.running()
    rig.stop()
    assert not rig.running()
    rig.start()
    point(rig, "alice")
    reaches(rig, "after the start", "alice")


@pytest.mark.parametrize("kind", ["lmdb", "cdb", "btree"])
def test_other_maps_of_postfix(new_rig: NewRig, kind: str) -> None:
    postfix = new_rig(Postfix, map_type=kind)
    point(postfix, "bob")
    reaches(postfix, "to bob", "bob")
    assert postfix.resolve(NOTIFICATIONS) == ["bob"]
    assert postfix.map(KEYS)[NOTIFICATIONS] == "bob"


def test_a_second_postfix(new_rig: NewRig) -> None:
    postfix = new_rig(Postfix, started=False)
    folder = postfix.second()
    own = postfix.run(["postconf", "-c", folder, "-hx", "alias_maps"]).out.strip()
    assert own == f"hash:{folder}/aliases"
    postfix.write(f"{folder}/aliases", f"{NOTIFICATIONS}: carol\n")
    postfix.must(postfix.run(["postalias", "-c", folder, own]))
    answer = postfix.run(["postalias", "-c", folder, "-q", NOTIFICATIONS, own])
    assert answer.out == "carol\n"
    assert postfix.resolve(NOTIFICATIONS) == ["alice"]


def test_opensmtpd_with_an_index(new_rig: NewRig) -> None:
    opensmtpd = new_rig(OpenSMTPD, table="db")
    point(opensmtpd, "bob")
    reaches(opensmtpd, "to bob", "bob")
    assert opensmtpd.resolve(NOTIFICATIONS) == ["bob"]
    assert opensmtpd.map()[NOTIFICATIONS] == "bob"


INSIDE = """
import sys
sys.path.insert(0, sys.argv[1])
from tests.servers.rigs import RIGS
with RIGS[sys.argv[2]]() as rig:
    rig.start()
    rig.must(rig.send("root", "inside"))
    rig.wait_for("alice", "inside")
"""


def test_on_a_host_that_has_a_server_installed(postfix: Postfix) -> None:
    """A rig is such a host: with Postfix set up and running, and its own users and links."""
    mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    if ["/", "overlay"] in mounts:
        pytest.skip("this host's root is an overlay: the kernel stacks two of them, not three")
    for name in RIGS:
        program = [sys.executable, "-B", "-c", INSIDE, str(Path(__file__).parents[2]), name]
        postfix.must(postfix.run(program))
    point(postfix, "alice")
    reaches(postfix, "outside", "alice")


def test_the_host_inside(rig: Rig, tmp_path: Path) -> None:
    (tmp_path / "given").write_text("from outside")
    code = "import pathlib, sys; print(pathlib.Path(sys.argv[1]).read_text())"
    shown = rig.run([sys.executable, "-I", "-c", code, str(tmp_path / "given")])
    assert shown.out == "from outside\n"
    assert rig.run(["id", "-un"], user="alice").out == "alice\n"
    assert rig.run(["hostname"]).out == "box.test\n"
    assert rig.run(["cat"], input="x").out == "x"
    assert not Path("/etc/mail/mailname").exists()
