"""`rotation trace` against `sendmail -bv` on generated chains."""

from __future__ import annotations

import re

from . import chains
from .chains import End, Maker
from .rigs import Rig, Sendmail

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


def _asked(rig: Rig, addresses: list[str]) -> dict[str, set[End]]:
    script = 'while read -r a; do echo "=== $a"; sendmail-mta -bv "$a" 2>&1; done'
    done = rig.run(["sh", "-c", script], "".join(f"{a}\n" for a in addresses), timeout=600)
    blocks = done.out.split("=== ")[1:]
    return {block.partition("\n")[0]: _answer(block.partition("\n")[2]) for block in blocks}


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
    theirs = _asked(sendmail, world.asked)
    assert len(theirs) == len(world.asked)
    differ = chains.differences(ours, theirs)
    assert not differ, f"{len(differ)} of {len(theirs)}:\n" + "\n".join(differ[:30])
