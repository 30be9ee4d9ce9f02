"""`rotation trace` against `exim -bt` on generated chains."""

from __future__ import annotations

import re

from . import chains
from .chains import End, Maker
from .rigs import Exim


def _answer(block: str) -> set[End]:
    found: set[End] = set()
    lines = block.splitlines()
    for number, line in enumerate(lines):
        rest = "\n".join(lines[number + 1 : number + 12])
        if "is undeliverable" in line:
            found.add(("bounce", ""))
        elif "cannot be resolved at this time" in line:
            found.add(("defer", ""))
        elif re.match(r"mail to .* is discarded", line):
            found.add(("lost", ""))
        elif " -> " in line:
            kind = "pipe" if " -> |" in line else "file"
            whom = line.split(" -> ", 1)[1].removeprefix("|").strip()
            if "Error in setting up" in rest.split("\n")[0]:
                found.add(("defer", ""))
            elif whom == "/dev/null":
                found.add(("lost", ""))
            else:
                found.add((kind, whom.lower()))
        elif line.startswith("  router = "):
            at = number - 1
            while lines[at].startswith("    <--"):
                at -= 1
            whom = lines[at].split(" ")[0].lower()
            local = "local_user" in line
            found.add(("mailbox", whom.partition("@")[0]) if local else ("remote", whom))
    return found


def _ours(tree: object) -> set[End]:
    """What we say; over a list that includes itself Exim 4.96 crashes, and says nothing."""
    assert isinstance(tree, dict)
    if any("includes itself" in end["why"] for end in tree["ends"]):
        return set()
    return chains.ends(tree)


def _theirs(exim: Exim, addresses: list[str]) -> dict[str, set[End]]:
    """What one Exim answers for all of them."""
    done = exim.run(["exim4", "-bt"], "".join(f"{address}\n" for address in addresses))
    _, *blocks, _ = re.split(r"^> ", done.out, flags=re.MULTILINE)
    assert len(blocks) == len(addresses), done
    return dict(zip(addresses, map(_answer, blocks), strict=True))


def test_exim_says_the_same(exim: Exim) -> None:
    world = Maker(4, chains.COUNT, plus=False).make()
    chains.write(exim, world)
    ours = {a: _ours(tree) for a, tree in chains.trees(exim, world.asked).items()}
    ends = [address for address in world.asked if ours[address]]
    theirs = _theirs(exim, ends)
    rest = [address for address in world.asked if not ours[address]]  # one at a time: it crashes
    theirs |= chains.asked(exim, 'exim4 -bt "$a" 2>/dev/null', _answer, rest)
    assert len(theirs) == len(world.asked)
    differ = chains.differences(ours, theirs)
    assert not differ, f"{len(differ)} of {len(theirs)}:\n" + "\n".join(differ[:20])
