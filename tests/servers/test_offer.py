"""An offer through a real Postfix: what is in the mail can be pasted, and both learn of the yes."""

from __future__ import annotations

import json
import os
import shlex

from .conftest import NewRig
from .rigs import Postfix
from .roster_in_rig import MONDAY, ROSTER, rotation, write_roster
from .test_notify import arrived


def test_from_an_offer_to_a_yes(new_rig: NewRig) -> None:
    rig = new_rig(Postfix)
    write_roster(rig)
    # alice is on duty; hers after that begins on 14 December
    done = rotation(rig, MONDAY, "offer", "alice", "--yes", "--by", "alice")
    assert (done.status, done.err) == (0, "")

    asked = arrived(rig, "bob", "duty: alice offers a duty, Mon 14 Dec 09:00")
    assert asked["To"] == "bob@box.test"
    assert asked["Auto-Submitted"] == "auto-generated"
    body = asked.get_body(("plain",))
    assert body is not None
    commands = [shlex.split(line) for line in body.get_content().splitlines() if " take " in line]
    commands = [command for command in commands if command[0] == "rotation"]
    assert all(command[-1] == "bob" or command[-2] == "--with" for command in commands)
    trade = commands[0]
    # an answer to the mail, whatever it says, is nothing that anybody reads
    assert "an answer to this mail" in body.get_content()
    assert rotation(rig, MONDAY, "who", "--at", "2026-12-15").out.startswith("duty duty: alice")

    done = rotation(rig, MONDAY, *trade[1:], "--yes", "--by", "bob")
    assert (done.status, done.err) == (0, "")
    assert rotation(rig, MONDAY, "who", "--at", "2026-12-15").out.startswith("duty duty: bob")
    for user in ("alice", "bob"):
        mail = arrived(rig, user, "duty: bob takes the duty of Mon 14 Dec 09:00")
        assert mail["To"] == f"{user}@box.test"
    again = rotation(rig, MONDAY, *trade[1:], "--yes", "--by", "carol")
    assert again.status == 2
    assert "that offer is taken: swap alice bob by bob" in again.err


def test_members_of_a_group_offer_and_take_without_root(new_rig: NewRig) -> None:
    rig = new_rig(Postfix)
    rig.write("/etc/group", rig.read("/etc/group").decode() + "oncall:x:61900:alice,bob\n")
    plan = "/var/lib/duty/duty.overrides.toml"
    write_roster(rig, f'overrides = "{plan}"\n{ROSTER}')
    rig.write(plan, "")
    for path, mode in ((plan, 0o664), ("/var/lib/duty", 0o2775)):
        os.chown(rig.path(path), 0, 61900)
        rig.path(path).chmod(mode)

    done = rotation(rig, MONDAY, "offer", "alice", "--yes", user="alice")
    assert (done.status, done.err) == (0, "")
    arrived(rig, "bob", "duty: alice offers a duty, Mon 14 Dec 09:00")
    (entry,) = json.loads(rotation(rig, MONDAY, "log", "--json", user="carol").out)
    assert (entry["by"], entry["state"]) == ("alice", "open")
    # carol may read the plan and not change it
    refused = rotation(rig, MONDAY, "take", entry["id"], "--yes", user="carol")
    assert refused.status == 3
    assert json.loads(rotation(rig, MONDAY, "log", "--json").out)[0]["state"] == "open"
    # whoever calls it takes it: bob's login is his key
    done = rotation(rig, MONDAY, "take", entry["id"], "--yes", user="bob")
    assert (done.status, done.err) == (0, "")
    arrived(rig, "alice", "duty: bob takes the duty of Mon 14 Dec 09:00")
    assert rotation(rig, MONDAY, "who", "--at", "2026-12-15").out.startswith("duty duty: bob")
    assert rig.stat(plan).st_gid == 61900
