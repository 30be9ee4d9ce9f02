"""`rotation trace` against `sendmail -bv` on generated chains."""

from __future__ import annotations

import re

from . import chains
from .chains import End, Maker
from .conftest import NewRig
from .rigs import Sendmail
from .roster_in_rig import write_roster

_DELIVERABLE = re.compile(r"(.*)\.\.\. deliverable: mailer (\S+?),(?: host (\S+),)? user (.*)")


def _answer(block: str) -> set[End]:
    found: set[End] = set()
    for line in block.splitlines():
        match = _DELIVERABLE.match(line)
        if match:
            whom = match[4].strip('"').lower()
            if match[2] == "prog":
                found.add(("pipe", whom.removeprefix("|").strip()))
            elif match[2] == "*file*":
                found.add(("lost", "") if whom == "/dev/null" else ("file", whom))
            elif match[2] == "local":
                found.add(("mailbox", whom.removeprefix("\\").partition("@")[0]))
            else:
                found.add(("remote", whom))
        elif "loop broken" in line:
            found.add(("loop", ""))
        elif line.strip() and "duplicate suppressed" not in line:
            found.add(("bounce", ""))
    return found


def _ours(tree: object) -> set[End]:
    """Circles and empty lists are silent on Sendmail, unless nothing else is left."""
    assert isinstance(tree, dict)
    deep = {("loop", "") for end in tree["ends"] if "aliases deep" in end["why"]}
    heard = [e for e in tree["ends"] if e["stop"] != "loop" and "is empty" not in e["why"]]
    return (chains.ends({"ends": heard}) | deep) or {("loop", "")}


def test_sendmail_says_the_same(sendmail: Sendmail) -> None:
    world = Maker(5, chains.COUNT, plus=True).make()
    chains.write(sendmail, world)
    ours = {a: _ours(tree) for a, tree in chains.trees(sendmail, world.asked).items()}
    theirs = chains.asked(sendmail, 'sendmail-mta -bv "$a" 2>&1', _answer, world.asked)
    assert len(theirs) == len(world.asked)
    differ = chains.differences(ours, theirs)
    assert not differ, f"{len(differ)} of {len(theirs)}:\n" + "\n".join(differ[:30])


CIRCLES = (
    {"alice": "bob", "bob": "alice"},
    {"alice": "bob", "bob": "carol", "carol": "alice"},
    {"alice": "bob, x@e.example", "bob": "carol, y@e.example", "carol": "alice"},
    {"alice": "bob", "bob": "alice, y@e.example"},
    {"alice": "bob, carol", "bob": "alice, carol"},
    {"alice": "bob, carol", "bob": "alice", "carol": "alice"},
    {"alice": "bob", "bob": "alice, alice@box.test"},
    {"alice": "bob", "bob": "l1"},
    {"alice": "bob", "bob": "bob, alice"},
    {"bob": "alice"},
)


def test_who_gets_it_where_forwards_name_each_other(new_rig: NewRig) -> None:
    """Whose .forward does nothing but lead back to somebody on the way has the mail as well."""
    rig = new_rig(Sendmail)
    rig.write(rig.aliases, "postmaster: root\nl1: alice\nboth: alice, bob\n")
    rig.must(rig.rebuild())
    write_roster(rig)
    for circle in CIRCLES:
        rig.run(["sh", "-c", "rm -f /home/*/.forward"])
        for user, text in circle.items():
            rig.write(f"/home/{user}/.forward", f"{text}\n", owner=user)
        asked = ["alice", "bob", "both"]
        ours = {a: _ours(tree) for a, tree in chains.trees(rig, asked).items()}
        theirs = chains.asked(rig, 'sendmail-mta -bv "$a" 2>&1', _answer, asked)
        assert ours == theirs, circle


CLOSED = {
    "a": (0o600, "root", "root"), "b": (0o640, "root", "mail"), "c": (0o600, "carol", "carol"),
    "d": (0o600, "mail", "mail"), "e": (0o640, "carol", "mail"),
}  # fmt: skip


def test_whose_rights_a_list_in_a_list_is_read_with(new_rig: NewRig) -> None:
    """Those of whoever owns the outer list, root as if he were anybody; behind an alias those of
    Sendmail's default user again."""
    rig = new_rig(Sendmail)
    text, asked = "postmaster: root\n", []
    for name, (mode, owner, group) in CLOSED.items():
        rig.write(f"/etc/lists/{name}", "alice\n", mode, owner)
        rig.must(rig.run(["chgrp", group, f"/etc/lists/{name}"]))
        text += f"via{name}: :include:/etc/lists/{name}\n"
        asked.append(f"via{name}")
        for outer in ("root", "carol"):
            for how, inner in (("direct", f":include:/etc/lists/{name}"), ("alias", f"via{name}")):
                rig.write(f"/etc/lists/{outer}-{how}-{name}", f"{inner}\n", owner=outer)
                text += f"{outer}-{how}-{name}: :include:/etc/lists/{outer}-{how}-{name}\n"
                asked.append(f"{outer}-{how}-{name}")
    rig.write(rig.aliases, text)
    rig.must(rig.rebuild())
    write_roster(rig)
    ours = {a: _ours(tree) for a, tree in chains.trees(rig, asked).items()}
    theirs = chains.asked(rig, 'sendmail-mta -bv "$a" 2>&1', _answer, asked)
    assert ours == theirs
    assert [ends for ends in ours.values() if ends == {("mailbox", "alice")}]
    assert [ends for ends in ours.values() if ends == {("bounce", "")}]


def test_whose_rights_a_list_behind_a_forward_is_read_with(new_rig: NewRig) -> None:
    rig = new_rig(Sendmail)
    rig.write("/etc/lists/hers", "alice\n", 0o600, "carol")
    rig.write(rig.aliases, "postmaster: root\nvia: :include:/etc/lists/hers\n")
    rig.must(rig.rebuild())
    write_roster(rig)
    for text in ("via", ":include:/etc/lists/hers", "bob, via"):
        rig.write("/home/carol/.forward", f"{text}\n", owner="carol")
        ours = {a: _ours(tree) for a, tree in chains.trees(rig, ["carol"]).items()}
        assert ours == chains.asked(rig, 'sendmail-mta -bv "$a" 2>&1', _answer, ["carol"]), text
